"""Texts as tables: each separator tried, with and without quotation marks, and the consistent reading taken.

A reading that would swallow rows or shift cells is never taken: such rows come out as broken, each with its reason.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from core.domain.translatable import Sentence, sentence
from core.files.sheets import Cells, Rows

Broken = list[tuple[int, str, Sentence]]
"""Rows that cannot be read: number, text, reason."""


SEPARATORS: Final = {
    ",": sentence("commas"),
    ";": sentence("semicolons"),
    "\t": sentence("tabs"),
    "|": sentence("bars"),
    "  ": sentence("spaces"),
}
_SELDOM_SEPARATORS: Final = {"^": 2, "~": 2, "¦": 2, "§": 2, "#": 3, ":": 3}
"""Tried where no other one finds people, each with the least columns: "Ann: +49..." is a name beside a number."""
OPEN_QUOTE: Final = sentence("a quotation mark isn't closed in this row")
_SAMPLE: Final = 200
_CONSISTENT: Final = 0.8
_SEP_LINE: Final = re.compile(r'"?sep=(.)"?\s*(?:\r\n|\r|\n)', re.IGNORECASE)
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_BLANKS: Final = re.compile(r" {2,}")
_MOST_CONTINUED: Final = 50
"""Lines that one cell in quotation marks may go over."""
ADDRESS: Final = re.compile(
    r"\+?\d[\d\s().\-/]{6,}\d|@\w{4,}|(?:telegram|tg|whatsapp|wa|viber|vb|webhook|hook)\s*:", re.IGNORECASE
)
_SEVERAL: Final = re.compile(r"\+?\d[\d\s().\-]{6,}\d(?:\s*[,;/|]\s*\+?\d[\d\s().\-]{6,}\d)+")
"""Numbers in one cell."""
_WHOLE_ROW: Final = re.compile(r'"(?:[^"]|"")*"')
_OPENING: Final = "'‘‚“„«»"
_CLOSING: Final = "'’‘”“»«"
_BEFORE_CELL: Final = re.compile(rf"(^|[,;\t|]\s*)[{_OPENING}]")
_BEHIND_CELL: Final = re.compile(rf"[{_CLOSING}](\s*[,;\t|]|$)")
_LONGEST_FIELD: Final = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class CsvReading:
    """One way to read a text as a table."""

    separator: str
    """Empty: one column."""
    rows: Rows
    """The rows that are not empty, with their numbers as spreadsheet programs count them."""
    broken: Broken = field(default_factory=list)
    score: float
    """Consistency, from 0 to 1."""
    width: int
    addresses: int = 0
    """Cells among the first rows that look like an address."""


def csv_readings(text: str) -> list[CsvReading]:
    """The most consistent reading; several, best first, where the text does not tell which one is meant."""
    csv.field_size_limit(_LONGEST_FIELD)
    text, first = _usual_marks(text), 1
    if named := _SEP_LINE.match(text):
        separator, text, first = named[1], text[named.end() :], 2
        return [_read(text, separator, first)]
    head = _head(text)
    ranked = [
        _read(head, separator, first) for separator in SEPARATORS if len(separator) == 1 and separator in head
    ]
    useful = [one for one in ranked if one.width > 1 and one.score > 0]
    useful = [one for one in useful if one.addresses] or _by_seldom_separators(head, first) or useful
    if not useful:
        return [_aligned(text, first) or _read(text, "", first)]
    best = max(useful, key=lambda one: (one.score, one.addresses, one.width))
    equal = [one for one in useful if one is best or _rivals(best, one)]
    equal.sort(key=lambda one: one is not best)
    return [_read(text, one.separator, first) for one in equal]


def _by_seldom_separators(head: str, first: int) -> list[CsvReading]:
    found = [_read(head, separator, first) for separator in _SELDOM_SEPARATORS if separator in head]
    return [
        one
        for one in found
        if one.width >= _SELDOM_SEPARATORS[one.separator] and one.score >= _CONSISTENT and one.addresses
    ]


def _usual_marks(text: str) -> str:
    """The text with quotation marks as CSV has them, where each row is within one pair, or all cells are in others."""
    if text.lstrip()[:1] not in f'"{_OPENING}':
        return text
    lines = _lines_of(text)
    filled = [line.strip() for line in lines if line.strip()]
    if not filled:
        return text
    if all(map(_WHOLE_ROW.fullmatch, filled)) and any(one in filled[0] for one in ",;\t|"):
        return "\n".join(_unquoted(line.strip()) for line in lines)
    if all(one[0] in _OPENING and one[-1] in _CLOSING for one in filled):
        return "\n".join(
            _BEFORE_CELL.sub(r'\1"', _BEHIND_CELL.sub(r'"\1', line.strip().replace('"', '""')))
            for line in lines
        )
    return text


def _aligned(text: str, first: int) -> CsvReading | None:
    """Columns that are set apart by two blanks or more; None where not all rows have the same number of them."""
    lines = [
        (number, tuple(_BLANKS.split(line.strip())))
        for number, line in enumerate(_lines_of(text), start=first)
        if line.strip()
    ]
    widths = {len(cells) for _number, cells in lines}
    width = max(widths, default=0)
    if len(widths) != 1 or width < 2 or len(lines) < 2:
        return None
    addresses = sum(bool(ADDRESS.fullmatch(cell)) for _number, cells in lines[:_SAMPLE] for cell in cells)
    if not addresses:
        return None
    return CsvReading(separator="  ", rows=lines, score=1.0, width=width, addresses=addresses)


def _rivals(best: CsvReading, other: CsvReading) -> bool:
    """True if a second reading is as consistent, and finds as many addresses in other cells."""
    return other.score >= best.score and other.score == 1.0 and other.addresses >= best.addresses


def _head(text: str) -> str:
    """The first rows, cut at a line's end."""
    end = 60_000
    if len(text) <= end:
        return text
    found = _LINE_END.search(text, end)
    return text[: found.end()] if found else text


def _read(text: str, separator: str, first: int) -> CsvReading:
    rows, broken = _strict(text, separator or ",", first) if separator else _lines(text, first)
    widths = Counter(len(row) for _number, row in rows[:_SAMPLE])
    # Titles and lines of text above the headings may be more than the people.
    peopled = Counter(len(row) for _number, row in rows[:_SAMPLE] if any(map(_is_address, row)))
    width = max(peopled or widths, key=lambda one: ((peopled or widths)[one], one), default=1)
    score = widths[width] / max(1, widths.total() + min(len(broken), _SAMPLE))
    addresses = sum(_is_address(cell) for _number, row in rows[:_SAMPLE] for cell in row)
    return CsvReading(
        separator=separator, rows=rows, broken=broken, score=score, width=width, addresses=addresses
    )


def _is_address(cell: str) -> bool:
    return bool(ADDRESS.fullmatch(cell) or _SEVERAL.fullmatch(cell))


def _lines(text: str, first: int) -> tuple[Rows, Broken]:
    lines = enumerate(_lines_of(text), start=first)
    return [(number, (_unquoted(line.strip()),)) for number, line in lines if line.strip()], []


def _lines_of(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _unquoted(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell


def _strict(text: str, separator: str, first: int) -> tuple[Rows, Broken]:
    """By the rules of CSV where the whole text keeps them, else line by line."""
    if '"' not in text:
        lines = enumerate(_lines_of(text), start=first)
        split = ((number, tuple(map(str.strip, line.split(separator)))) for number, line in lines)
        return [(number, cells) for number, cells in split if any(cells)], []
    rows: Rows = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        lines_before = 0
        for number, row in enumerate(reader, start=first):
            cells = tuple(map(str.strip, row))
            if any(cells):
                rows.append((number, cells))
            if reader.line_num > lines_before + 1 and _swallows(row, separator):
                return _line_by_line(text, separator, first)
            lines_before = reader.line_num
    except csv.Error:
        return _line_by_line(text, separator, first)
    return rows, []


def _swallows(cells: Sequence[str], separator: str) -> bool:
    """True if a cell over several lines has rows of people in it."""
    return any(
        separator in line and ADDRESS.search(line) for cell in cells for line in _LINE_END.split(cell)[1:]
    )


def _line_by_line(text: str, separator: str, first: int) -> tuple[Rows, Broken]:
    """Rows that are whole; a cell may go over several lines where it ends before the next person."""
    rows: Rows = []
    broken: Broken = []
    lines = _lines_of(text)
    number, at = first, 0
    while at < len(lines):
        cells, used = _record(lines, at, separator)
        if broken and used == 1 and lines[at].count('"') % 2:
            cells = None  # the mark that closes an earlier row
        if cells is None:
            broken.append((number, lines[at].strip()[:200], OPEN_QUOTE))
        elif any(cells):
            rows.append((number, cells))
        at, number = at + used, number + 1
    return rows, broken


def _record(lines: Sequence[str], at: int, separator: str) -> tuple[Cells | None, int]:
    """The cells that begin at a line, and how many lines they take; None for a line that cannot be read."""
    joined = lines[at]
    for used in range(1, _MOST_CONTINUED):
        if used > 1:
            if at + used > len(lines) or (
                separator in (line := lines[at + used - 1]) and ADDRESS.search(line)
            ):
                break
            joined = f"{joined}\n{line}"
        if (cells := _parsed(joined, separator)) is not None:
            return cells, used
        if _marks_within(joined, separator):
            break
    return None, 1


def _parsed(line: str, separator: str) -> Cells | None:
    try:
        rows = list(csv.reader(io.StringIO(line, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return None
    return tuple(cell.strip() for cell in rows[0]) if len(rows) == 1 else () if not rows else None


def _marks_within(line: str, separator: str) -> bool:
    """A quotation mark that closes in the middle of a cell: no further line mends that."""
    return bool(re.search(rf'(?:^|{re.escape(separator)})"[^"]*"(?![{re.escape(separator)}"]|$)', line))
