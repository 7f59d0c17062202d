"""A screen of the chat: text and rows of buttons, without Telegram's types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from html import escape

from bot.ui.callback_data import Action

LONGEST_DATA = 64
"""Bytes of callback data that Telegram keeps for a button."""
MOST_BUTTONS = 100
WIDEST_ROW = 8

BLANK = "\u2800"
"""An invisible label; Telegram refuses white space."""


class Style(StrEnum):
    """The colour of a button; older apps ignore it."""

    PRIMARY = "primary"
    SUCCESS = "success"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """A label and what a tap on it does. Raises ValueError for data that Telegram would cut or refuse.

    `url`: opened by the app in place of the action.
    """

    label: str
    action: Action
    style: Style | None = None
    url: str = ""

    def __post_init__(self) -> None:
        if len(self.data.encode()) > LONGEST_DATA:
            raise ValueError(f"callback data may take {LONGEST_DATA} bytes: {self.data!r}")
        if not self.label.strip():
            raise ValueError("a button needs a label")

    @property
    def data(self) -> str:
        return self.action.encode()


Row = tuple[Button, ...]
Rows = tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """One message of the bot. `html`: with all foreign text escaped."""

    html: str
    rows: Rows = ()
    follows: str = ""
    """The id of the series that it shows, and is to show as it changes."""

    def __post_init__(self) -> None:
        if sum(map(len, self.rows)) > MOST_BUTTONS or any(
            not 0 < len(row) <= WIDEST_ROW for row in self.rows
        ):
            raise ValueError("too many buttons, or an empty row")

    @property
    def fingerprint(self) -> str:
        """Equal for equal screens."""
        return sha256(repr((self.html, self.rows)).encode()).hexdigest()[:16]


def screen(text: str | Iterable[str], *rows: Button | Row | None) -> Screen:
    """A screen of HTML lines and rows of buttons; a button alone is a row. Leaves out empty lines and rows."""
    html = text if isinstance(text, str) else "\n".join(line for line in text if line)
    return Screen(html, tuple((row,) if isinstance(row, Button) else row for row in rows if row))


def plain(text: str, *rows: Button | Row | None) -> Screen:
    """A screen of a text without markup."""
    return screen(escape(text, quote=False), *rows)


def grid(buttons: Sequence[Button], width: int) -> Rows:
    """Rows of `width` buttons; the last one may be shorter."""
    return tuple(tuple(buttons[start : start + width]) for start in range(0, len(buttons), width))
