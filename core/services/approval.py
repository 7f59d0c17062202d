"""The second pair of eyes: a large broadcast goes out only once somebody else than who asked for it has approved it."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from core.domain.audit import Actor, Deed
from core.domain.broadcast import Broadcast, BroadcastStatus
from core.domain.errors import Conflict
from core.domain.sentences import Sentence, sentence
from core.ports import Index, Ledger, Starter
from core.services.acting import acting
from core.services.deeds import about
from core.services.journal import Journal
from core.settings import Settings


class Decisions(Protocol):
    """One step each, decided by the first. Answers "done", "own", "late", "old", or the status that stands."""

    async def approve(self, broadcast_id: str, number: int, by: Actor, hold: timedelta) -> str: ...

    async def refuse(self, broadcast_id: str, number: int, by: Actor) -> str: ...


class Approval:
    """Deciding on what waits for approval; asking is a part of accepting and of moving a broadcast."""

    def __init__(
        self, ledger: Ledger, decisions: Decisions, starter: Starter, settings: Settings, journal: Journal
    ) -> None:
        self._ledger = ledger
        self._decisions = decisions
        self._starter = starter
        self._hold = timedelta(seconds=settings.undo_seconds)
        self._journal = journal

    async def waiting(self) -> list[Broadcast]:
        """All that wait for it, those first whose time to be approved ends soonest; the lapsed ones included."""
        return await self._ledger.page(Index.UNAPPROVED, 0, -1, newest_first=False)

    async def approve(self, broadcast: Broadcast) -> Broadcast:
        """unapproved -> scheduled, as `broadcast` shows it; what was ordered for now is held a moment first.

        Raises Conflict: one's own, too late, changed since, or decided already.
        """
        await self._decided(
            broadcast, await self._decisions.approve(*_question(broadcast), acting(), self._hold)
        )
        await self._journal.note(Deed.APPROVED, broadcast.id, **about(broadcast))
        approved = await self._again(broadcast)
        if approved.planned or approved.held:
            await self._starter.start_at(approved.id, approved.send_at)
        else:
            await self._starter.start_now(approved.id)
        return approved

    async def refuse(self, broadcast: Broadcast) -> Broadcast:
        """unapproved -> cancelled. Raises Conflict like approve()."""
        await self._decided(broadcast, await self._decisions.refuse(*_question(broadcast), acting()))
        await self._journal.note(Deed.REFUSED, broadcast.id, **about(broadcast))
        return await self._again(broadcast)

    async def _again(self, broadcast: Broadcast) -> Broadcast:
        return await self._ledger.get(broadcast.id) or broadcast

    async def _decided(self, broadcast: Broadcast, answer: str) -> None:
        if answer != "done":
            raise Conflict(_why_not(answer, broadcast, await self._again(broadcast)))


def _question(broadcast: Broadcast) -> tuple[str, int]:
    return broadcast.id, broadcast.asked.number if broadcast.asked else 0


def _why_not(answer: str, shown: Broadcast, now: Broadcast) -> Sentence:
    match answer:
        case "own":
            return sentence("You ordered #{id} yourself: somebody else has to approve it.", id=shown.id)
        case "late":
            return sentence("It is too late to approve #{id}: it has to be rescheduled first.", id=shown.id)
        case "old":
            return sentence("#{id} was changed since: look at its newer card.", id=shown.id)
    return decided_words(now)


def decided_words(broadcast: Broadcast) -> Sentence:
    """Who decided on it, for the one who comes second."""
    approved, refused = broadcast.deeds.get(Deed.APPROVED), broadcast.deeds.get(Deed.REFUSED)
    cancelled = broadcast.status is BroadcastStatus.CANCELLED
    if cancelled and refused:
        return sentence("{name} has refused #{id} already.", name=refused.name, id=broadcast.id)
    if not cancelled and approved:
        return sentence("{name} has approved #{id} already.", name=approved.name, id=broadcast.id)
    return sentence("#{id} does not wait for approval any more.", id=broadcast.id)
