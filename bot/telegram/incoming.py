"""Converts messages of admins to contents: formatted text, photos, videos, documents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from telegram import Message, MessageEntity, Update

from bot.text.translation import _
from core.domain.content.content import Content, Media
from core.domain.content.formatting import Entity, Style, clipped, moved, utf16_length
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.traits import Messenger
from core.parsing.content_footer import read_content

_STYLES = frozenset(Style)
_COMMAND = re.compile(r"/\w+(?:@\w+)?\s*")


def content_of(message: Message | None) -> Content | None:
    """None for a message that cannot be sent on."""
    if message is None:
        return None
    media = _media(message)
    text = message.text or message.caption or ""
    if not text and media is None:
        return None
    entities = message.entities or message.caption_entities
    return Content(text=text, entities=_entities(entities), media=() if media is None else (media,))


def _entities(entities: Sequence[MessageEntity]) -> tuple[Entity, ...]:
    """The supported ones; Telegram marks links, names and commands by itself."""
    return tuple(
        Entity(
            style=Style(entity.type),
            offset=entity.offset,
            length=entity.length,
            url=entity.url or "",
            language=entity.language or "",
        )
        for entity in entities
        if entity.type in _STYLES
    )


def _media(message: Message) -> Media | None:
    if message.photo:
        photo = message.photo[-1]
        return _telegram_file(MediaKind.PHOTO, photo.file_id, "", photo.file_size)
    if message.video is not None:
        video = message.video
        return _telegram_file(MediaKind.VIDEO, video.file_id, video.file_name, video.file_size)
    # A GIF arrives as a document too, but cannot be sent as one.
    if message.document is not None and message.animation is None:
        document = message.document
        return _telegram_file(MediaKind.DOCUMENT, document.file_id, document.file_name, document.file_size)
    return None


def _telegram_file(kind: MediaKind, file_id: str, name: str | None, size: int | None) -> Media:
    return Media(kind=kind, ids={Messenger.TELEGRAM: file_id}, name=name or "", size=size)


def without_command(text: str) -> str:
    """The text after "/send" or "/send@bot"."""
    return _COMMAND.sub("", text, count=1) if text.startswith("/") else text


def order_content(content: Content) -> Content:
    """The content of an order: without the command, with its footer parsed."""
    return read_content(content_from(content, without_command(content.text)))


def content_from(content: Content, text: str) -> Content:
    """The part of a message from the start of `text`, which is its end. Ignores white space after it."""
    end = len(content.text.rstrip()) if text == text.rstrip() else len(content.text)
    start = utf16_length(content.text[: end - len(text)])
    entities = clipped(content.entities, start, start + utf16_length(text))
    return replace(content, text=text, entities=entities)


def with_continuation(content: Content, part: Content) -> Content:
    """Append the next part of a text that an app has sent in several messages."""
    begun = content.text.rstrip()
    gap = "\n" if begun.endswith((".", "!", "?", "…", ":")) else " "
    shift = utf16_length(begun + gap)
    added = tuple(moved(one, one.offset + shift, one.end + shift) for one in part.entities)
    return replace(content, text=f"{begun}{gap}{part.text}", entities=(*content.entities, *added))


def with_album_part(content: Content, part: Content) -> Content:
    """Add the next file of an album; fills a link that has no file yet."""
    files = list(content.media)
    for media in part.media:
        lacking = next((n for n, one in enumerate(files) if not one.ids), None)
        if lacking is None:
            files.append(media)
        else:
            files[lacking] = replace(media, link=files[lacking].link)
    if content.text or not part.text:
        return replace(content, media=tuple(files))
    message = order_content(replace(part, media=()))
    return replace(message, media=(*files, *message.media), options=content.options)


def contact_phone(update: Update) -> str:
    """The number of a shared contact as an address; "" for any other message."""
    message = update.effective_message
    if message is None or message.contact is None:
        return ""
    return "+" + message.contact.phone_number.lstrip("+")


def unsupported_reply(update: Update) -> str | None:
    """The answer to a message that cannot be sent on; None for a service message."""
    message = update.effective_message
    if message is None or message.effective_attachment is None:
        return None
    if message.contact is not None:
        return _(
            "A contact can be a recipient, not a text: send it where recipients are asked for, "
            "in /send or /audiences."
        )
    kinds = (
        (message.sticker, _("a sticker")),
        (message.voice, _("a voice message")),
        (message.video_note, _("a video message")),
        (message.animation, _("a GIF")),
        (message.audio, _("a piece of music")),
        (message.location or message.venue, _("a place on the map")),
        (message.poll, _("a poll")),
    )
    kind = next((name for there, name in kinds if there), _("this"))
    return _("I cannot send {kind} to people. What I can send: texts, photos, videos and documents.").format(
        kind=kind
    )
