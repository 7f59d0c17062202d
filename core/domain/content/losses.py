"""Parts of a content that messengers do not support: one sentence per kind of loss, shown before sending."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.content.content import Content
from core.domain.content.formatting import Style
from core.domain.content.limits import beside_template
from core.domain.content.markup import MARKED, has_marks
from core.domain.content.rendering import carried, writes_out
from core.domain.messengers.traits import Messenger, Traits
from core.domain.translatable import Sentence, sentence


def losses(content: Content, messengers: Sequence[Messenger]) -> list[Sentence]:
    """Unsupported parts, with the messengers they concern."""
    found: dict[Sentence, list[str]] = {}
    for messenger in messengers:
        for loss in _lost(content, messenger):
            found.setdefault(loss, []).append(messenger.traits.title)
    return [
        sentence("{messengers}: {loss}.", messengers=tuple(titles), loss=loss)
        for loss, titles in found.items()
    ]


def _lost(content: Content, messenger: Messenger) -> list[Sentence]:
    if content.template is None or not messenger.traits.templates:
        return _lost_of(content, messenger)
    own = beside_template(content, messenger)
    if own is not None:
        lost = _lost_of(own, messenger)
    else:
        lost = [sentence("people get the template, not the text")] if content.text else []
    if content.media and content.template.header_file is None:
        lost.append(sentence("the template is sent without the {kind}", kind=content.media[0].kind.words))
    return lost


def _lost_of(content: Content, messenger: Messenger) -> list[Sentence]:
    traits = messenger.traits
    went = carried(content, messenger)
    lost = _lost_styles(content, traits)
    if messenger in content.text_only and content.media:
        in_words = not all(media.is_file for media in content.media) or not content.text
        lost.append(
            sentence("people get it in words")
            if in_words
            else sentence("people get the text without the files")
        )
    elif len(went.media) < len(content.media):
        lost.append(sentence("files come as links in the text"))
    lost += _changed_kinds(went, messenger)
    if content.buttons and not went.buttons:
        lost.append(sentence("buttons come as links in the text"))
    if left := sorted(content.options - went.options):
        lost.append(sentence("no {options}", options=tuple(option.words for option in left)))
    if 0 < traits.max_entities < len(went.entities):
        lost.append(
            sentence(
                "only the first {most} of {count} formats are shown",
                most=traits.max_entities,
                count=len(went.entities),
            )
        )
    if traits.markup.in_text and has_marks(content.text):
        lost.append(
            sentence("words between *, _, ~ or ``` signs are shown as bold, italic, struck through or code")
        )
    return lost


def _changed_kinds(went: Content, messenger: Messenger) -> list[Sentence]:
    limits = messenger.traits.media
    able = [media for media in went.media if media.kind in limits]
    changed = [
        sentence("{kinds} come as {others}", kinds=media.kind.plural, others=other.plural)
        for media in able
        if (other := limits[media.kind].as_kind) is not None
    ]
    if any(limits[media.kind].unnamed and media.place and media.place.title for media in able):
        changed.append(sentence("the place comes without its name"))
    changed += [
        sentence("the name on the card is cut to “{name}”", name=media.contact.name[:most])
        for media in able
        if media.contact is not None and 0 < (most := limits[media.kind].max_name) < len(media.contact.name)
    ]
    if went.spoiler and any(not limits[media.kind].covers for media in able):
        changed.append(sentence("hidden pictures show right away"))
    return list(dict.fromkeys(changed))


def _lost_styles(content: Content, traits: Traits) -> list[Sentence]:
    if not writes_out(content, traits):
        return []
    styles = {entity.style for entity in content.entities}
    shown = MARKED if traits.markup.in_text else {Style.LINK}
    plain = tuple(dict.fromkeys(style.words for style in sorted(styles - shown)))
    lost = [sentence("shown as plain text: {styles}", styles=plain)] if plain else []
    written = [sentence("links appear in full after their text")] if Style.LINK in styles else []
    return lost + written
