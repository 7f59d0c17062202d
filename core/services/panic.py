"""The panic stop: stop everything at once, then let parts of it continue."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.audit import Actor, AuditAction
from core.domain.errors import Conflict
from core.domain.messengers.traits import Messenger
from core.domain.panic import PanicStop
from core.domain.translatable import sentence
from core.services.audit_log import AuditLog
from core.store.panic import PanicStore


@dataclass(frozen=True, slots=True)
class Stopped:
    """`fresh`: stopped by this call; otherwise it was stopped before."""

    stop: PanicStop
    fresh: bool


class Panic:
    """One flag that workers check in the step in which they would send. Messages already sent still arrive."""

    def __init__(self, store: PanicStore, audit_log: AuditLog) -> None:
        self._store = store
        self._audit_log = audit_log

    async def stop(self, by: Actor) -> Stopped:
        """Stop everything, also what was released after an earlier stop."""
        fresh = await self._store.stop(by)
        if fresh:
            await self._audit_log.note(AuditAction.STOPPED_ALL)
        stop = await self._store.current()
        if stop is None:
            raise Conflict(sentence("Another admin resumed sending at the same moment. Pause it again."))
        return Stopped(stop=stop, fresh=fresh)

    async def current(self) -> PanicStop | None:
        return await self._store.current()

    async def release(
        self, stop: PanicStop, *, messenger: Messenger | None = None, broadcast_id: str | None = None
    ) -> PanicStop | None:
        """Release one messenger, one broadcast, or everything. Returns what is still stopped.

        Raises Conflict when `stop` is over, so that a later stop is not released unseen.
        """
        if not await self._store.release(stop, messenger=messenger, broadcast_id=broadcast_id):
            raise Conflict(sentence("Sending was already resumed."))
        what = messenger or broadcast_id or "everything"
        await self._audit_log.note(AuditAction.RELEASED, broadcast_id or "", what=str(what))
        return await self._store.current()
