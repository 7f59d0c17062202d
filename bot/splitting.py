"""A text that is too long for one message, made two drafts by a tap."""

from __future__ import annotations

from dataclasses import replace

from bot import drafting
from bot.desk import Desk, Toast, Touch
from bot.language import _
from bot.screens import draft as screens_draft
from bot.wire import StaleScreen, Tap
from core.domain.splitting import split
from core.store.drafts import Draft


async def split_up(desk: Desk, touch: Touch, _tap: Tap, draft: Draft) -> Toast:
    """The rest first becomes a draft of its own, so that nothing of the text is lost if we are cut off."""
    parts = draft.content and split(draft.content, screens_draft.messengers_of(draft))
    if not parts:
        return Toast(_("It fits into one message now."))
    first, rest = parts
    second = await drafting.begin(
        desk,
        touch.admin,
        content=rest,
        recipients=draft.recipients,
        audiences=draft.audiences,
        duplicates=draft.duplicates,
        send_at=draft.send_at,
        repeat=draft.repeat,
    )
    try:
        kept = await drafting.keep(desk, replace(draft, content=first, album="", text_from=None))
    except StaleScreen:
        await drafting.end(desk, second)
        raise
    await drafting.post_slots(desk, second)
    await drafting.post_slots(desk, kept)
    told = _(
        "Two drafts now: #{first} below begins the text, #{second} above it has the rest. Send #{first} first."
    )
    return Toast(told.format(first=draft.shown_id, second=second.id), alert=True)
