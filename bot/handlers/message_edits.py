"""Edits of a message that has become the text of a draft: the draft follows until it is accepted."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.context import BotContext, Reply, Result
from bot.handlers import drafts, order_line, preview
from bot.permissions import demand
from bot.screens.drafts import draft_card
from bot.telegram.incoming import IncomingMessage, order_content
from bot.text.translation import _
from bot.ui.screen import plain
from core.domain.broadcast import BroadcastStatus
from core.domain.content.content import Content
from core.domain.errors import NotFound
from core.domain.team import Role
from core.store.chat.drafts import Draft

_SEND = re.compile(r"/send(?:@\w+)?(?:\s|$)", re.IGNORECASE)


async def edited(context: BotContext, message: IncomingMessage) -> Result:
    """Update the draft of an edited message; ignore other messages."""
    draft_id = await context.core.drafts.of_text(message.admin.chat_id, message.message_id)
    if draft_id is None:
        return None
    await demand(context, message.admin, Role.EDITOR)
    draft = await drafts.load_own(context, message.admin, draft_id)
    if draft is None:
        return await _too_late(context, draft_id)
    return await _follow(context, message, draft) if draft.text_from == message.message_id else None


async def _follow(context: BotContext, message: IncomingMessage, draft: Draft) -> Result:
    if message.text.startswith("/"):
        if not _SEND.match(message.text):
            return None  # Other commands are carried out when sent, never when edited.
        # Read a one-line order again: people and time may have changed too.
        if draft.card_message_id is not None:
            await context.chat.strip(draft.chat_id, draft.card_message_id)
        await drafts.end(context, draft)
        return await order_line.send(context, message)
    changed = drafts.with_content(draft, _content(message, draft), draft.album, text_from=message.message_id)
    if changed != draft:
        await _show(context, message, await drafts.save(context, changed))
    return None


def _content(message: IncomingMessage, draft: Draft) -> Content:
    """The edited content. For an album: the caption, with all files."""
    now = message.content or Content(text=message.text)
    if draft.album and draft.content is not None:
        files = tuple(replace(media, link="") for media in draft.content.media if media.ids)
        now = replace(now, media=files)
    return order_content(now)


async def _show(context: BotContext, message: IncomingMessage, draft: Draft) -> None:
    opened = await drafts.awaited(context, message.admin)
    field = opened[1] if opened is not None and opened[0].id == draft.id else drafts.missing_field(draft)
    if field != drafts.READY:
        await drafts.post(context, draft, lambda drawn: draft_card(drawn, field, context.clock()))
        return
    await preview.show(context, message.admin, draft)


async def _too_late(context: BotContext, draft_id: str) -> Reply | None:
    """The answer for an accepted order; None for a draft that is gone."""
    try:
        broadcast = await context.core.broadcasts.get(draft_id)
    except NotFound:
        return None
    words = _("#{id} is accepted already: editing your message changes nothing in it.")
    if broadcast.status is BroadcastStatus.SCHEDULED:
        words = _(
            "#{id} is accepted already: editing your message changes nothing in it. Open it in /scheduled."
        )
    return Reply(plain(words.format(id=draft_id)), quotes=True)
