"""Approval of large broadcasts by a second person."""

from __future__ import annotations

from datetime import timedelta

from core.domain.audit import AuditAction
from core.domain.broadcast import Broadcast, BroadcastStatus, Index, not_found
from core.domain.errors import Conflict, NotFound
from core.domain.translatable import Sentence, sentence
from core.queue.rq_starter import RqStarter
from core.services.audit_log import AuditLog, about, current_actor
from core.settings import Settings
from core.store.ledger import LedgerStore


class Approvals:
    """Decides on what waits for approval; accepting, editing and rescheduling ask for it."""

    def __init__(
        self, ledger: LedgerStore, starter: RqStarter, settings: Settings, audit_log: AuditLog
    ) -> None:
        self._ledger = ledger
        self._starter = starter
        self._hold = timedelta(seconds=settings.undo_seconds)
        self._audit_log = audit_log

    async def waiting(self) -> list[Broadcast]:
        """All broadcasts that wait for approval, lapsed ones too; the soonest deadline first."""
        return await self._ledger.page(Index.UNAPPROVED, 0, -1, newest_first=False)

    async def approve(self, broadcast_id: str, number: int) -> Broadcast:
        """unapproved -> scheduled; an order for now is held a moment first. `number`: of the approval request.

        Raises NotFound, and Conflict: own request, too late, changed since, or decided already.
        """
        answer = await self._ledger.approve(broadcast_id, number, current_actor(), self._hold)
        approved = await self._decided(broadcast_id, answer, AuditAction.APPROVED)
        if approved.planned or approved.can_be_undone:
            await self._starter.start_at(approved.id, approved.send_at)
        else:
            await self._starter.start_now(approved.id)
        return approved

    async def refuse(self, broadcast_id: str, number: int) -> Broadcast:
        """unapproved -> cancelled. Raises NotFound, and Conflict like approve()."""
        answer = await self._ledger.refuse(broadcast_id, number, current_actor())
        return await self._decided(broadcast_id, answer, AuditAction.REFUSED)

    async def _decided(self, broadcast_id: str, answer: str, action: AuditAction) -> Broadcast:
        broadcast = await self._ledger.get(broadcast_id)
        if broadcast is None:
            raise NotFound(not_found(broadcast_id))
        if answer != "done":
            raise Conflict(_why_not(answer, broadcast))
        await self._audit_log.note(action, broadcast.id, **about(broadcast))
        return broadcast


def _why_not(answer: str, broadcast: Broadcast) -> Sentence:
    match answer:
        case "own":
            return sentence("You created #{id}, so another admin has to approve it.", id=broadcast.id)
        case "author":
            return sentence(
                "You wrote #{id} or chose its recipients, so another admin has to approve it.",
                id=broadcast.id,
            )
        case "late":
            return sentence("It's too late to approve #{id}. Reschedule it first.", id=broadcast.id)
        case "old":
            return sentence("#{id} has changed. See its newer card.", id=broadcast.id)
    return decided_words(broadcast)


def decided_words(broadcast: Broadcast) -> Sentence:
    """The admin who decided first."""
    approved, refused = (
        broadcast.last_actions.get(AuditAction.APPROVED),
        broadcast.last_actions.get(AuditAction.REFUSED),
    )
    cancelled = broadcast.status is BroadcastStatus.CANCELLED
    if cancelled and refused:
        return sentence("{name} already rejected #{id}.", name=refused.name, id=broadcast.id)
    if not cancelled and approved:
        return sentence("{name} already approved #{id}.", name=approved.name, id=broadcast.id)
    return sentence("#{id} is no longer waiting for approval.", id=broadcast.id)
