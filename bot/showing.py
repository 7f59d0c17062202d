"""A content in an admin's chat, also where it is meant for messengers that carry more than Telegram does."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.language import told
from core.domain.carrying import carried
from core.domain.content import Content
from core.domain.fit import problems
from core.domain.formatting import clipped, utf16_length
from core.domain.messengers import Messenger

_MOST: Final = Messenger.TELEGRAM.traits.max_text


def showable(content: Content) -> Content:
    """As Telegram carries it. What it could not, is told: files by name and address, of a long text the beginning."""
    if not problems(content, [Messenger.TELEGRAM]):
        return carried(content, Messenger.TELEGRAM)
    files = [f"📎 {told(media.title)} {media.link}".rstrip() for media in content.media]
    plain = carried(replace(content, media=()), Messenger.TELEGRAM)
    text = _short("\n\n".join(part for part in (plain.text, "\n".join(files)) if part))
    return replace(plain, text=text, entities=clipped(plain.entities, 0, utf16_length(text)))


def _short(text: str) -> str:
    while utf16_length(text) > _MOST:
        text = text[: min(_MOST, len(text) - 2)] + "…"
    return text
