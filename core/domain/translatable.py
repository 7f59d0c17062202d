"""Sentences for people that remember what they were made of, so that the bot, which speaks other languages too, can
translate them. Everywhere else, in the API and in logs, they are plain English strings.

    sentence("Broadcast #{id} not found. It may have been deleted.", id="A7K")
    sentences("{count} row was left out.", "{count} rows were left out.", 3)

Templates are literals, for they are the keys of the catalogue. A field that is itself a sentence, a day or a tuple of
such is translated with it; a number is written with its language's separators, so a year or a port is given as a str.
A literal brace is written twice, as in str.format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Sentence(str):
    """English, with the template and the fields it came from. `str(a_sentence)` and an exception's text keep both."""

    template: str
    plural: str
    """The template for all counts but one; empty where nothing is counted."""
    number: int
    """The count."""
    fields: Mapping[str, object]

    def __str__(self) -> str:
        return self


@dataclass(frozen=True, slots=True)
class Day:
    """A day as a field of a sentence: "Tue 24 Nov", or "Tue 24 Nov 2026" with the year."""

    date: date
    year: bool = False

    def __str__(self) -> str:
        year = f" {self.date.year}" if self.year else ""
        return f"{_WEEKDAYS[self.date.weekday()]} {self.date.day} {_MONTHS[self.date.month - 1]}{year}"


@dataclass(frozen=True, slots=True)
class Country:
    """A country by its two letters, as a field of a sentence: each language has its own name for it."""

    code: str

    def __str__(self) -> str:
        return self.code


def sentence(template: str, /, **fields: object) -> Sentence:
    """One that counts nothing."""
    return _made(template, template, "", 0, fields)


def sentences(singular: str, plural: str, count: int, /, **fields: object) -> Sentence:
    """One whose words depend on a number, which is its field {count}."""
    fields = {"count": count, **fields}
    return _made(singular if count == 1 else plural, singular, plural, count, fields)


def one_of(names: tuple[object, ...]) -> object:
    """As a field: "vip or vips", "a, b or c"."""
    if len(names) < 2:
        return names[0] if names else ""
    return sentence("{names} or {last}", names=names[:-1], last=names[-1])


def all_of(names: tuple[object, ...]) -> object:
    """As a field: "text and time", "a, b and c"."""
    if len(names) < 2:
        return names[0] if names else ""
    return sentence("{names} and {last}", names=names[:-1], last=names[-1])


def _made(chosen: str, template: str, plural: str, number: int, fields: dict[str, object]) -> Sentence:
    made = Sentence(chosen.format(**{name: _in_english(value) for name, value in fields.items()}))
    made.template, made.plural, made.number, made.fields = template, plural, number, fields
    return made


def _in_english(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_in_english, value))
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:g}" if isinstance(value, float) else str(value)
