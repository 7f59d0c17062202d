"""Workbooks: XLSX, XLS and ODS files, with what is hidden in them and with their cells as the sheet shows them.

XLSX is read by expat directly: no library gives hidden rows and number formats of 200,000 rows within seconds.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pyexpat import ExpatError
from typing import IO, Any, Final
from xml.parsers import expat

import xlrd

from core.domain.errors import ValidationError
from core.domain.translatable import Sentence, sentence, sentences
from core.files.number_formats import BUILT_IN, Show, Style, plain, shower, style_of

Cells = tuple[str, ...]

MOST_COLUMNS: Final = 1_000
_ROWS_OF_A_SHEET: Final = 1_048_576
_MOST_PARTS: Final = 2_000
_MOST_UNPACKED: Final = 150 * 1024 * 1024
_MOST_IN_MEMORY: Final = 40 * 1024 * 1024
"""All parts but the sheets themselves are read whole."""
_OLE: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_ODS: Final = b"application/vnd.oasis.opendocument.spreadsheet"
_MOST_NAMED: Final = 5
_CHUNK: Final = 65_536
_ERRORS: Final = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip

_UNREADABLE: Final = (
    zipfile.BadZipFile, ExpatError, xlrd.XLRDError, xlrd.compdoc.CompDocError, struct.error,
    KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, OSError, NotImplementedError, zlib.error,
    AssertionError, UnicodeError, RuntimeError, OverflowError,
)  # fmt: skip
"""What damaged files make of their readers."""

PROTECTED: Final = sentence("This file is protected by a password. Save it without one, then send it again.")
UNREADABLE: Final = sentence(
    "I can't read this spreadsheet. Save the list as CSV or XLSX, then send it again."
)
_TOO_LARGE: Final = sentence(
    "This spreadsheet unpacks to more than I can read. Save the list alone, as CSV, then send it again."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """One sheet, its cells as it shows them."""

    name: str
    rows: list[tuple[int, Cells]]
    """Those that are not empty and not hidden, with their numbers."""
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: frozenset[int] = frozenset()
    columns_cut: bool = False
    unfinished: tuple[int, ...] = ()
    """Rows with formulas that no program has computed yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Workbook:
    """The sheets that can be seen, and the names of those that cannot."""

    kind: str
    sheets: list[Sheet]
    hidden: tuple[str, ...]


def is_workbook(data: bytes) -> bool:
    """True if the file is packed as workbooks are."""
    return data.startswith((b"PK\x03\x04", _OLE))


def read_workbook(data: bytes) -> Workbook:
    """Raises ValidationError."""
    try:
        if data.startswith(_OLE):
            if _ENCRYPTED in data:
                raise ValidationError([PROTECTED])
            return _xls(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _weigh(archive)
            names = set(archive.namelist())
            if "mimetype" in names and archive.read("mimetype").startswith(_ODS):
                return _ods(archive)
            if "xl/workbook.bin" in names:
                raise ValidationError(
                    [sentence("This is a binary workbook (XLSB). Save it as XLSX, then send it again.")]
                )
            return _Xlsx(archive).read()
    except _UNREADABLE as error:
        if "encrypted" in str(error).lower() or "password" in str(error).lower():
            raise ValidationError([PROTECTED]) from None
        raise ValidationError([UNREADABLE]) from None


def _weigh(archive: zipfile.ZipFile) -> None:
    """By the sizes that the archive names; the unpacker stops at them, whatever is really inside."""
    parts = archive.infolist()
    sheets = sum(
        part.file_size
        for part in parts
        if part.filename.startswith("xl/worksheets/") or part.filename == "content.xml"
    )
    rest = sum(part.file_size for part in parts) - sheets
    if len(parts) > _MOST_PARTS or rest > _MOST_IN_MEMORY or sheets + rest > _MOST_UNPACKED:
        raise ValidationError([_TOO_LARGE])


Start = Callable[[str, Mapping[str, str]], None]


def _parse(source: IO[bytes], start: Start, end: Callable[[str], None], text: Callable[[str], None]) -> None:
    """Runs an XML document through the three, names without their namespaces. No document types: entities multiply."""
    parser = expat.ParserCreate(namespace_separator=None)
    parser.buffer_text = True

    def refuse(*_arguments: object) -> None:
        raise ValueError("a document type")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    while chunk := source.read(_CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _nothing(_text: str) -> None:
    return None


_COLUMN: Final = re.compile(r"([A-Z]+)")


class _Xlsx:
    """One XLSX file."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._columns: dict[str, int] = {}
        self._shared: list[str] = []
        self._styles: list[str] = []
        self._shows: list[Show] = []
        self._style = Style()

    def read(self) -> Workbook:
        sheets: list[tuple[str, str, bool]] = []
        flags = {"date1904": False}

        def start(name: str, attributes: Mapping[str, str]) -> None:
            if _local(name) == "sheet":
                rel = next(
                    (value for key, value in attributes.items() if _local(key) == "id" and ":" in key), ""
                )
                hidden = attributes.get("state", "visible") != "visible"
                sheets.append((attributes["name"], rel, hidden))
            elif _local(name) == "workbookPr":
                flags["date1904"] = attributes.get("date1904", "0") in ("1", "true")

        book = self._main_part()
        with self._archive.open(book) as source:
            _parse(source, start, _nothing, _nothing)
        targets = self._targets(book)
        self._read_styles(posixpath.join(posixpath.dirname(book), "styles.xml"), date_1904=flags["date1904"])
        self._read_shared(posixpath.join(posixpath.dirname(book), "sharedStrings.xml"))
        visible = [
            (name, targets[rel])
            for name, rel, hidden in sheets
            if not hidden and "sheet" in targets.get(rel, "")
        ]
        return Workbook(
            kind="XLSX",
            sheets=[self._sheet(name, part) for name, part in visible],
            hidden=tuple(name for name, _rel, hidden in sheets if hidden),
        )

    def _main_part(self) -> str:
        if "xl/workbook.xml" in self._archive.namelist():
            return "xl/workbook.xml"
        found = [name for name in self._archive.namelist() if posixpath.basename(name) == "workbook.xml"]
        return found[0]

    def _targets(self, book: str) -> dict[str, str]:
        """The parts of the archive by the ids that the workbook calls them by."""
        folder, found = posixpath.dirname(book), {}

        def start(name: str, attributes: Mapping[str, str]) -> None:
            if _local(name) == "Relationship":
                target = attributes["Target"]
                full = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
                found[attributes["Id"]] = posixpath.normpath(full)

        with self._archive.open(f"{folder}/_rels/{posixpath.basename(book)}.rels") as source:
            _parse(source, start, _nothing, _nothing)
        return found

    def _read_styles(self, part: str, *, date_1904: bool) -> None:
        if part not in self._archive.namelist():
            self._shows = [lambda value: plain(value, self._style)]
            return
        formats, used, within = dict(BUILT_IN), [], {"xfs": False}

        def start(name: str, attributes: Mapping[str, str]) -> None:
            match _local(name):
                case "numFmt":
                    formats[int(attributes["numFmtId"])] = attributes["formatCode"]
                case "cellXfs":
                    within["xfs"] = True
                case "xf" if within["xfs"]:
                    used.append(int(attributes.get("numFmtId", "0")))

        def end(name: str) -> None:
            if _local(name) == "cellXfs":
                within["xfs"] = False

        with self._archive.open(part) as source:
            _parse(source, start, end, _nothing)
        self._styles = [formats.get(one, "General") for one in used] or ["General"]
        self._style = style_of(dict.fromkeys(self._styles), date_1904=date_1904)
        self._shows = [shower(code, self._style) for code in self._styles]

    def _read_shared(self, part: str) -> None:
        if part not in self._archive.namelist():
            return
        reader = _SharedReader()
        with self._archive.open(part) as source:
            _parse(source, reader.start, reader.end, reader.text)
        self._shared = reader.texts

    def _sheet(self, name: str, part: str) -> Sheet:
        reader = _SheetReader(self._shared, self._shows, self._style, self._columns)
        with self._archive.open(part) as source:
            _parse(source, reader.start, reader.end, reader.text)
        return Sheet(
            name=name,
            rows=reader.rows,
            hidden_rows=reader.hidden_rows,
            hidden_columns=frozenset(reader.hidden_columns),
            columns_cut=reader.columns_cut,
            unfinished=tuple(dict.fromkeys(reader.unfinished)),
        )


class _SharedReader:
    """The texts that cells share; how they are pronounced is left out."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._pieces: list[str] = []
        self._collects = False
        self._phonetic = 0

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        match _local(name):
            case "si":
                self._pieces = []
            case "t":
                self._collects = not self._phonetic
            case "rPh":
                self._phonetic += 1

    def text(self, text: str) -> None:
        if self._collects:
            self._pieces.append(text)

    def end(self, name: str) -> None:
        match _local(name):
            case "si":
                self.texts.append(_unescaped("".join(self._pieces)).strip())
            case "t":
                self._collects = False
            case "rPh":
                self._phonetic -= 1


class _SheetReader:
    """The rows of one sheet, event by event. Written for speed: a large one has millions of events."""

    def __init__(self, shared: list[str], shows: list[Show], style: Style, columns: dict[str, int]) -> None:
        self._shared, self._shows, self._style, self._columns = shared, shows, style, columns
        self.rows: list[tuple[int, Cells]] = []
        self.hidden_rows: list[int] = []
        self.hidden_columns: set[int] = set()
        self.columns_cut = False
        self.unfinished: list[int] = []
        self._formula = False
        self._number = 0
        self._hidden = False
        self._cells: list[str] = []
        self._place = -1
        self._type = ""
        self._show = 0
        self._value: list[str] = []
        self._collects = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c" or name.endswith(":c"):
            reference = attributes.get("r")
            self._place = self._column(reference) if reference else self._place + 1
            self._type = attributes.get("t", "n")
            self._show = int(attributes.get("s", "0"))
            self._value = []
            self._formula = False
        elif name in ("v", "t") or name.endswith((":v", ":t")):
            self._collects = True
        elif name == "row" or name.endswith(":row"):
            self._number = int(attributes.get("r", self._number + 1))
            self._hidden = attributes.get("hidden", "0") in ("1", "true") or attributes.get("ht") == "0"
            self._cells, self._place = [], -1
        elif name == "col" or name.endswith(":col"):
            if attributes.get("hidden", "0") in ("1", "true"):
                last = min(int(attributes["max"]), MOST_COLUMNS)
                self.hidden_columns.update(range(int(attributes["min"]) - 1, last))
        elif name == "f" or name.endswith(":f"):
            self._formula = True
        elif name == "rPh" or name.endswith(":rPh"):
            self._collects = False

    def text(self, text: str) -> None:
        if self._collects:
            self._value.append(text)

    def end(self, name: str) -> None:
        if name == "c" or name.endswith(":c"):
            if self._value and (shown := self._shown("".join(self._value))):
                self._put(shown)
            elif self._formula and not self._value:
                self.unfinished.append(self._number)
        elif name in ("v", "t") or name.endswith((":v", ":t")):
            self._collects = False
        elif (name == "row" or name.endswith(":row")) and any(self._cells):
            if self._number > _ROWS_OF_A_SHEET:
                return
            if self._hidden:
                self.hidden_rows.append(self._number)
            else:
                self.rows.append((self._number, tuple(self._cells)))

    def _put(self, shown: str) -> None:
        if self._place >= MOST_COLUMNS:
            self.columns_cut = True
            return
        cells = self._cells
        while len(cells) <= self._place:
            cells.append("")
        cells[self._place] = shown

    def _column(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        place = self._columns.get(letters)
        if place is None:
            place = 0
            for letter in letters:
                place = place * 26 + ord(letter) - 64
            place = self._columns[letters] = place - 1
        return place

    def _shown(self, value: str) -> str:
        match self._type:
            case "s":
                return self._shared[int(value)]
            case "n":
                return self._shows[self._show if self._show < len(self._shows) else 0](float(value))
            case "b":
                return "TRUE" if value == "1" else "FALSE"
            case "d":
                return value.replace("T", " ").removesuffix(" 00:00:00")
            case _:
                return _unescaped(value).strip()


_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


def _unescaped(text: str) -> str:
    """Characters that XML cannot hold are written as _x000D_."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).replace("\r\n", "\n").replace("\r", "\n")


def _xls(data: bytes) -> Workbook:
    book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    codes = [book.format_map[one.format_key].format_str for one in book.xf_list]
    style = style_of(dict.fromkeys(codes), date_1904=book.datemode == 1)
    shows = [shower(code, style) for code in codes]
    sheets = [sheet for sheet in book.sheets() if sheet.visibility == 0]
    return Workbook(
        kind="XLS",
        sheets=[_xls_sheet(sheet, shows) for sheet in sheets],
        hidden=tuple(sheet.name for sheet in book.sheets() if sheet.visibility != 0),
    )


def _xls_sheet(sheet: Any, shows: list[Show]) -> Sheet:  # noqa: ANN401 - xlrd has no types
    rows: list[tuple[int, Cells]] = []
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
    hidden = frozenset(place for place, info in sheet.colinfo_map.items() if info.hidden)
    return Sheet(name=sheet.name, rows=rows, hidden_rows=hidden_rows, hidden_columns=hidden)


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


def _ods(archive: zipfile.ZipFile) -> Workbook:
    if b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise ValidationError([PROTECTED])
    reader = _OdsReader()
    with archive.open("content.xml") as source:
        _parse(source, reader.start, reader.end, reader.text)
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

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        match name:
            case "style:style":
                self._style = attributes.get("style:name", "")
            case "style:table-properties" if attributes.get("table:display") == "false":
                self._hidden_styles.add(self._style)
            case "table:table":
                self._name = attributes.get("table:name", "")
                self._shown = attributes.get("table:style-name") not in self._hidden_styles
                self._rows, self._hidden_rows, self._hidden_columns = [], [], set()
                self._columns = self._number = 0
            case "table:table-column":
                self._column(attributes)
            case "table:table-row":
                self._row_hidden = attributes.get("table:visibility", "visible") != "visible"
                self._row_repeat = int(attributes.get("table:number-rows-repeated", "1"))
                self._cells, self._place = [], 0
            case "table:table-cell" | "table:covered-table-cell":
                self._repeat = int(attributes.get("table:number-columns-repeated", "1"))
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

    def _cell(self, shown: str) -> None:
        if shown:
            if self._place >= MOST_COLUMNS:
                self._cut = True
            else:
                self._cells += [""] * (self._place - len(self._cells))
                self._cells += [shown] * min(self._repeat, MOST_COLUMNS - self._place)
        self._place += self._repeat

    def _row(self) -> None:
        cells = tuple(self._cells)
        if any(cells):
            for number in range(self._number + 1, self._number + 1 + min(self._row_repeat, _ROWS_OF_A_SHEET)):
                if self._row_hidden:
                    self._hidden_rows.append(number)
                else:
                    self._rows.append((number, cells))
        self._number += self._row_repeat

    def _table(self) -> None:
        if not self._shown:
            self.hidden.append(self._name)
            return
        self.sheets.append(
            Sheet(
                name=self._name,
                rows=self._rows,
                hidden_rows=self._hidden_rows,
                hidden_columns=frozenset(self._hidden_columns),
                columns_cut=self._cut,
            )
        )


def sheet_notes(book: Workbook, chosen: Sheet) -> Iterator[Sentence]:
    """What of a workbook was not read."""
    others = tuple(one.name for one in book.sheets if one is not chosen and one.rows)
    if others:
        yield sentence("Not read: sheets {names}.", names=others)
    if book.hidden:
        yield sentence("Not read: hidden sheets {names}.", names=book.hidden)
    if rows := chosen.hidden_rows:
        yield hidden_rows_note(rows)
    if chosen.unfinished:
        yield sentence(
            "Formulas without a result in {rows} count as empty. Open the file, save it, then send it again.",
            rows=rows_named(chosen.unfinished),
        )
    if chosen.columns_cut:
        yield sentence("Only the first {most} columns were read.", most=MOST_COLUMNS)


def hidden_rows_note(rows: list[int]) -> Sentence:
    """For example "Not read: 4 hidden or filtered rows (3, 4, 6, 9)."."""
    return sentences(
        "Not read: {count} hidden or filtered row ({rows}).",
        "Not read: {count} hidden or filtered rows ({rows}).",
        len(rows),
        rows=_some(rows),
    )


def rows_named(numbers: Iterable[int]) -> Sentence:
    """As a field: "row 4", "rows 4, 7 and 9 more"."""
    listed = list(dict.fromkeys(numbers))
    return sentences("row {rows}", "rows {rows}", len(listed), rows=_some(listed))


def _some(rows: Sequence[int]) -> object:
    """The first few of them."""
    shown = tuple(str(one) for one in rows[:_MOST_NAMED])
    if len(rows) <= _MOST_NAMED:
        return shown
    return sentence("{names} and {more} more", names=shown, more=len(rows) - _MOST_NAMED)
