"""Formatting for messengers that read it out of the text: *bold*, _italic_, ~struck~, ```code```, text (address).

They know no way to escape a mark, so characters that somebody typed stay as they are, and `has_marks` tells where a
messenger would read them as formatting. A mark is left out where it would not be read as one: inside a word, around
nothing, and around text that holds the same mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.domain.content.formatting import Entity, Style, Utf16
from core.domain.messengers.capabilities import Markup

_SIGNS = {Style.BOLD: "*", Style.ITALIC: "_", Style.STRIKETHROUGH: "~", Style.CODE: "```", Style.PRE: "```"}
_TYPED = re.compile(r"```[^`]+```|(?<![\w*_~])([*_~])(?=\S)(?:[^*_~\n]*\S)?\1(?![\w*_~])")
MARKED = frozenset(_SIGNS) | {Style.LINK}
"""The styles that marks can show, a link as an address behind its words."""


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    opening: str
    closing: str


def has_marks(text: str) -> bool:
    """True when the typed text contains marks that a messenger would read as formatting."""
    return _TYPED.search(text) is not None


def marked(text: str, entities: Sequence[Entity], markup: Markup) -> str:
    """The text with its formatting written into it; without marks where `markup` knows none."""
    if not entities:
        return text
    places = Utf16(text)
    marks = [mark for entity in entities for mark in _marks_of(text, entity, places, markup)]
    return _written(text, marks, blank_behind=markup is Markup.SPACED_MARKS)


def _marks_of(text: str, entity: Entity, places: Utf16, markup: Markup) -> Iterator[_Mark]:
    start, end = places.place(entity.offset), places.place(entity.end)
    if entity.style is Style.LINK:
        if _told(text[start:end]) != _told(entity.url):
            yield _Mark(start, end, "", f" ({entity.url})")
        return
    sign = _SIGNS.get(entity.style)
    if sign is None or not markup.in_text:
        return
    for first, last in [(start, end)] if len(sign) > 1 else _lines(text, start, end):
        first, last = _trimmed(text, first, last)
        in_a_word = text[first - 1 : first].isalnum() or text[last : last + 1].isalnum()
        if first < last and sign not in text[first:last] and not in_a_word:
            yield _Mark(first, last, sign, sign)


def _told(address: str) -> str:
    return re.sub(r"^https?://", "", address).rstrip("/")


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A mark holds to the end of its line at most."""
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        yield start, stop
        start = stop + 1


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    inside = text[start:end]
    return start + len(inside) - len(inside.lstrip()), end - len(inside) + len(inside.rstrip())


def _written(text: str, marks: Sequence[_Mark], *, blank_behind: bool) -> str:
    # Outer marks first: what opens last closes first.
    waiting = sorted(marks, key=lambda mark: (mark.start, -mark.end))
    parts: list[str] = []
    opened: list[_Mark] = []
    at = 0
    for place in sorted({place for mark in marks for place in (mark.start, mark.end)}):
        parts.append(text[at:place])
        at = place
        closed = [opened.pop().closing for mark in reversed(list(opened)) if mark.end == place]
        parts += closed
        if blank_behind and any(closed) and not text[place : place + 1].isspace() and place < len(text):
            parts.append(" ")
        while waiting and waiting[0].start == place:
            opened.append(waiting.pop(0))
            parts.append(opened[-1].opening)
    return "".join([*parts, text[at:]])
