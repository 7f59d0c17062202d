"""Sheets as they are read from workbooks of any format, and what is said of what was not read in them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from core.domain.translatable import Sentence, sentence, sentences

Cells = tuple[str, ...]
Rows = list[tuple[int, Cells]]

MOST_COLUMNS: Final = 1_000
ROWS_OF_A_SHEET: Final = 1_048_576
_MOST_NAMED: Final = 5
_MOST_FILLED: Final = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """One sheet, its cells as it shows them."""

    name: str
    rows: Rows
    """The rows that are neither empty nor hidden, with their numbers."""
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: frozenset[int] = frozenset()
    columns_cut: bool = False
    unfinished: tuple[int, ...] = ()
    """Rows with formulas that no program has computed yet."""
    struck: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """By row: the columns whose cells are crossed out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Workbook:
    """The sheets that can be seen, and the names of those that cannot."""

    kind: str
    sheets: list[Sheet]
    hidden: tuple[str, ...]


def filled_down(rows: Rows, merged: Sequence[tuple[int, int, int]]) -> Rows:
    """The rows with the value of a merged cell in all rows that it goes over.

    `merged`: column from 0, first and last row; the rows are in the order of their numbers.
    """
    if not merged:
        return rows
    numbers = [number for number, _cells in rows]
    filled = 0
    for place, first, last in merged:
        start, end = bisect_left(numbers, first), bisect_left(numbers, last + 1)
        if start == end or numbers[start] != first or place >= len(rows[start][1]):
            continue
        value = rows[start][1][place]
        filled += end - start
        if not value or filled > _MOST_FILLED:
            continue
        for at in range(start + 1, end):
            number, cells = rows[at]
            if place >= len(cells) or not cells[place]:
                wide = [*cells, *[""] * (place + 1 - len(cells))]
                wide[place] = value
                rows[at] = (number, tuple(wide))
    return rows


def sheet_notes(book: Workbook, chosen: Sheet) -> Iterator[Sentence]:
    """Notes on what was not read of a workbook."""
    others = tuple(one.name for one in book.sheets if one is not chosen and one.rows)
    if others:
        yield sentence("Not read: sheets {names}.", names=others)
    if book.hidden:
        yield sentence("Not read: hidden sheets {names}.", names=book.hidden)
    if rows := chosen.hidden_rows:
        yield hidden_rows_note(rows)
    if chosen.unfinished:
        yield sentence(
            "Formulas without a result in {rows} count as empty. Open the file, save it, then send it again.",
            rows=rows_named(chosen.unfinished),
        )
    if chosen.columns_cut:
        yield sentence("Only the first {most} columns were read.", most=MOST_COLUMNS)


def hidden_rows_note(rows: list[int]) -> Sentence:
    """For example "Not read: 4 hidden or filtered rows (3, 4, 6, 9)."."""
    return sentences(
        "Not read: {count} hidden or filtered row ({rows}).",
        "Not read: {count} hidden or filtered rows ({rows}).",
        len(rows),
        rows=_some(rows),
    )


def rows_named(numbers: Iterable[int]) -> Sentence:
    """Name rows inside another sentence: "row 4", "rows 4, 7 and 9 more"."""
    listed = list(dict.fromkeys(numbers))
    return sentences("row {rows}", "rows {rows}", len(listed), rows=_some(listed))


def _some(rows: Sequence[int]) -> object:
    """The first few of them."""
    shown = tuple(str(one) for one in rows[:_MOST_NAMED])
    if len(rows) <= _MOST_NAMED:
        return shown
    return sentence("{names} and {more} more", names=shown, more=len(rows) - _MOST_NAMED)
