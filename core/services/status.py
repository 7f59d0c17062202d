"""How things stand: queues, halts, who is alive, the store."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from typing import Final

from core.domain.audit import AuditAction
from core.domain.broadcast import Broadcast, BroadcastStatus, Index
from core.domain.delivery import DeliveryState
from core.domain.messengers.account_status import AccountEvent
from core.domain.messengers.events import ReceiptCounts
from core.domain.messengers.outcome import said_again
from core.domain.messengers.traits import Messenger
from core.domain.panic import Stop
from core.services.audit_log import AuditLog
from core.settings import Settings
from core.store.account_status import AccountStatusStore
from core.store.health import HealthStore
from core.store.ledger import LedgerStore
from core.store.panic import PanicStore
from core.store.series import SeriesStore


@dataclass(frozen=True, kw_only=True, slots=True)
class MessengerStatus:
    """One messenger as it stands."""

    waiting: int
    """Deliveries of running broadcasts that have not been claimed."""
    sending: int
    halted: bool
    halted_until: datetime | None
    """None with `halted`: until an admin resumes it."""
    halt_reason: str
    rate: float
    """Messages a second at most."""
    pace: float
    """Messages a second as it goes now, as far as somebody has looked."""
    missing: tuple[str, ...]
    """Variables that are not set; empty = the messenger is set up."""
    complaint: str
    """Why it could not send when a worker last asked it, in a sentence; empty: it could."""
    receipts: ReceiptCounts


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """Everything at one look."""

    messengers: Mapping[Messenger, MessengerStatus]
    workers: int
    schedulers: int
    scheduled: int
    next_due: datetime | None
    running: int
    waits_since: datetime | None
    """When the broadcast began whose people have waited longest; what is paused or asleep does not count."""
    paces: Mapping[Leg, float]
    """Messages a second of each broadcast on each messenger."""
    memory_used: int
    memory_limit: int | None
    store_warnings: tuple[str, ...]
    versions: tuple[str, ...]
    """Of the programs that share this store; more than one is trouble."""
    refused_jobs: int
    """In RQ's books of the last day: not made by us, or failed in a worker that is not ours."""
    set_aside: int
    """Rows of the ledger that made no sense, of the last week."""
    stop: Stop | None
    """Everything is stopped but what was let go on since."""
    standings: Mapping[Messenger, Sequence[AccountEvent]]
    """What messengers have said of our account lately."""


# Up to here reaches what has a time; those that are late and wait for an answer have none.
_FAR: Final = datetime(9999, 1, 1, tzinfo=UTC)


class StatusService:
    """Reads the gauges; resumes what was halted."""

    def __init__(
        self,
        ledger: LedgerStore,
        gauges: HealthStore,
        settings: Settings,
        rates: Mapping[Messenger, float],
        brake: PanicStore,
        journal: AuditLog,
        book: SeriesStore,
        standings: AccountStatusStore,
    ) -> None:
        self._standings = standings
        self._book = book
        self._pace = Pace()
        self._ledger = ledger
        self._gauges = gauges
        self._settings = settings
        self._rates = rates
        self._brake = brake
        self._journal = journal

    async def read(self) -> Status:
        """As it is now."""
        running = await self._ledger.page(Index.RUNNING, 0, -1, newest_first=False)
        soonest = await self._ledger.page(Index.SCHEDULED, 0, 1, newest_first=False, until=_FAR)
        series = await self._book.places()
        paces = self._pace.look(running, time.monotonic())
        complaints = await self._gauges.complaints()
        alive = await self._gauges.alive()
        used, limit = await self._gauges.memory()
        messengers = {}
        for messenger in Messenger:
            halt = await self._gauges.halt(messenger)
            counts = [broadcast.progress.counts.get(messenger, {}) for broadcast in running]
            messengers[messenger] = MessengerStatus(
                waiting=sum(count.get(DeliveryState.QUEUED, 0) for count in counts),
                sending=sum(count.get(DeliveryState.SENDING, 0) for count in counts),
                halted=halt is not None,
                halted_until=halt.until if halt else None,
                halt_reason=said_again(halt.reason) if halt else "",
                rate=self._rates[messenger],
                pace=sum(speed for (_, on), speed in paces.items() if on is messenger),
                missing=self._settings.missing_for(messenger),
                complaint=complaints.get(messenger, ""),
                receipts=await self._gauges.receipts(messenger),
            )
        return Status(
            messengers=messengers,
            workers=alive.get("worker", 0),
            schedulers=alive.get("scheduler", 0),
            scheduled=await self._ledger.count(Index.SCHEDULED) + len(series),
            next_due=min([*(at for _, at in series if at), *(one.send_at for one in soonest)], default=None),
            running=len(running),
            waits_since=min(filter(None, map(_waits_since, running)), default=None),
            paces=paces,
            memory_used=used,
            memory_limit=limit,
            store_warnings=await self._gauges.warnings(),
            versions=await self._gauges.versions(),
            refused_jobs=await self._gauges.refused_jobs(),
            set_aside=await self._gauges.set_aside(),
            stop=await self._brake.standing(),
            standings={messenger: await self._standings.lately(messenger) for messenger in Messenger},
        )

    async def resume_messenger(self, messenger: Messenger) -> None:
        """Ends a halt; what waits goes on at once."""
        if await self._gauges.resume(messenger):
            await self._journal.note(AuditAction.MESSENGER_RESUMED, messenger=messenger.value)


def _waits_since(broadcast: Broadcast) -> datetime | None:
    asleep = sum(broadcast.quiet_waits.values())
    waits = broadcast.progress.of(DeliveryState.QUEUED) > asleep
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


class Pace:
    """Keeps the looks of the last few seconds; the more often somebody looks, the better it knows."""

    def __init__(self) -> None:
        self._looks: deque[_Look] = deque()

    def look(self, running: Iterable[Broadcast], at: float) -> Mapping[Leg, float]:
        """Messages a second; nothing for what was not seen twice. `at`: seconds of a clock that never goes back."""
        if not self._looks or at - self._looks[-1].at >= _BETWEEN_LOOKS:
            self._looks.append(_Look(at, _done(running)))
        while len(self._looks) > 1 and self._looks[0].at < at - _WINDOW_SECONDS:
            self._looks.popleft()
        latest = self._looks[-1]
        return {
            leg: speed for leg, done in latest.done.items() if (speed := self._speed(leg, done, latest.at))
        }

    def _speed(self, leg: Leg, done: int, at: float) -> float:
        # What rested for a while and goes on is as fast as it has been since.
        *_rest, first = takewhile(lambda one: leg in one.done, reversed(self._looks))
        return max(0.0, (done - first.done[leg]) / (at - first.at)) if at > first.at else 0.0


def _done(running: Iterable[Broadcast]) -> dict[Leg, int]:
    return {
        (broadcast.id, messenger): sum(counts.values()) - sum(counts.get(state, 0) for state in _OPEN)
        for broadcast in running
        if broadcast.status is BroadcastStatus.SENDING
        for messenger, counts in broadcast.progress.counts.items()
    }
