"""XLS files, by xlrd."""

from __future__ import annotations

import io
from typing import Any, Final

import xlrd

from core.files.number_formats import Show, shower, style_of
from core.files.sheets import Sheet, SheetBuilder, Workbook
from core.parsing.entries import with_strokes

_ERRORS: Final = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip


def read_xls(data: bytes) -> Workbook:
    book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    codes = [book.format_map[one.format_key].format_str for one in book.xf_list]
    style = style_of(dict.fromkeys(codes), date_1904=book.datemode == 1)
    shows = [shower(code, style) for code in codes]
    strikes = [bool(one.struck_out) for one in book.font_list]
    struck = {place for place, one in enumerate(book.xf_list) if strikes[one.font_index]}
    sheets = [sheet for sheet in book.sheets() if sheet.visibility == 0]
    return Workbook(
        kind="XLS",
        sheets=[_xls_sheet(sheet, shows, struck, strikes) for sheet in sheets],
        hidden=tuple(sheet.name for sheet in book.sheets() if sheet.visibility != 0),
    )


def _xls_sheet(  # xlrd has no types
    sheet: Any,  # noqa: ANN401
    shows: list[Show],
    struck: set[int],
    strikes: list[bool],
) -> Sheet:
    """`struck`: the formats of crossed-out cells. `strikes`: of each font, whether it crosses out."""
    built = SheetBuilder(sheet.name)
    for place, info in sheet.colinfo_map.items():
        if info.hidden:
            built.hide_columns(place, place + 1)
    for top, bottom, left, _right in sheet.merged_cells:
        built.merge(left, top + 1, bottom)
    for number in range(sheet.nrows):
        info = sheet.rowinfo_map.get(number)
        built.begin_row(number + 1, hidden=info is not None and bool(info.hidden))
        for place, cell in enumerate(sheet.row(number)):
            if shown := _xls_cell(cell, shows):
                if runs := sheet.rich_text_runlist_map.get((number, place)):
                    shown = _with_struck_parts(str(cell.value), runs, strikes).strip()
                built.put(place, shown, struck=cell.xf_index in struck)
        built.end_row()
    for (number, _place), note in sheet.cell_note_map.items():
        built.comment(number + 1, note.text)
    return built.sheet()


def _with_struck_parts(text: str, runs: list[tuple[int, int]], strikes: list[bool]) -> str:
    """`runs`: where each other font begins, and which it is."""
    ends = [*(start for start, _font in runs[1:]), len(text)]
    parts = (
        with_strokes(text[start:end]) if strikes[font] else text[start:end]
        for (start, font), end in zip(runs, ends, strict=True)
    )
    return text[: runs[0][0]] + "".join(parts)


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
