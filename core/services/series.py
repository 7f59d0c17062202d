"""Series: a content that goes out again and again, each time as a broadcast of its own.

A broadcast is made when it is due, from the people who are in the audiences then. Its id is kept with the series
beforehand, and the step that accepts it moves the series on; so it is made once, however many programs try.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from core.domain.audit import AuditAction
from core.domain.broadcast import Broadcast, ChosenLists, Index, NewBroadcast, Occurrence, read_id
from core.domain.content.limits import cannot_carry
from core.domain.errors import Conflict, NotFound, ValidationError
from core.domain.messengers.events import LeftOut, count_left_out
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.page import Page, load_page
from core.domain.series import NewSeries, Series, SeriesStatus
from core.domain.translatable import sentence
from core.queue.rq_starter import RqStarter
from core.services.audiences import Audiences
from core.services.audit_log import AuditLog
from core.services.broadcasts import Broadcasts
from core.services.gaps import with_known_gaps
from core.services.reachability import Reachability
from core.services.recipients import RecipientService
from core.store.ledger import LedgerStore
from core.store.series import SeriesStore

log = logging.getLogger(__name__)

_FAR = datetime(9999, 1, 1, tzinfo=UTC)
_CHANGED = sentence("The series has changed. Please look again.")


@dataclass(frozen=True, slots=True)
class SeriesService:
    _store: SeriesStore
    _ledger: LedgerStore
    _starter: RqStarter
    _broadcasts: Broadcasts
    _audiences: Audiences
    _recipients: RecipientService
    _audit_log: AuditLog
    _reachability: Reachability

    async def accept(self, series_id: str, order: NewSeries) -> Series:
        """Store the order durably. An id accepted before returns that series. Raises ValidationError."""
        now = await self._ledger.now()
        next_at = _first(order, now, made=0)
        next_id = await self._ledger.reserve_id()
        created = await self._store.create(series_id, order, next_at=next_at, next_id=next_id, now=now)
        series = await self.get(series_id)
        if created:
            await self._audit_log.note(AuditAction.SERIES_MADE, series.id)
            # After a crash here the sweeper makes what is due.
            await self._starter.make_at(series.id, next_at)
        return series

    async def get(self, series_id: str) -> Series:
        """Takes "#A7KQ" and "a7kq" for "A7KQ". Raises NotFound."""
        name = read_id(series_id)
        series = await self._store.get(name) if name.isalnum() else None
        if series is None:
            raise NotFound(sentence("Series #{id} not found. It may have been deleted.", id=name[:12]))
        return series

    async def change(self, seen: Series, order: NewSeries) -> Series:
        """Use another order from now on. Raises Conflict, ValidationError."""
        next_at = seen.next_at
        if next_at is None or order.repeat != seen.order.repeat:
            next_at = _first(order, await self._ledger.now(), made=seen.made)
        # Everybody who made or changed it may not approve its broadcasts.
        before = (*seen.order.co_authors, seen.order.created_by, order.created_by)
        order = replace(order, co_authors=tuple({one.id: one for one in before}.values()))
        if order.content == seen.order.content:
            order = replace(order, created_by=seen.order.created_by)
        changed = await self._change(seen, next_at, action=AuditAction.SERIES_CHANGED, order=order)
        await self._audiences.unpin([one for one in seen.order.audiences if one not in order.audiences])
        return changed

    async def skip_next(self, seen: Series) -> Series:
        """Skip the next occurrence. Raises Conflict."""
        following = seen.order.repeat.following(seen.next_at or await self._ledger.now(), made=seen.made)
        status = None if following else SeriesStatus.ENDED
        return await self._change(seen, following, action=AuditAction.SERIES_SKIPPED, status=status)

    async def unskip(self, seen: Series) -> Series:
        """Send what was skipped last after all. Raises Conflict when its time has passed or the series changed."""
        skipped = seen.skipped(await self._ledger.now())
        if not skipped:
            raise Conflict(_CHANGED)
        return await self._change(seen, skipped[0], action=AuditAction.SERIES_UNSKIPPED)

    async def pause(self, seen: Series) -> Series:
        """Send nothing until it is resumed. Raises Conflict."""
        return await self._change(
            seen, seen.next_at, action=AuditAction.SERIES_PAUSED, status=SeriesStatus.PAUSED
        )

    async def resume(self, seen: Series) -> Series:
        """Continue with the first time still ahead; what was skipped before stays skipped. Raises Conflict."""
        now, following = await self._ledger.now(), seen.next_at
        if following is None or following <= now:
            following = seen.order.repeat.following(now, made=seen.made)
        status = SeriesStatus.ACTIVE if following else SeriesStatus.ENDED
        return await self._change(seen, following, action=AuditAction.SERIES_RESUMED, status=status)

    async def stop(self, seen: Series) -> Series:
        """End it for good; its broadcasts stay. Raises Conflict."""
        return await self._change(seen, None, action=AuditAction.SERIES_STOPPED, status=SeriesStatus.STOPPED)

    async def _change(
        self,
        seen: Series,
        next_at: datetime | None,
        *,
        action: AuditAction | None = None,
        status: SeriesStatus | None = None,
        order: NewSeries | None = None,
        trouble: Sequence[str] | None = None,
    ) -> Series:
        """`action`: what a user did; None for automatic changes. Raises Conflict when it has changed since `seen`."""
        if not seen.is_open or not await self._store.change(
            seen, next_at=next_at, status=status, order=order, trouble=trouble
        ):
            raise Conflict(_CHANGED)
        if action is not None:
            await self._audit_log.note(action, seen.id)
        return await self._plan(seen.id)

    async def _plan(self, series_id: str) -> Series:
        """Set or remove the entry that makes the next broadcast; unpin the lists of a series that is over."""
        series = await self.get(series_id)
        if series.status is SeriesStatus.ACTIVE and series.next_at is not None:
            await self._starter.make_at(series.id, series.next_at)
        else:
            await self._starter.forget_series(series.id)
        if not series.is_open:
            await self._audiences.unpin(series.order.audiences)
        return series

    async def count(self) -> int:
        """Number of series that have not ended."""
        return len(await self._store.places())

    async def stop_all(self) -> None:
        """Stop every series, even when others change it meanwhile."""
        for series_id, _ in await self._store.places():
            while (series := await self.get(series_id)).is_open:
                with suppress(Conflict):
                    await self.stop(series)

    async def planned(self, *, page: int = 1, size: int = 5) -> Page[Broadcast | Series]:
        """Scheduled broadcasts and series together, the next one first."""
        series = await self._store.places()
        scheduled = await self._ledger.count(Index.SCHEDULED)
        late = scheduled - await self._ledger.count(Index.SCHEDULED, until=_FAR)
        places: dict[int, str] = {}
        for number, (series_id, at) in enumerate(series):
            earlier = await self._ledger.count(Index.SCHEDULED, until=at) if at else 0
            places[late + earlier + number] = series_id

        async def load(start: int) -> list[Broadcast | Series]:
            wanted = range(start, start + size)
            shown = {place: one for place, one in places.items() if place in wanted}
            skipped = sum(place < start for place in places)
            found = {one.id: one for one in await self._store.get_many(list(shown.values()))}
            waiting = iter(
                await self._ledger.page(
                    Index.SCHEDULED, start - skipped, size - len(shown), newest_first=False
                )
            )
            items = [found.get(shown[place]) if place in shown else next(waiting, None) for place in wanted]
            return [one for one in items if one is not None]

        return await load_page(page, size, scheduled + len(series), load)

    async def make_all_due(self) -> float | None:
        """Make what is due. Tries all of them before raising the last error.

        Returns seconds until the next is due; None if none is.
        """
        failed: Exception | None = None
        now, following = await self._ledger.now(), await self._store.next_due()
        if following is None or following > now:
            return None if following is None else (following - now).total_seconds()
        for series_id in await self._store.due(now):
            try:
                await self.make_due(series_id)
            except Exception as error:  # noqa: BLE001 - one broken series must not hold up the others
                log.warning("series=%s could not be made: %s", series_id, error)
                failed = error
        if failed is not None:
            raise failed
        return 0.0

    async def make_due(self, series_id: str) -> Broadcast | None:
        """Make and start the due broadcast of a series; does nothing when called twice or too early."""
        if not await self._store.take_turn(series_id):
            return None
        try:
            series = await self._store.get(series_id)
            return None if series is None else await self._make(series)
        except Conflict:
            log.info("series=%s was changed while its broadcast was made", series_id)
            return None
        finally:
            await self._store.end_turn(series_id)

    async def _make(self, series: Series) -> Broadcast | None:
        now = await self._ledger.now()
        if series.status is not SeriesStatus.ACTIVE or series.next_at is None or series.next_at > now:
            return None
        due = series.order.repeat.latest(series.next_at, now)
        if due != series.next_at:
            # Several times passed while nothing ran: only the last one counts.
            log.warning("series=%s was due more than once meanwhile; only the last time counts", series.id)
            series = await self._change(series, due)
        following = series.order.repeat.following(due, made=series.made + 1)
        occurrence = Occurrence(series.id, due, following, await self._ledger.reserve_id())
        try:
            order = await self._broadcasts.prepare(await self._order(series, occurrence))
        except ValidationError as error:
            # Left out, and the admins are told why.
            log.warning("series=%s could not be made: %d problems", series.id, len(error.problems))
            status = None if following else SeriesStatus.ENDED
            await self._change(series, following, status=status, trouble=error.problems)
            return None
        broadcast = await self._broadcasts.accept(order, broadcast_id=series.next_id)
        await self._ledger.start(broadcast.id)
        await self._plan(series.id)
        log.info(
            "series=%s broadcast=%s made for %d people", series.id, broadcast.id, broadcast.progress.total
        )
        return broadcast

    async def _order(self, series: Series, occurrence: Occurrence) -> NewBroadcast:
        """An order to the people in the audiences now. Raises ValidationError."""
        people = await self._recipients.reach(
            series.order.audiences,
            (),
            everywhere=series.order.everywhere,
            order=series.order.messenger_order,
            without=[one for one in Messenger if cannot_carry(series.order.content, one)],
        )
        if people.problems:
            raise ValidationError(people.problems)
        reachable, not_set_up = self._reachability.split_set_up(people.recipients)
        names = {name for one in reachable for name in one.variables}
        content = with_known_gaps(series.order.content, names)
        full, without = await self._recipients.completed(content, reachable)
        lacking = {one.label: one for some in without.values() for one in some}
        # There is nobody to ask: people without a value, or on a messenger that is not set up or without this kind of
        # message, are left out, unless that is everybody.
        kept = tuple(one for one in full if one.label not in lacking)
        left = [LeftOut(recipient=one, reason=Reason.NO_VALUE) for one in lacking.values() if kept]
        left += [LeftOut(recipient=one, reason=Reason.NOT_SET_UP) for one in not_set_up]
        left += [LeftOut(recipient=one, reason=Reason.KIND) for one in people.shut_out if full]
        return NewBroadcast(
            content=content,
            recipients=kept or full or people.shut_out,
            left_out=count_left_out(left),
            send_at=occurrence.due,
            created_by=series.order.created_by,
            co_authors=(*series.order.co_authors, *people.authors),
            late=series.order.late,
            ignore_quiet_hours=series.order.ignore_quiet_hours,
            try_again_days=series.order.try_again_days,
            occurrence=occurrence,
            lists=_lists_of(series),
        )


def _lists_of(series: Series) -> ChosenLists | None:
    """The lists that a copy of one of its messages goes to."""
    named = tuple(one.id for one in series.order.audiences if not series.is_own_list(one))
    return ChosenLists(named, alone=len(named) < len(series.order.audiences)) if named else None


def _first(order: NewSeries, now: datetime, *, made: int) -> datetime:
    """Raises ValidationError when there is no time left."""
    moment = order.repeat.following(now, made=made)
    if moment is None:
        raise ValidationError([sentence("That ends before it starts. Choose a later end.")])
    return moment
