"""Edits of a message that has become the text of a draft: the draft follows until it is accepted."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.context import BotContext, Reply, Result
from bot.handlers import drafts, offers, order_line, preview
from bot.permissions import demand
from bot.requests import IncomingMessage
from bot.screens.amendments import amendments_row
from bot.text.message_parts import order_content
from bot.text.translation import _
from bot.ui.callback_data import SCHEDULED_LIST
from bot.ui.screen import Button, plain
from core.domain.broadcast import BroadcastStatus
from core.domain.content.content import Content
from core.domain.errors import NotFound
from core.domain.team import Role
from core.store.chat.drafts import Draft

_SEND = re.compile(r"/send(?:@\w+)?(?:\s|$)", re.IGNORECASE)


async def edited(context: BotContext, message: IncomingMessage) -> Result:
    """Update the draft of an edited message; ignore other messages."""
    if any(media.place for media in message.whole.media):
        # A live location that moves; people get the place as it was sent.
        return None
    draft_id = await context.core.drafts.of_text(message.admin.chat_id, message.message_id)
    if draft_id is None:
        return None
    await demand(context, message.admin, Role.EDITOR)
    draft = await drafts.load_own(context, message.admin, draft_id)
    if draft is None:
        return await _too_late(context, draft_id)
    if draft.joined:
        several = _(
            "Your message has several parts, so this edit didn't change it. Tap Edit to change the text."
        )
        return Reply(plain(several), quotes=True)
    return await _follow(context, message, draft) if draft.text_from == message.message_id else None


async def _follow(context: BotContext, message: IncomingMessage, draft: Draft) -> Result:
    if message.text.startswith("/"):
        if not _SEND.match(message.text):
            return None  # Other commands are carried out when sent, never when edited.
        # Read a one-line order again: people and time may have changed too.
        if draft.card_message_id is not None:
            await context.chat.strip(draft.chat_id, draft.card_message_id)
        await drafts.end(context, draft)
        await order_line.send(context, message)
        return None
    changed = drafts.with_content(draft, _content(message, draft), draft.album, text_from=message.message_id)
    if changed != draft:
        await _show(context, message, await drafts.save(context, changed))
    return None


def _content(message: IncomingMessage, draft: Draft) -> Content:
    """The edited content. For an album: the caption, with all files."""
    now = message.whole
    if draft.album and draft.content is not None:
        files = tuple(replace(media, link="") for media in draft.content.media if media.ids)
        now = replace(now, media=files)
    return order_content(now)


async def _show(context: BotContext, message: IncomingMessage, draft: Draft) -> None:
    opened = await drafts.current(context, message.admin)
    if opened is not None and opened.draft.id == draft.id and opened.prompt.field == drafts.OFFERED:
        await offers.show(context, draft, message)
        return
    await preview.show(context, message.admin, draft, edited=True)


async def _too_late(context: BotContext, draft_id: str) -> Reply | None:
    """The answer for an accepted order; None for a draft that is gone."""
    try:
        broadcast = await context.core.broadcasts.get(draft_id)
    except NotFound:
        return None
    words = _("This message was already sent as #{id}, so your edit didn't change it.")
    way = amendments_row(broadcast)
    if broadcast.status is BroadcastStatus.SCHEDULED:
        words = _("This message is already scheduled as #{id}. To change it, open it in /scheduled.")
        way = (Button(_("🗓 Scheduled"), SCHEDULED_LIST),)
    return Reply(plain(words.format(id=draft_id), way), quotes=True)
