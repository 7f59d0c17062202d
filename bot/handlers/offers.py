"""Messages that nothing asked for: keep them in a draft, and offer to send them to people."""

from __future__ import annotations

from dataclasses import replace

from bot.context import BotContext
from bot.handlers import drafts, inbound, typed_people
from bot.requests import IncomingMessage
from bot.screens.draft_questions import send_offer, with_people
from bot.text.command_words import meant
from bot.text.message_parts import order_content
from bot.text.translation import _
from bot.ui.screen import Screen, plain
from core.store.chat.drafts import Draft


async def make(context: BotContext, message: IncomingMessage, problem: str = "") -> None:
    """`problem`: why it is no order in one line."""
    await tell_lost(context, message)
    content = order_content(message.whole)
    people = not problem and await typed_people.are_named(context, content)
    draft = replace(
        drafts.blank(message.admin),
        content=content,
        more=content if people else None,
        album=message.album,
        text_from=message.message_id,
    )
    await show(context, await drafts.create(context, draft), message, problem)


async def show(context: BotContext, draft: Draft, message: IncomingMessage, problem: str = "") -> None:
    """Post the offer below the last message that is part of it, in place of the former one."""
    # Below somebody's question, people often write without replying to it.
    several = draft.joined or bool(draft.album)
    asked_by = None if several or problem else await inbound.waiting(context, message.admin)
    command = meant(message.text)
    before = problem or (_("Did you mean /{near}?").format(near=command) if command else "")
    await context.core.prompts.open(draft.admin_id, draft.id, drafts.OFFERED)
    if draft.card_message_id is not None:
        await context.chat.erase(draft.chat_id, draft.card_message_id)
        draft = replace(draft, card_message_id=None)

    def draw(drawn: Draft) -> Screen:
        screen = send_offer(drawn, before, asked_by)
        return (
            with_people(drawn, screen) if drawn.more is not None and drawn.more == drawn.content else screen
        )

    await drafts.post(context, draft, draw, reply_to=message.message_id)


async def tell_lost(context: BotContext, message: IncomingMessage) -> None:
    """Say which parts of a message cannot be sent on."""
    if message.lost:
        lost = _("These won't be sent: {parts}.").format(parts=", ".join(message.lost))
        await context.chat.send(message.admin.chat_id, plain(lost))
