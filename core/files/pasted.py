"""Recognizes tables and address cards that are pasted as text."""

from __future__ import annotations

from typing import Final

from core.files.address_books import is_vcard
from core.files.blocks import block_rows
from core.files.cell_kinds import is_person, is_value
from core.files.headings import Means, meaning

_SEPARATORS: Final = "\t;|,"
_NUMBERS: Final = Means.PHONE | Means.OTHER_PHONE | Means.RECIPIENT
_FEWEST_KNOWN: Final = 2
_LONGEST_HEADING: Final = 40
_FEWEST_CELLS: Final = 3
"""In each row of a table without headings: a name beside a number is read as it is typed."""


def is_pasted_list(text: str) -> bool:
    """True for a text that is to be read like a file: an address card, lines for each person, or a table."""
    if "\n" not in text.strip():
        return False
    if is_vcard(text.encode()) or block_rows(text) is not None:
        return True
    lines = [line for line in text.splitlines() if line.strip()]
    return any(_is_table([line.split(one) for line in lines]) for one in _SEPARATORS)


def _is_table(rows: list[list[str]]) -> bool:
    """True if the first row has headings; or if all rows are of one width, with a number in each."""
    first, *rest = [[cell.strip() for cell in row] for row in rows]
    filled = [cell for cell in first if cell]
    if any(len(row) > len(first) for row in rest) or len(filled) < _FEWEST_KNOWN:
        return False
    if not any(map(is_value, filled)):
        known = [means for cell in filled if len(cell) <= _LONGEST_HEADING and (means := meaning(cell))]
        return len(known) >= _FEWEST_KNOWN and any(means & _NUMBERS for means in known)
    numbers = all(len(row) == len(first) and sum(map(is_person, row)) == 1 for row in (first, *rest))
    return len(first) >= _FEWEST_CELLS and numbers
