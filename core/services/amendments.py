"""Delete or edit messages that people already have, where the messenger allows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from core.domain.amendment import Amendment, AmendmentKind, AmendmentStatus, Scope, scope
from core.domain.audit import AuditAction
from core.domain.broadcast import RUNNING, Broadcast, not_found
from core.domain.content import limits
from core.domain.content.content import Content, LinkPreview
from core.domain.content.variables import needed, placeholders
from core.domain.errors import Conflict, NotFound, ValidationError
from core.domain.messengers.traits import Messenger
from core.domain.translatable import sentence
from core.services.audit_log import AuditLog
from core.services.broadcasts import Broadcasts
from core.store.amendments import AmendmentStore
from core.store.clock import StoreClock


@dataclass(frozen=True, slots=True)
class Amendments:
    """Orders amendments; workers carry them out (workers/amendments.py)."""

    _store: AmendmentStore
    _broadcasts: Broadcasts
    _audit_log: AuditLog
    _clock: StoreClock

    async def latest(self, broadcast_id: str) -> Amendment | None:
        """The running amendment, else the last one."""
        return await self._store.get(broadcast_id)

    def scope(self, broadcast: Broadcast, kind: AmendmentKind) -> Scope:
        """Count the recipients it would reach now: none when the broadcast is too old."""
        found = scope(broadcast, kind)
        too_late = kind is AmendmentKind.DELETE and _too_old(broadcast, self._clock.now())
        return replace(found, reached=0) if too_late else found

    def corrected(self, broadcast: Broadcast, words: Content) -> Content:
        """The broadcast's content with another text, and other buttons if there are any. Raises ValidationError."""
        before = broadcast.content
        content = replace(
            before,
            text=words.text,
            entities=words.entities,
            buttons=words.buttons or before.buttons,
            link_preview=words.link_preview or _kept_preview(before, words),
            template=None,
        )
        problems = _problems(content, broadcast, words)
        if problems:
            raise ValidationError(problems)
        return content

    async def delete(self, broadcast: Broadcast, *, by: str) -> Amendment:
        """Delete it from the phones, and cancel what is not sent yet. Raises Conflict."""
        if broadcast.status in RUNNING:
            broadcast = await self._broadcasts.cancel(broadcast.id)
        return await self._begin(broadcast, AmendmentKind.DELETE, None, by)

    async def edit(self, broadcast: Broadcast, content: Content, *, by: str) -> Amendment:
        """Change the text on the phones, also while it is being sent. Raises Conflict."""
        return await self._begin(broadcast, AmendmentKind.EDIT, content, by)

    async def _begin(
        self, broadcast: Broadcast, kind: AmendmentKind, content: Content | None, by: str
    ) -> Amendment:
        latest = await self._store.get(broadcast.id)
        if latest is not None and latest.status is AmendmentStatus.RUNNING:
            raise _running(broadcast)
        total = self.scope(broadcast, kind).reached
        if broadcast.status in RUNNING:
            total = broadcast.progress.total - sum(self.scope(broadcast, kind).kept.values())
        if not total:
            raise Conflict(sentence("#{id} can't be changed on anyone's phone.", id=broadcast.id))
        if kind is AmendmentKind.EDIT and self._broadcasts.needs_approval(total):
            raise Conflict(
                sentence("Changing the text for this many people needs approval. Send a new message instead.")
            )
        before = latest.serial if latest else 0
        if not await self._store.begin(
            broadcast.id, kind, by=by, total=total, before=before, content=content
        ):
            raise _running(broadcast)
        action = AuditAction.PHONES_CLEARED if kind is AmendmentKind.DELETE else AuditAction.PHONES_CHANGED
        await self._audit_log.note(action, broadcast.id, people=total)
        return await self._get(broadcast.id)

    async def stop(self, broadcast_id: str, serial: int) -> Amendment:
        """Stop it; messages already changed stay changed. Raises Conflict if that amendment is not running."""
        if not await self._store.stop(broadcast_id, serial):
            raise Conflict(sentence("This has already ended."))
        await self._audit_log.note(AuditAction.PHONES_STOPPED, broadcast_id)
        return await self._get(broadcast_id)

    async def _get(self, broadcast_id: str) -> Amendment:
        found = await self._store.get(broadcast_id)
        if found is None:
            raise NotFound(not_found(broadcast_id))
        return found


def _kept_preview(before: Content, words: Content) -> LinkPreview | None:
    """The preview as it was, unless it is that of a link which the new text no longer has."""
    preview = before.link_preview
    return None if preview is None or preview.url not in words.text else preview


def _running(broadcast: Broadcast) -> Conflict:
    return Conflict(sentence("The messages of #{id} are already being changed.", id=broadcast.id))


def _problems(content: Content, broadcast: Broadcast, words: Content) -> list[str]:
    if words.media:
        return [sentence("On phones, you can change the text but not the files.")]
    known = placeholders(broadcast.content)
    unknown = [name for name in needed(content) if name not in known]
    if unknown:
        return [sentence("People in #{id} have no value for {name}.", id=broadcast.id, name=unknown[0])]
    return limits.problems(
        content, [one for one in Messenger if one.traits.edits and broadcast.progress.total_on(one)]
    )


def _too_old(broadcast: Broadcast, now: datetime) -> bool:
    """True when no messenger deletes any of it now."""
    spans = [one.traits.deletes_within for one in Messenger if one.traits.deletes_within is not None]
    ended = broadcast.finished_at
    return ended is not None and all(now - ended > span for span in spans)
