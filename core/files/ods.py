"""ODS files, whose cells hold their text as the sheet shows it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from typing import Final

from core.files.sheets import MOST_COLUMNS, ROWS_OF_A_SHEET, Cells, Sheet, Workbook, filled_down
from core.files.xml_events import UsualRows, parse

_MOST_KNOWN: Final = 10_000
_ROW: Final = re.compile(r"\s*<table:table-row([^<>']*)(?<!/)>")
_CELL: Final = re.compile(
    r"(<table:table-cell([^<>']*)(?:/>|>(?:<text:p>([^<&\r]*)</text:p>)?</table:table-cell>))"
)
_REPEATED: Final = re.compile(r' table:number-columns-repeated="(\d+)"')


def read_ods(archive: zipfile.ZipFile) -> Workbook:
    reader = _OdsReader()
    with archive.open("content.xml") as source:
        parse(source, reader.start, reader.end, reader.text, UsualRows(b"</table:table-row>", reader.usual))
    return Workbook(kind="ODS", sheets=reader.sheets, hidden=tuple(reader.hidden))


class _OdsReader:
    """An ODS file holds each cell's text as the sheet shows it."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self.hidden: list[str] = []
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._name = ""
        self._shown = True
        self._rows: list[tuple[int, Cells]] = []
        self._hidden_rows: list[int] = []
        self._hidden_columns: set[int] = set()
        self._columns = 0
        self._number = 0
        self._row_hidden = False
        self._row_repeat = 1
        self._cells: list[str] = []
        self._place = 0
        self._repeat = 1
        self._paragraphs: list[str] = []
        self._within = 0
        self._annotation = 0
        self._cut = False
        self._struck_styles: set[str] = set()
        self._struck: dict[int, frozenset[int]] = {}
        self._struck_here: set[int] = set()
        self._merged: list[tuple[int, int, int]] = []
        self._over = 1
        self._is_struck = False
        self._known: dict[str, str] = {}
        """Frequent values are kept once."""

    def usual(self, piece: bytes) -> bool:
        """Read a row that can be seen, whose cells have one line of text each."""
        text = piece.decode()
        row = _ROW.match(text)
        if row is None or "repeated" in row[1] or "visibility" in row[1]:
            return False
        cells = _CELL.findall(text, row.end())
        if sum([len(cell[0]) for cell in cells]) != len(text) - row.end():
            return False
        for _whole, attributes, _shown in cells:
            if "rows-spanned" in attributes or (self._struck_styles and "style-name" in attributes):
                return False
        self._begin_row()
        for _whole, attributes, shown in cells:
            repeated = _REPEATED.search(attributes) if attributes else None
            self._repeat = int(repeated[1]) if repeated else 1
            self._cell(shown.strip())
        self._row()
        return True

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        match name:
            case "style:style":
                self._style = attributes.get("style:name", "")
            case "style:table-properties" if attributes.get("table:display") == "false":
                self._hidden_styles.add(self._style)
            case "style:text-properties" if attributes.get("style:text-line-through-style", "none") != "none":
                self._struck_styles.add(self._style)
            case "table:table":
                self._struck, self._merged = {}, []
                self._name = attributes.get("table:name", "")
                self._shown = attributes.get("table:style-name") not in self._hidden_styles
                self._rows, self._hidden_rows, self._hidden_columns = [], [], set()
                self._columns = self._number = 0
            case "table:table-column":
                self._column(attributes)
            case "table:table-row":
                self._begin_row()
                self._row_hidden = attributes.get("table:visibility", "visible") != "visible"
                self._row_repeat = int(attributes.get("table:number-rows-repeated", "1"))
            case "table:table-cell" | "table:covered-table-cell":
                self._repeat = int(attributes.get("table:number-columns-repeated", "1"))
                self._over = int(attributes.get("table:number-rows-spanned", "1"))
                self._is_struck = attributes.get("table:style-name", "") in self._struck_styles
                self._paragraphs = []
            case "office:annotation":
                self._annotation += 1
            case _ if name.startswith("text:") and not self._annotation:
                self._start_text(name, attributes)

    def _start_text(self, name: str, attributes: Mapping[str, str]) -> None:
        match name:
            case "text:p" | "text:h":
                self._within += 1
                self._paragraphs.append("")
            case "text:s" if self._within:
                self._paragraphs[-1] += " " * int(attributes.get("text:c", "1"))
            case "text:line-break" if self._within:
                self._paragraphs[-1] += "\n"
            case "text:tab" if self._within:
                self._paragraphs[-1] += "\t"

    def _column(self, attributes: Mapping[str, str]) -> None:
        repeat = int(attributes.get("table:number-columns-repeated", "1"))
        if attributes.get("table:visibility", "visible") != "visible":
            self._hidden_columns.update(range(self._columns, min(self._columns + repeat, MOST_COLUMNS)))
        self._columns += repeat

    def text(self, text: str) -> None:
        if self._within and not self._annotation:
            self._paragraphs[-1] += text

    def end(self, name: str) -> None:
        match name:
            case "office:annotation":
                self._annotation -= 1
            case "text:p" | "text:h" if not self._annotation:
                self._within -= 1
            case "table:table-cell" | "table:covered-table-cell":
                self._cell("\n".join(self._paragraphs).strip())
            case "table:table-row":
                self._row()
            case "table:table":
                self._table()

    def _begin_row(self) -> None:
        self._row_hidden, self._row_repeat = False, 1
        self._cells, self._place, self._struck_here = [], 0, set()
        self._over, self._is_struck = 1, False

    def _cell(self, shown: str) -> None:
        if shown:
            if len(self._known) < _MOST_KNOWN:
                shown = self._known.setdefault(shown, shown)
            else:
                shown = self._known.get(shown, shown)
            if self._place >= MOST_COLUMNS:
                self._cut = True
            else:
                self._cells += [""] * (self._place - len(self._cells))
                self._cells += [shown] * min(self._repeat, MOST_COLUMNS - self._place)
                if self._is_struck:
                    self._struck_here.add(self._place)
                if self._over > 1:
                    self._merged.append((self._place, self._number + 1, self._number + self._over))
        self._place += self._repeat

    def _row(self) -> None:
        cells = tuple(self._cells)
        if any(cells):
            for number in range(self._number + 1, self._number + 1 + min(self._row_repeat, ROWS_OF_A_SHEET)):
                if self._row_hidden:
                    self._hidden_rows.append(number)
                else:
                    self._rows.append((number, cells))
                    if self._struck_here:
                        self._struck[number] = frozenset(self._struck_here)
        self._number += self._row_repeat

    def _table(self) -> None:
        if not self._shown:
            self.hidden.append(self._name)
            return
        self.sheets.append(
            Sheet(
                name=self._name,
                rows=filled_down(self._rows, self._merged),
                struck=self._struck,
                hidden_rows=self._hidden_rows,
                hidden_columns=frozenset(self._hidden_columns),
                columns_cut=self._cut,
            )
        )
