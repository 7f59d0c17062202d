"""The second pair of eyes: a large broadcast goes out only once somebody else than who asked for it has approved it."""

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


class ApprovalService:
    """Deciding on what waits for approval; asking is a part of accepting and of moving a broadcast."""

    def __init__(
        self, ledger: LedgerStore, starter: RqStarter, settings: Settings, journal: AuditLog
    ) -> None:
        self._ledger = ledger
        self._starter = starter
        self._hold = timedelta(seconds=settings.undo_seconds)
        self._journal = journal

    async def waiting(self) -> list[Broadcast]:
        """All that wait for it, those first whose time to be approved ends soonest; the lapsed ones included."""
        return await self._ledger.page(Index.UNAPPROVED, 0, -1, newest_first=False)

    async def approve(self, broadcast_id: str, number: int) -> Broadcast:
        """unapproved -> scheduled; what was ordered for now is held a moment first. `number`: of the question meant.

        Raises NotFound, and Conflict: one's own, too late, changed since, or decided already.
        """
        answer = await self._ledger.approve(broadcast_id, number, current_actor(), self._hold)
        approved = await self._decided(broadcast_id, answer, AuditAction.APPROVED)
        if approved.planned or approved.held:
            await self._starter.start_at(approved.id, approved.send_at)
        else:
            await self._starter.start_now(approved.id)
        return approved

    async def refuse(self, broadcast_id: str, number: int) -> Broadcast:
        """unapproved -> cancelled. Raises NotFound, and Conflict like approve()."""
        answer = await self._ledger.refuse(broadcast_id, number, current_actor())
        return await self._decided(broadcast_id, answer, AuditAction.REFUSED)

    async def _decided(self, broadcast_id: str, answer: str, deed: AuditAction) -> Broadcast:
        broadcast = await self._get(broadcast_id)
        if answer != "done":
            raise Conflict(_why_not(answer, broadcast))
        await self._journal.note(deed, broadcast.id, **about(broadcast))
        return await self._get(broadcast_id)

    async def _get(self, broadcast_id: str) -> Broadcast:
        broadcast = await self._ledger.get(broadcast_id)
        if broadcast is None:
            raise NotFound(not_found(broadcast_id))
        return broadcast


def _why_not(answer: str, broadcast: Broadcast) -> Sentence:
    match answer:
        case "own":
            return sentence("You ordered #{id} yourself: somebody else has to approve it.", id=broadcast.id)
        case "late":
            return sentence(
                "It is too late to approve #{id}: it has to be rescheduled first.", id=broadcast.id
            )
        case "old":
            return sentence("#{id} was changed since: look at its newer card.", id=broadcast.id)
    return decided_words(broadcast)


def decided_words(broadcast: Broadcast) -> Sentence:
    """Who decided on it, for the one who comes second."""
    approved, refused = broadcast.deeds.get(AuditAction.APPROVED), broadcast.deeds.get(AuditAction.REFUSED)
    cancelled = broadcast.status is BroadcastStatus.CANCELLED
    if cancelled and refused:
        return sentence("{name} has refused #{id} already.", name=refused.name, id=broadcast.id)
    if not cancelled and approved:
        return sentence("{name} has approved #{id} already.", name=approved.name, id=broadcast.id)
    return sentence("#{id} does not wait for approval any more.", id=broadcast.id)
