"""Whether a content can be sent: one sentence for each limit it breaks, before anything is accepted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from core.domain.abilities import MediaKind, MediaLimits
from core.domain.carrying import LARGEST_ALBUM, carried, source
from core.domain.content import Content, Media
from core.domain.formatting import utf16_length
from core.domain.messengers import Messenger

_BROKEN = re.compile("[\ud800-\udfff]")
_ADDRESS = re.compile(r"https?://[^\s/?#]+\.?[^\s]*")
EMPTY = "The text is empty. Write what people shall read."


def problems(content: Content, messengers: Iterable[Messenger]) -> list[str]:
    """Every reason why the content cannot go out on the given messengers; empty when it fits."""
    found = [*_empty(content, messengers := list(messengers)), *_broken(content), *_wrong_anywhere(content)]
    if found:
        return found
    return [problem for messenger in messengers for problem in _wrong_on(content, messenger)]


def beside_template(content: Content, messenger: Messenger) -> Content | None:
    """The content as it goes to those who may get anything; None where it has to be the template for everybody."""
    own = replace(content, template=None)
    return None if problems(own, [messenger]) else own


def _empty(content: Content, messengers: list[Messenger]) -> Iterator[str]:
    if content.text.strip() or content.media:
        return
    without = [m.traits.title for m in messengers if content.template is None or not m.traits.templates]
    if without and content.template is not None:
        yield f"There are no templates on {' and '.join(without)}: write a text too."
    elif without or content.template is None:
        yield EMPTY


def _broken(content: Content) -> Iterator[str]:
    broken = _BROKEN.search(content.text)
    if broken is not None:
        yield (
            f"Character {broken.start() + 1} of the text is half of an emoji or symbol (a lone surrogate), which "
            "cannot be sent. Write it anew."
        )
    more = [part for button in content.all_buttons() for part in (button.text, button.url)]
    more += [entity.url for entity in content.entities]
    more += [part for media in content.media for part in (media.link, media.file_name)]
    more += [parameter.text for parameter in content.template.parameters] if content.template else []
    if any(_BROKEN.search(part) for part in more):
        yield "A button, link, file or template has half of an emoji or symbol in it, which cannot be sent."


def _wrong_anywhere(content: Content) -> Iterator[str]:
    for button in content.all_buttons():
        if not button.text.strip():
            yield f"The button that opens {button.url} has no label."
        if not _ADDRESS.fullmatch(button.url):
            yield f'The button "{button.text}" must open an address like https://example.com, not "{button.url}".'
    for media in content.media:
        if media.link and not _ADDRESS.fullmatch(media.link):
            yield f'The link of {media.title} must be like https://example.com/a.jpg, not "{media.link}".'
    if len(content.media) > LARGEST_ALBUM:
        yield f"There are {len(content.media)} files; one message takes {LARGEST_ALBUM}."
    if content.template is not None and len({bool(one.name) for one in content.template.parameters}) > 1:
        yield f"Template {content.template.name}: give all its values names, or none."


def _wrong_on(content: Content, messenger: Messenger) -> Iterator[str]:
    if content.template is not None and messenger.traits.templates:
        return
    went = carried(content, messenger)
    yield from _too_long(content, went, messenger)
    for media in content.media:
        yield from _unreachable_file(media, messenger, as_link=media not in went.media)
    kinds = {media.kind for media in went.media}
    if len(went.media) > 1 and MediaKind.DOCUMENT in kinds and len(kinds) > 1:
        yield f"{messenger.traits.title} takes no documents in one album with photos and videos."


def _too_long(content: Content, went: Content, messenger: Messenger) -> Iterator[str]:
    traits = messenger.traits
    subject = "The text" if went.text == content.text else "The text, links and formatting written out,"
    length, most = utf16_length(went.text), traits.max_caption if went.media else traits.max_text
    if length > most:
        takes = f"takes {most:,} under a file" if went.media else f"takes {most:,}"
        yield (
            f"{subject} has {length:,} characters; {traits.title} {takes}. "
            f"Cut {length - most:,}, or send it as two broadcasts."
        )
        return
    size = len(went.text.encode()) + sum(len(f"{b.text}{b.url}".encode()) for b in went.all_buttons())
    if traits.max_payload is not None and size > traits.max_payload:
        yield (
            f"{subject} takes {size:,} bytes; {traits.title} takes {traits.max_payload:,} in one message. "
            f"Cut about {size - traits.max_payload:,} bytes, or send it as two broadcasts."
        )


def _unreachable_file(media: Media, messenger: Messenger, *, as_link: bool) -> Iterator[str]:
    title = messenger.traits.title
    limits = messenger.traits.media.get(media.kind)
    where, held = source(media, messenger)
    if not where or (as_link and not media.link):
        yield (
            f"{title} needs a link to {media.title}: a file that was sent to the bot stays on Telegram. "
            "Add its address, or take the recipients on "
            f"{title} out."
        )
    elif limits is None:
        yield f"{title} takes no {media.kind}s."
    elif not held and not as_link:
        yield from _unfit_link(media, limits, title)


def _unfit_link(media: Media, limits: MediaLimits, title: str) -> Iterator[str]:
    path = urlsplit(media.link).path.lower()
    if limits.suffixes and not path.endswith(limits.suffixes):
        endings = ", ".join(limits.suffixes)
        yield f"{title} takes a {media.kind} by link only if the link ends in {endings}."
    if limits.forbidden and path.endswith(limits.forbidden):
        yield f"{title} takes no programs as files, and the link to {media.title} looks like one."
    if media.size is not None and media.size > limits.max_bytes:
        yield f"{title} takes a {media.kind} of {_mb(limits.max_bytes)} at most; {media.title} has {_mb(media.size)}."
    if limits.sized and media.size is None:
        yield f"{title} wants to know the size of {media.title}: send me the file itself too."


def _mb(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
