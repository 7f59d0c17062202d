"""One content as each messenger can carry it: what a messenger has no form for becomes text, or is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.domain.content import Button, Content, Media
from core.domain.formatting import Style, utf16_length
from core.domain.markup import MARKED, has_marks, marked
from core.domain.messengers import Messenger, Traits

LARGEST_ALBUM = 10


def carried(content: Content, messenger: Messenger) -> Content:
    """What goes out on this messenger: the text with its marks and links in it, and only what the messenger has."""
    if content.is_plain:
        return content
    traits = messenger.traits
    if content.template is not None and traits.templates:
        return Content(text=content.text, template=content.template)
    files, linked = _files(content, traits)
    text = _formatted(content, traits)
    rows = _rows(content, traits, files, text)
    lines = [media.link for media in linked if media.link]
    lines += [] if rows else [f"{button.text}: {button.url}" for button in content.all_buttons()]
    return replace(
        content,
        text=_with_lines(text, lines),
        entities=() if _writes_out(content, traits) else content.entities,
        media=files,
        buttons=rows,
        options=content.options & traits.options,
        template=None,
    )


def source(media: Media, messenger: Messenger) -> tuple[str, bool]:
    """Where the messenger finds a file, and whether that is an id of its own; ("", False) where it cannot."""
    known_as = media.ids.get(messenger, "")
    return (known_as, True) if known_as else (media.link, False)


def _files(content: Content, traits: Traits) -> tuple[tuple[Media, ...], tuple[Media, ...]]:
    """What is shown as files, and what the text links to."""
    files = content.media[: traits.album]
    silent = any(not traits.media[media.kind].captioned for media in files if media.kind in traits.media)
    if files and silent and (content.text or content.buttons or len(content.media) > 1):
        return (), content.media
    return files, content.media[traits.album :]


def _writes_out(content: Content, traits: Traits) -> bool:
    return bool(content.entities) and not traits.markup.beside_text


def _formatted(content: Content, traits: Traits) -> str:
    if _writes_out(content, traits):
        return marked(content.text, content.entities, traits.markup)
    return content.text


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


def losses(content: Content, messengers: Sequence[Messenger]) -> list[str]:
    """What the messengers cannot carry, one sentence for each kind of loss, and where it happens."""
    found: dict[str, list[str]] = {}
    for messenger in messengers:
        for loss in _lost(content, messenger):
            found.setdefault(loss, []).append(messenger.traits.title)
    return [f"{_listed(titles)}: {loss}." for loss, titles in found.items()]


def _listed(titles: Sequence[str]) -> str:
    return titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]}"


def _lost(content: Content, messenger: Messenger) -> list[str]:
    traits = messenger.traits
    if content.template is not None and traits.templates:
        return ["people get the template, not the text"] if content.text else []
    went = carried(content, messenger)
    lost = _lost_styles(content, traits)
    if len(went.media) < len(content.media):
        lost.append("files come as links in the text")
    if content.buttons and not went.buttons:
        lost.append("buttons come as links in the text")
    if left := [option.words for option in content.options - went.options]:
        lost.append(f"there is no {' and no '.join(sorted(left))}")
    if traits.markup.in_text and has_marks(content.text):
        lost.append("words between *, _, ~ or ``` signs are shown as bold, italic, struck or code")
    return lost


def _lost_styles(content: Content, traits: Traits) -> list[str]:
    if not _writes_out(content, traits):
        return []
    styles = {entity.style for entity in content.entities}
    shown = MARKED if traits.markup.in_text else {Style.LINK}
    plain = sorted({style.words for style in styles - shown})
    lost = [f"shown as plain text: {', '.join(plain)}"] if plain else []
    return lost + (["links are written out behind their words"] if Style.LINK in styles else [])
