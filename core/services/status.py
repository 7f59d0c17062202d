"""System status: queues, halts, live programs, the store."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import takewhile
from typing import Final

from core.domain.audit import AuditAction
from core.domain.broadcast import Broadcast, BroadcastStatus, Index
from core.domain.delivery import DeliveryState
from core.domain.messengers.account_status import AccountEvent, Hold
from core.domain.messengers.events import ReceiptCounts
from core.domain.messengers.outcome import said_again
from core.domain.messengers.traits import Messenger
from core.domain.panic import PanicStop
from core.domain.translatable import Sentence
from core.services.audit_log import AuditLog
from core.settings import Settings
from core.store.account_status import AccountStatusStore
from core.store.health import HealthStore
from core.store.ledger import LedgerStore
from core.store.panic import PanicStore
from core.store.series import SeriesStore


@dataclass(frozen=True, kw_only=True, slots=True)
class MessengerStatus:
    waiting: int
    """Unclaimed deliveries of running broadcasts."""
    sending: int
    halted: bool
    halted_until: datetime | None
    """None with `halted`: until an admin resumes it."""
    halt_reason: str
    halt_words: str
    """The messenger's own."""
    rate: float
    """Most messages per second."""
    throughput: float
    """Messages per second now, as measured between calls of read()."""
    missing: tuple[str, ...]
    """Settings that are missing; empty = the messenger is set up."""
    problem: str
    """Why it could not send when a worker last checked; empty = it could."""
    receipts: ReceiptCounts

    @property
    def waits_for_resume(self) -> bool:
        """Halted until an admin resumes it."""
        return self.halted and self.halted_until is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    messengers: Mapping[Messenger, MessengerStatus]
    workers: int
    schedulers: int
    scheduled: int
    next_due: datetime | None
    running: int
    waits_since: datetime | None
    """Start of the broadcast whose people have waited longest, but for paused ones, quiet hours and later tries."""
    speeds: Mapping[Leg, float]
    """Messages per second of each broadcast on each messenger."""
    memory_used: int
    memory_limit: int | None
    store_outage: Sentence | None
    """Why nothing can be written at the moment."""
    store_warnings: tuple[str, ...]
    clock_ahead: int
    """Seconds by which the store's clock is ahead of the messengers'; 0: it is right."""
    versions: tuple[str, ...]
    """Of the programs that share this store; there should be one."""
    refused_jobs: int
    """Jobs of the last day that we did not make, or that failed in a foreign worker."""
    failed_logins: int
    """Calls of the API with a wrong password, until a day passes without any."""
    quarantined: int
    """Unreadable rows of the ledger in the last week."""
    stop: PanicStop | None
    holds: Sequence[tuple[str, Messenger, Hold]]
    """Parts of broadcasts that wait for an admin's decision, by the id of the broadcast."""
    account_events: Mapping[Messenger, Sequence[AccountEvent]]
    """Recent reports of messengers about our account."""


# Late broadcasts that wait for an answer have no time and are not counted up to here.
_FAR: Final = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StatusService:
    _ledger: LedgerStore
    _health: HealthStore
    _settings: Settings
    _rates: Mapping[Messenger, float]
    _panic: PanicStore
    _audit_log: AuditLog
    _series: SeriesStore
    _account_status: AccountStatusStore
    _throughput: Throughput = field(default_factory=lambda: Throughput())

    async def read(self) -> Status:
        running = await self._ledger.page(Index.RUNNING, 0, -1, newest_first=False)
        soonest = await self._ledger.page(Index.SCHEDULED, 0, 1, newest_first=False, until=_FAR)
        series = await self._series.places()
        speeds = self._throughput.look(running, time.monotonic())
        problems = await self._health.problems()
        living = await self._health.living()
        used, limit = await self._health.memory()
        return Status(
            messengers={
                messenger: await self._messenger(messenger, running, speeds, problems.get(messenger, ""))
                for messenger in Messenger
            },
            workers=living.programs.get("worker", 0),
            schedulers=living.programs.get("scheduler", 0),
            scheduled=await self._ledger.count(Index.SCHEDULED) + len(series),
            next_due=min([*(at for _, at in series if at), *(one.send_at for one in soonest)], default=None),
            running=len(running),
            waits_since=min(filter(None, map(_waits_since, running)), default=None),
            speeds=speeds,
            memory_used=used,
            memory_limit=limit,
            store_outage=await self._health.outage(),
            store_warnings=await self._health.warnings(),
            clock_ahead=await self._health.clock_ahead(),
            versions=living.versions,
            refused_jobs=await self._health.refused_jobs(),
            failed_logins=await self._health.failed_logins(),
            quarantined=await self._health.quarantined(),
            stop=await self._panic.current(),
            holds=tuple(
                (broadcast.id, messenger, hold)
                for broadcast in running
                for messenger, hold in broadcast.holds.items()
            ),
            account_events=await self._account_status.recent(),
        )

    async def _messenger(
        self, messenger: Messenger, running: Sequence[Broadcast], speeds: Mapping[Leg, float], problem: str
    ) -> MessengerStatus:
        halt = await self._health.halt(messenger)
        counts = [broadcast.progress.counts.get(messenger, {}) for broadcast in running]
        return MessengerStatus(
            waiting=sum(count.get(DeliveryState.QUEUED, 0) for count in counts),
            sending=sum(count.get(DeliveryState.SENDING, 0) for count in counts),
            halted=halt is not None,
            halted_until=halt.until if halt else None,
            halt_reason=said_again(halt.reason) if halt else "",
            halt_words=halt.words if halt else "",
            rate=self._rates[messenger],
            throughput=sum(speed for (_, on), speed in speeds.items() if on is messenger),
            missing=self._settings.missing_for(messenger),
            problem=problem,
            receipts=await self._health.receipts(messenger),
        )

    async def resume_messenger(self, messenger: Messenger) -> None:
        """End a halt; waiting messages continue at once."""
        if await self._health.resume(messenger):
            await self._audit_log.note(AuditAction.MESSENGER_RESUMED, messenger=messenger.value)


def _waits_since(broadcast: Broadcast) -> datetime | None:
    later = sum(broadcast.quiet_waits.values()) + broadcast.tried_again
    waits = broadcast.progress.of(DeliveryState.QUEUED) > later
    return broadcast.started_at if waits and broadcast.status is BroadcastStatus.SENDING else None


Leg = tuple[str, Messenger]
"""One broadcast on one messenger."""

_WINDOW_SECONDS: Final = 10.0
_BETWEEN_LOOKS: Final = 0.5
_OPEN: Final = (DeliveryState.QUEUED, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class _Look:
    at: float
    done: Mapping[Leg, int]


class Throughput:
    """Speed from the counts of the last few seconds; more frequent calls make it more precise."""

    def __init__(self) -> None:
        self._looks: deque[_Look] = deque()

    def look(self, running: Iterable[Broadcast], at: float) -> Mapping[Leg, float]:
        """Messages per second, where there are two counts. `at`: seconds of a monotonic clock."""
        if not self._looks or at - self._looks[-1].at >= _BETWEEN_LOOKS:
            self._looks.append(_Look(at, _done(running)))
        while len(self._looks) > 1 and self._looks[0].at < at - _WINDOW_SECONDS:
            self._looks.popleft()
        latest = self._looks[-1]
        return {
            leg: speed for leg, done in latest.done.items() if (speed := self._speed(leg, done, latest.at))
        }

    def _speed(self, leg: Leg, done: int, at: float) -> float:
        # After a pause, measure from the resumption.
        *_rest, first = takewhile(lambda one: leg in one.done, reversed(self._looks))
        return max(0.0, (done - first.done[leg]) / (at - first.at)) if at > first.at else 0.0


def _done(running: Iterable[Broadcast]) -> dict[Leg, int]:
    return {
        (broadcast.id, messenger): sum(counts.values()) - sum(counts.get(state, 0) for state in _OPEN)
        for broadcast in running
        if broadcast.status is BroadcastStatus.SENDING
        for messenger, counts in broadcast.progress.counts.items()
    }
