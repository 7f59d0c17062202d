"""Files as tables: rows of cells, whatever they came in."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from core.domain.errors import ValidationError
from core.domain.translatable import sentence
from core.files.encoding import decoded
from core.files.xlsx import is_spreadsheet, spreadsheet

MOST_ROWS: Final = 200_000
MOST_COLUMNS: Final = 64
_ROWS_OF_A_SHEET: Final = 1_048_576
MOST_BYTES: Final = 20 * 1024 * 1024
"""Bots on Telegram cannot download more."""

TOO_BIG: Final = sentence(
    "The file is larger than 20 MB, and Telegram gives bots no more than that. Split it, or save it as XLSX."
)
_SEPARATORS: Final = {
    ",": sentence("commas"),
    ";": sentence("semicolons"),
    "\t": sentence("tabs"),
    "|": sentence("bars"),
}
_SAMPLED_ROWS: Final = 50
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"

Cells = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Rows as spreadsheet programs count them: the first is row 1, an empty one counts too."""

    rows: Iterable[Cells]
    """Read while they are iterated over, once. Raises ValidationError for what cannot be read on."""
    form: str
    """In words: "CSV, semicolons, Windows-1251"."""


def read_table(data: bytes) -> Table:
    """What a file holds; what it is called does not matter. Raises ValidationError."""
    if len(data) > MOST_BYTES:
        raise ValidationError([TOO_BIG])
    if is_spreadsheet(data):
        sheet = spreadsheet(data, most_rows=_ROWS_OF_A_SHEET, most_columns=MOST_COLUMNS)
        return Table(rows=_bounded(sheet.rows), form=sheet.form)
    if data.startswith(_OLD_EXCEL):
        raise ValidationError(
            [sentence("This is a file of an old Excel. Save it as XLSX or CSV, then send it again.")]
        )
    text = decoded(data)
    if not text.text.strip():
        raise ValidationError([sentence("The file is empty.")])
    separator = _separator(text.text)
    form = sentence("one column, {encoding}", encoding=text.encoding)
    if separator:
        form = sentence(
            "CSV, {separators}, {encoding}", separators=_SEPARATORS[separator], encoding=text.encoding
        )
    return Table(rows=_bounded(_csv_rows(text.text, separator or ",")), form=form)


def _bounded(rows: Iterable[Cells]) -> Iterator[Cells]:
    for number, row in enumerate(rows, start=1):
        # Spreadsheets often go on with rows that look empty, and are.
        if number > MOST_ROWS and any(row):
            raise ValidationError(
                [
                    sentence(
                        "The file has more than {most} rows. Split it, and send the parts one by one.",
                        most=MOST_ROWS,
                    )
                ]
            )
        yield row


def _csv_rows(text: str, separator: str) -> Iterator[Cells]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in reader:
            yield tuple(cell.strip() for cell in row[:MOST_COLUMNS])
    except csv.Error as error:
        raise ValidationError(
            [
                sentence(
                    "The file cannot be read beyond line {line}: {error}. Is a quotation mark left open?",
                    line=reader.line_num,
                    error=str(error),
                )
            ]
        ) from None


def _separator(text: str) -> str | None:
    """The one that cuts most of the first rows into equally many cells; None when there is one column."""
    scores = {separator: _regularity(text, separator) for separator in _SEPARATORS}
    best = max(scores, key=lambda separator: scores[separator])
    return best if scores[best] > (0, 0) else None


def _regularity(text: str, separator: str) -> tuple[float, int]:
    """Which part of the rows has the usual number of cells, and that number; nothing where the usual one is 1."""
    head = text[: text.find("\n", 100_000)] if len(text) > 100_000 else text
    widths: Counter[int] = Counter()
    try:
        for row in csv.reader(io.StringIO(head, newline=""), delimiter=separator):
            if any(cell.strip() for cell in row):
                widths[len(row)] += 1
            if widths.total() >= _SAMPLED_ROWS:
                break
    except csv.Error:
        return 0, 0
    width, count = max(widths.items(), key=lambda pair: (pair[1], pair[0]), default=(1, 0))
    return (count / widths.total(), width) if width > 1 else (0, 0)
