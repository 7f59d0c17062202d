"""Second tries: failed recipients get a new order, unknown ones are resent only on request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from core.domain.audit import AuditAction
from core.domain.broadcast import Broadcast, Progress
from core.domain.delivery import DeliveryState
from core.domain.errors import Conflict
from core.domain.messengers.outcome import Reason
from core.domain.recipients import Recipient
from core.domain.translatable import sentence
from core.services.audit_log import AuditLog
from core.store.ledger import LedgerStore


class RetryService:
    def __init__(self, ledger: LedgerStore, audit_log: AuditLog) -> None:
        self._ledger = ledger
        self._audit_log = audit_log

    async def failed_for(self, broadcast: Broadcast, reasons: Collection[Reason]) -> tuple[Recipient, ...]:
        """Recipients that failed for one of the reasons, in the order they failed."""
        found = [one async for one in self._ledger.each_trouble(broadcast) if one.reason in reasons]
        return tuple(one.recipient for one in found if one.state is DeliveryState.FAILED)

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


def failures(progress: Progress, *, retryable: bool) -> dict[Reason, int]:
    """How many failed per reason, most frequent first. `retryable`: reasons that may be over by now, or the rest."""
    found: Counter[Reason] = Counter()
    for reasons in progress.reasons.values():
        for reason, count in reasons.items():
            if reason.means_failed and reason.may_be_over is retryable:
                found[reason] += count
    return dict(found.most_common())
