"""XLS files, by xlrd."""

from __future__ import annotations

import io
from typing import Any, Final

import xlrd

from core.files.number_formats import Show, shower, style_of
from core.files.sheets import Rows, Sheet, Workbook, filled_down

_ERRORS: Final = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip


def read_xls(data: bytes) -> Workbook:
    book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    codes = [book.format_map[one.format_key].format_str for one in book.xf_list]
    style = style_of(dict.fromkeys(codes), date_1904=book.datemode == 1)
    shows = [shower(code, style) for code in codes]
    struck = {place for place, one in enumerate(book.xf_list) if book.font_list[one.font_index].struck_out}
    sheets = [sheet for sheet in book.sheets() if sheet.visibility == 0]
    return Workbook(
        kind="XLS",
        sheets=[_xls_sheet(sheet, shows, struck) for sheet in sheets],
        hidden=tuple(sheet.name for sheet in book.sheets() if sheet.visibility != 0),
    )


def _xls_sheet(sheet: Any, shows: list[Show], struck: set[int]) -> Sheet:  # noqa: ANN401 - xlrd has no types
    rows: Rows = []
    crossed: dict[int, frozenset[int]] = {}
    hidden_rows: list[int] = []
    for number in range(sheet.nrows):
        cells = tuple(_xls_cell(cell, shows) for cell in sheet.row(number))
        if not any(cells):
            continue
        info = sheet.rowinfo_map.get(number)
        if info is not None and info.hidden:
            hidden_rows.append(number + 1)
        else:
            rows.append((number + 1, cells))
            if places := frozenset(
                p for p, cell in enumerate(sheet.row(number)) if cells[p] and cell.xf_index in struck
            ):
                crossed[number + 1] = places
    hidden = frozenset(place for place, info in sheet.colinfo_map.items() if info.hidden)
    merged = [(left, top + 1, bottom) for top, bottom, left, _right in sheet.merged_cells if bottom - top > 1]
    return Sheet(
        name=sheet.name,
        rows=filled_down(rows, merged),
        hidden_rows=hidden_rows,
        hidden_columns=hidden,
        struck=crossed,
    )


def _xls_cell(cell: Any, shows: list[Show]) -> str:  # noqa: ANN401 - xlrd has no types
    match cell.ctype:
        case xlrd.XL_CELL_TEXT:
            return f"{cell.value}".strip()
        case xlrd.XL_CELL_NUMBER | xlrd.XL_CELL_DATE:
            show: Show = shows[cell.xf_index]
            return show(float(cell.value))
        case xlrd.XL_CELL_BOOLEAN:
            return "TRUE" if cell.value else "FALSE"
        case xlrd.XL_CELL_ERROR:
            return str(_ERRORS.get(cell.value, "#N/A"))
        case _:
            return ""
