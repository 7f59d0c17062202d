"""Reasons why a messenger cannot carry a message as it is, where another one could."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from core.domain.content.content import Content, Media
from core.domain.content.rendering import carried, source
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.traits import Messenger
from core.domain.translatable import Sentence, all_of, sentence


class Misfit(Enum):
    KIND = "the messenger has nothing of this kind"
    MOVES = "the messenger has only stickers that do not move"
    TEXT = "it cannot carry text"
    ALONE = "it cannot be together with others"


def misfit(content: Content, messenger: Messenger) -> tuple[Misfit, Media] | None:
    """The first part that the messenger cannot carry as it is, or in a link; None where it carries all."""
    traits = messenger.traits
    if messenger in content.text_only or (content.template is not None and traits.templates):
        return None
    for media in content.media:
        if media.kind not in traits.media:
            return Misfit.KIND, media
        if media.kind is MediaKind.STICKER and _moves(media, messenger):
            return Misfit.MOVES, media
    went = carried(content, messenger).media
    for media in content.media:
        by_link = bool(media.link) and messenger not in media.ids
        if media not in went and not by_link and not traits.media[media.kind].captioned:
            return (Misfit.ALONE if len(content.media) > 1 else Misfit.TEXT), media
    albums = {traits.media[media.kind].album for media in went}
    if len(went) > 1 and "" in albums:
        return Misfit.ALONE, next(media for media in went if not traits.media[media.kind].album)
    return None


def _moves(sticker: Media, messenger: Messenger) -> bool:
    """True for a sticker from the chat that the messenger takes in no form; its name tells the form."""
    uploads = messenger.traits.media[sticker.kind].uploads
    known = bool(source(sticker, messenger)[0])
    return bool(uploads) and not known and not sticker.name.lower().endswith(tuple(uploads))


def told(found: tuple[Misfit, Media], messengers: Sequence[Messenger]) -> Sentence:
    """The misfit on these messengers, in a sentence."""
    wrong, media = found
    titles = all_of(tuple(one.traits.title for one in messengers))
    match wrong:
        case Misfit.KIND:
            return sentence("{messengers} can't send {kinds}.", messengers=titles, kinds=media.kind.plural)
        case Misfit.MOVES:
            return sentence("{messengers} can't send animated stickers.", messengers=titles)
        case Misfit.TEXT:
            return sentence(
                "On {messengers}, a {kind} can't carry text with it.",
                messengers=titles,
                kind=media.kind.words,
            )
        case Misfit.ALONE:
            return sentence(
                "On {messengers}, a {kind} can only be sent on its own.",
                messengers=titles,
                kind=media.kind.words,
            )
