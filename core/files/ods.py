"""ODS files, whose cells hold their text as the sheet shows it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Final

from core.files.sheets import MOST_COLUMNS, Sheet, SheetBuilder, Workbook
from core.files.xml_events import UsualRows, parse
from core.parsing.entries import with_strokes

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


def is_flat_ods(data: bytes) -> bool:
    """True for a spreadsheet that LibreOffice has saved as one XML file."""
    head = data[:4_096]
    return b"<office:document " in head and b"opendocument.spreadsheet" in head


def read_flat_ods(data: bytes) -> Workbook:
    reader = _OdsReader()
    parse(io.BytesIO(data), reader.start, reader.end, reader.text)
    return Workbook(kind="FODS", sheets=reader.sheets, hidden=tuple(reader.hidden))


class _OdsReader:
    """An ODS file holds each cell's text as the sheet shows it."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self.hidden: list[str] = []
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._built = SheetBuilder()
        self._name = ""
        self._shown = True
        self._columns = 0
        self._next_row = 1
        self._row_repeat = 1
        self._place = 0
        self._repeat = 1
        self._paragraphs: list[str] = []
        self._within = 0
        self._annotation = 0
        self._comment: list[str] = []
        self._spans: list[bool] = []
        """By open span: whether it is crossed out."""
        self._struck_styles: set[str] = set()
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
        self._begin_row(hidden=False, repeat=1)
        for _whole, attributes, shown in cells:
            repeated = _REPEATED.search(attributes) if attributes else None
            self._repeat = int(repeated[1]) if repeated else 1
            self._cell(shown.strip())
        self._end_row()
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
                self._name = attributes.get("table:name", "")
                self._built, self._columns, self._next_row = SheetBuilder(self._name), 0, 1
                self._shown = attributes.get("table:style-name") not in self._hidden_styles
            case "table:table-column":
                self._column(attributes)
            case "table:table-row":
                self._begin_row(
                    hidden=attributes.get("table:visibility", "visible") != "visible",
                    repeat=int(attributes.get("table:number-rows-repeated", "1")),
                )
            case "table:table-cell" | "table:covered-table-cell":
                self._repeat = int(attributes.get("table:number-columns-repeated", "1"))
                self._over = int(attributes.get("table:number-rows-spanned", "1"))
                self._is_struck = attributes.get("table:style-name", "") in self._struck_styles
                self._paragraphs = []
            case "office:annotation":
                self._annotation += 1
                self._comment = []
            case _ if name.startswith("text:") and not self._annotation:
                self._start_text(name, attributes)

    def _start_text(self, name: str, attributes: Mapping[str, str]) -> None:
        match name:
            case "text:p" | "text:h":
                self._within += 1
                self._paragraphs.append("")
            case "text:a":
                self._built.link(self._built.number, self._place, attributes.get("xlink:href", ""))
            case "text:span":
                self._spans.append(attributes.get("text:style-name", "") in self._struck_styles)
            case "text:s" if self._within:
                self._paragraphs[-1] += " " * int(attributes.get("text:c", "1"))
            case "text:line-break" if self._within:
                self._paragraphs[-1] += "\n"
            case "text:tab" if self._within:
                self._paragraphs[-1] += "\t"

    def _column(self, attributes: Mapping[str, str]) -> None:
        repeat = int(attributes.get("table:number-columns-repeated", "1"))
        if attributes.get("table:visibility", "visible") != "visible":
            self._built.hide_columns(self._columns, self._columns + repeat)
        self._columns += repeat

    def text(self, text: str) -> None:
        if self._annotation:
            self._comment.append(text)
        elif self._within:
            self._paragraphs[-1] += with_strokes(text) if any(self._spans) else text

    def end(self, name: str) -> None:
        match name:
            case "office:annotation":
                self._annotation -= 1
                self._built.comment(self._built.number, " ".join(self._comment))
            case "text:span" if not self._annotation:
                self._spans.pop()
            case "text:p" | "text:h" if not self._annotation:
                self._within -= 1
            case "table:table-cell" | "table:covered-table-cell":
                self._cell("\n".join(self._paragraphs).strip())
            case "table:table-row":
                self._end_row()
            case "table:table" if self._shown:
                self.sheets.append(self._built.sheet())
            case "table:table":
                self.hidden.append(self._name)

    def _begin_row(self, *, hidden: bool, repeat: int) -> None:
        self._built.begin_row(self._next_row, hidden=hidden)
        self._row_repeat, self._next_row = repeat, self._next_row + repeat
        self._place, self._over, self._is_struck = 0, 1, False

    def _end_row(self) -> None:
        self._built.end_row(self._row_repeat)

    def _cell(self, shown: str) -> None:
        if shown:
            if len(self._known) < _MOST_KNOWN:
                shown = self._known.setdefault(shown, shown)
            else:
                shown = self._known.get(shown, shown)
            for place in range(self._place, min(self._place + self._repeat, MOST_COLUMNS + 1)):
                self._built.put(place, shown, struck=self._is_struck)
            number = self._built.number
            self._built.merge(self._place, number, number + self._over - 1)
        self._place += self._repeat
