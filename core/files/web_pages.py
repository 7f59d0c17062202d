"""Web pages whose tables are lists: programs save them under the names of spreadsheets."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Final

from core.files.sheets import MOST_COLUMNS, ROWS_OF_A_SHEET, Sheet, SheetBuilder, Workbook

_PAGE: Final = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype html|html|head|body|table|meta|style|div)\b", re.IGNORECASE
)
_CHARSET: Final = re.compile(rb"<meta[^>]{1,200}charset=[\"']?([\w-]{2,20})", re.IGNORECASE)
_HEAD: Final = 4_096
_HIDDEN: Final = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_BLANKS: Final = re.compile(r"[ \t\r\n\f\u00a0]+")
_NOT_SHOWN: Final = frozenset({"script", "style", "title"})
_BREAKS: Final = frozenset({"br", "p", "div", "li"})


def is_page(text: str) -> bool:
    return _PAGE.match(text) is not None


def decoded_page(data: bytes) -> str | None:
    """The text of a page that says which encoding it is in; None for anything else."""
    found = _CHARSET.search(data[:_HEAD])
    if found is None or not is_page(data[:_HEAD].decode("latin-1").removeprefix("ï»¿")):
        return None
    try:
        return data.decode(found[1].decode()).removeprefix("\ufeff")
    except (LookupError, UnicodeDecodeError):
        return None


def read_page(text: str) -> Workbook:
    """Each table with more than one row as a sheet."""
    reader = _PageReader()
    try:
        reader.feed(text)
        reader.close()
    except AssertionError:  # of the parser, for declarations that it does not know
        return Workbook(kind="HTML", sheets=[], hidden=())
    sheets = [sheet for table in reader.tables if len((sheet := table.sheet()).rows) > 1]
    named = [replace(sheet, name=str(number)) for number, sheet in enumerate(sheets, start=1)]
    return Workbook(kind="HTML", sheets=named, hidden=())


class _Table:
    """The rows of one table."""

    def __init__(self) -> None:
        self._built = SheetBuilder()
        self._taken: dict[int, set[int]] = {}
        """By row: the columns that a cell above goes over."""
        self._in_row = False
        self._place = 0
        self._text: list[str] | None = None
        self._wide = 1

    def start_row(self, *, hidden: bool) -> None:
        self.end_row()
        self._built.begin_row(self._built.number + 1, hidden=hidden)
        self._place, self._in_row = 0, True

    def start_cell(self, *, wide: int, high: int) -> None:
        self.end_cell()
        if not self._in_row:
            self.start_row(hidden=False)
        number = self._built.number
        while self._place in self._taken.get(number, ()):
            self._place += 1
        self._text, self._wide = [], wide
        last = min(number + high - 1, ROWS_OF_A_SHEET)
        self._built.merge(self._place, number, last)
        for row in range(number + 1, last + 1):
            self._taken.setdefault(row, set()).update(range(self._place, self._place + wide))

    def say(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end_cell(self) -> None:
        if self._text is None:
            return
        lines = "".join(self._text).split("\v")
        if shown := "\n".join(filter(None, (_BLANKS.sub(" ", line).strip() for line in lines))):
            self._built.put(self._place, shown)
        self._place += self._wide
        self._text = None

    def end_row(self) -> None:
        self.end_cell()
        if self._in_row:
            self._built.end_row()
        self._in_row = False

    def sheet(self) -> Sheet:
        self.end_row()
        return self._built.sheet()


class _PageReader(HTMLParser):
    """Finds the tables of a page, those within others too."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self._open: list[_Table] = []
        self._not_shown = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._open.append(_Table())
            self.tables.append(self._open[-1])
        elif tag in _NOT_SHOWN:
            self._not_shown += 1
        elif self._open:
            self._start_in_table(tag, {name: value or "" for name, value in attrs})

    def _start_in_table(self, tag: str, attributes: dict[str, str]) -> None:
        table = self._open[-1]
        if tag == "tr":
            table.start_row(hidden=_HIDDEN.search(attributes.get("style", "")) is not None)
        elif tag in ("td", "th"):
            wide, high = (_number(attributes.get(name, "")) for name in ("colspan", "rowspan"))
            table.start_cell(wide=wide, high=high)
        elif tag in _BREAKS:
            table.say("\v")

    def handle_endtag(self, tag: str) -> None:
        if tag in _NOT_SHOWN:
            self._not_shown = max(0, self._not_shown - 1)
        elif not self._open:
            return
        elif tag == "table":
            self._open.pop().end_row()
        elif tag == "tr":
            self._open[-1].end_row()
        elif tag in ("td", "th"):
            self._open[-1].end_cell()

    def handle_data(self, data: str) -> None:
        if self._open and not self._not_shown:
            self._open[-1].say(data.replace("\v", " "))


def _number(written: str) -> int:
    return min(max(1, int(written)), MOST_COLUMNS) if written.isascii() and written.isdecimal() else 1
