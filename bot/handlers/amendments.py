"""Taps and words that delete or change what the recipients have on their phones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from bot.context import Desk, Said, Toast, Touch, already, redraw
from bot.screens import amendments as screens_amendments
from bot.telegram import content_preview
from bot.telegram.incoming import made_of
from bot.text.translation import _, told
from bot.ui.callback_data import Tap
from bot.ui.screen import Screen, plain
from core.domain.amendment import AmendmentKind
from core.domain.broadcast import Broadcast
from core.domain.content.content import Content
from core.domain.errors import Conflict

WORDS: Final = "phones"
"""What is awaited: the new text of a broadcast that was sent."""

Handler = Callable[[Desk, Touch, Tap, Broadcast], Awaitable[Toast | None]]


async def _place(desk: Desk, touch: Touch, broadcast: Broadcast, screen: Screen) -> int:
    """In place of what was tapped; below, when that is the live card of the broadcast."""
    if await desk.live.is_card(broadcast.id, touch.admin.chat_id, touch.message_id):
        return await desk.chat.send(touch.admin.chat_id, screen)
    return await redraw(desk, touch, screen)


async def _overview(desk: Desk, broadcast: Broadcast) -> Screen:
    amending = desk.core.amending
    return screens_amendments.overview(
        broadcast,
        amending.scope(broadcast, AmendmentKind.DELETE),
        amending.scope(broadcast, AmendmentKind.EDIT),
        await amending.latest(broadcast.id),
        desk.present(),
    )


async def _phones(desk: Desk, touch: Touch, _tap: Tap, broadcast: Broadcast) -> Toast:
    if await desk.core.drafts.awaiting(touch.admin.id) == (broadcast.id, WORDS):
        await desk.core.drafts.stop_awaiting(touch.admin.id)
    message_id = await _place(desk, touch, broadcast, await _overview(desk, broadcast))
    await desk.amendments.adopt_if_running(broadcast.id, touch.admin.chat_id, message_id)
    return Toast()


async def _serial(desk: Desk, broadcast: Broadcast) -> int:
    latest = await desk.core.amending.latest(broadcast.id)
    return latest.serial if latest else 0


async def _erase(desk: Desk, touch: Touch, _tap: Tap, broadcast: Broadcast) -> Toast:
    scope = desk.core.amending.scope(broadcast, AmendmentKind.DELETE)
    screen = screens_amendments.ask_delete(broadcast, scope, await _serial(desk, broadcast))
    await _place(desk, touch, broadcast, screen)
    return Toast()


async def _erased(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast:
    if int(tap.argument) != await _serial(desk, broadcast):
        return await _too_late(desk, touch, broadcast)
    try:
        await desk.core.amending.delete(broadcast, by=touch.admin.name)
    except Conflict as error:
        return await _refused(desk, touch, tap, broadcast, error)
    desk.live.hurry(broadcast.id)
    await desk.amendments.adopt(broadcast.id, touch.admin.chat_id, touch.message_id)
    return Toast(_("Deleting"))


async def _too_late(desk: Desk, touch: Touch, broadcast: Broadcast) -> Toast:
    """Somebody has tapped before: shows how that goes."""
    await redraw(desk, touch, await _overview(desk, broadcast))
    await desk.amendments.adopt_if_running(broadcast.id, touch.admin.chat_id, touch.message_id)
    return already()


async def _refused(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast, error: Conflict) -> Toast:
    """Between the look at the number and the deed another may have begun one; else it says why it cannot be."""
    if int(tap.argument) != await _serial(desk, broadcast):
        return await _too_late(desk, touch, broadcast)
    await redraw(desk, touch, await _overview(desk, await desk.core.broadcasts.get(broadcast.id)))
    return Toast(told(str(error)), alert=True)


async def _fix(desk: Desk, touch: Touch, _tap: Tap, broadcast: Broadcast) -> Toast:
    await desk.core.drafts.await_input(touch.admin.id, broadcast.id, WORDS)
    await _place(desk, touch, broadcast, screens_amendments.ask_words(broadcast))
    return Toast()


async def typed(desk: Desk, said: Said, broadcast_id: str) -> None:
    """The new text: shown as people will read it, and asked about. Raises NotFound, ValidationError."""
    broadcast = await desk.core.broadcasts.get(broadcast_id)
    content = desk.core.amending.corrected(broadcast, made_of(said.content or Content(text=said.text)))
    people = [one.recipient async for one in desk.core.reports.firsts(broadcast)]
    refusal = await content_preview.everywhere(desk.chat, said.admin.chat_id, content, people[:1])
    if refusal is not None:
        text = _("Telegram does not take it: {refusal}").format(refusal=refusal)
        await desk.chat.send(said.admin.chat_id, plain(text))
        return
    scope = desk.core.amending.scope(broadcast, AmendmentKind.EDIT)
    screen = screens_amendments.ask_edit(broadcast, scope, await _serial(desk, broadcast))
    await desk.chat.send(said.admin.chat_id, screen, reply_to=said.message_id)


async def _fixed(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast:
    """The text is that of the message which the question stands under. Raises ValidationError."""
    if int(tap.argument) != await _serial(desk, broadcast):
        return await _too_late(desk, touch, broadcast)
    if touch.replied is None:
        return Toast(_("I cannot see that text any more. Write it again."), alert=True)
    content = desk.core.amending.corrected(broadcast, made_of(touch.replied))
    try:
        await desk.core.amending.edit(broadcast, content, by=touch.admin.name)
    except Conflict as error:
        return await _refused(desk, touch, tap, broadcast, error)
    if await desk.core.drafts.awaiting(touch.admin.id) == (broadcast.id, WORDS):
        await desk.core.drafts.stop_awaiting(touch.admin.id)
    await desk.amendments.adopt(broadcast.id, touch.admin.chat_id, touch.message_id)
    return Toast(_("Changing the text"))


async def _halt(desk: Desk, touch: Touch, tap: Tap, broadcast: Broadcast) -> Toast:
    try:
        await desk.core.amending.stop(broadcast.id, int(tap.argument))
    except Conflict:
        return await _too_late(desk, touch, broadcast)
    desk.amendments.hurry()
    return Toast(_("Stopped; what was done stays done"))


VERBS: dict[str, Handler] = {
    "phones": _phones,
    "erase": _erase,
    "erased": _erased,
    "fix": _fix,
    "fixed": _fixed,
    "halt": _halt,
}
