"""XML spreadsheets of Excel 2003, which many programs save under the name of an XLS file."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from core.files.number_formats import Show, shower, style_of
from core.files.sheets import MOST_COLUMNS, Sheet, SheetBuilder, Workbook
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
        self._built = SheetBuilder()
        self._name = ""
        self._is_hidden = False
        self._column = self._place = 0
        self._type = ""
        self._cell_style = ""
        self._text: list[str] | None = None
        self._across = 0
        self._setting: list[str] | None = None
        self._struck_styles: set[str] = set()

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
                self._name = said.get("Name", "")
                self._built, self._column, self._is_hidden = SheetBuilder(self._name), 0, False
            case "Visible":
                self._setting = []
            case "Column":
                self._start_column(said)
            case "Row":
                number = int(said.get("Index", self._built.number + 1))
                self._built.begin_row(number, hidden=said.get("Hidden") == "1")
                self._place = -1
            case "Cell":
                self._start_cell(said)
            case "Data":
                self._type, self._text = said.get("Type", "String"), []

    def _start_column(self, said: Mapping[str, str]) -> None:
        first = int(said.get("Index", self._column + 1))
        self._column = min(first + int(said.get("Span", "0")), MOST_COLUMNS)
        if said.get("Hidden") == "1":
            self._built.hide_columns(first - 1, self._column)

    def _start_cell(self, said: Mapping[str, str]) -> None:
        self._place = int(said["Index"]) - 1 if "Index" in said else self._place + 1
        self._cell_style = said.get("StyleID", "")
        number = self._built.number
        self._built.merge(self._place, number, number + int(said.get("MergeDown", "0")))
        self._across = int(said.get("MergeAcross", "0"))

    def text(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)
        elif self._setting is not None:
            self._setting.append(text)

    def end(self, element: str) -> None:
        match local_name(element):
            case "Data":
                if shown := self._shown("".join(self._text or ())).strip():
                    self._built.put(self._place, shown, struck=self._cell_style in self._struck_styles)
                self._text = None
            case "Cell":
                self._place += self._across
            case "Row":
                self._built.end_row()
            case "Visible":
                self._is_hidden = "Hidden" in "".join(self._setting or ())
                self._setting = None
            case "Worksheet":
                if self._is_hidden:
                    self.hidden.append(self._name)
                else:
                    self.sheets.append(self._built.sheet())

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
