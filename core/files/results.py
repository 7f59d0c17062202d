"""The result of reading a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from core.domain.recipients import Recipient

_OTHER_VALUES: Final = "with other values"


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A part of a row that is left out. `row` counts from 1, as spreadsheet programs do; 0: the whole file."""

    row: int
    entry: str
    reason: str
    values: Mapping[str, str] = field(default_factory=dict)
    """The variables of the row, so that it can be corrected and sent back whole."""

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
    form: str
    """Format of the file, in words: "CSV, semicolons, Windows-1251"."""
    notes: tuple[str, ...] = ()
    """Notes on what was not read, or read differently from how it is written."""
    region: str = ""
    """Country of the numbers without a country code, if it was asked."""
    has_columns: bool = False
    """True if its columns can be told apart and changed."""
