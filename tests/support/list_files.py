"""Files of people as spreadsheets and export programs write them: small ones in tests/data/lists, binary ones made."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook

DATA: Final = Path(__file__).parents[1] / "data" / "lists"


def data(name: str) -> bytes:
    """A case by its name: a file, or one that is made."""
    if name in _MADE:
        return _MADE[name]()
    (found,) = DATA.glob(f"{name}.*")
    return found.read_bytes()


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def workbook(rows: Sequence[Sequence[object]], formats: Sequence[str] = ()) -> bytes:
    """One sheet; `formats`: of the columns below the headings."""
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    for column, code in enumerate(formats, start=1):
        for cell in sheet[f"{chr(64 + column)}"][1:]:
            cell.number_format = code or "General"
    return saved(book)


def with_errors(book: bytes, cell: str, error: str) -> bytes:
    """A formula whose result is an error, as programs save it."""
    parts = _parts(book)
    sheet = "xl/worksheets/sheet1.xml"
    text = parts[sheet].decode()
    at = text.index(f'<c r="{cell}"')
    end = text.index("</c>", at) + len("</c>")
    parts[sheet] = (text[:at] + f'<c r="{cell}" t="e"><v>{error}</v></c>' + text[end:]).encode()
    return packed(parts)


def _parts(book: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def _hidden_sheet() -> bytes:
    book = Workbook()
    old = book.active
    old.title = "old"
    now = book.create_sheet("now")
    for sheet, first, count in ((old, 4915120001000, 3), (now, 4915120001100, 5)):
        sheet.append(["phone", "name"])
        for number in range(count):
            sheet.append([f"+{first + number}", f"{sheet.title}{number}"])
    old.sheet_state = "hidden"
    book.active = 1
    return saved(book)


def _filtered() -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.append(["phone", "name", "status"])
    for number in range(10):
        sheet.append([f"+{4915120001200 + number}", f"P{number}", "yes"])
    for row in (3, 4, 6, 9):
        sheet.row_dimensions[row].hidden = True
    sheet.auto_filter.ref = "A1:C11"
    return saved(book)


def _cell_formats() -> bytes:
    heads = ["phone", "name", "discount", "sum", "day", "code", "x", "ok", "t", "dt", "pct"]
    row = ["+4915120001501", "Ann", 0.075, 1234.5, date(2026, 12, 24), 123, "?", True, time(18, 30)]
    book = workbook(
        [heads, [*row, datetime(2026, 12, 24, 18, 30), 0.1 + 0.2]],  # noqa: DTZ001 - a wall clock
        ["", "", "0.0 %", '#,##0.00 "€"', "DD.MM.YYYY", "00000", "", "", "HH:MM", "DD.MM.YYYY HH:MM", ""],
    )
    return with_errors(book, "G2", "#N/A")


def _wrong_dimension() -> bytes:
    parts = _parts(workbook([["phone", "name"], ["+4915120005411", "Ann"], ["+4915120005412", "Bob"]]))
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1"')
    return packed(parts)


def _empty_rows() -> bytes:
    parts = _parts(workbook([["phone", "name"], ["+4915120005101", "Ann"], ["+4915120005102", "Bob"]]))
    sheet = "xl/worksheets/sheet1.xml"
    last = b'<row r="1048576"><c r="A1048576"/></row></sheetData>'
    parts[sheet] = parts[sheet].replace(b"</sheetData>", last)
    return packed(parts)


def ods(rows: Sequence[Sequence[object]], more: str = "", styles: str = "") -> bytes:
    """An ODS file of texts. `more`: further rows as XML; `styles`: those that they use."""
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    names = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{names}:office:1.0" '
        f'xmlns:text="{names}:text:1.0" xmlns:table="{names}:table:1.0" xmlns:style="{names}:style:1.0">'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>"
        f'<table:table table:name="list">{cells}{more}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return packed(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": b"<manifest/>",
            "content.xml": content.encode(),
        }
    )


def _protected() -> bytes:
    """The first bytes of an encrypted workbook, and the name of its stream."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le") + bytes(500)
    )


def _eighty_columns() -> bytes:
    heads = ["phone", "name", *(f"c{number}" for number in range(3, 81))]
    return workbook([heads, ["+4915120005401", "Ann", *("v" for _number in range(78))]])


def _phones(*rows: Sequence[Any], formats: Sequence[str] = ()) -> Callable[[], bytes]:
    return lambda: workbook(rows, formats)


_MADE: Final[dict[str, Callable[[], bytes]]] = {
    "11-hidden-first-sheet": _hidden_sheet,
    "11b-filtered-rows": _filtered,
    "13-title-rows": _phones(
        ["Members 2026"],
        [],
        ["Phone", "Name", "Sum"],
        ["+4915120001431", "Ann", 12],
        ["+4915120001432", "Bob", 15],
    ),
    "15-cell-formats": _cell_formats,
    "15b-error-value-in-one-row": lambda: with_errors(
        workbook([["phone", "name", "sum"], ["+4915120001511", "Ann", 12], ["+4915120001512", "Bob", "?"]]),
        "C3",
        "#N/A",
    ),
    "20-numbers-without-plus": _phones(
        ["Phone", "Name"], *([4915120002001 + number, f"P{number}"] for number in range(6))
    ),
    "39-password-protected-xlsx": _protected,
    "x02-libreoffice-ods": lambda: ods(
        [["phone", "name"], ["+4915120003921", "Ann"], ["+4915120003922", "Bob"]]
    ),
    "x04-two-phone-columns": _phones(
        ["Name", "Phone", "Mobile"],
        ["Ann", "+4915120005011", "+4915120005012"],
        ["Bob", "+4915120005013", "+4915120005014"],
        ["Kim", None, "+4915120005015"],
    ),
    "x05-plus-by-number-format": _phones(
        ["phone", "name"], [4915120005021, "Ann"], [4915120005022, "Bob"], formats=['"+"0']
    ),
    "x07-a-million-empty-rows": _empty_rows,
    "x63-wrong-dimension": _wrong_dimension,
    "x64-eighty-columns": _eighty_columns,
    "x67-national-number-without-its-zero": _phones(
        ["phone", "name"], [15120005421, "Ann"], [15120005422, "Bob"]
    ),
}
