"""A second try for those whom a broadcast did not reach: the failed by a new order, the unknown only when asked for."""

from __future__ import annotations

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
    """Who can be tried again, and how."""

    def __init__(self, ledger: LedgerStore, journal: AuditLog) -> None:
        self._ledger = ledger
        self._journal = journal

    async def failed_for(self, broadcast: Broadcast, reasons: Collection[Reason]) -> tuple[Recipient, ...]:
        """Those whom it failed to reach for one of the reasons, in the order in which that came to be known."""
        return tuple(
            [
                one.recipient
                async for one in self._ledger.each_trouble(broadcast)
                if one.state is DeliveryState.FAILED and one.reason in reasons
            ]
        )

    async def resend_unknown(self, broadcast: Broadcast) -> int:
        """Sends again to those of whom nobody knows whether they have it. They may get it twice. Returns to how many.

        Raises Conflict when somebody has asked for it since `broadcast` was read, or nobody is unknown any more.
        """
        moved = await self._ledger.resend(broadcast.id, before=broadcast.resends)
        if not moved:
            raise Conflict(
                sentence(
                    "Nobody in #{id} is unknown any more, or they are being sent to already.", id=broadcast.id
                )
            )
        await self._journal.note(AuditAction.RESENT, broadcast.id, people=moved)
        return moved


def retryable(progress: Progress) -> dict[Reason, int]:
    """How many failed for each reason that may be over by now, the commonest first."""
    return _failed(progress, retryable=True)


def not_retryable(progress: Progress) -> dict[Reason, int]:
    """How many failed for each reason that another try would meet again."""
    return _failed(progress, retryable=False)


def _failed(progress: Progress, *, retryable: bool) -> dict[Reason, int]:
    found: dict[Reason, int] = {}
    for reasons in progress.reasons.values():
        for reason, count in reasons.items():
            if reason.means_failed and reason.may_be_over is retryable:
                found[reason] = found.get(reason, 0) + count
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))
