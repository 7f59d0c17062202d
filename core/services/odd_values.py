"""Values unlike all others, to be checked before a message goes to everybody."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from core.domain.recipients import Recipient

_MOST: Final = 3
_RARE: Final = 0.2
"""The share of the rows below which a value is odd."""
_LONG: Final = 3
"""A value this many times longer than the usual one is odd."""
_LEAST_LONG: Final = 25
_DIGIT: Final = re.compile(r"\d")
_FOREIGN: Final = re.compile(r"[^\W\d_a-zA-Z]")


@dataclass(frozen=True, kw_only=True, slots=True)
class OddValue:
    """Somebody whose value is unlike the others'."""

    recipient: Recipient
    name: str
    """Of the variable."""
    more: int
    """Number of other values that are odd in the same way."""


def odd_values(recipients: Sequence[Recipient], names: Iterable[str]) -> list[OddValue]:
    """At most three; nobody where all are alike."""
    found = [
        odd for name in names for odd in _odd([one for one in recipients if name in one.variables], name)
    ]
    return found[:_MOST]


def _odd(recipients: Sequence[Recipient], name: str) -> Iterable[OddValue]:
    values = [one.variables[name] for one in recipients]
    if len(values) < 2:
        return
    length = sorted(map(len, values))[len(values) // 2]
    kinds: dict[str, list[int]] = {}
    for place, value in enumerate(values):
        for kind in _kinds(value, length):
            kinds.setdefault(kind, []).append(place)
    told: set[int] = set()
    for kind in sorted(kinds, key=_RANK.__getitem__):
        places = kinds[kind]
        if len(places) < max(1.01, len(values) * _RARE) or kind == "lines":
            first = next((place for place in places if place not in told), None)
            if first is not None:
                told.update(places)
                yield OddValue(recipient=recipients[first], name=name, more=len(places) - 1)


_RANK: Final = {"lines": 0, "digits": 1, "script": 2, "long": 3, "short": 4}


def _kinds(value: str, length: int) -> Iterable[str]:
    if "\n" in value:
        yield "lines"
    if _DIGIT.search(value):
        yield "digits"
    if len(value) > max(_LEAST_LONG, _LONG * length):
        yield "long"
    if len(value) < 2 <= length:
        yield "short"
    if not value.isascii() and (letter := _FOREIGN.search(value)) and _script(letter[0]) != "LATIN":
        yield "script"


@cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").partition(" ")[0]
