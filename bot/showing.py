"""A content in an admin's chat, also where it is meant for messengers that carry more than Telegram does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.language import told
from core.domain.carrying import carried
from core.domain.content import Content
from core.domain.fit import problems
from core.domain.formatting import clipped, utf16_length
from core.domain.messengers import Messenger
from core.domain.recipients import Recipient
from core.domain.variables import filled

_MOST: Final = Messenger.TELEGRAM.traits.max_text


def named_template(content: Content) -> Content:
    """Where there is nothing but a template, its name and what fills it as the text."""
    if content.template is None or content.text or content.media:
        return content
    values = " | ".join(one.text for one in content.template.parameters)
    return replace(content, text=f"[{content.template.name}] {values}".rstrip())


def as_first_gets_it(content: Content, recipients: Sequence[Recipient]) -> Content:
    """The content as Telegram shows it, its gaps filled for the first person there, or else for the first of all."""
    content = named_template(content)
    first = next((one for one in recipients if one.messenger is Messenger.TELEGRAM), None) or recipients[0]
    whole = filled(content, first.variables)
    return carried(whole, Messenger.TELEGRAM) if first.messenger is Messenger.TELEGRAM else showable(whole)


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
