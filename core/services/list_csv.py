"""Lists written as CSV for spreadsheet programs, in a form that reads back as it was."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

_BEGINS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_GUARD: Final = "'"
_MARK: Final = "\ufeff"


def guarded(cell: str) -> str:
    """A value that no spreadsheet program takes for a formula; unguarded() gives it back."""
    return f"{_GUARD}{cell}" if cell.startswith((*_BEGINS_FORMULA, _GUARD)) else cell


def unguarded(cell: str) -> str:
    """What guarded() was given."""
    return cell[1:] if cell[1:].startswith((*_BEGINS_FORMULA, _GUARD)) and cell[0] == _GUARD else cell


def csv_rows(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV, nothing guarded. All in quotation marks, so that the separator is never in doubt."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()


def as_file(text: str) -> bytes:
    """UTF-8 with the mark by which spreadsheet programs know it."""
    return f"{_MARK}{text}".encode()
