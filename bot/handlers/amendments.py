"""Deletes or edits messages that recipients already have."""

from __future__ import annotations

from typing import Final

from bot.context import BotContext, CallbackAnswer, Reply, Result, already, redraw
from bot.handlers import drafts
from bot.handlers.broadcasts import open_screen
from bot.requests import ButtonPress, IncomingMessage
from bot.routes import BROADCAST, NUMBER
from bot.screens.amendments import delete_question, edit_question, overview, text_prompt
from bot.telegram import content_preview
from bot.text.message_parts import order_content
from bot.text.translation import _, translate
from bot.ui.screen import Screen, plain
from core.domain.amendment import AmendmentKind
from core.domain.broadcast import Broadcast
from core.domain.content.content import Content
from core.domain.errors import Conflict
from core.domain.team import Role

PROMPT: Final = "phones"
"""The prompt for the new text of a broadcast that was sent."""


async def _overview(context: BotContext, broadcast: Broadcast) -> Screen:
    amending = context.core.amendments
    return overview(
        broadcast,
        amending.scope(broadcast, AmendmentKind.DELETE),
        amending.scope(broadcast, AmendmentKind.EDIT),
        await amending.latest(broadcast.id),
        context.clock(),
    )


async def _show_overview(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> CallbackAnswer:
    await drafts.close_prompt(context, press.admin.id, broadcast.id, PROMPT)
    message_id = await open_screen(context, press, broadcast, await _overview(context, broadcast))
    await context.amendments.attach_if_running(broadcast.id, press.admin.chat_id, message_id)
    return CallbackAnswer()


async def _serial(context: BotContext, broadcast: Broadcast) -> int:
    latest = await context.core.amendments.latest(broadcast.id)
    return latest.serial if latest else 0


async def _erase(context: BotContext, _press: ButtonPress, broadcast: Broadcast) -> Screen:
    scope = context.core.amendments.scope(broadcast, AmendmentKind.DELETE)
    return delete_question(broadcast, scope, await _serial(context, broadcast))


async def _erased(context: BotContext, press: ButtonPress, broadcast: Broadcast, serial: int) -> Result:
    if serial != await _serial(context, broadcast):
        return await _too_late(context, press, broadcast)
    try:
        await context.core.amendments.delete(broadcast, by=press.admin.name)
    except Conflict as error:
        return await _refused(context, press, broadcast, serial, error)
    context.live.refresh_soon(broadcast.id)
    await context.amendments.attach(broadcast.id, press.admin.chat_id, press.message_id)
    return CallbackAnswer(_("Deleting"))


async def _too_late(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> CallbackAnswer:
    """Another tap was first: show its progress."""
    await redraw(context, press, await _overview(context, broadcast))
    await context.amendments.attach_if_running(broadcast.id, press.admin.chat_id, press.message_id)
    return already()


async def _refused(
    context: BotContext, press: ButtonPress, broadcast: Broadcast, serial: int, error: Conflict
) -> Result:
    """Show an amendment that has begun meanwhile, or the reason for the refusal."""
    if serial != await _serial(context, broadcast):
        return await _too_late(context, press, broadcast)
    screen = await _overview(context, await context.core.broadcasts.get(broadcast.id))
    return Reply(screen, CallbackAnswer(translate(str(error)), alert=True))


async def _fix(context: BotContext, press: ButtonPress, broadcast: Broadcast) -> Screen:
    await context.core.prompts.open(press.admin.id, broadcast.id, PROMPT)
    return text_prompt(broadcast)


async def handle_text(
    context: BotContext, message: IncomingMessage, broadcast_id: str, _field: str
) -> Reply | Screen:
    """Preview the new text and ask for confirmation. Raises NotFound, ValidationError."""
    broadcast = await context.core.broadcasts.get(broadcast_id)
    content = context.core.amendments.corrected(
        broadcast, order_content(message.content or Content(text=message.text))
    )
    people = await context.core.reports.firsts(broadcast)
    one_of_them = dict([*people.items()][:1])
    refusal = await content_preview.send_previews(context.chat, message.admin.chat_id, content, one_of_them)
    if refusal is not None:
        return plain(_("Telegram won't accept this: {refusal}").format(refusal=refusal))
    scope = context.core.amendments.scope(broadcast, AmendmentKind.EDIT)
    screen = edit_question(broadcast, scope, await _serial(context, broadcast))
    return Reply(screen, quotes=True)


async def _fixed(context: BotContext, press: ButtonPress, broadcast: Broadcast, serial: int) -> Result:
    """Take the text from the message that the question replies to. Raises ValidationError."""
    if serial != await _serial(context, broadcast):
        return await _too_late(context, press, broadcast)
    if press.replied is None:
        return CallbackAnswer(_("I no longer have that text. Please send it again."), alert=True)
    content = context.core.amendments.corrected(broadcast, order_content(press.replied))
    try:
        await context.core.amendments.edit(broadcast, content, by=press.admin.name)
    except Conflict as error:
        return await _refused(context, press, broadcast, serial, error)
    await drafts.close_prompt(context, press.admin.id, broadcast.id, PROMPT)
    await context.amendments.attach(broadcast.id, press.admin.chat_id, press.message_id)
    return CallbackAnswer(_("Changing the text"))


async def _halt(context: BotContext, press: ButtonPress, broadcast: Broadcast, serial: int) -> CallbackAnswer:
    try:
        await context.core.amendments.stop(broadcast.id, serial)
    except Conflict:
        return await _too_late(context, press, broadcast)
    context.amendments.wake()
    return CallbackAnswer(_("Stopped. Changes already made will stay."))


BUTTONS = (
    BROADCAST.button("phones", Role.VIEWER, _show_overview, in_any_state=True),
    BROADCAST.button("erase", Role.EDITOR, _erase, in_any_state=True),
    BROADCAST.button("erased", Role.EDITOR, _erased, NUMBER, in_any_state=True),
    BROADCAST.button("fix", Role.EDITOR, _fix, in_any_state=True),
    BROADCAST.button("fixed", Role.EDITOR, _fixed, NUMBER, in_any_state=True),
    BROADCAST.button("halt", Role.EDITOR, _halt, NUMBER, in_any_state=True),
)
