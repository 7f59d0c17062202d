"""Everything a user can do with broadcasts; the bot and the API both call this and nothing below it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from core.domain.audit import AuditAction
from core.domain.broadcast import WAITING, Broadcast, BroadcastStatus, Index, NewBroadcast, Verb, why_not
from core.domain.delivery import Delivery
from core.domain.errors import Conflict, NotFound, ValidationError
from core.domain.messengers.events import Reachable
from core.domain.messengers.traits import Messenger
from core.domain.page import Page, page_of
from core.domain.recipients import Recipient
from core.domain.translatable import all_of, sentence
from core.queue.rq_starter import RqStarter
from core.services.audit_log import OF_VERB, AuditLog, about, current_actor, moment, of_acceptance
from core.services.content_check import problems, trim_variables
from core.services.reachability import nobody_left, split_reachable
from core.settings import Settings
from core.store.ledger import LedgerStore
from core.store.reachability import ReachabilityStore

PAST_DATE: Final = sentence("Date must be in a future!")


class FinishedFilter(StrEnum):
    """Which of the ended broadcasts to list."""

    ALL = "all"
    FAILURES = "failures"
    CANCELLED = "cancelled"


FINISHED_INDEX = {
    FinishedFilter.ALL: Index.ENDED,
    FinishedFilter.FAILURES: Index.FAILURES,
    FinishedFilter.CANCELLED: Index.CANCELLED,
}


class Broadcasts:
    """Accepting, reading and steering broadcasts."""

    def __init__(
        self,
        ledger: LedgerStore,
        starter: RqStarter,
        settings: Settings,
        reach: ReachabilityStore,
        journal: AuditLog,
    ) -> None:
        self._ledger = ledger
        self._starter = starter
        self._settings = settings
        self._reach = reach
        self._journal = journal

    async def split_reachable(self, recipients: Sequence[Recipient]) -> Reachable:
        """Who of these would get a message, and who is left out as they cannot or will not be reached."""
        return await split_reachable(recipients, self._reach)

    async def check(self, order: NewBroadcast) -> None:
        """Raises ValidationError with every reason why this order cannot be carried out."""
        self._check(order, await self.split_reachable(order.recipients))

    def _check(self, order: NewBroadcast, screened: Reachable) -> None:
        messengers = [m for m in Messenger if any(r.messenger is m for r in order.recipients)]
        found = problems(order.content, screened.recipients, messengers)
        found += [problem for m in messengers for problem in self._not_set_up(m)]
        if not order.recipients:
            found.append(
                sentence(
                    "There is nobody to send to. Name at least one recipient, for example telegram:1001."
                )
            )
        if order.send_at is not None and not order.occurrence and order.send_at <= datetime.now(UTC):
            found.append(PAST_DATE)
        found += nobody_left(screened)
        if found:
            raise ValidationError(found)

    def _not_set_up(self, messenger: Messenger) -> list[str]:
        missing = self._settings.missing_for(messenger)
        if not missing:
            return []
        return [
            sentence(
                "{messenger} is not set up: set {names} in .env, then start again.",
                messenger=messenger.traits.title,
                names=all_of(tuple(missing)),
            )
        ]

    async def reserve_id(self) -> str:
        """A broadcast id nobody has, for an order that is still being written."""
        return await self._ledger.reserve_id()

    async def accept(
        self, order: NewBroadcast, *, broadcast_id: str | None = None, screened: Reachable | None = None
    ) -> Broadcast:
        """Writes the order durably and starts or schedules it, without those who cannot or will not be reached.

        With an id accepted before, that broadcast is returned and nothing is sent again. `screened`: the result
        of split_reachable(), for callers that tell who was left out. Raises ValidationError.
        """
        standing = await self._ledger.get(broadcast_id) if broadcast_id else None
        if standing is not None:
            return standing
        order = await self._ready(order, screened)
        broadcast = await self._ledger.accept(broadcast_id or await self.reserve_id(), order)
        action = of_acceptance(broadcast)
        await self._journal.note(action, broadcast.id, order.created_by, **about(broadcast))
        # A crash from here on is made good by the sweeper, which starts whatever is due and has not started.
        await self._see_to_its_start(broadcast, order)
        return broadcast

    async def _ready(self, order: NewBroadcast, screened: Reachable | None) -> NewBroadcast:
        """As it is written down. Raises ValidationError."""
        screened = screened or await self.split_reachable(order.recipients)
        self._check(order, screened)
        recipients = trim_variables(screened.recipients, order.content)
        if order.ignore_quiet_hours:
            recipients = tuple(
                one if one.quiet_hours is None else replace(one, quiet_hours=None) for one in recipients
            )
        return replace(
            self._timed(order),
            recipients=recipients,
            left_out=screened.counts,
            needs_approval=self.needs_approval(len(recipients)),
        )

    async def _see_to_its_start(self, broadcast: Broadcast, order: NewBroadcast) -> None:
        if broadcast.status is BroadcastStatus.UNAPPROVED:
            await self._starter.forget([broadcast.id])
            return
        if order.send_at is None and not order.hold:
            await self._starter.start_now(broadcast.id)
        else:
            await self._starter.start_at(broadcast.id, broadcast.send_at)

    async def change(
        self, broadcast_id: str, order: NewBroadcast, *, edition: int, screened: Reachable | None = None
    ) -> Broadcast:
        """Puts another order in the place of one that waits; id, author and series stay. A large one is approved anew.

        `edition`: of the broadcast that was looked at. Raises NotFound, ValidationError, and Conflict when it has
        started, was cancelled, or somebody else has changed it.
        """
        broadcast = await self.get(broadcast_id)
        order = await self._ready(order, screened)
        if not await self._ledger.replace(broadcast.id, order, edition=edition):
            stands = await self.get(broadcast.id)
            if stands.status in WAITING and stands.is_of(order, edition + 1):
                return stands
            if stands.status in WAITING and not stands.held:
                raise Conflict(sentence("Somebody else has changed #{id} meanwhile.", id=broadcast.id))
            raise Conflict(why_not(broadcast.id, stands.status))
        changed = await self.get(broadcast.id)
        await self._journal.note(AuditAction.EDITED, changed.id, **about(changed))
        await self._see_to_its_start(changed, order)
        return changed

    def _timed(self, order: NewBroadcast) -> NewBroadcast:
        """With what the settings say of too late a start and of the night, where the order says nothing."""
        late_after = timedelta(seconds=self._settings.late_after)
        hours = None if order.ignore_quiet_hours else self._settings.quiet
        late = order.late or self._settings.late_choice
        return replace(order, late=late, late_after=late_after, quiet_hours=hours)

    def needs_approval(self, people: int) -> bool:
        """Whether one to so many waits until somebody else has approved it."""
        return 0 < self._settings.approval_above < people

    async def get(self, broadcast_id: str) -> Broadcast:
        """Raises NotFound. Takes "#A7KQ" and "a7kq" for "A7KQ"."""
        name = broadcast_id.strip().lstrip("#").upper()
        broadcast = await self._ledger.get(name) if name.isalnum() else None
        if broadcast is None:
            raise NotFound(sentence("There is no broadcast #{id} (any more).", id=name[:12]))
        return broadcast

    async def _steer(self, broadcast_id: str, verb: Verb, send_at: datetime | None = None) -> Broadcast:
        broadcast = await self.get(broadcast_id)
        changes = verb in (Verb.RESCHEDULE, Verb.HOLD) and self.needs_approval(broadcast.progress.total)
        steered = await self._ledger.steer(
            broadcast.id, verb, send_at, asker=current_actor() if changes else None
        )
        if not steered.done:
            status = steered.status or BroadcastStatus.CANCELLED
            raise Conflict(why_not(broadcast.id, status))
        if not steered.same:
            await self._journal.note(OF_VERB[verb], broadcast.id, **moment(send_at))
        return await self.get(broadcast.id)

    async def pause(self, broadcast_id: str) -> Broadcast:
        """sending -> paused; what is in the air still arrives. Raises NotFound, Conflict."""
        return await self._steer(broadcast_id, Verb.PAUSE)

    async def resume(self, broadcast_id: str) -> Broadcast:
        """paused -> sending. Raises NotFound, Conflict."""
        return await self._steer(broadcast_id, Verb.RESUME)

    async def cancel(self, broadcast_id: str) -> Broadcast:
        """What has not ended -> cancelled; what was sent stays sent. Raises NotFound, Conflict."""
        return await self._planned(await self._steer(broadcast_id, Verb.CANCEL))

    async def reschedule(self, broadcast_id: str, send_at: datetime) -> Broadcast:
        """Moves the start of a broadcast that waits; a large one has to be approved anew.

        Raises NotFound, Conflict, ValidationError for a past moment.
        """
        if send_at <= datetime.now(UTC):
            raise ValidationError([PAST_DATE])
        return await self._planned(await self._steer(broadcast_id, Verb.RESCHEDULE, send_at))

    async def _planned(self, broadcast: Broadcast) -> Broadcast:
        """Starts at its time, or is not started at all: taken back, or to be approved first."""
        if broadcast.status is BroadcastStatus.SCHEDULED:
            await self._starter.start_at(broadcast.id, broadcast.send_at)
        else:
            await self._starter.forget([broadcast.id])
        return broadcast

    async def send_soon(self, broadcast_id: str, hold: timedelta) -> Broadcast:
        """A scheduled one starts after `hold`; until then it can be undone. Raises NotFound, Conflict."""
        return await self._planned(await self._steer(broadcast_id, Verb.HOLD, datetime.now(UTC) + hold))

    async def undo(self, broadcast_id: str) -> Broadcast:
        """Takes back what is held: cancelled, or planned as before. Raises NotFound, Conflict once it has begun."""
        return await self._planned(await self._steer(broadcast_id, Verb.UNDO))

    async def send_now(self, broadcast_id: str) -> Broadcast:
        """scheduled -> sending at once; a large one waits for approval first. Raises NotFound, Conflict."""
        broadcast = await self._steer(broadcast_id, Verb.HOLD, datetime.now(UTC))
        if broadcast.status is BroadcastStatus.SCHEDULED:
            # A crash from here on is made good by the sweeper, as its time has come.
            await self._ledger.start(broadcast.id, whatever_the_time=True)
        await self._starter.forget([broadcast.id])
        return await self.get(broadcast.id)

    async def scheduled(self, *, page: int = 1, size: int = 5) -> Page[Broadcast]:
        """Soonest first."""
        return await self._page(Index.SCHEDULED, page, size, newest_first=False)

    async def running(self) -> list[Broadcast]:
        """Sending and paused ones, oldest first."""
        return await self._ledger.page(Index.RUNNING, 0, 1000, newest_first=False)

    async def finished(
        self, *, page: int = 1, size: int = 5, which: FinishedFilter = FinishedFilter.ALL
    ) -> Page[Broadcast]:
        """Newest first."""
        return await self._page(FINISHED_INDEX[which], page, size, newest_first=True)

    async def _page(self, index: Index, page: int, size: int, *, newest_first: bool) -> Page[Broadcast]:
        total = await self._ledger.count(index)
        number, pages = page_of(page, size, total)
        items = await self._ledger.page(index, (number - 1) * size, size, newest_first=newest_first)
        return Page(items=tuple(items), page=number, pages=pages, total=total)

    async def troubles(self, broadcast_id: str, *, page: int = 1, size: int = 10) -> Page[Delivery]:
        """Failed and unknown deliveries in the order they came to be so."""
        broadcast = await self.get(broadcast_id)
        _, total = await self._ledger.troubles(broadcast, 0, 0)
        number, pages = page_of(page, size, total)
        items, total = await self._ledger.troubles(broadcast, (number - 1) * size, size)
        return Page(items=tuple(items), page=number, pages=pages, total=total)

    async def everyone(self, broadcast_id: str, *, page: int = 1, size: int = 10) -> Page[Delivery]:
        """All deliveries, messenger by messenger in the order of the list."""
        broadcast = await self.get(broadcast_id)
        total = broadcast.progress.total
        number, pages = page_of(page, size, total)
        items = await self._ledger.deliveries_at(broadcast, (number - 1) * size, size)
        return Page(items=tuple(items), page=number, pages=pages, total=total)

    def deliveries(self, broadcast: Broadcast) -> AsyncIterator[Delivery]:
        """All deliveries of a broadcast, read in chunks."""
        return self._ledger.deliveries(broadcast)

    async def each_scheduled(self) -> AsyncIterator[Broadcast]:
        """Every broadcast that waits: those that have to be approved, then the others, soonest first."""
        async for broadcast in self._each(Index.UNAPPROVED):
            yield broadcast
        async for broadcast in self._each(Index.SCHEDULED):
            yield broadcast

    async def each_ended(self) -> AsyncIterator[Broadcast]:
        """Every finished or cancelled broadcast, oldest first."""
        async for broadcast in self._each(Index.ENDED):
            yield broadcast

    async def _each(self, index: Index) -> AsyncIterator[Broadcast]:
        for broadcast_id in await self._ledger.ids(index):
            broadcast = await self._ledger.get(broadcast_id)
            if broadcast is not None:
                yield broadcast
