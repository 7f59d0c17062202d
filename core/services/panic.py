"""Stopping everything at once, on all messengers, and letting it go on: all of it, or one thing after the other."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.audit import Actor, AuditAction
from core.domain.errors import Conflict
from core.domain.messengers.traits import Messenger
from core.domain.panic import Stop
from core.domain.translatable import sentence
from core.services.audit_log import AuditLog
from core.store.panic import PanicStore

_OVER = sentence("That stop is over, or it has been let go on already.")


@dataclass(frozen=True, slots=True)
class Stopped:
    """`fresh`: by this call; else somebody had stopped everything before."""

    stop: Stop
    fresh: bool


class Panic:
    """One flag that all workers obey within the step in which they would send. What is in the air still arrives."""

    def __init__(self, brake: PanicStore, journal: AuditLog) -> None:
        self._brake = brake
        self._journal = journal

    async def stop(self, by: Actor) -> Stopped:
        """From now on nothing is sent. What was let go on after an earlier stop is stopped again."""
        fresh = await self._brake.stop(by)
        if fresh:
            await self._journal.note(AuditAction.STOPPED_ALL)
        stop = await self._brake.standing()
        if stop is None:
            raise Conflict(sentence("Somebody let everything go on in the same moment. Stop it again."))
        return Stopped(stop=stop, fresh=fresh)

    async def standing(self) -> Stop | None:
        """The stop that stands, if one does."""
        return await self._brake.standing()

    async def release(
        self, stop: Stop, *, messenger: Messenger | None = None, broadcast_id: str | None = None
    ) -> Stop | None:
        """Lets one messenger or one broadcast go on, or without either everything. Returns what is still stopped.

        Raises Conflict when `stop` is over, so that nobody undoes a later one unseen.
        """
        if messenger is not None:
            done = await self._brake.release_messenger(stop, messenger)
        elif broadcast_id is not None:
            done = await self._brake.release_broadcast(stop, broadcast_id)
        else:
            done = await self._brake.release(stop)
        if not done:
            raise Conflict(_OVER)
        what = messenger.value if messenger else broadcast_id or "everything"
        await self._journal.note(AuditAction.RELEASED, broadcast_id or "", what=what)
        return await self._brake.standing()
