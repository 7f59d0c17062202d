"""Sheets of workbooks of any format, and the notes on what was not read of them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from core.domain.translatable import Sentence, sentence, sentences
from core.parsing.phone_text import FEWEST_DIGITS

Cells = tuple[str, ...]
Rows = list[tuple[int, Cells]]

MOST_COLUMNS: Final = 1_000
ROWS_OF_A_SHEET: Final = 1_048_576
_CHAT_LINK: Final = re.compile(
    r"(?:https?://)?(?:www\.)?(?:wa\.me|api\.whatsapp\.com|web\.whatsapp\.com|t\.me|telegram\.me)/.|(?:tel|callto):.",
    re.IGNORECASE,
)
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
    comments: Mapping[int, str] = field(default_factory=dict)
    """By row: what is commented on its cells."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Workbook:
    """The sheets that can be seen, and the names of those that cannot."""

    kind: str
    sheets: list[Sheet]
    hidden: tuple[str, ...]


class SheetBuilder:
    """Collects one sheet row by row, from the top, with the cells of a row in any order."""

    def __init__(self, name: str = "") -> None:
        self.number = 0
        """Of the row that was begun last."""
        self._name = name
        self._hidden = False
        self._cells: list[str] = []
        self._crossed: set[int] = set()
        self._rows: Rows = []
        self._hidden_rows: list[int] = []
        self._hidden_columns: set[int] = set()
        self._columns_cut = False
        self._unfinished: dict[int, None] = {}
        self._struck: dict[int, frozenset[int]] = {}
        self._merged: list[tuple[int, int, int]] = []
        self._comments: dict[int, str] = {}
        self._links: dict[int, dict[int, str]] = {}

    def hide_columns(self, first: int, end: int) -> None:
        """Hide the columns from `first`, counted from 0, to the one before `end`."""
        self._hidden_columns.update(range(first, min(end, MOST_COLUMNS)))

    def comment(self, row: int, text: str) -> None:
        """Note what is commented on a cell of a row."""
        if shown := " ".join(text.split()):
            self._comments[row] = " ".join(filter(None, (self._comments.get(row, ""), shown)))

    def link(self, row: int, place: int, target: str) -> None:
        """Note what a cell leads to, if that is a person."""
        if place < MOST_COLUMNS and _CHAT_LINK.match(target):
            self._links.setdefault(place, {})[row] = target

    def begin_row(self, number: int, *, hidden: bool) -> None:
        self.number, self._hidden = number, hidden
        self._cells = []
        if self._crossed:
            self._crossed = set()

    def put(self, place: int, shown: str, *, struck: bool = False) -> None:
        """Fill a cell of the row. `place`: of its column, from 0."""
        if place >= MOST_COLUMNS:
            self._columns_cut = True
            return
        cells = self._cells
        if place >= len(cells):
            if place > len(cells):
                cells += [""] * (place - len(cells))
            cells.append(shown)
        else:
            cells[place] = shown
        if struck:
            self._crossed.add(place)

    def leave_unfinished(self) -> None:
        """Note that the row has a formula without a result."""
        self._unfinished[self.number] = None

    def merge(self, place: int, first: int, last: int) -> None:
        """Give the cell in the row `first` to all rows up to `last`."""
        if last > first:
            self._merged.append((place, first, last))

    def end_row(self, times: int = 1) -> None:
        """Keep the row, unless it is empty; `times`: as so many rows."""
        if not any(self._cells):
            return
        numbers = range(self.number, min(self.number + times, ROWS_OF_A_SHEET + 1))
        if self._hidden:
            self._hidden_rows += numbers
            return
        cells = tuple(self._cells)
        self._rows += [(number, cells) for number in numbers]
        if self._crossed:
            self._struck.update(dict.fromkeys(numbers, frozenset(self._crossed)))

    def sheet(self) -> Sheet:
        return Sheet(
            name=self._name,
            rows=_with_links(_filled_down(self._rows, self._merged), self._links),
            hidden_rows=self._hidden_rows,
            hidden_columns=frozenset(self._hidden_columns),
            columns_cut=self._columns_cut,
            unfinished=tuple(self._unfinished),
            struck=self._struck,
            comments=dict(sorted(self._comments.items())),
        )


def _filled_down(rows: Rows, merged: Sequence[tuple[int, int, int]]) -> Rows:
    """The rows with the value of a merged cell in all rows that it goes over.

    `merged`: column from 0, first and last row; the rows are in the order of their numbers.
    """
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


def _with_links(rows: Rows, links: Mapping[int, Mapping[int, str]]) -> Rows:
    """The rows with the links to people in place of the words that lead there, as "call"; beside those that are names.

    `links`: by column and row. A number that can be read in the cell counts, and not the link under it.
    """
    width = max((len(cells) for _number, cells in rows), default=0) if links else 0
    for place, targets in sorted(links.items()):
        cells_of = {number: cells[place] for number, cells in rows if place < len(cells)}
        words = [cell for number, cell in cells_of.items() if number in targets and not _has_number(cell)]
        are_names = len(set(words)) == len(words) and not any(map(_has_number, cells_of.values()))
        to, width = (width, width + 1) if are_names else (place, width)
        for at, (number, cells) in enumerate(rows):
            if number in targets and not _has_number(cells_of.get(number, "")):
                wide = [*cells, *[""] * (to + 1 - len(cells))]
                wide[to] = targets[number]
                rows[at] = (number, tuple(wide))
    return rows


def _has_number(cell: str) -> bool:
    return sum(map(str.isdecimal, cell)) >= FEWEST_DIGITS


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
    if chosen.comments:
        yield sentence(
            "Comments on cells aren't read: {rows}, for example “{sample}”.",
            rows=rows_named(chosen.comments),
            sample=next(iter(chosen.comments.values()))[:60],
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
