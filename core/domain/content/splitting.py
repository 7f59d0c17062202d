"""Splits a text that is too long for a messenger: between two words, and outside formatted parts, where it can."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from core.domain.content.content import Content
from core.domain.content.formatting import Entity, Utf16, clipped, utf16_length
from core.domain.content.misfits import Misfit, misfit
from core.domain.content.rendering import carried
from core.domain.messengers.traits import Messenger

_BREAKS = ("\n\n", "\n", ". ", "! ", "? ", " ")
"""From the best place to cut at to the worst."""
_TRIES = 8


def split(content: Content, messengers: Iterable[Messenger]) -> tuple[Content, Content] | None:
    """The longest beginning that fits all of the messengers, and the rest; None for what fits in one.

    Files stay with the beginning, buttons come with the rest. A template is one message and cannot be split. What can
    carry no text goes out without it.
    """
    able = list(messengers)
    if content.template is not None:
        return None
    wrong = {found[0] for one in able if (found := misfit(content, one)) is not None}
    if Misfit.TEXT in wrong:
        alone = replace(content, text="", entities=(), buttons=())
        return (alone, replace(content, media=())) if content.text else None
    if Misfit.ALONE in wrong:
        return _one_and_rest(content, able)
    if not _excess(content, able):
        return None
    most = utf16_length(content.text)
    for _try in range(_TRIES):
        most -= _excess(_beginning(content, content.text, most), able)
        begin = _cut(content.text, content.entities, most)
        first = _beginning(content, content.text[:begin].rstrip(), most)
        rest = _rest(content, begin)
        if first.text and rest.text and not _excess(first, able):
            return first, rest
    return None


def _one_and_rest(content: Content, messengers: Sequence[Messenger]) -> tuple[Content, Content]:
    """The first file, and the others; the text stays with the first one that can carry it."""
    first, *others = content.media
    alone, rest = replace(content, media=(first,), buttons=()), replace(content, media=tuple(others))
    if any(
        found is not None and found[0] is Misfit.TEXT for found in (misfit(alone, one) for one in messengers)
    ):
        return replace(alone, text="", entities=()), rest
    return alone, replace(rest, text="", entities=())


def _excess(content: Content, messengers: Iterable[Messenger]) -> int:
    """The largest number of UTF-16 units by which it is too long for one of the messengers."""
    worst = 0
    for messenger in messengers:
        went = carried(content, messenger)
        most = messenger.traits.max_caption if went.media else messenger.traits.max_text
        worst = max(worst, utf16_length(went.text) - most)
    return worst


def _beginning(content: Content, text: str, most: int) -> Content:
    text = text[: Utf16(text).place(min(most, utf16_length(text)))]
    entities = clipped(content.entities, 0, utf16_length(text))
    return replace(content, text=text, entities=entities, buttons=())


def _rest(content: Content, begin: int) -> Content:
    text = content.text[begin:].lstrip()
    whole = utf16_length(content.text)
    entities = clipped(content.entities, whole - utf16_length(text), whole)
    return replace(content, text=text, entities=entities, media=())


def _cut(text: str, entities: Sequence[Entity], most: int) -> int:
    """The place to cut at, `most` units or less from the beginning."""
    units = Utf16(text)
    last = units.place(max(0, most))
    for inside in (False, True):
        for mark in _BREAKS:
            place = text.rfind(mark, last // 2, last + 1)
            while place > 0:
                begin = place + len(mark.rstrip())
                at = units.units(begin)
                if begin <= last and (inside or not any(one.offset < at < one.end for one in entities)):
                    return begin
                place = text.rfind(mark, last // 2, place)
    return last
