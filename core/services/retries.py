"""Retry failed recipients by a new order; resend unknown ones only on request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.domain.audit import AuditAction
from core.domain.broadcast import ENDED, Broadcast
from core.domain.delivery import Delivery, DeliveryState
from core.domain.errors import Conflict
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.domain.translatable import sentence
from core.services.audit_log import AuditLog
from core.services.reachability import Reachability
from core.store.ledger import LedgerStore

MOST_COUNTED: Final = 2_000
"""Missed recipients of a broadcast that a card counts each time it is drawn."""
MOST_LOOKED_THROUGH: Final = 20_000
_SHOWN: Final = 3
_WAITS_FOR_THEM: Final = frozenset(
    {Reason.BLOCKED, Reason.GONE, Reason.UNSUBSCRIBED, Reason.OPTED_OUT, Reason.OUTSIDE_WINDOW}
)
"""Over as soon as the person writes or subscribes."""


@dataclass(frozen=True, slots=True)
class Missed:
    """Recipients that a broadcast did not reach."""

    first: tuple[Delivery, ...] = ()
    """The first few that failed or are unknown."""
    reachable: int | None = 0
    """Number of people who can be reached by now; None = too many to count, perhaps some."""


class Retries:
    def __init__(self, ledger: LedgerStore, audit_log: AuditLog, reachability: Reachability) -> None:
        self._ledger = ledger
        self._audit_log = audit_log
        self._reachability = reachability

    async def missed(self, broadcast: Broadcast) -> Missed:
        """Read at most MOST_COUNTED deliveries."""
        if broadcast.status not in ENDED or broadcast.started_at is None:
            return Missed()
        count = broadcast.progress.of(DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.CANCELLED)
        if not count:
            return Missed()
        first, _total = await self._ledger.troubles(broadcast, 0, _SHOWN)
        if count > MOST_COUNTED or (broadcast.stopped and broadcast.progress.total > MOST_COUNTED):
            return Missed(tuple(first), None)
        return Missed(tuple(first), len(await self.reachable(broadcast)))

    async def reachable(
        self, broadcast: Broadcast, reasons: Collection[Reason] | None = None
    ) -> tuple[Recipient, ...]:
        """Recipients that it did not reach and that can be reached by now. `reasons`: only who failed for these.

        Those who were cancelled count too, except on a messenger that was left out.
        """
        now = await self._ledger.now()
        found = [
            one
            async for one in self._missed(broadcast)
            if _may_work(one, now) and not one.recipient.is_forgotten
        ]
        if reasons is not None:
            found = [one for one in found if one.reason in reasons]
        shut = await self._outside_window([one for one in found if one.reason is Reason.OUTSIDE_WINDOW])
        open_ones = [one.recipient for one in found if one.recipient not in shut]
        return (await self._reachability.split(open_ones)).recipients

    async def _missed(self, broadcast: Broadcast) -> AsyncIterator[Delivery]:
        if broadcast.stopped:
            async for one in self._ledger.deliveries(broadcast):
                if one.state in (DeliveryState.FAILED, DeliveryState.CANCELLED):
                    yield one
            return
        async for one in self._ledger.each_trouble(broadcast):
            if one.state is DeliveryState.FAILED:
                yield one

    async def _outside_window(self, deliveries: Sequence[Delivery]) -> set[Recipient]:
        windows = await self._reachability.outside_window([one.recipient for one in deliveries])
        return {one for window in windows for one in window.outside}

    async def earliest(self, broadcast: Broadcast) -> datetime | None:
        """The earliest time at which one of those who cannot be tried yet can be; None if there are none."""
        now = await self._ledger.now()
        found = [_due_at(one) async for one in self._ledger.each_trouble(broadcast) if not _is_due(one, now)]
        return min(filter(None, found), default=None)

    async def left_out_of(self, broadcast: Broadcast, messenger: Messenger) -> tuple[Recipient, ...]:
        """Recipients the messenger refused, or that were cancelled when it was left out."""
        missed = (DeliveryState.CANCELLED, DeliveryState.FAILED)
        about_it = (None, Reason.TEMPLATE, Reason.CONTENT, Reason.FILE, Reason.UNLISTED)
        return tuple(
            [
                one.recipient
                async for one in self._ledger.deliveries(broadcast)
                if one.id.messenger is messenger and one.state in missed and one.reason in about_it
            ]
        )

    async def unknown(self, broadcast: Broadcast, *, most: int) -> list[Recipient]:
        """Up to `most` of the unknown recipients; fewer where they stand behind MOST_LOOKED_THROUGH failed ones."""
        looked, found = 0, list[Recipient]()
        async for one in self._ledger.each_trouble(broadcast):
            looked += 1
            if one.state is DeliveryState.UNKNOWN:
                found.append(one.recipient)
            if len(found) == most or looked == MOST_LOOKED_THROUGH:
                break
        return found

    async def resend_unknown(self, broadcast: Broadcast) -> int:
        """Send again to all unknown recipients, who may get it twice; returns how many.

        Raises Conflict when another user did so since `broadcast` was read, or nobody is unknown.
        """
        moved = await self._ledger.resend(broadcast.id, before=broadcast.resends)
        if not moved:
            raise Conflict(
                sentence(
                    "Everyone unconfirmed in #{id} is already being resent to.",
                    id=broadcast.id,
                )
            )
        await self._audit_log.note(AuditAction.RESENT, broadcast.id, people=moved)
        return moved


def _due_at(delivery: Delivery) -> datetime | None:
    """The earliest time for another try; None if not known."""
    if delivery.reason is None or delivery.at is None:
        return None
    return delivery.at + delivery.reason.earliest_retry


def _is_due(delivery: Delivery, now: datetime) -> bool:
    at = _due_at(delivery)
    return at is None or at <= now


def _may_work(delivery: Delivery, now: datetime) -> bool:
    """True if another try may work, judged by the delivery alone."""
    if delivery.reason is None:
        return True
    return (delivery.reason.may_be_over and _is_due(delivery, now)) or delivery.reason in _WAITS_FOR_THEM
