"""Series: a content that goes out again and again, each time as a broadcast of its own.

The broadcast is made when it is due, from those who are in the audiences then. Its id is kept with the series
beforehand, and the step that accepts it moves the series on; so it is made once, whoever tries and however often.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from core.domain.audience import Gathered
from core.domain.audit import AuditAction
from core.domain.broadcast import Broadcast, Index, NewBroadcast, Occurrence
from core.domain.errors import Conflict, NotFound, ValidationError
from core.domain.page import Page, load_page
from core.domain.recipients import Recipient
from core.domain.series import NewSeries, Series, SeriesStatus
from core.domain.translatable import sentence
from core.queue.rq_starter import RqStarter
from core.services.audiences import Audiences
from core.services.audit_log import AuditLog
from core.services.broadcasts import Broadcasts
from core.store.ledger import LedgerStore
from core.store.series import SeriesStore

log = logging.getLogger(__name__)

_FAR = datetime(9999, 1, 1, tzinfo=UTC)
_CHANGED = sentence("The series has changed since: look again.")


class SeriesService:
    """Accepting, changing and carrying out series."""

    def __init__(
        self,
        book: SeriesStore,
        ledger: LedgerStore,
        starter: RqStarter,
        broadcasts: Broadcasts,
        audiences: Audiences,
        journal: AuditLog,
    ) -> None:
        self._book = book
        self._ledger = ledger
        self._starter = starter
        self._broadcasts = broadcasts
        self._audiences = audiences
        self._journal = journal

    async def accept(self, series_id: str, order: NewSeries) -> Series:
        """Durable when it returns. An id accepted before keeps what it has. Raises ValidationError."""
        now = datetime.now(UTC)
        next_at = _first(order, now, made=0)
        next_id = await self._ledger.reserve_id()
        made = await self._book.create(series_id, order, next_at=next_at, next_id=next_id, now=now)
        series = await self.get(series_id)
        if made:
            await self._journal.note(AuditAction.SERIES_MADE, series.id)
            # A crash from here on is made good by the sweeper, which makes whatever is due.
            await self._starter.make_at(series.id, next_at)
        return series

    async def change(self, seen: Series, order: NewSeries) -> Series:
        """Another content, other people or times from now on. Raises Conflict, ValidationError."""
        next_at = seen.next_at
        if next_at is None or order.repeat != seen.order.repeat:
            next_at = _first(order, datetime.now(UTC), made=seen.made)
        changed = await self._move(
            seen,
            lambda: self._book.change(seen, next_at=next_at, next_id=seen.next_id, order=order),
            AuditAction.SERIES_CHANGED,
        )
        gone = [one for one in seen.order.audiences if one not in order.audiences]
        await self._audiences.unpin(gone)
        return changed

    async def _move(
        self, seen: Series, move: Callable[[], Awaitable[bool]], deed: AuditAction | None = None
    ) -> Series:
        """`deed`: what somebody did to it; None for what it does by itself. Raises Conflict."""
        if not seen.is_open or not await move():
            raise Conflict(_CHANGED)
        if deed is not None:
            await self._journal.note(deed, seen.id)
        series = await self.get(seen.id)
        if series.status is SeriesStatus.ACTIVE and series.next_at is not None:
            await self._starter.make_at(series.id, series.next_at)
        else:
            await self._starter.forget_series(series.id)
        if not series.is_open:
            await self._audiences.unpin(series.order.audiences)
        return series

    async def get(self, series_id: str) -> Series:
        """Raises NotFound. Takes "#A7KQ" and "a7kq" for "A7KQ"."""
        name = series_id.strip().lstrip("#").upper()
        series = await self._book.get(name) if name.isalnum() else None
        if series is None:
            raise NotFound(sentence("Series #{id} not found. It may have been deleted.", id=name[:12]))
        return series

    async def skip_next(self, seen: Series) -> Series:
        """The next time is left out. Raises Conflict."""
        due = seen.next_at or datetime.now(UTC)
        following = seen.order.repeat.following(due, made=seen.made)
        status = SeriesStatus.ENDED if following is None else None
        return await self._move(
            seen,
            lambda: self._book.change(seen, next_at=following, next_id=seen.next_id, status=status),
            AuditAction.SERIES_SKIPPED,
        )

    async def pause(self, seen: Series) -> Series:
        """Nothing goes out until it is resumed. Raises Conflict."""
        return await self._move(
            seen,
            lambda: self._book.change(
                seen, next_at=seen.next_at, next_id=seen.next_id, status=SeriesStatus.PAUSED
            ),
            AuditAction.SERIES_PAUSED,
        )

    async def resume(self, seen: Series) -> Series:
        """Goes on with the first time that is still ahead; what was skipped before stays so. Raises Conflict."""
        now, following = datetime.now(UTC), seen.next_at
        if following is None or following <= now:
            following = seen.order.repeat.following(now, made=seen.made)
        status = SeriesStatus.ACTIVE if following else SeriesStatus.ENDED
        return await self._move(
            seen,
            lambda: self._book.change(seen, next_at=following, next_id=seen.next_id, status=status),
            AuditAction.SERIES_RESUMED,
        )

    async def stop(self, seen: Series) -> Series:
        """For good; what was made of it stays. Raises Conflict."""
        return await self._move(
            seen,
            lambda: self._book.change(seen, next_at=None, next_id=seen.next_id, status=SeriesStatus.STOPPED),
            AuditAction.SERIES_STOPPED,
        )

    async def count(self) -> int:
        """How many have not ended."""
        return len(await self._book.places())

    async def stop_all(self) -> None:
        """Every one of them, whatever happens to it meanwhile."""
        for series_id, _ in await self._book.places():
            stopped = False
            while not stopped:
                series = await self.get(series_id)
                stopped = not series.is_open
                if not stopped:
                    stopped = await self._try_to_stop(series)

    async def _try_to_stop(self, series: Series) -> bool:
        try:
            await self.stop(series)
        except Conflict:
            return False
        return True

    async def planned(self, *, page: int = 1, size: int = 5) -> Page[Broadcast | Series]:
        """Scheduled broadcasts and series together, the next one first."""
        series = await self._book.places()
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
            found = {one.id: one for one in await self._book.get_many(list(shown.values()))}
            waiting = iter(
                await self._ledger.page(
                    Index.SCHEDULED, start - skipped, size - len(shown), newest_first=False
                )
            )
            items = [found.get(shown[place]) if place in shown else next(waiting, None) for place in wanted]
            return [one for one in items if one is not None]

        return await load_page(page, size, scheduled + len(series), load)

    async def make_all_due(self) -> None:
        """The second pair of hands behind rq-scheduler. Raises what one of them raised, when all have been tried."""
        failed: Exception | None = None
        for series_id in await self._book.due(await self._ledger.now()):
            try:
                await self.make_due(series_id)
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one must not hold up those behind it
                log.warning("series=%s could not be made: %s", series_id, error)
                failed = error
        if failed is not None:
            raise failed

    async def make_due(self, series_id: str) -> Broadcast | None:
        """Makes and starts what is due of a series; run twice, or too early, it does nothing."""
        if not await self._book.take_turn(series_id):
            return None
        try:
            series = await self._book.get(series_id)
            return None if series is None else await self._make(series)
        except Conflict:
            log.info("series=%s was changed while its broadcast was made", series_id)
            return None
        finally:
            await self._book.end_turn(series_id)

    async def _make(self, series: Series) -> Broadcast | None:
        now = await self._ledger.now()
        if series.status is not SeriesStatus.ACTIVE or series.next_at is None or series.next_at > now:
            return None
        due = series.order.repeat.latest(series.next_at, now)
        if due != series.next_at:
            # Several went by while nothing ran: the last one stands for all of them.
            log.warning("series=%s was due more than once meanwhile; only the last time counts", series.id)
            series = await self._move(
                series, lambda: self._book.change(series, next_at=due, next_id=series.next_id)
            )
        following = series.order.repeat.following(due, made=series.made + 1)
        try:
            people = await self._people(series)
            following_id = await self._ledger.reserve_id()
            order = _order(series, people.recipients, Occurrence(series.id, due, following, following_id))
            prepared = await self._broadcasts.prepare(order)
            broadcast = await self._broadcasts.accept(prepared, broadcast_id=series.next_id)
        except ValidationError as error:
            await self._give_up(series, following, error.problems)
            return None
        await self._ledger.start(broadcast.id)
        await self._ensure_entry(series.id)
        log.info(
            "series=%s broadcast=%s made for %d people", series.id, broadcast.id, broadcast.progress.total
        )
        return broadcast

    async def _people(self, series: Series) -> Gathered:
        """Those who are in the audiences now. Raises ValidationError."""
        people = await self._audiences.gather(series.order.audiences, ())
        if people.problems:
            raise ValidationError(people.problems)
        return people

    async def _give_up(self, series: Series, following: datetime | None, problems: tuple[str, ...]) -> None:
        """This time is left out, and the admins are told why."""
        log.warning("series=%s could not be made: %d problems", series.id, len(problems))
        status = None if following else SeriesStatus.ENDED
        await self._move(
            series,
            lambda: self._book.change(
                series, next_at=following, next_id=series.next_id, status=status, trouble=problems
            ),
        )

    async def _ensure_entry(self, series_id: str) -> None:
        series = await self.get(series_id)
        if series.next_at is not None:
            await self._starter.make_at(series.id, series.next_at)
        if not series.is_open:
            await self._audiences.unpin(series.order.audiences)


def _first(order: NewSeries, now: datetime, *, made: int) -> datetime:
    """Raises ValidationError when there is no time left."""
    moment = order.repeat.following(now, made=made)
    if moment is None:
        raise ValidationError([sentence("It ends before its first time. Choose a later end.")])
    return moment


def _order(series: Series, recipients: tuple[Recipient, ...], place: Occurrence) -> NewBroadcast:
    return NewBroadcast(
        content=series.order.content,
        recipients=recipients,
        send_at=place.due,
        created_by=series.order.created_by,
        late=series.order.late,
        ignore_quiet_hours=series.order.ignore_quiet_hours,
        occurrence=place,
    )
