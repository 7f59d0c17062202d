"""Delete history and cancel what waits: first an offer with exact numbers, then the action if they still hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from core.domain.audit import AuditAction
from core.domain.broadcast import Broadcast, Index, Verb
from core.domain.errors import Conflict
from core.domain.translatable import sentence
from core.queue.rq_starter import RqStarter
from core.services.audit_log import AuditLog
from core.services.series import SeriesService
from core.settings import Settings
from core.store.ledger import LedgerStore

OLD = timedelta(days=30)


class PurgeKind(StrEnum):
    FINISHED_OLD = "finished_old"
    FINISHED = "finished"
    FAILURES = "failures"
    CANCEL_SCHEDULED = "cancel_scheduled"
    STOP_SERIES = "stop_series"


@dataclass(frozen=True, kw_only=True, slots=True)
class PurgeOffer:
    """The exact extent of a purge at this moment."""

    kind: PurgeKind
    broadcasts: int
    """With STOP_SERIES: the series themselves."""
    people: int
    deliveries: int
    oldest: datetime | None
    newest: datetime | None
    left_alone: int
    """Broadcasts that are sending or paused; never touched."""
    series: int
    """Series that have not ended."""


_INDEX: Final = {
    PurgeKind.FINISHED_OLD: Index.ENDED,
    PurgeKind.FINISHED: Index.ENDED,
    PurgeKind.FAILURES: Index.FAILURES,
    PurgeKind.CANCEL_SCHEDULED: Index.SCHEDULED,
}


@dataclass(frozen=True, slots=True)
class Purge:
    _ledger: LedgerStore
    _starter: RqStarter
    _settings: Settings
    _series: SeriesService
    _audit_log: AuditLog

    async def offer(self, kind: PurgeKind) -> PurgeOffer:
        series, broadcasts = await self._series.count(), await self._chosen(kind)
        times = [broadcast.finished_at or broadcast.send_at for broadcast in broadcasts]
        return PurgeOffer(
            kind=kind,
            broadcasts=series if kind is PurgeKind.STOP_SERIES else len(broadcasts),
            people=sum(broadcast.people for broadcast in broadcasts),
            deliveries=sum(broadcast.progress.total for broadcast in broadcasts),
            oldest=min(times, default=None),
            newest=max(times, default=None),
            left_alone=await self._ledger.count(Index.RUNNING),
            series=series,
        )

    async def _chosen(self, kind: PurgeKind) -> list[Broadcast]:
        if kind is PurgeKind.STOP_SERIES:
            return []
        until = await self._ledger.now() - OLD if kind is PurgeKind.FINISHED_OLD else None
        return await self._ledger.page(_INDEX[kind], 0, -1, newest_first=False, until=until)

    async def carry_out(self, kind: PurgeKind, *, expected: int) -> int:
        """Return the number of broadcasts removed, or of series stopped. Raises Conflict when it is not `expected`."""
        if kind is PurgeKind.STOP_SERIES:
            return await self._stop_series(expected)
        broadcasts = await self._chosen(kind)
        if len(broadcasts) != expected:
            raise _changed(expected, len(broadcasts))
        ids = [broadcast.id for broadcast in broadcasts]
        if kind is PurgeKind.CANCEL_SCHEDULED:
            gone = sum([(await self._ledger.steer(one, Verb.CANCEL)).done for one in ids])
            await self._starter.forget(ids)
        else:
            gone = await self._delete(ids)
        if expected and not gone:
            raise _changed(expected, 0)
        people = sum(broadcast.people for broadcast in broadcasts)
        await self._audit_log.note(AuditAction.PURGED, kind=kind.value, broadcasts=gone, people=people)
        return gone

    async def _stop_series(self, expected: int) -> int:
        found = await self._series.count()
        if found != expected or not found:
            raise _changed(expected, found)
        await self._series.stop_all()
        return found

    async def _delete(self, broadcast_ids: list[str]) -> int:
        return sum([await self._ledger.delete(one) for one in broadcast_ids])

    async def delete_ended(self) -> None:
        """Delete all finished, failed and cancelled broadcasts, and nothing that waits or runs."""
        gone = await self._delete(await self._ledger.ids(Index.ENDED))
        await self._audit_log.note(AuditAction.PURGED, kind=PurgeKind.FINISHED.value, broadcasts=gone)

    async def expired(self) -> int:
        """Delete history older than the settings keep it, by the store's clock; returns how many broadcasts."""
        now = await self._ledger.now()
        done_before = now - timedelta(seconds=self._settings.delete_finished_timeout)
        failed_before = now - timedelta(seconds=self._settings.delete_failed_timeout)
        failed = set(await self._ledger.ids(Index.FAILURES))
        gone = 0
        for broadcast_id in await self._ledger.ids(Index.ENDED, until=max(done_before, failed_before)):
            before = failed_before if broadcast_id in failed else done_before
            broadcast = await self._ledger.get(broadcast_id)
            if broadcast is not None and broadcast.finished_at and broadcast.finished_at <= before:
                gone += await self._ledger.delete(broadcast_id)
        if gone:
            await self._audit_log.note(AuditAction.PURGED, kind="expired", broadcasts=gone)
        return gone


def _changed(before: int, now: int) -> Conflict:
    return Conflict(sentence("It was {before} when I asked. It's {now} now.", before=before, now=now))
