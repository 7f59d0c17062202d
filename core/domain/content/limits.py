"""Check a content against the limits of messengers: one sentence per violation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from core.domain.content.content import Content, Media
from core.domain.content.formatting import utf16_length
from core.domain.content.misfits import misfit, told
from core.domain.content.rendering import LARGEST_ALBUM, carried, holder, in_words, source
from core.domain.content.templates import header_media, next_gap
from core.domain.messengers.capabilities import MediaLimits
from core.domain.messengers.traits import Messenger
from core.domain.translatable import Sentence, all_of, sentence
from core.domain.visible import looks_empty

_BROKEN = re.compile("[\ud800-\udfff]")
_ADDRESS = re.compile(r"https?://[^\s/?#]+\.?[^\s]*")
EMPTY = sentence("The text is empty. Write your message.")


def problems(content: Content, messengers: Iterable[Messenger]) -> list[str]:
    """Reasons why the content cannot be sent on these messengers; empty when it can."""
    found = [*_empty(content, messengers := list(messengers)), *_broken(content), *_wrong_anywhere(content)]
    if found:
        return found
    return [problem for messenger in messengers for problem in _wrong_on(content, messenger, messengers)]


def without_files(content: Content, messenger: Messenger) -> Content | None:
    """The content with its text alone on a messenger that cannot take the files; None where that mends nothing."""
    if not content.media or not problems(content, [messenger]):
        return None
    bare = replace(content, text_only=content.text_only | {messenger})
    return None if problems(bare, [messenger]) else bare


def unreachable_files(content: Content, messenger: Messenger) -> list[str]:
    """One sentence for each file that the messenger cannot get from where it is; a link to it would mend that."""
    if messenger in content.text_only or (content.template is not None and messenger.traits.templates):
        return []
    went = carried(content, messenger).media
    return [
        problem
        for media in content.media
        if media.is_file and not media.link and not (media in went and source(media, messenger)[0])
        for problem in _unreachable_file(media, messenger, as_link=media not in went)
    ]


def cannot_carry(content: Content, messenger: Messenger) -> bool:
    """True where the messenger has nothing of this kind, or cannot get a file."""
    return misfit(content, messenger) is not None or bool(unreachable_files(content, messenger))


def beside_template(content: Content, messenger: Messenger) -> Content | None:
    """The content without its template, for people inside the service window; None when it cannot be sent so."""
    if content.template is not None and content.template.header_file and not content.text:
        # The file belongs to the template.
        return None
    own = replace(content, template=None)
    return None if problems(own, [messenger]) else own


def _empty(content: Content, messengers: list[Messenger]) -> Iterator[str]:
    if not looks_empty(content.text) or content.media:
        return
    without = [m.traits.title for m in messengers if content.template is None or not m.traits.templates]
    if without and content.template is not None:
        yield sentence(
            "{messengers} can't send templates. Add a text too.", messengers=all_of(tuple(without))
        )
    elif without or content.template is None:
        yield EMPTY


def _broken(content: Content) -> Iterator[str]:
    broken = _BROKEN.search(content.text)
    if broken is not None:
        yield sentence(
            "Character {place} is only half of an emoji and can't be sent. Type it again.",
            place=broken.start() + 1,
        )
    more = [part for button in content.all_buttons() for part in (button.text, button.url)]
    more += [entity.url for entity in content.entities]
    more += [part for media in content.media for part in (media.name, media.in_words)]
    more += list(content.template.all_texts()) if content.template else []
    if any(_BROKEN.search(part) for part in more):
        yield sentence("A button, link, file or template contains half of an emoji, which can't be sent.")


def _wrong_anywhere(content: Content) -> Iterator[str]:
    for button in content.all_buttons():
        if not button.text.strip():
            yield sentence("The button that opens {address} has no label.", address=button.url)
        if not _ADDRESS.fullmatch(button.url):
            yield sentence(
                "The button “{label}” should open an address like https://example.com, not “{address}”.",
                label=button.text,
                address=button.url,
            )
    for media in content.media:
        if media.link and not _ADDRESS.fullmatch(media.link):
            yield sentence(
                "The link to {file} should look like https://example.com/a.jpg, not “{address}”.",
                file=media.title,
                address=media.link,
            )
    if len(content.media) > LARGEST_ALBUM:
        yield sentence(
            "One message can hold {most} files, not {files}.",
            files=len(content.media),
            most=LARGEST_ALBUM,
        )
    if content.template is not None and len({bool(one.name) for one in content.template.parameters}) > 1:
        yield sentence(
            "Template {name}: name all of its values, or none of them.", name=content.template.name
        )
    if content.template is not None and next_gap(content) is not None:
        yield sentence("The template {name} isn't filled in yet.", name=content.template.name)


def _wrong_on(content: Content, messenger: Messenger, among: Sequence[Messenger]) -> Iterator[str]:
    """`among`: what several have in common is said once, with the first of them."""
    alike = [one for one in among if _limited_text(content, one) == _limited_text(content, messenger)]
    if content.template is not None and messenger.traits.templates:
        if (top := header_media(content)) is not None:
            yield from _unreachable_file(top, messenger, as_link=False)
        return
    if messenger in content.text_only:
        content = in_words(content)
        if looks_empty(content.text):
            yield EMPTY
    if (wrong := misfit(content, messenger)) is not None:
        yield told(wrong, [messenger])
        return
    went = carried(content, messenger)
    yield from _too_long(content, went, messenger, alike)
    for media in content.media:
        if media.is_file:
            yield from _unreachable_file(media, messenger, as_link=media not in went.media)
    kinds = sorted({media.kind for media in went.media})
    albums = {messenger.traits.media[kind].album: kind.plural for kind in kinds}
    if len(albums) > 1:
        yield sentence(
            "{messenger} doesn't allow {kinds} in one album.",
            messenger=messenger.traits.title,
            kinds=all_of(tuple(albums.values())),
        )


def _limited_text(content: Content, messenger: Messenger) -> tuple[str, int] | Messenger:
    """The text that goes there, and how long it may be; the messenger itself where something else counts first."""
    takes_template = content.template is not None and messenger.traits.templates
    if takes_template or messenger in content.text_only or misfit(content, messenger) is not None:
        return messenger
    went, traits = carried(content, messenger), messenger.traits
    return went.text, traits.max_caption if went.media else traits.max_text


def _too_long(
    content: Content, went: Content, messenger: Messenger, alike: Sequence[Messenger]
) -> Iterator[str]:
    """`alike`: the messengers with the same text and limit."""
    traits = messenger.traits
    subject = sentence("The text")
    if went.text != content.text:
        subject = sentence("The text with links and formatting written out")
    length, most = utf16_length(went.text), traits.max_caption if went.media else traits.max_text
    if length > most:
        if alike[:1] != [messenger]:
            return
        yield sentence(
            "{subject} has {length} characters, but {limit}. Shorten it by {rest}, or send it as two "
            "messages.",
            subject=subject,
            length=length,
            limit=_limit([one.traits.title for one in alike], most, with_files=bool(went.media)),
            rest=length - most,
        )
        return
    size = len(went.text.encode()) + sum(len(f"{b.text}{b.url}".encode()) for b in went.all_buttons())
    if traits.max_payload is not None and size > traits.max_payload:
        yield sentence(
            "{subject} is {size} bytes, but {messenger} allows {most}. Shorten it by about {rest} bytes, or "
            "send it as two messages.",
            subject=subject,
            size=size,
            messenger=traits.title,
            most=traits.max_payload,
            rest=size - traits.max_payload,
        )


def _limit(messengers: Sequence[str], most: int, *, with_files: bool) -> Sentence:
    if len(messengers) > 1:
        named = all_of(tuple(messengers))
        if with_files:
            return sentence("{messengers} allow {most} under a file", messengers=named, most=most)
        return sentence("{messengers} allow {most}", messengers=named, most=most)
    if with_files:
        return sentence("{messenger} allows {most} under a file", messenger=messengers[0], most=most)
    return sentence("{messenger} allows {most}", messenger=messengers[0], most=most)


def _unreachable_file(media: Media, messenger: Messenger, *, as_link: bool) -> Iterator[str]:
    title = messenger.traits.title
    limits = messenger.traits.media[media.kind]
    where, held = source(media, messenger)
    giver = None if as_link else holder(media, messenger)
    if giver is not None:
        yield from _unfit_upload(media, limits, title, giver)
    elif not where or (as_link and not media.link):
        yield sentence(
            "{messenger} needs a link to {file}, because a file sent to the bot stays on Telegram.",
            messenger=title,
            file=media.title,
        )
    elif not held and not as_link:
        yield from _unfit_link(media, limits, title)


def _unfit_upload(media: Media, limits: MediaLimits, title: str, giver: Messenger) -> Iterator[str]:
    """Problem with a file that is downloaded from one messenger and uploaded to another."""
    if media.name and not media.name.lower().endswith(tuple(limits.uploads)):
        yield sentence(
            "{messenger} needs a link to {file}. Without one, the name of a {kind} must end in {endings}.",
            messenger=title,
            file=media.title,
            kind=media.kind.words,
            endings=tuple(limits.uploads),
        )
    size = media.size or 0
    if size > limits.max_bytes:
        yield _too_large(media, limits, title)
    elif size > giver.traits.hands_out:
        yield sentence(
            "{messenger} needs a link to {file}. It's {size} MB, and {giver} only hands over files "
            "of up to {most} MB.",
            messenger=title,
            file=media.title,
            size=_mb(size),
            giver=giver.traits.title,
            most=_mb(giver.traits.hands_out),
        )


def _unfit_link(media: Media, limits: MediaLimits, title: str) -> Iterator[str]:
    path = urlsplit(media.link).path.lower()
    if limits.suffixes and not path.endswith(limits.suffixes):
        yield sentence(
            "{messenger} accepts a link to a {kind} only if it ends in {endings}.",
            messenger=title,
            kind=media.kind.words,
            endings=limits.suffixes,
        )
    if limits.forbidden and path.endswith(limits.forbidden):
        yield sentence(
            "{messenger} takes no program files, and the link to {file} looks like one.",
            messenger=title,
            file=media.title,
        )
    if media.size is not None and media.size > limits.max_bytes:
        yield _too_large(media, limits, title)
    if limits.sized and media.size is None:
        yield sentence(
            "{messenger} needs the size of {file}. Send me the file itself too.",
            messenger=title,
            file=media.title,
        )


def _too_large(media: Media, limits: MediaLimits, title: str) -> Sentence:
    return sentence(
        "{messenger} accepts a {kind} of up to {most} MB, but {file} is {size} MB.",
        messenger=title,
        kind=media.kind.words,
        most=_mb(limits.max_bytes),
        file=media.title,
        size=_mb(media.size or 0),
    )


def _mb(size: int) -> float:
    return round(size / 1_000_000, 1)
