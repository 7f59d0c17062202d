"""The use of each column of a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from core.domain.messengers.traits import Messenger
from core.domain.translatable import Sentence
from core.files.consent import Only

LANDLINES: Final = "landlines"
"""The question about landlines with a mobile in another column of the row."""
SPARE: Final = "spare"
"""The question about people without a number who have a mobile in another column."""
MOBILE: Final = "mobile"


class Role(Enum):
    """Use of a column without a fixed messenger."""

    RECIPIENT = "a recipient as typed: telegram:1001"
    MESSENGER = "the messenger of the address beside it"
    UNUSED = "nothing"


@dataclass(frozen=True, slots=True)
class Variable:
    """A column that fills the gap of that name. `heading`: as the file has it."""

    name: str
    heading: str = field(default="", compare=False)


Column = Messenger | Role | Variable


def is_address(column: Column | None) -> bool:
    return isinstance(column, Messenger) or column is Role.RECIPIENT


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """The columns of a list and how to read them."""

    columns: tuple[Column, ...]
    heading_row: int
    """Its index among the rows; -1: there is none."""
    flat: bool = False
    """Each cell is an entry of its own, whatever column it is in."""
    backup: Mapping[int, int] = field(default_factory=dict)
    """By column of addresses: the one that counts where its cell is empty."""
    others: tuple[int, ...] = ()
    """Further columns with phone numbers of the same people, which are not written to."""
    notes: tuple[Sentence, ...] = ()
    country: int | None = None
    """The place of a column that names the country of each number."""
    only: tuple[Only, ...] = ()
    """Columns that select who is written to."""

    @property
    def headings(self) -> dict[str, str]:
        """The headings of variables that read otherwise than their names."""
        columns = [one for one in self.columns if isinstance(one, Variable)]
        return {one.name: one.heading for one in columns if one.heading not in ("", one.name)}

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if isinstance(column, Variable))
