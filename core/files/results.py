"""The result of reading a list, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.domain.translatable import Sentence, sentence, sentences

MOST_BYTES: Final = 20 * 1024 * 1024
"""Bots on Telegram cannot download more."""
TOO_BIG: Final = sentence(
    "The file is larger than 20 MB, the most Telegram lets bots read. Split it, or save it as XLSX."
)
_OTHER_VALUES: Final = "with different values"


class Why(StrEnum):
    """The reason why a row is left out, in short."""

    UNREADABLE = "unreadable"
    UNWANTED = "unwanted"
    """The person wants no messages."""
    UNUSED = "unused"
    """Not a person, or not one to write to: a headline, a total, "no" under WhatsApp."""


class LeftOutRow(ValueError):
    """A row that is left out although it can be read."""

    def __init__(self, reason: str, why: Why = Why.UNUSED) -> None:
        super().__init__(reason)
        self.why = why


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A part of a row that is left out. `row` counts from 1, as spreadsheet programs do; 0: the whole file."""

    row: int
    entry: str
    reason: str
    values: Mapping[str, str] = field(default_factory=dict)
    """The variables of the row, so that it can be corrected and sent back whole."""
    why: Why = Why.UNREADABLE

    @property
    def other_values(self) -> bool:
        """True for a person who is in the list twice, with different values."""
        return self.reason.endswith(_OTHER_VALUES)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadList:
    """Recipients and left-out rows of a file."""

    recipients: tuple[Recipient, ...]
    """Each once, in the order of the file, with the variables of the row where they are first."""
    refused: tuple[Refused, ...] = ()
    doubles: tuple[Refused, ...] = ()
    variables: tuple[str, ...] = ()
    """The columns that are no addresses."""
    headings: Mapping[str, str] = field(default_factory=dict)
    """Of those that read otherwise in the file, as they are there."""
    form: str
    """Format of the file, in words: "CSV, semicolons, Windows-1251"."""
    notes: tuple[str, ...] = ()
    """Notes on what was not read, or read differently from how it is written."""
    region: str = ""
    """Country of the numbers without a country code, if it was asked."""
    has_columns: bool = False
    """True if its columns can be told apart and changed."""


def names_note(people: Sequence[Recipient]) -> list[Sentence]:
    """The note that bots cannot write to people by @name; empty without @names."""
    telegram = Messenger.TELEGRAM
    names = [one.address for one in people if one.address[0] == "@" and one.messenger is telegram]
    if not names:
        return []
    return [
        sentences(
            "{count} is a @name ({sample}). Bots can use it to write to public groups and channels, "
            "not to people.",
            "{count} are @names (such as {sample}). Bots can use them to write to public groups and "
            "channels, not to people.",
            len(names),
            sample=names[0],
        )
    ]
