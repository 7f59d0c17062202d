"""Taps and words that delete or change what the recipients have on their phones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from bot.context import BotContext, ButtonPress, CallbackAnswer, IncomingMessage, already, redraw
from bot.screens import amendments as screens_amendments
from bot.telegram import content_preview
from bot.telegram.incoming import order_content
from bot.text.translation import _, translate
from bot.ui.callback_data import Tap
from bot.ui.screen import Screen, plain
from core.domain.amendment import AmendmentKind
from core.domain.broadcast import Broadcast
from core.domain.content.content import Content
from core.domain.errors import Conflict

WORDS: Final = "phones"
"""What is awaited: the new text of a broadcast that was sent."""

Handler = Callable[[BotContext, ButtonPress, Tap, Broadcast], Awaitable[CallbackAnswer | None]]


async def _place(context: BotContext, press: ButtonPress, broadcast: Broadcast, screen: Screen) -> int:
    """In place of what was tapped; below, when that is the live card of the broadcast."""
    if await context.live.is_card(broadcast.id, press.admin.chat_id, press.message_id):
        return await context.chat.send(press.admin.chat_id, screen)
    return await redraw(context, press, screen)


async def _overview(context: BotContext, broadcast: Broadcast) -> Screen:
    amending = context.core.amending
    return screens_amendments.overview(
        broadcast,
        amending.scope(broadcast, AmendmentKind.DELETE),
        amending.scope(broadcast, AmendmentKind.EDIT),
        await amending.latest(broadcast.id),
        context.clock(),
    )


async def _phones(context: BotContext, press: ButtonPress, _tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    if await context.core.drafts.awaiting(press.admin.id) == (broadcast.id, WORDS):
        await context.core.drafts.stop_awaiting(press.admin.id)
    message_id = await _place(context, press, broadcast, await _overview(context, broadcast))
    await context.amendments.attach_if_running(broadcast.id, press.admin.chat_id, message_id)
    return CallbackAnswer()


async def _serial(context: BotContext, broadcast: Broadcast) -> int:
    latest = await context.core.amending.latest(broadcast.id)
    return latest.serial if latest else 0


async def _erase(context: BotContext, press: ButtonPress, _tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    scope = context.core.amending.scope(broadcast, AmendmentKind.DELETE)
    screen = screens_amendments.delete_question(broadcast, scope, await _serial(context, broadcast))
    await _place(context, press, broadcast, screen)
    return CallbackAnswer()


async def _erased(context: BotContext, press: ButtonPress, tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    if int(tap.argument) != await _serial(context, broadcast):
        return await _too_late(context, press, broadcast)
    try:
        await context.core.amending.delete(broadcast, by=press.admin.name)
    except Conflict as error:
        return await _refused(context, press, tap, broadcast, error)
    context.live.refresh_soon(broadcast.id)
    await context.amendments.attach(broadcast.id, press.admin.chat_id, press.message_id)
    return CallbackAnswer(_("Deleting"))


async def _too_late(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> CallbackAnswer:
    """Somebody has tapped before: shows how that goes."""
    await redraw(context, press, await _overview(context, broadcast))
    await context.amendments.attach_if_running(broadcast.id, press.admin.chat_id, press.message_id)
    return already()


async def _refused(
    context: BotContext, press: ButtonPress, tap: Tap, broadcast: Broadcast, error: Conflict
) -> CallbackAnswer:
    """Between the look at the number and the deed another may have begun one; else it says why it cannot be."""
    if int(tap.argument) != await _serial(context, broadcast):
        return await _too_late(context, press, broadcast)
    await redraw(context, press, await _overview(context, await context.core.broadcasts.get(broadcast.id)))
    return CallbackAnswer(translate(str(error)), alert=True)


async def _fix(context: BotContext, press: ButtonPress, _tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    await context.core.drafts.await_input(press.admin.id, broadcast.id, WORDS)
    await _place(context, press, broadcast, screens_amendments.text_prompt(broadcast))
    return CallbackAnswer()


async def handle_text(context: BotContext, message: IncomingMessage, broadcast_id: str) -> None:
    """The new text: shown as people will read it, and asked about. Raises NotFound, ValidationError."""
    broadcast = await context.core.broadcasts.get(broadcast_id)
    content = context.core.amending.corrected(
        broadcast, order_content(message.content or Content(text=message.text))
    )
    people = [one.recipient async for one in context.core.reports.firsts(broadcast)]
    refusal = await content_preview.send_previews(context.chat, message.admin.chat_id, content, people[:1])
    if refusal is not None:
        text = _("Telegram does not take it: {refusal}").format(refusal=refusal)
        await context.chat.send(message.admin.chat_id, plain(text))
        return
    scope = context.core.amending.scope(broadcast, AmendmentKind.EDIT)
    screen = screens_amendments.edit_question(broadcast, scope, await _serial(context, broadcast))
    await context.chat.send(message.admin.chat_id, screen, reply_to=message.message_id)


async def _fixed(context: BotContext, press: ButtonPress, tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    """The text is that of the message which the question stands under. Raises ValidationError."""
    if int(tap.argument) != await _serial(context, broadcast):
        return await _too_late(context, press, broadcast)
    if press.replied is None:
        return CallbackAnswer(_("I cannot see that text any more. Write it again."), alert=True)
    content = context.core.amending.corrected(broadcast, order_content(press.replied))
    try:
        await context.core.amending.edit(broadcast, content, by=press.admin.name)
    except Conflict as error:
        return await _refused(context, press, tap, broadcast, error)
    if await context.core.drafts.awaiting(press.admin.id) == (broadcast.id, WORDS):
        await context.core.drafts.stop_awaiting(press.admin.id)
    await context.amendments.attach(broadcast.id, press.admin.chat_id, press.message_id)
    return CallbackAnswer(_("Changing the text"))


async def _halt(context: BotContext, press: ButtonPress, tap: Tap, broadcast: Broadcast) -> CallbackAnswer:
    try:
        await context.core.amending.stop(broadcast.id, int(tap.argument))
    except Conflict:
        return await _too_late(context, press, broadcast)
    context.amendments.wake()
    return CallbackAnswer(_("Stopped; what was done stays done"))


VERBS: dict[str, Handler] = {
    "phones": _phones,
    "erase": _erase,
    "erased": _erased,
    "fix": _fix,
    "fixed": _fixed,
    "halt": _halt,
}
