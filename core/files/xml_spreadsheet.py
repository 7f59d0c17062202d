"""XML spreadsheets of Excel 2003, which many programs save under the name of an XLS file."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from core.files.number_formats import Show, shower, style_of
from core.files.sheets import MOST_COLUMNS, ROWS_OF_A_SHEET, Sheet, Workbook, filled_down
from core.files.xml_events import local_name, parse

_KIND: Final = re.compile(rb"<(?:\w+:)?Workbook\b[^>]*urn:schemas-microsoft-com:office:spreadsheet")
_HEAD: Final = 8_192
_NAMED_FORMATS: Final = {
    "general number": "General", "general date": "yyyy-mm-dd h:mm", "short date": "yyyy-mm-dd",
    "medium date": "yyyy-mm-dd", "long date": "yyyy-mm-dd", "short time": "h:mm", "medium time": "h:mm AM/PM",
    "long time": "h:mm:ss", "fixed": "0.00", "standard": "#,##0.00", "percent": "0.00%", "currency": "#,##0.00",
    "euro currency": '#,##0.00 "€"', "scientific": "0.00E+00",
}  # fmt: skip
_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock, as sheets have it


def is_xml_spreadsheet(data: bytes) -> bool:
    return _KIND.search(data[:_HEAD]) is not None


def read_xml_spreadsheet(data: bytes) -> Workbook:
    reader = _Reader()
    parse(io.BytesIO(data), reader.start, reader.end, reader.text)
    return Workbook(kind="XML", sheets=reader.sheets, hidden=tuple(reader.hidden))


class _Reader:
    """One workbook, event by event."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self.hidden: list[str] = []
        self._formats: dict[str, str] = {}
        self._shows: dict[str, Show] = {}
        self._style = ""
        self._name = ""
        self._is_hidden = False
        self._number = self._place = 0
        self._row_hidden = False
        self._column = 0
        self._cells: list[str] = []
        self._type = ""
        self._cell_style = ""
        self._text: list[str] | None = None
        self._across = 0
        self._setting: list[str] | None = None
        self._struck_styles: set[str] = set()
        self._begin()

    def _begin(self) -> None:
        self._rows: list[tuple[int, tuple[str, ...]]] = []
        self._hidden_rows: list[int] = []
        self._hidden_columns: set[int] = set()
        self._merged: list[tuple[int, int, int]] = []
        self._struck: dict[int, set[int]] = {}
        self._cut = self._is_hidden = False
        self._number = self._column = 0

    def start(self, element: str, attributes: Mapping[str, str]) -> None:
        said = {local_name(name): value for name, value in attributes.items()}
        match local_name(element):
            case "Style":
                self._style = said.get("ID", "")
            case "NumberFormat":
                self._formats[self._style] = said.get("Format", "General")
            case "Font" if said.get("StrikeThrough") == "1":
                self._struck_styles.add(self._style)
            case "Worksheet":
                self._begin()
                self._name = said.get("Name", "")
            case "Visible":
                self._setting = []
            case "Column":
                self._start_column(said)
            case "Row":
                self._number = int(said.get("Index", self._number + 1))
                self._row_hidden = said.get("Hidden") == "1"
                self._cells, self._place = [], -1
            case "Cell":
                self._start_cell(said)
            case "Data":
                self._type, self._text = said.get("Type", "String"), []

    def _start_column(self, said: Mapping[str, str]) -> None:
        first = int(said.get("Index", self._column + 1))
        self._column = min(first + int(said.get("Span", "0")), MOST_COLUMNS)
        if said.get("Hidden") == "1":
            self._hidden_columns.update(range(first - 1, self._column))

    def _start_cell(self, said: Mapping[str, str]) -> None:
        self._place = int(said["Index"]) - 1 if "Index" in said else self._place + 1
        self._cell_style = said.get("StyleID", "")
        if down := int(said.get("MergeDown", "0")):
            self._merged.append((self._place, self._number, self._number + down))
        self._across = int(said.get("MergeAcross", "0"))

    def text(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)
        elif self._setting is not None:
            self._setting.append(text)

    def end(self, element: str) -> None:
        match local_name(element):
            case "Data":
                self._put(self._shown("".join(self._text or ())).strip())
                self._text = None
            case "Cell":
                self._place += self._across
            case "Row":
                self._end_row()
            case "Visible":
                self._is_hidden = "Hidden" in "".join(self._setting or ())
                self._setting = None
            case "Worksheet":
                self._end_sheet()

    def _put(self, shown: str) -> None:
        if not shown:
            return
        if self._place >= MOST_COLUMNS:
            self._cut = True
            return
        self._cells += [""] * (self._place + 1 - len(self._cells))
        self._cells[self._place] = shown
        if self._cell_style in self._struck_styles:
            self._struck.setdefault(self._number, set()).add(self._place)

    def _end_row(self) -> None:
        if not any(self._cells) or self._number > ROWS_OF_A_SHEET:
            return
        if self._row_hidden:
            self._hidden_rows.append(self._number)
        else:
            self._rows.append((self._number, tuple(self._cells)))

    def _end_sheet(self) -> None:
        if self._is_hidden:
            self.hidden.append(self._name)
            return
        self.sheets.append(
            Sheet(
                name=self._name,
                rows=filled_down(self._rows, self._merged),
                struck={number: frozenset(places) for number, places in self._struck.items()},
                hidden_rows=self._hidden_rows,
                hidden_columns=frozenset(self._hidden_columns),
                columns_cut=self._cut,
            )
        )

    def _shown(self, value: str) -> str:
        match self._type:
            case "Number":
                return self._show()(float(value))
            case "DateTime":
                moment = datetime.fromisoformat(value.removesuffix("Z"))
                return self._show()((moment - _EPOCH).total_seconds() / 86_400)
            case "Boolean":
                return "TRUE" if value == "1" else "FALSE"
            case _:
                return value

    def _show(self) -> Show:
        """Shows a number as the cell's style has it. Dates without a format are shown as days."""
        default = "yyyy-mm-dd" if self._type == "DateTime" else "General"
        code = self._formats.get(self._cell_style, default)
        if code == "General":
            code = default
        known = self._shows.get(code)
        if known is None:
            style = style_of(dict.fromkeys(self._formats.values()))
            known = self._shows[code] = shower(_NAMED_FORMATS.get(code.lower(), code), style)
        return known
