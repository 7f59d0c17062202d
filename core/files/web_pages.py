"""Web pages whose tables are lists: programs save them under the names of spreadsheets."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Final

from core.files.sheets import MOST_COLUMNS, ROWS_OF_A_SHEET, Sheet, SheetBuilder, Workbook
from core.parsing.entries import with_strokes

_PAGE: Final = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype html|html|head|body|table|meta|style|div)\b", re.IGNORECASE
)
_CHARSET: Final = re.compile(rb"<meta[^>]{1,200}charset=[\"']?([\w-]{2,20})", re.IGNORECASE)
_HEAD: Final = 4_096
_HIDDEN: Final = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_BLANKS: Final = re.compile(r"[ \t\r\n\f\u00a0]+")
_NOT_SHOWN: Final = frozenset({"script", "style", "title"})
_CLOSING: Final = {name: re.compile(rf"</{name}\b", re.IGNORECASE) for name in _NOT_SHOWN}
_TAG: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<[!?][^>]*>"
    r"|<(?P<closing>/?)(?P<name>[a-z][^\s/>]*)(?P<attributes>(?:[^<>\"']+|\"[^\"<]*\"|'[^'<]*'|[\"'])*+)>?",
    re.IGNORECASE | re.DOTALL,
)
"""A comment, a declaration or a tag; an unclosed one ends at the next."""
_SPAN: Final = re.compile(r"\b(?P<name>colspan|rowspan)\s*=\s*[\"']?(?P<value>\d{1,9})", re.IGNORECASE)
_LINK: Final = re.compile(r"\bhref\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
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
    reader.read(text)
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
        self._strikes = 0

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
        self._text, self._wide, self._strikes = [], wide, 0
        last = min(number + high - 1, ROWS_OF_A_SHEET)
        self._built.merge(self._place, number, last)
        for row in range(number + 1, last + 1):
            self._taken.setdefault(row, set()).update(range(self._place, self._place + wide))

    def say(self, text: str) -> None:
        if self._text is not None:
            self._text.append(with_strokes(text) if self._strikes else text)

    def link(self, target: str) -> None:
        """Note what the open cell leads to."""
        if self._text is not None:
            self._built.link(self._built.number, self._place, target)

    def strike(self, change: int) -> None:
        """Begin (1) or end (-1) what is crossed out."""
        self._strikes = max(0, self._strikes + change)

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


_STRIKES: Final = frozenset({"s", "del", "strike"})


class _PageReader:
    """Finds the tables of a page, those within others too. A hundred thousand rows have a million tags."""

    def __init__(self) -> None:
        self.tables: list[_Table] = []
        self._open: list[_Table] = []

    def read(self, page: str) -> None:
        at, tag = 0, _TAG.search(page)
        while tag is not None:
            self._say(page[at : tag.start()])
            name, end = (tag["name"] or "").lower(), tag.end()
            if name in _NOT_SHOWN and not tag["closing"]:
                closing = _CLOSING[name].search(page, end)
                end = closing.start() if closing else len(page)
            elif name:
                self._tag(name, tag)
            at, tag = end, _TAG.search(page, end)
        self._say(page[at:])

    def _say(self, text: str) -> None:
        if self._open and text:
            self._open[-1].say((html.unescape(text) if "&" in text else text).replace("\v", " "))

    def _tag(self, name: str, tag: re.Match[str]) -> None:
        if name == "table" and not tag["closing"]:
            self._open.append(_Table())
            self.tables.append(self._open[-1])
        elif self._open and tag["closing"]:
            self._end(name)
        elif self._open:
            self._start(name, tag["attributes"])

    def _start(self, name: str, attributes: str) -> None:
        table = self._open[-1]
        if name in ("td", "th"):
            spans = dict.fromkeys(("colspan", "rowspan"), 1)
            if "span" in attributes.lower():
                spans |= {one["name"].lower(): _number(one["value"]) for one in _SPAN.finditer(attributes)}
            table.start_cell(wide=spans["colspan"], high=spans["rowspan"])
        elif name == "tr":
            table.start_row(hidden=_HIDDEN.search(attributes) is not None)
        elif name in _BREAKS:
            table.say("\v")
        elif name == "a" and (found := _LINK.search(attributes)):
            table.link(html.unescape(found[1]))
        elif name in _STRIKES:
            table.strike(1)

    def _end(self, name: str) -> None:
        if name == "table":
            self._open.pop().end_row()
        elif name == "tr":
            self._open[-1].end_row()
        elif name in ("td", "th"):
            self._open[-1].end_cell()
        elif name in _STRIKES:
            self._open[-1].strike(-1)


def _number(written: str) -> int:
    return min(max(1, int(written)), MOST_COLUMNS) if written.isascii() and written.isdecimal() else 1
