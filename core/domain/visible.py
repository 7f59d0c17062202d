"""Invisible characters: texts of nothing else, and texts and names without them."""

from __future__ import annotations

import unicodedata
from typing import Final

_BLANKS: Final = frozenset("\u2800\u3164\u115f\u1160\uffa0")
_INVISIBLE: Final = frozenset({"Cf", "Cc", "Zs", "Mn"})


def looks_empty(text: str) -> bool:
    """True if nothing of the text can be seen."""
    if text.isascii():
        return not text.strip()
    return all(one.isspace() or one in _BLANKS or unicodedata.category(one) in _INVISIBLE for one in text)


_HIDDEN: Final = frozenset({"Cf", "Cc", "Co", "Cs", "Zl", "Zp"})
_JOINERS: Final = "\u200c\u200d"
_MOST_MARKS: Final = 2
_LONGEST_NAME: Final = 64


def visible(text: str) -> str:
    """The text without control characters, invisible ones, and those that turn a line around."""
    return "".join(one for one in text if one.isspace() or unicodedata.category(one) not in _HIDDEN)


def plain_name(text: str) -> str:
    """A person's name as they gave it, without what could make it show as another one or turn the line around it.

    Direction marks, control characters and invisible ones go; so do joiners, but between letters of scripts that need
    them, and more marks over one letter than any language has.
    """
    kept: list[str] = []
    marks = 0
    for place, one in enumerate(text):
        kind = unicodedata.category(one)
        marks = marks + 1 if kind == "Mn" else 0
        joins = one in _JOINERS and not text[:place].isascii() and text[place - 1 : place] > "\u02ff"
        if (kind in _HIDDEN and not joins and not one.isspace()) or marks > _MOST_MARKS or one in _BLANKS:
            continue
        kept.append(one)
    return " ".join("".join(kept).split())[:_LONGEST_NAME]
