"""Formatting as ranges beside a text, and lengths as the messengers count them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

from core.domain.translatable import Sentence, sentence


def utf16_length(text: str) -> int:
    """Length in UTF-16 units, as the messengers count: most emoji take two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


class Style(StrEnum):
    """Style of a range of text. `words`: its name in sentences."""

    BOLD = "bold"
    ITALIC = "italic"
    UNDERLINE = "underline"
    STRIKETHROUGH = "strikethrough"
    SPOILER = "spoiler"
    CODE = "code"
    PRE = "pre"
    QUOTE = "blockquote"
    LONG_QUOTE = "expandable_blockquote"
    LINK = "text_link"
    CUSTOM_EMOJI = "custom_emoji"
    DATE_TIME = "date_time"

    @property
    def words(self) -> Sentence:
        return _WORDS[self]


_WORDS = {
    Style.BOLD: sentence("bold text"),
    Style.ITALIC: sentence("italic text"),
    Style.UNDERLINE: sentence("underlined text"),
    Style.STRIKETHROUGH: sentence("struck text"),
    Style.SPOILER: sentence("hidden text"),
    Style.CODE: sentence("code"),
    Style.PRE: sentence("code"),
    Style.QUOTE: sentence("quotations"),
    Style.LONG_QUOTE: sentence("quotations"),
    Style.LINK: sentence("links behind words"),
    Style.CUSTOM_EMOJI: sentence("custom emoji"),
    Style.DATE_TIME: sentence("dates in each reader's time zone"),
}


class Entity(NamedTuple):
    """A range with one style. `offset` and `length` count UTF-16 units; ranges lie beside or inside each other."""

    style: Style
    offset: int
    length: int
    url: str = ""
    """Address of a LINK."""
    language: str = ""
    """Language of a PRE."""
    emoji_id: str = ""
    """Of a CUSTOM_EMOJI."""
    unix_time: int = 0
    date_format: str = ""
    """Of a DATE_TIME: the moment, and how the app shows it."""

    @property
    def end(self) -> int:
        return self.offset + self.length


class Utf16:
    """Translates between places in a str and offsets in UTF-16 units."""

    def __init__(self, text: str) -> None:
        self._plain = text.isascii()
        sizes = () if self._plain else (2 if character > "\uffff" else 1 for character in text)
        self._units = list(accumulate(sizes, initial=0))

    def units(self, place: int) -> int:
        """The offset of a place in the str."""
        return place if self._plain else self._units[place]

    def place(self, units: int) -> int:
        """The place of an offset; an offset in the middle of a character belongs to that character's begin."""
        return units if self._plain else bisect_right(self._units, units) - 1


def clipped(entities: Sequence[Entity], start: int, end: int) -> tuple[Entity, ...]:
    """The entities of the part of a text from `start` to `end` (UTF-16 units), counted from `start`."""
    kept = []
    for entity in entities:
        first, last = max(entity.offset, start), min(entity.end, end)
        if first < last:
            kept.append(moved(entity, first - start, last - start))
    return tuple(kept)


def behind(text: str, entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """The entities of a text that is put behind `text`."""
    shift = utf16_length(text)
    return tuple(one._replace(offset=one.offset + shift) for one in entities)


def moved(entity: Entity, start: int, end: int) -> Entity:
    """The same style on another range."""
    return entity._replace(offset=start, length=end - start)
