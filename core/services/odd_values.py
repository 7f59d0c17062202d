"""Values unlike all others, to be checked before a message goes to everybody."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
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
    """At most three; none if all values are alike."""
    found = [
        odd for name in names for odd in _odd([one for one in recipients if name in one.variables], name)
    ]
    return found[:_MOST]


def _odd(recipients: Sequence[Recipient], name: str) -> Iterable[OddValue]:
    values = [one.variables[name] for one in recipients]
    if len(values) < 2:
        return
    length = sorted(map(len, values))[len(values) // 2]
    told: set[int] = set()
    for kind, places in _kinds(values, length):
        if len(places) < max(1.01, len(values) * _RARE) or kind == "lines":
            first = next((place for place in places if place not in told), None)
            if first is not None:
                told.update(places)
                yield OddValue(recipient=recipients[first], name=name, more=len(places) - 1)


def _kinds(values: Sequence[str], length: int) -> Iterator[tuple[str, list[int]]]:
    """The places of the odd values by what is odd in them, the strangest first. `length`: of the usual value."""
    long, short = max(_LEAST_LONG, _LONG * length), 2 if length > 1 else 0
    yield "lines", [place for place, value in enumerate(values) if "\n" in value]
    yield "digits", [place for place, value in enumerate(values) if _DIGIT.search(value)]
    yield (
        "script",
        [place for place, value in enumerate(values) if not value.isascii() and _is_foreign(value)],
    )
    yield "long", [place for place, value in enumerate(values) if len(value) > long]
    yield "short", [place for place, value in enumerate(values) if len(value) < short]


def _is_foreign(value: str) -> bool:
    letter = _FOREIGN.search(value)
    return letter is not None and _script(letter[0]) != "LATIN"


@cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").partition(" ")[0]
