"""Second tries: failed recipients get a new order, unknown ones are resent only on request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime

from core.domain.audit import AuditAction
from core.domain.broadcast import Broadcast, Progress
from core.domain.delivery import Delivery, DeliveryState
from core.domain.errors import Conflict
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.domain.translatable import sentence
from core.services.audit_log import AuditLog
from core.store.ledger import LedgerStore


class RetryService:
    def __init__(self, ledger: LedgerStore, audit_log: AuditLog) -> None:
        self._ledger = ledger
        self._audit_log = audit_log

    async def failed_for(self, broadcast: Broadcast, reasons: Collection[Reason]) -> tuple[Recipient, ...]:
        """Recipients that failed for one of the reasons and can be tried by now, in the order they failed."""
        found = [one async for one in self._ledger.each_trouble(broadcast) if one.reason in reasons]
        return tuple(one.recipient for one in found if one.state is DeliveryState.FAILED and _is_due(one))

    async def earliest(self, broadcast: Broadcast) -> datetime | None:
        """When the first of those who cannot be tried yet can be; None where that is nobody."""
        found = [_due_at(one) async for one in self._ledger.each_trouble(broadcast) if not _is_due(one)]
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

    async def resend_unknown(self, broadcast: Broadcast) -> int:
        """Send again to all unknown recipients, who may get it twice; returns how many.

        Raises Conflict when another user did so since `broadcast` was read, or nobody is unknown.
        """
        moved = await self._ledger.resend(broadcast.id, before=broadcast.resends)
        if not moved:
            raise Conflict(
                sentence(
                    "#{id} has no unknown recipients left, or they are already being sent to.",
                    id=broadcast.id,
                )
            )
        await self._audit_log.note(AuditAction.RESENT, broadcast.id, people=moved)
        return moved


def _due_at(delivery: Delivery) -> datetime | None:
    """From when on the messenger may take another try; None where no time is known."""
    if delivery.reason is None or delivery.at is None:
        return None
    return delivery.at + delivery.reason.earliest_retry


def _is_due(delivery: Delivery) -> bool:
    at = _due_at(delivery)
    return at is None or at <= datetime.now(UTC)


def failures(progress: Progress, *, retryable: bool) -> dict[Reason, int]:
    """Number of failures per reason, most frequent first. `retryable`: reasons that may be over by now, or the rest."""
    found: Counter[Reason] = Counter()
    for reasons in progress.reasons.values():
        for reason, count in reasons.items():
            if reason.means_failed and reason.may_be_over is retryable:
                found[reason] += count
    return dict(found.most_common())
