"""Deleting and changing messages on the phones of those who have them, where the messenger lets us."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from core.domain.amendment import Amendment, AmendmentKind, AmendmentStatus, Scope, scope
from core.domain.audit import AuditAction
from core.domain.broadcast import RUNNING, Broadcast, not_found
from core.domain.content import limits
from core.domain.content.content import Content
from core.domain.content.variables import placeholders
from core.domain.errors import Conflict, NotFound, ValidationError
from core.domain.messengers.traits import Messenger
from core.domain.translatable import sentence
from core.services.audit_log import AuditLog
from core.services.broadcasts import Broadcasts
from core.store.amendments import AmendmentStore


class AmendmentService:
    """What admins ask for; workers carry it out (workers/amendments.py)."""

    def __init__(self, amendments: AmendmentStore, broadcasts: Broadcasts, journal: AuditLog) -> None:
        self._amendments = amendments
        self._broadcasts = broadcasts
        self._journal = journal

    async def latest(self, broadcast_id: str) -> Amendment | None:
        """The one that runs, or else the last one."""
        return await self._amendments.get(broadcast_id)

    def scope(self, broadcast: Broadcast, kind: AmendmentKind) -> Scope:
        """Whom it would reach now; nobody, when all of it is too old."""
        found = scope(broadcast.progress, kind)
        return replace(found, reached=0) if kind is AmendmentKind.DELETE and _too_old(broadcast) else found

    def corrected(self, broadcast: Broadcast, words: Content) -> Content:
        """The broadcast's content with other words, and other buttons where there are any. Raises ValidationError."""
        before = broadcast.content
        content = replace(
            before,
            text=words.text,
            entities=words.entities,
            buttons=words.buttons or before.buttons,
            template=None,
        )
        problems = self._unfit(content, before, broadcast, words)
        if problems:
            raise ValidationError(problems)
        return content

    def _unfit(self, content: Content, before: Content, broadcast: Broadcast, words: Content) -> list[str]:
        if words.media:
            return [sentence("Only the text can be changed on the phones, not the files with it.")]
        known = placeholders(before)
        unknown = [name for name in placeholders(content) if name not in known]
        if unknown:
            name = unknown[0]
            return [
                sentence("The people of #{id} were written to without {name}.", id=broadcast.id, name=name)
            ]
        there = [one for one in Messenger if one.traits.edits and broadcast.progress.total_on(one)]
        return limits.problems(content, there)

    async def delete(self, broadcast: Broadcast, *, by: str) -> Amendment:
        """Deletes it from the phones; what is not sent yet never will be. Raises Conflict."""
        if broadcast.status in RUNNING:
            broadcast = await self._broadcasts.cancel(broadcast.id)
        return await self._begin(broadcast, AmendmentKind.DELETE, None, by)

    async def edit(self, broadcast: Broadcast, content: Content, *, by: str) -> Amendment:
        """Changes the words on the phones; while it is sent, right behind the sending. Raises Conflict."""
        return await self._begin(broadcast, AmendmentKind.EDIT, content, by)

    async def _begin(
        self, broadcast: Broadcast, kind: AmendmentKind, content: Content | None, by: str
    ) -> Amendment:
        standing = await self._amendments.get(broadcast.id)
        if standing is not None and standing.status is AmendmentStatus.RUNNING:
            raise Conflict(sentence("The messages of #{id} are being changed already.", id=broadcast.id))
        total = self.scope(broadcast, kind).reached
        if broadcast.status in RUNNING:
            total = broadcast.progress.total - sum(self.scope(broadcast, kind).kept.values())
        if not total:
            raise Conflict(
                sentence("There is nothing of #{id} on any phone that could be changed.", id=broadcast.id)
            )
        if kind is AmendmentKind.EDIT and self._broadcasts.needs_approval(total):
            raise Conflict(
                sentence("On so many phones other words would have to be approved: send a new broadcast.")
            )
        before = standing.serial if standing else 0
        if not await self._amendments.begin(
            broadcast.id, kind, by=by, total=total, before=before, content=content
        ):
            raise Conflict(sentence("The messages of #{id} are being changed already.", id=broadcast.id))
        deed = AuditAction.PHONES_CLEARED if kind is AmendmentKind.DELETE else AuditAction.PHONES_CHANGED
        await self._journal.note(deed, broadcast.id, people=total)
        return await self._get(broadcast.id)

    async def stop(self, broadcast_id: str, serial: int) -> Amendment:
        """Ends it where it is; what it has done stays done. Raises Conflict when that one does not run any more."""
        if not await self._amendments.stop(broadcast_id, serial):
            raise Conflict(sentence("It has ended already."))
        await self._journal.note(AuditAction.PHONES_STOPPED, broadcast_id)
        return await self._get(broadcast_id)

    async def _get(self, broadcast_id: str) -> Amendment:
        found = await self._amendments.get(broadcast_id)
        if found is None:
            raise NotFound(not_found(broadcast_id))
        return found


def _too_old(broadcast: Broadcast) -> bool:
    """Whether no messenger would delete any of it any more."""
    spans = [one.traits.deletes_within for one in Messenger if one.traits.deletes_within is not None]
    ended = broadcast.finished_at
    return ended is not None and all(datetime.now(UTC) - ended > span for span in spans)
