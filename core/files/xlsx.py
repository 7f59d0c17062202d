"""XLSX files, read by expat directly: no library gives hidden rows and formats of 200,000 rows within seconds."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Mapping
from typing import Final

from core.files.number_formats import BUILT_IN, Show, Style, plain, shower, style_of
from core.files.sheets import Sheet, SheetBuilder, Workbook
from core.files.xml_events import UsualRows, local_name, parse
from core.parsing.entries import with_strokes

_MOST_KNOWN: Final = 10_000


def read_xlsx(archive: zipfile.ZipFile) -> Workbook:
    return _Xlsx(archive).read()


def _nothing(_text: str) -> None:
    return None


def _is_on(attributes: Mapping[str, str]) -> bool:
    return attributes.get("val", "1") in ("1", "true")


class _Xlsx:
    """One XLSX file."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._columns: dict[str, int] = {}
        self._shared: list[str] = []
        self._styles: list[str] = []
        self._shows: list[Show] = []
        self._struck: frozenset[int] = frozenset()
        """The styles of cells that are crossed out."""
        self._style = Style()

    def read(self) -> Workbook:
        sheets: list[tuple[str, str, bool]] = []
        flags = {"date1904": False}

        def start(name: str, attributes: Mapping[str, str]) -> None:
            if local_name(name) == "sheet":
                rel = next(
                    (value for key, value in attributes.items() if local_name(key) == "id" and ":" in key), ""
                )
                hidden = attributes.get("state", "visible") != "visible"
                sheets.append((attributes["name"], rel, hidden))
            elif local_name(name) == "workbookPr":
                flags["date1904"] = attributes.get("date1904", "0") in ("1", "true")

        book = self._main_part()
        with self._archive.open(book) as source:
            parse(source, start, _nothing, _nothing)
        targets = self._targets(book, "")
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

    def _targets(self, part: str, kind: str) -> dict[str, str]:
        """The parts of the archive by the ids that another one calls them by; those whose kind ends like that."""
        folder = posixpath.dirname(part)
        found = {
            name: posixpath.normpath(
                target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            )
            for name, target in self._relations(part, kind).items()
        }
        return {
            name: target for name, target in found.items() if not kind or target in self._archive.namelist()
        }

    def _relations(self, part: str, kind: str) -> dict[str, str]:
        """What a part of the archive refers to, by the ids that it uses; of the kinds that end like that."""
        found: dict[str, str] = {}

        def start(name: str, attributes: Mapping[str, str]) -> None:
            if local_name(name) == "Relationship" and attributes.get("Type", "").endswith(kind):
                found[attributes["Id"]] = attributes["Target"]

        relations = f"{posixpath.dirname(part)}/_rels/{posixpath.basename(part)}.rels"
        if kind and relations not in self._archive.namelist():
            return {}
        with self._archive.open(relations) as source:
            parse(source, start, _nothing, _nothing)
        return found

    def _read_styles(self, part: str, *, date_1904: bool) -> None:
        if part not in self._archive.namelist():
            self._shows = [lambda value: plain(value, self._style)]
            return
        formats, used, within = dict(BUILT_IN), [], ""
        fonts: list[bool] = []
        fonts_used: list[int] = []

        def start(name: str, attributes: Mapping[str, str]) -> None:
            nonlocal within
            match local_name(name):
                case "numFmt":
                    formats[int(attributes["numFmtId"])] = attributes["formatCode"]
                case "cellXfs" | "fonts" as part:
                    within = part
                case "font" if within == "fonts":
                    fonts.append(False)
                case "strike" if within == "fonts":
                    fonts[-1] = _is_on(attributes)
                case "xf" if within == "cellXfs":
                    used.append(int(attributes.get("numFmtId", "0")))
                    fonts_used.append(int(attributes.get("fontId", "0")))

        def end(name: str) -> None:
            nonlocal within
            if local_name(name) == within:
                within = ""

        with self._archive.open(part) as source:
            parse(source, start, end, _nothing)
        self._styles = [formats.get(one, "General") for one in used] or ["General"]
        self._style = style_of(dict.fromkeys(self._styles), date_1904=date_1904)
        self._shows = [shower(code, self._style) for code in self._styles]
        struck = {font for font, is_struck in enumerate(fonts) if is_struck}
        self._struck = frozenset(place for place, font in enumerate(fonts_used) if font in struck)

    def _read_shared(self, part: str) -> None:
        if part not in self._archive.namelist():
            return
        reader = _SharedReader()
        with self._archive.open(part) as source:
            parse(source, reader.start, reader.end, reader.text, UsualRows(b"</si>", reader.usual))
        self._shared = reader.texts

    def _sheet(self, name: str, part: str) -> Sheet:
        built = SheetBuilder(name)
        reader = _SheetReader(built, self._shared, self._shows, self._struck, self._columns)
        with self._archive.open(part) as source:
            parse(source, reader.start, reader.end, reader.text, UsualRows(b"</row>", reader.usual))
        for comments in self._targets(part, "/comments").values():
            self._read_comments(comments, built)
        targets = self._relations(part, "/hyperlink") if reader.links else {}
        for reference, link in reader.links:
            cell = reference.partition(":")[0]
            built.link(int(cell.lstrip(_LETTERS)), reader.column(cell), targets.get(link, ""))
        return built.sheet()

    def _read_comments(self, part: str, built: SheetBuilder) -> None:
        row = 0
        pieces: list[str] = []
        collects = False

        def start(name: str, attributes: Mapping[str, str]) -> None:
            nonlocal row, pieces, collects
            if local_name(name) == "comment":
                row, pieces = int(attributes["ref"].lstrip(_LETTERS)), []
            collects = local_name(name) == "t"

        def end(name: str) -> None:
            nonlocal collects
            collects = False
            if local_name(name) == "comment":
                built.comment(row, "".join(pieces))

        def text(text: str) -> None:
            if collects:
                pieces.append(text)

        with self._archive.open(part) as source:
            parse(source, start, end, text)


class _SharedReader:
    """The texts that cells share; how they are pronounced is left out, and crossed-out parts are marked."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._pieces: list[str] = []
        self._collects = False
        self._struck = False
        self._phonetic = 0

    def usual(self, piece: bytes) -> bool:
        """Read a text that is in one piece."""
        found = _SHARED.fullmatch(piece.decode())
        if found is None:
            return False
        self.texts.append(_unescaped(found[1]).strip())
        return True

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        match local_name(name):
            case "si":
                self._pieces = []
            case "r":
                self._struck = False
            case "strike":
                self._struck = _is_on(attributes)
            case "t":
                self._collects = not self._phonetic
            case "rPh":
                self._phonetic += 1

    def text(self, text: str) -> None:
        if self._collects:
            self._pieces.append(with_strokes(text) if self._struck else text)

    def end(self, name: str) -> None:
        match local_name(name):
            case "r":
                self._struck = False
            case "si":
                self.texts.append(_unescaped("".join(self._pieces)).strip())
            case "t":
                self._collects = False
            case "rPh":
                self._phonetic -= 1


class _SheetReader:
    """The rows of one sheet, event by event. Written for speed: a large one has millions of events."""

    def __init__(
        self,
        built: SheetBuilder,
        shared: list[str],
        shows: list[Show],
        struck: frozenset[int],
        columns: dict[str, int],
    ) -> None:
        self._built = built
        self._shared, self._shows, self._struck, self._columns = shared, shows, struck, columns
        self.links: list[tuple[str, str]] = []
        """Cells, or several as "A1:A3", each with the id of what it leads to."""
        self._names: dict[str, str] = {}
        """Names of elements without their namespaces."""
        self._formula = False
        self._place = -1
        self._type = ""
        self._show = 0
        self._value: list[str] = []
        self._collects = self._part_struck = False
        self._known: dict[tuple[int, str], str] = {}
        """Frequent numbers as they are shown."""

    def usual(self, piece: bytes) -> bool:
        """Read a row whose cells are numbers, shared texts and texts in one piece."""
        text = piece.decode()
        row = _ROW.match(text)
        if row is None:
            return False
        cells = _CELL.findall(text, row.end())
        if sum([len(cell[0]) for cell in cells]) != len(text) - row.end():
            return False
        self._begin_row(int(row[1]), hidden=_HIDDEN_ROW.search(row[2]) is not None)
        for _whole, letters, style, kind, value, inline in cells:
            if value or inline:
                self._place = self._place_of(letters)
                self._type, self._show = kind or "n", int(style or 0)
                self._cell(value or inline)
        self._built.end_row()
        return True

    def start(self, element: str, attributes: Mapping[str, str]) -> None:
        name = self._names.get(element) or self._name(element)
        if name == "c":
            reference = attributes.get("r")
            self._place = self.column(reference) if reference else self._place + 1
            self._type = attributes.get("t", "n")
            self._show = int(attributes.get("s", "0"))
            self._value = []
            self._formula = False
        elif name in ("v", "t"):
            self._collects = True
        elif name == "row":
            hidden = attributes.get("hidden", "0") in ("1", "true") or attributes.get("ht") == "0"
            self._begin_row(int(attributes.get("r", self._built.number + 1)), hidden=hidden)
        elif name == "col":
            if attributes.get("hidden", "0") in ("1", "true"):
                self._built.hide_columns(int(attributes["min"]) - 1, int(attributes["max"]))
        elif name == "f":
            self._formula = True
        elif name == "strike":
            self._part_struck = _is_on(attributes)
        elif name == "rPh":
            self._collects = False
        else:
            self._below_rows(name, attributes)

    def _below_rows(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "mergeCell":
            self._merge(attributes["ref"])
        elif name == "hyperlink":
            link = next((value for key, value in attributes.items() if local_name(key) == "id"), "")
            self.links.append((attributes["ref"], link))

    def text(self, text: str) -> None:
        if self._collects:
            self._value.append(with_strokes(text) if self._part_struck else text)

    def end(self, element: str) -> None:
        name = self._names.get(element) or self._name(element)
        if name == "c":
            if self._value:
                self._cell("".join(self._value))
            elif self._formula:
                self._built.leave_unfinished()
        elif name in ("v", "t"):
            self._collects = False
        elif name == "r":
            self._part_struck = False
        elif name == "row":
            self._built.end_row()

    def _begin_row(self, number: int, *, hidden: bool) -> None:
        self._built.begin_row(number, hidden=hidden)
        self._place = -1

    def _cell(self, value: str) -> None:
        if shown := self._shown(value):
            self._built.put(self._place, shown, struck=self._show in self._struck)

    def _name(self, element: str) -> str:
        self._names[element] = local_name(element)
        return self._names[element]

    def _merge(self, reference: str) -> None:
        first, _colon, last = reference.partition(":")
        rows = [int(one.lstrip(_LETTERS)) for one in (first, last) if one]
        if len(rows) == 2:
            self._built.merge(self.column(first), rows[0], rows[1])

    def column(self, reference: str) -> int:
        return self._place_of(reference.rstrip("0123456789"))

    def _place_of(self, letters: str) -> int:
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
                return self._number_shown(value)
            case "b":
                return "TRUE" if value == "1" else "FALSE"
            case "d":
                return value.replace("T", " ").removesuffix(" 00:00:00")
            case _:
                return _unescaped(value).strip()

    def _number_shown(self, value: str) -> str:
        key = (self._show, value)
        shown = self._known.get(key)
        if shown is None:
            shown = self._shows[self._show if self._show < len(self._shows) else 0](float(value))
            if len(self._known) < _MOST_KNOWN:
                self._known[key] = shown
        return shown


_ROW: Final = re.compile(r"""\s*<row r="(\d+)"([^<>']*)(?<!/)>""")
_HIDDEN_ROW: Final = re.compile(r'\bhidden="(?:1|true)"|\bht="0"')
_CELL: Final = re.compile(
    r'(<c r="([A-Z]{1,3})\d+"(?: s="(\d+)")?(?: t="(\w+)")?'
    r"(?:/>|>(?:(?:<f(?: [^<>]*)?(?:/>|>[^<&]*</f>))?<v>([^<&\r]+)</v>"
    r'|<is><t(?: xml:space="preserve")?>([^<&\r]+)</t></is>)?</c>))'
)
_SHARED: Final = re.compile(r'\s*<si><t(?: xml:space="preserve")?>([^<&\r]*)</t>')
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


def _unescaped(text: str) -> str:
    """Characters that XML cannot hold are written as _x000D_."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).replace("\r\n", "\n").replace("\r", "\n")
