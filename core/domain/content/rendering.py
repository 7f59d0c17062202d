"""Render a content for a messenger: what it does not support becomes text or is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.domain.content.content import Button, Content, Media
from core.domain.content.formatting import utf16_length
from core.domain.content.markup import marked
from core.domain.content.templates import header_media
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.traits import Messenger, Traits

LARGEST_ALBUM = 10


def carried(content: Content, messenger: Messenger) -> Content:
    """The content as this messenger sends it: marks and links in the text, only supported parts.

    A template goes before everything else; what goes out in its place is beside_template() of fit.py.
    """
    if content.is_plain:
        return content
    traits = messenger.traits
    if content.template is not None and traits.templates:
        top = header_media(content)
        return Content(text=content.text, template=content.template, media=(top,) if top else ())
    if messenger in content.text_only:
        content = in_words(content)
    files, linked = _files(content, traits)
    written = writes_out(content, traits)
    text = marked(content.text, content.entities, traits.markup) if written else content.text
    rows = _rows(content, traits, files, text)
    lines = [media.in_words for media in linked if media.in_words]
    lines += [] if rows else [f"{button.text}: {button.url}" for button in content.all_buttons()]
    return replace(
        content,
        text=_with_lines(text, lines),
        entities=() if written else content.entities,
        media=files,
        buttons=rows,
        options=content.options & traits.options,
        text_only=frozenset(),
        template=None,
    )


def in_words(content: Content) -> Content:
    """The text alone: a place, a contact card or a poll is written into it, a file is left out."""
    lines = [media.in_words for media in content.media if not media.is_file]
    emoji = [media.emoji for media in content.media if media.emoji and not content.text.strip()]
    return replace(content, text=_with_lines(content.text, [*lines, *emoji]), media=())


def sent_as(media: Media, messenger: Messenger) -> MediaKind | None:
    """The kind that a messenger sends it as; None where it carries none of its kind."""
    limits = messenger.traits.media.get(media.kind)
    return None if limits is None else limits.as_kind or media.kind


def has_room_for_text(content: Content, messenger: Messenger) -> bool:
    """True when the message has a text there, or could have one."""
    kinds = messenger.traits.media
    went = carried(content, messenger).media
    return all(media.kind in kinds and kinds[media.kind].captioned for media in went)


def source(media: Media, messenger: Messenger) -> tuple[str, bool]:
    """The id or address of a file for the messenger, and True for an id; ("", False) if it can get neither."""
    known_as = media.ids.get(messenger, "")
    return (known_as, True) if known_as else (media.link, False)


def holder(media: Media, messenger: Messenger) -> Messenger | None:
    """The messenger to download the file from, when this one can only get it by upload; else None."""
    limits = messenger.traits.media.get(media.kind)
    if source(media, messenger)[0] or limits is None or not limits.uploads:
        return None
    return next((one for one in media.ids if one.traits.hands_out), None)


def _files(content: Content, traits: Traits) -> tuple[tuple[Media, ...], tuple[Media, ...]]:
    """The files to attach, and those to write into the text."""
    files = content.media[: traits.album]
    silent = any(not traits.media[media.kind].captioned for media in files if media.kind in traits.media)
    written = bool(content.buttons) and not traits.buttons.beside_media
    if files and silent and (content.text or written or len(content.media) > 1):
        return (), content.media
    return files, content.media[traits.album :]


def writes_out(content: Content, traits: Traits) -> bool:
    """True if formatting is written into the text."""
    return bool(content.entities) and not traits.markup.beside_text


def _rows(
    content: Content, traits: Traits, files: Sequence[Media], text: str
) -> tuple[tuple[Button, ...], ...]:
    """The buttons in rows that the messenger takes; none where they have to become links."""
    buttons, limits = list(content.all_buttons()), traits.buttons
    fits = (
        len(buttons) <= limits.most
        and len(files) <= (1 if limits.beside_media else 0)
        and all(utf16_length(button.text) <= limits.max_label for button in buttons)
        and (limits.max_text is None or utf16_length(text) <= limits.max_text)
    )
    if not fits:
        return ()
    widest = limits.in_row
    return tuple(
        row[start : start + widest] for row in content.buttons for start in range(0, len(row), widest)
    )


def _with_lines(text: str, lines: Sequence[str]) -> str:
    if not lines:
        return text
    return f"{text}\n\n{chr(10).join(lines)}" if text.strip() else "\n".join(lines)
