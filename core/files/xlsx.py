"""The first sheet of an XLSX file, read row by row. A file that would unpack to far more than it weighs is refused."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from core.domain.errors import ValidationError
from core.domain.translatable import sentence

_MOST_PARTS: Final = 2_000
_MOST_UNPACKED: Final = 150 * 1024 * 1024
_MOST_IN_MEMORY: Final = 40 * 1024 * 1024
"""All parts but the sheets themselves are read whole."""

# What openpyxl lets through of a damaged file.
_UNREADABLE: Final = (
    zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, TypeError, AttributeError,
    IndexError, EOFError, OSError, NotImplementedError, zlib.error,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Spreadsheet:
    """A sheet's rows, read while they are iterated over, and its form in words."""

    rows: Iterator[tuple[str, ...]]
    form: str


def is_spreadsheet(data: bytes) -> bool:
    """Whether the file is packed as XLSX files are."""
    return data.startswith(b"PK\x03\x04")


def spreadsheet(data: bytes, *, most_rows: int, most_columns: int) -> Spreadsheet:
    """At most so many rows and columns. Raises ValidationError, also while the rows are iterated over."""
    _weigh(data)
    book = _readably(lambda: _open(data))
    sheet = _readably(lambda: book.worksheets[0])
    form = "XLSX"
    if len(book.sheetnames) > 1:
        form = sentence(
            "XLSX, sheet “{name}” of {sheets}", name=str(sheet.title), sheets=len(book.sheetnames)
        )
    cells = sheet.iter_rows(max_row=most_rows, max_col=most_columns, values_only=True)
    return Spreadsheet(rows=_rows(cells), form=form)


def _open(data: bytes) -> Any:  # noqa: ANN401 - openpyxl has no types
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and the like, which nobody asks for here
        return load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)


def _weigh(data: bytes) -> None:
    """By the sizes that the archive names; the unpacker stops at them, whatever is really inside."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile:
        raise _unreadable() from None
    sheets = sum(part.file_size for part in parts if part.filename.startswith("xl/worksheets/"))
    rest = sum(part.file_size for part in parts) - sheets
    if len(parts) > _MOST_PARTS or rest > _MOST_IN_MEMORY or sheets + rest > _MOST_UNPACKED:
        raise ValidationError(
            [
                sentence(
                    "This spreadsheet unpacks to more than I can read. Save the list alone, as CSV, then send it again."
                )
            ]
        )


def _readably(step: Callable[[], Any]) -> Any:  # noqa: ANN401 - openpyxl has no types
    try:
        return step()
    except _UNREADABLE:
        raise _unreadable() from None


def _unreadable() -> ValidationError:
    return ValidationError(
        [
            sentence(
                "This is no spreadsheet that I can read. Save the list as CSV or XLSX, then send it again."
            )
        ]
    )


def _rows(cells: Iterable[tuple[object, ...]]) -> Iterator[tuple[str, ...]]:
    try:
        for row in cells:
            yield tuple(cell.strip() if type(cell) is str else _text(cell) for cell in row)
    except _UNREADABLE:
        raise _unreadable() from None


def _text(cell: object) -> str:
    """A cell as the list means it: a number without the point that spreadsheets give to whole ones."""
    match cell:
        case None:
            return ""
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if cell.time() == datetime.min.time():
            return cell.date().isoformat()
        case datetime() | date():
            return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
        case _:
            return str(cell)
