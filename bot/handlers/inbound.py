"""Messages of people to us: show them, and answer by a reply in the chat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.context import BotContext, CallbackAnswer, Reply, Result, old
from bot.handlers import drafts, preview
from bot.permissions import demand
from bot.requests import Admin, ButtonPress, IncomingMessage, Request
from bot.routes import Handled, Route, any_of
from bot.screens import inbound as screens_inbound
from bot.screens.drafts import problems_text
from bot.screens.kinds import words_label
from bot.tasks.inbound import about, snippet, storm_screen
from bot.text.clock import Clock
from bot.text.translation import _
from bot.ui.callback_data import InboundPage, OnInbound
from bot.ui.screen import Screen
from core.domain.broadcast import NewBroadcast
from core.domain.content.content import Content
from core.domain.content.limits import without_files
from core.domain.delivery import DeliveryState
from core.domain.errors import ValidationError
from core.domain.inbound import Inbound
from core.domain.recipients import Recipient
from core.domain.team import Role

_FRESH: Final = timedelta(hours=1)
"""Age of a message up to which what an admin writes next may be the answer to it."""


async def answered(context: BotContext, message: IncomingMessage) -> Inbound | None:
    """The message of a person that this one is a reply to."""
    if message.replied_id is None:
        return None
    return await context.core.inbound.shown_in(message.admin.chat_id, message.replied_id)


async def is_to_a_card(context: BotContext, message: IncomingMessage) -> bool:
    """True for a reply to a card that gathers the messages of several people."""
    admin, replied = message.admin, message.replied_id
    return replied is not None and await context.core.inbound.is_card(admin.chat_id, replied)


async def waiting(context: BotContext, admin: Admin) -> Inbound | None:
    """The last message of a person that this admin was shown, if it is new and nobody has answered it."""
    store = context.core.inbound
    shown = await store.look(admin.chat_id)
    found = [] if shown.card else await store.get([shown.done])
    fresh = [one for one in found if shown.now - one.message.at < _FRESH]
    return fresh[0] if fresh and not await store.who_answered(fresh[0].number) else None


async def reply(context: BotContext, message: IncomingMessage, inbound: Inbound) -> Result:
    """Send a reply to the person. Raises ValidationError."""
    await demand(context, message.admin, Role.EDITOR)
    if message.content is None:
        return Reply(_refused(inbound, message.refusal), quotes=True) if message.refusal else None
    return await _send(context, message, message.message_id, inbound, message.content)


async def _send(
    context: BotContext,
    request: Request,
    answer_id: int,
    inbound: Inbound,
    content: Content,
    *,
    too: bool = False,
) -> Result:
    """`answer_id`: of the admin's message with this content; `too`: even if another admin has answered."""
    admin, recipient = request.admin, _recipient(inbound)
    outside = await context.core.reachability.outside_window([recipient])
    if any(one.outside and not one.missing for one in outside):
        return Reply(screens_inbound.window_closed(inbound), quotes=True)
    order = NewBroadcast(
        content=replace(content, verbatim=True),
        recipients=(recipient,),
        send_at=None,
        created_by=admin.actor,
        ignore_quiet_hours=True,
        answer=True,
        undo_time=timedelta(),
    )
    try:
        prepared = await context.core.broadcasts.prepare(order)
    except ValidationError as error:
        reach = await context.core.reachability.split([recipient])
        if reach.left_out:
            return Reply(screens_inbound.out_of_reach(inbound, reach.left_out[0].reason), quotes=True)
        return Reply(_refused(inbound, problems_text(error.problems), content), quotes=True)
    store = context.core.inbound
    by, name = await store.answered_by(inbound.number, admin.id, admin.name)
    if by != admin.id and not too:
        return Reply(screens_inbound.answered_before(inbound, name), quotes=True)
    broadcast_id = await store.reply_id(admin.chat_id, answer_id, await context.core.ledger.reserve_id())
    broadcast = await context.core.broadcasts.accept(prepared, broadcast_id=broadcast_id)
    await _tell_answered(context, admin, inbound, name)
    # Telegram hands a reply out twice when the bot is killed while it handles it.
    if await context.core.reply_cards.get(broadcast.id, admin.chat_id) is not None:
        return None
    sending = screens_inbound.outcome_line(inbound, DeliveryState.QUEUED)
    if isinstance(request, ButtonPress):
        line = await context.chat.show(admin.chat_id, request.message_id, sending)
    else:
        line = await context.chat.send(admin.chat_id, sending, reply_to=answer_id)
    await context.replies.attach(broadcast.id, admin.chat_id, line, inbound.number)
    # A reply to the answer, or to the line below it, goes to the person too.
    for shown in (answer_id, line):
        await store.show_again(admin.chat_id, shown, inbound.number)
    return CallbackAnswer()


async def _tell_answered(context: BotContext, admin: Admin, inbound: Inbound, name: str) -> None:
    """Show on the cards of the others who has answered."""
    quoted = await snippet(context.core, inbound)

    def draw(clock: Clock) -> Screen:
        return screens_inbound.message_screen(inbound, clock, quoted, name)

    await context.outbox.retell(about(inbound.number), draw, but=admin.chat_id)


def _refused(inbound: Inbound, problem: str, content: Content | None = None) -> Screen:
    """The reason why an answer cannot be sent, with buttons for what can be done."""
    sayable = content is not None and without_files(content, inbound.messenger) is not None
    words = words_label(content, [inbound.messenger]) if content is not None and sayable else ""
    return screens_inbound.refused_answer(inbound, problem, words)


async def _answer(context: BotContext, press: ButtonPress, inbound: Inbound) -> Result:
    """Send the person what the admin wrote without replying to their message."""
    if press.replied is None or press.replied_id is None:
        return old()
    sent = await _send(context, press, press.replied_id, inbound, press.replied)
    opened = await drafts.current(context, press.admin)
    if not isinstance(sent, Reply) and opened is not None and opened.draft.text_from == press.replied_id:
        await drafts.end(context, opened.draft)
    return sent


async def _words(context: BotContext, press: ButtonPress, inbound: Inbound) -> Result:
    """Send what can be said in words of an answer that the messenger cannot carry."""
    if press.replied is None or press.replied_id is None:
        return old()
    bare = without_files(press.replied, inbound.messenger) or press.replied
    return await _send(context, press, press.replied_id, inbound, bare)


async def _too(context: BotContext, press: ButtonPress, inbound: Inbound) -> Result:
    """Send an answer although another admin has answered."""
    if press.replied is None or press.replied_id is None:
        return old()
    return await _send(context, press, press.replied_id, inbound, press.replied, too=True)


def _recipient(inbound: Inbound) -> Recipient:
    name = {"name": inbound.message.name} if inbound.message.name else {}
    return Recipient(messenger=inbound.messenger, address=inbound.message.address, variables=name)


async def _page(context: BotContext, press: ButtonPress, here: InboundPage) -> Result:
    """Turn to a page. New messages begin another card: on this one they would turn the page back."""
    await context.core.inbound.close(press.admin.chat_id, press.message_id)
    return await storm_screen(context.core, here.first, here.last, here.page)


async def _open(context: BotContext, press: ButtonPress, inbound: Inbound) -> Result:
    """Show one message below, where it can be answered."""
    by = await context.core.inbound.who_answered(inbound.number)
    screen = screens_inbound.message_screen(
        inbound, context.clock(), await snippet(context.core, inbound), by
    )
    shown = await context.chat.send(press.admin.chat_id, screen)
    await context.core.inbound.show_again(press.admin.chat_id, shown, inbound.number)
    if not by:
        await context.core.team_messages.put(about(inbound.number), press.admin.chat_id, shown)
    return CallbackAnswer()


async def _file(context: BotContext, press: ButtonPress, inbound: Inbound) -> Result:
    """Show the file of a message."""
    refusal = await context.chat.show_inbound_file(press.admin.chat_id, inbound, reply_to=press.message_id)
    if refusal:
        return CallbackAnswer(_("I can't get this file. Ask them to send it again."), alert=True)
    return CallbackAnswer()


async def _draft(context: BotContext, press: ButtonPress, inbound: Inbound) -> Result:
    """Begin a message to the person with the text of the answer that could not be sent."""
    await context.chat.strip(press.admin.chat_id, press.message_id)
    draft = replace(
        drafts.blank(press.admin),
        content=press.replied,
        text_from=press.replied_id if press.replied else None,
        recipients=(_recipient(inbound),),
    )
    await preview.show(context, press.admin, await drafts.create(context, draft))
    return CallbackAnswer()


def _on_message(verb: str, carry_out: Callable[[BotContext, ButtonPress, Inbound], Handled]) -> Route:
    """A row for a button on the message of a person, which may be gone by now."""

    async def handle(context: BotContext, press: ButtonPress, action: OnInbound) -> Result:
        found = await context.core.inbound.get([action.number])
        return await carry_out(context, press, found[0]) if found else old()

    return any_of(f"i:{verb}", Role.EDITOR, handle)


BUTTONS = (
    any_of("i", Role.EDITOR, _page),
    _on_message("open", _open),
    _on_message("file", _file),
    _on_message("draft", _draft),
    _on_message("answer", _answer),
    _on_message("words", _words),
    _on_message("too", _too),
)
