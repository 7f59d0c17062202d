"""Lists written as CSV for spreadsheet programs, in a form that reads back as it was."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Final

from core.domain.audience import Audience
from core.domain.recipients import Recipient
from core.domain.translatable import sentence
from core.domain.visible import looks_empty
from core.files.headings import heading_of
from core.files.values import is_no_name, is_nothing

_BEGINS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_GUARD: Final = "'"
_MARK: Final = "\ufeff"


def guarded(cell: str) -> str:
    """A value that no spreadsheet program takes for a formula, and that is never read as no value at all."""
    return f"{_GUARD}{cell}" if _needs_guard(cell) else cell


def unguarded(cell: str) -> str:
    """Undo guarded()."""
    return cell[1:] if cell[:1] == _GUARD and _needs_guard(cell[1:]) else cell


def _needs_guard(cell: str) -> bool:
    return bool(cell) and (
        cell.startswith((*_BEGINS_FORMULA, _GUARD))
        or is_nothing(cell)
        or is_no_name(cell)
        or looks_empty(cell)
    )


def csv_rows(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV, nothing guarded. All in quotation marks, so that the separator is never in doubt."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()


def as_file(text: str) -> bytes:
    """UTF-8 with the mark by which spreadsheet programs know it."""
    return f"{_MARK}{text}".encode()


MOST_ROWS_A_FILE: Final = 300_000
"""Files of a bot may have 50 MB."""
_COLUMN: Final = sentence("recipient")


async def files_of(
    audience: Audience, recipients: AsyncIterator[Recipient], say: Callable[[str], str]
) -> AsyncIterator[bytes]:
    """The files, one after the other: a column of addresses, and one for each variable."""
    names = audience.variables
    header = csv_rows([[say(_COLUMN), *map(heading_of, names)]])
    parts, count = [header], 0
    async for one in recipients:
        values = (guarded(one.variables.get(name, "")) for name in names)
        parts.append(csv_rows([[one.label, *values]]))
        count += 1
        if count % MOST_ROWS_A_FILE == 0:
            yield as_file("".join(parts))
            parts = [header]
    if len(parts) > 1 or not count:
        yield as_file("".join(parts))
