"""The content of an order from the messages that it came in: without the command, or put together from several."""

from __future__ import annotations

import re
from dataclasses import replace

from core.domain.content.content import Content
from core.domain.content.formatting import behind, clipped, utf16_length
from core.parsing.content_footer import read_content

_SEND = re.compile(r"/send(?:@\w+)?(?:\s+|$)", re.IGNORECASE)


def order_content(content: Content) -> Content:
    """The content of an order: without "/send", with its footer parsed."""
    return read_content(content_from(content, _SEND.sub("", content.text, count=1)))


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
    entities = (*content.entities, *behind(begun + gap, part.entities))
    return replace(content, text=f"{begun}{gap}{part.text}", entities=entities)


def joined(content: Content, part: Content) -> Content:
    """Two messages as one: the text of the second on a line of its own, and the files of both."""
    gap = "\n" if content.text and part.text else ""
    return replace(
        content,
        text=f"{content.text}{gap}{part.text}",
        entities=(*content.entities, *behind(content.text + gap, part.entities)),
        media=(*content.media, *part.media),
        spoiler=content.spoiler or part.spoiler,
        caption_above=content.caption_above or part.caption_above,
        link_preview=content.link_preview or part.link_preview,
        buttons=(*content.buttons, *part.buttons),
        template=part.template or content.template,
    )


def with_album_part(content: Content, part: Content) -> Content:
    """Add the next file of an album; fills a link that has no file yet."""
    content = replace(
        content,
        spoiler=content.spoiler or part.spoiler,
        caption_above=content.caption_above or part.caption_above,
    )
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
    return replace(
        message,
        media=(*files, *message.media),
        spoiler=content.spoiler,
        caption_above=content.caption_above,
        options=content.options,
    )
