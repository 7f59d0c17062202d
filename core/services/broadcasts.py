"""Accept, read and steer broadcasts: what the chat and the API call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from core.domain.audit import AuditAction
from core.domain.broadcast import (
    WAITING,
    Broadcast,
    BroadcastStatus,
    Index,
    NewBroadcast,
    PreparedOrder,
    Verb,
    not_found,
    read_id,
    why_not,
)
from core.domain.delivery import Delivery
from core.domain.errors import Conflict, NotFound, ValidationError
from core.domain.messengers.events import Reachable, count_left_out
from core.domain.messengers.traits import Messenger
from core.domain.page import Page, load_page
from core.domain.translatable import all_of, sentence
from core.queue.rq_starter import RqStarter
from core.services.audit_log import OF_VERB, AuditLog, about, current_actor, moment, of_acceptance
from core.services.content_check import problems, trim_variables
from core.services.gap_values import is_mostly_gaps
from core.services.reachability import Reachability, nobody_left
from core.settings import Settings
from core.store.holds import HoldStore
from core.store.ledger import LedgerStore

_MOSTLY_GAPS: Final = sentence(
    "Most of this text comes from fields, so no one can approve it. Write it out, or send it in parts."
)
_RECEIPT_WAIT: Final = timedelta(seconds=3)
_DELIVERIES_A_PAGE: Final = 10
PAST_DATE: Final = sentence("Date must be in a future!")


@dataclass(frozen=True, slots=True)
class Broadcasts:
    _ledger: LedgerStore
    _starter: RqStarter
    _settings: Settings
    _reachability: Reachability
    _audit_log: AuditLog
    _holds: HoldStore

    async def prepare(self, order: NewBroadcast) -> PreparedOrder:
        """Check an order, leave out those who cannot be reached, and apply defaults of the settings.

        Raises ValidationError with every problem.
        """
        reachable = await self._reachability.split(order.recipients)
        if found := self._problems(order, reachable, await self._ledger.now()):
            raise ValidationError(found)
        return PreparedOrder(
            replace(
                order,
                recipients=trim_variables(reachable.recipients, order.content),
                left_out=count_left_out(reachable.left_out, order.left_out),
                late=order.late or self._settings.late_choice,
                late_after=timedelta(seconds=self._settings.late_after),
                quiet_hours=None if order.ignore_quiet_hours else self._settings.quiet,
                receipt_wait={one: _RECEIPT_WAIT for one in Messenger if self._settings.hears_receipts(one)},
                needs_approval=self.needs_approval(len(reachable.recipients)),
            )
        )

    def _problems(self, order: NewBroadcast, reachable: Reachable, now: datetime) -> list[str]:
        messengers = [m for m in Messenger if any(r.messenger is m for r in order.recipients)]
        found = problems(order.content, reachable.recipients, messengers)
        found += [
            not_set_up(messenger, missing)
            for messenger in messengers
            if (missing := self._settings.missing_for(messenger))
        ]
        if not order.recipients:
            found.append(sentence("Add at least one recipient, for example telegram:1001."))
        if order.send_at is not None and not order.occurrence and order.send_at <= now:
            found.append(PAST_DATE)
        if self.needs_approval(len(reachable.recipients)) and is_mostly_gaps(
            order.content, reachable.recipients
        ):
            found.append(_MOSTLY_GAPS)
        return found + nobody_left(reachable)

    def needs_approval(self, people: int) -> bool:
        """True when a broadcast to so many people waits for another person's approval."""
        return 0 < self._settings.approval_above < people

    async def accept(self, order: PreparedOrder, *, broadcast_id: str | None = None) -> Broadcast:
        """Store the order durably, then start or schedule it. An id accepted before returns that broadcast."""
        if broadcast_id and (accepted := await self._ledger.accepted(broadcast_id)):
            return accepted
        broadcast_id = broadcast_id or await self._ledger.reserve_id()
        broadcast = await self._ledger.accept(broadcast_id, _as_kept(order))
        action = of_acceptance(broadcast)
        await self._audit_log.note(action, broadcast.id, order.created_by, **about(broadcast))
        # After a crash here the sweeper starts what is due.
        await self._start(broadcast, order)
        return broadcast

    async def _start(self, broadcast: Broadcast, order: PreparedOrder) -> None:
        if broadcast.status is BroadcastStatus.SCHEDULED and order.send_at is None and not order.undo_time:
            await self._starter.start_now(broadcast.id)
        else:
            await self._plan(broadcast)

    async def _plan(self, broadcast: Broadcast) -> Broadcast:
        """Set or remove the start entry; cancelled and unapproved broadcasts have none."""
        if broadcast.status is BroadcastStatus.SCHEDULED:
            await self._starter.start_at(broadcast.id, broadcast.send_at)
        else:
            await self._starter.forget([broadcast.id])
        return broadcast

    async def change(self, broadcast_id: str, order: PreparedOrder, *, edition: int) -> Broadcast:
        """Replace the order of a waiting broadcast; id, author and series stay. A large one needs approval again.

        `edition`: of the broadcast that the user looked at. Raises NotFound, and Conflict when it has started,
        was cancelled, or was changed by another user.
        """
        replaced = await self._ledger.replace(broadcast_id, _as_kept(order), edition=edition)
        broadcast = await self.get(broadcast_id)
        if not replaced:
            waiting = broadcast.status in WAITING
            if waiting and broadcast.is_of(order, edition + 1):
                return broadcast
            if waiting and not broadcast.can_be_undone:
                raise Conflict(sentence("Another admin changed #{id} in the meantime.", id=broadcast.id))
            raise Conflict(why_not(broadcast.id, broadcast.status))
        await self._audit_log.note(AuditAction.EDITED, broadcast.id, **about(broadcast))
        await self._start(broadcast, order)
        return broadcast

    async def get(self, broadcast_id: str) -> Broadcast:
        """Takes "#A7KQ" and "a7kq" for "A7KQ". Raises NotFound."""
        name = read_id(broadcast_id)
        broadcast = await self._ledger.get(name) if name.isalnum() else None
        if broadcast is None:
            raise NotFound(not_found(name))
        return broadcast

    async def _steer(self, broadcast_id: str, verb: Verb, send_at: datetime | None = None) -> BroadcastStatus:
        """The status after it. RESCHEDULE and SEND_SOON of a large broadcast ask for approval again."""
        asker, name = None, read_id(broadcast_id)
        if verb in (Verb.RESCHEDULE, Verb.SEND_SOON):
            broadcast = await self.get(name)
            asker = current_actor() if self.needs_approval(broadcast.progress.total) else None
        steered = await self._ledger.steer(name, verb, send_at, asker=asker)
        if steered.status is None:
            raise NotFound(not_found(name))
        if not steered.done:
            raise Conflict(why_not(name, steered.status))
        if not steered.same:
            await self._audit_log.note(OF_VERB[verb], name, **moment(send_at))
        return steered.status

    async def pause(self, broadcast_id: str) -> Broadcast:
        """sending -> paused; messages already with the messenger still arrive. Raises NotFound, Conflict."""
        await self._steer(broadcast_id, Verb.PAUSE)
        return await self.get(broadcast_id)

    async def resume(self, broadcast_id: str) -> Broadcast:
        """paused -> sending. Raises NotFound, Conflict."""
        await self._steer(broadcast_id, Verb.RESUME)
        return await self.get(broadcast_id)

    async def try_again(self, broadcast_id: str, messenger: Messenger) -> Broadcast:
        """Continue on a messenger after its repeated refusals. Raises NotFound, Conflict."""
        broadcast = await self.get(broadcast_id)
        if not await self._holds.release(broadcast.id, messenger):
            raise Conflict(
                sentence(
                    "#{id} isn't waiting on {messenger}.", id=broadcast.id, messenger=messenger.traits.title
                )
            )
        await self._audit_log.note(AuditAction.TRIED_AGAIN, broadcast.id, messenger=messenger.value)
        return await self.get(broadcast.id)

    async def leave_out(self, broadcast_id: str, messenger: Messenger) -> Broadcast:
        """Cancel what waits on that messenger; the others continue. Raises NotFound, Conflict."""
        broadcast = await self.get(broadcast_id)
        if not await self._holds.leave_out(broadcast.id, messenger):
            raise Conflict(
                sentence(
                    "Nothing in #{id} is waiting on {messenger}.",
                    id=broadcast.id,
                    messenger=messenger.traits.title,
                )
            )
        await self._audit_log.note(AuditAction.LEFT_OUT, broadcast.id, messenger=messenger.value)
        return await self.get(broadcast.id)

    async def cancel(self, broadcast_id: str) -> Broadcast:
        """Any status but an ended one -> cancelled; what was sent stays sent. Raises NotFound, Conflict."""
        await self._steer(broadcast_id, Verb.CANCEL)
        return await self._plan(await self.get(broadcast_id))

    async def reschedule(self, broadcast_id: str, send_at: datetime) -> Broadcast:
        """Move the start of a waiting broadcast. Raises NotFound, Conflict, ValidationError for a past moment."""
        if send_at <= await self._ledger.now():
            raise ValidationError([PAST_DATE])
        await self._steer(broadcast_id, Verb.RESCHEDULE, send_at)
        return await self._plan(await self.get(broadcast_id))

    async def send_soon(self, broadcast_id: str, undo_time: timedelta) -> Broadcast:
        """Start a scheduled broadcast after `undo_time`; until then undo() takes it back. Raises NotFound, Conflict."""
        await self._steer(broadcast_id, Verb.SEND_SOON, await self._ledger.now() + undo_time)
        return await self._plan(await self.get(broadcast_id))

    async def undo(self, broadcast_id: str) -> Broadcast:
        """Take back a broadcast in its undo time: cancelled, or scheduled as before. Raises NotFound, Conflict."""
        await self._steer(broadcast_id, Verb.UNDO)
        return await self._plan(await self.get(broadcast_id))

    async def send_now(self, broadcast_id: str) -> Broadcast:
        """scheduled -> sending; a large broadcast waits for approval first. Raises NotFound, Conflict."""
        name = read_id(broadcast_id)
        if await self._steer(name, Verb.SEND_SOON, await self._ledger.now()) is BroadcastStatus.SCHEDULED:
            # After a crash here the sweeper starts it: its time has come. Unless another admin has moved it since.
            await self._ledger.start(name)
        await self._starter.forget([name])
        return await self.get(name)

    async def scheduled(self, *, page: int = 1, size: int = 5) -> Page[Broadcast]:
        """Soonest first."""
        return await self._page(Index.SCHEDULED, page, size, newest_first=False)

    async def running(self) -> list[Broadcast]:
        """Sending and paused broadcasts, oldest first."""
        return await self._ledger.page(Index.RUNNING, 0, 1000, newest_first=False)

    async def finished(self, *, page: int = 1, size: int = 5, which: Index = Index.ENDED) -> Page[Broadcast]:
        """Newest first. `which`: ENDED, without answers to people; or ANSWERS, or FAILURES or CANCELLED of all."""
        if which is Index.ENDED:
            total = await self._ledger.count_ended()
            return await load_page(page, size, total, lambda start: self._ledger.ended(start, size))
        return await self._page(which, page, size, newest_first=True)

    async def _page(self, index: Index, page: int, size: int, *, newest_first: bool) -> Page[Broadcast]:
        total = await self._ledger.count(index)
        return await load_page(
            page, size, total, lambda start: self._ledger.page(index, start, size, newest_first=newest_first)
        )

    async def troubles(self, broadcast_id: str, *, page: int = 1) -> Page[Delivery]:
        """Failed and unknown deliveries, in the order they failed."""
        broadcast = await self.get(broadcast_id)
        _, total = await self._ledger.troubles(broadcast, 0, 0)

        async def load(start: int) -> list[Delivery]:
            return (await self._ledger.troubles(broadcast, start, _DELIVERIES_A_PAGE))[0]

        return await load_page(page, _DELIVERIES_A_PAGE, total, load)

    async def everyone(self, broadcast_id: str, *, page: int = 1) -> Page[Delivery]:
        """All deliveries, messenger by messenger in the order of the list."""
        broadcast = await self.get(broadcast_id)
        return await load_page(
            page,
            _DELIVERIES_A_PAGE,
            broadcast.progress.total,
            lambda start: self._ledger.deliveries_at(broadcast, start, _DELIVERIES_A_PAGE),
        )

    async def each_scheduled(self) -> AsyncIterator[Broadcast]:
        """Every waiting broadcast: unapproved ones first, then the others, soonest first."""
        for index in (Index.UNAPPROVED, Index.SCHEDULED):
            async for broadcast in self._each(index):
                yield broadcast

    async def _each(self, index: Index) -> AsyncIterator[Broadcast]:
        for broadcast_id in await self._ledger.ids(index):
            broadcast = await self._ledger.get(broadcast_id)
            if broadcast is not None:
                yield broadcast


def _as_kept(order: PreparedOrder) -> PreparedOrder:
    """Count the people once, and drop what says which addresses are theirs.

    Drop the recipients' own quiet hours where the order ignores them. The preview still counts those.
    """
    people = order.people
    if people != len(order.recipients):
        recipients = tuple(replace(one, person="") for one in order.recipients)
        order = PreparedOrder(replace(order, recipients=recipients, counted_people=people))
    if not order.ignore_quiet_hours:
        return order
    return PreparedOrder(
        replace(order, recipients=tuple(replace(one, quiet_hours=None) for one in order.recipients))
    )


def not_set_up(messenger: Messenger, missing: tuple[str, ...]) -> str:
    """The sentence that names the settings to set. `missing`: the messenger's unset variables."""
    return sentence(
        "{messenger} isn't set up. Set {names} in .env, then restart.",
        messenger=messenger.traits.title,
        names=all_of(missing),
    )
