"""What the columns of a list mean: an address on some messenger, the messenger's name, or a variable."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from core.domain.errors import ValidationError
from core.domain.messengers.traits import BY_ALIAS, AddressKind, Messenger
from core.domain.translatable import sentence
from core.parsing.recipients import read_recipient

Cells = tuple[str, ...]

_RECIPIENT: Final = frozenset({"recipient", "recipients", "получатель", "получатели"})
_PERHAPS_RECIPIENT: Final = frozenset({"address", "who", "to", "uuid", "адрес", "кому"})
_MESSENGER: Final = frozenset({"messenger", "service", "мессенджер", "сервис"})
_WORDS: Final = {
    AddressKind.PHONE: ("phone", "phone_number", "mobile", "tel", "telephone", "телефон", "номер_телефона"),
    AddressKind.CHAT_ID: ("chat_id",),
}
_BESIDE: Final = "recipient"
_ENDINGS: Final = ("", "_id", "_number", "_phone")
_VARIABLE: Final = re.compile(r"\{([^\W\d]\w{0,63})\}")
_NO_WORD: Final = re.compile(r"\W+")
_LIKE_A_VALUE: Final = re.compile(r"[\d@:+]")

NO_ADDRESSES: Final = sentence(
    "No column of the file has addresses that I can read. Name the columns in the first row: telegram, whatsapp, "
    "viber or phone, and any others, which become variables. Or write telegram:1001 or +12025550123 in each row."
)


class Role(Enum):
    """What a column without a fixed messenger is."""

    RECIPIENT = "a recipient as typed: telegram:1001"
    MESSENGER = "the messenger of the recipient beside it"
    UNUSED = "nothing"


@dataclass(frozen=True, slots=True)
class Variable:
    """A column that fills the gap of that name."""

    name: str


Column = Messenger | Role | Variable


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a list. `headed`: the first row names them, and is nobody's."""

    columns: tuple[Column, ...]
    headed: bool

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if isinstance(column, Variable))


def layout_of(sample: Sequence[Cells]) -> Layout:
    """From the first rows that are not empty. Raises ValidationError when none of the columns can be an address."""
    if not sample:
        raise ValidationError([sentence("The file has no rows.")])
    headed = _is_header(sample)
    columns = _named(sample[0]) if headed else _unnamed(max(map(len, sample)))
    below = sample[1:] if headed else sample
    if not any(_is_address(column) for column in columns):
        columns = _found(columns, below)
    if not headed and columns.count(Role.UNUSED) == 1:
        columns[columns.index(Role.UNUSED)] = Variable("name")
    return Layout(tuple(columns), headed)


def _unnamed(width: int) -> list[Column]:
    return [Role.UNUSED] * width


def _is_address(column: Column) -> bool:
    return isinstance(column, Messenger) or column is Role.RECIPIENT


def _is_header(sample: Sequence[Cells]) -> bool:
    """Names of columns have no digits in them, and nothing else that every address has."""
    first = sample[0]
    if any(_VARIABLE.fullmatch(cell) or _word(cell) in _RECIPIENT for cell in first):
        return True
    if any(_LIKE_A_VALUE.search(cell) for cell in first):
        return any(map(_is_address, _named(first))) and not any(map(_is_value, first))
    below = sample[1] if len(sample) > 1 else ()
    return not any(
        one.casefold() in BY_ALIAS and two.casefold() in BY_ALIAS
        for one, two in zip(first, below, strict=False)
    )


def _is_value(cell: str) -> bool:
    return cell.removeprefix("-").isdecimal() or cell.startswith(("+", "@")) or ":" in cell


def _named(header: Cells) -> list[Column]:
    names = [_word(cell) for cell in header]
    fixed: list[Messenger | None] = [_messenger_named(name) for name in names]
    if any(name in _RECIPIENT for name in names):
        fixed = [None] * len(names)
    some = any(fixed) or any(name in _RECIPIENT for name in names)
    taken: set[str] = set()
    columns: list[Column] = []
    for cell, name, messenger in zip(header, names, fixed, strict=True):
        own = _VARIABLE.fullmatch(cell)
        if own is None and messenger is not None:
            columns.append(messenger)
        elif own is None and (name in _RECIPIENT or (name in _PERHAPS_RECIPIENT and not some)):
            columns.append(Role.RECIPIENT)
        elif own is None and name in _MESSENGER:
            columns.append(Role.MESSENGER)
        else:
            columns.append(_variable(own[1] if own else name, taken))
    return columns


def heading_of(name: str) -> str:
    """How a column is headed so that it is read as the variable of that name, whatever else the name may mean."""
    plain = _named((_BESIDE, name))
    return name if plain[1] == Variable(name) else f"{{{name}}}"


def _messenger_named(word: str) -> Messenger | None:
    for messenger in Messenger:
        named = (f"{alias}{ending}" for alias in messenger.traits.aliases for ending in _ENDINGS)
        if word in _WORDS.get(messenger.traits.address, ()) or word in named:
            return messenger
    return None


def _variable(name: str, taken: set[str]) -> Column:
    if not name:
        return Role.UNUSED
    free, number = name, 2
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    taken.add(free)
    return Variable(free)


def _word(cell: str) -> str:
    """The heading as the name of a gap: "First name" = "first_name"."""
    word = _NO_WORD.sub("_", cell.casefold()).strip("_")[:60]
    return f"_{word}" if word[:1].isdigit() else word


def _found(columns: list[Column], rows: Sequence[Cells]) -> list[Column]:
    """The columns with those marked in which addresses stand."""
    places = range(len(columns))
    named = [sum(_at(row, place).casefold() in BY_ALIAS for row in rows) for place in places]
    messenger = max(places, key=lambda place: named[place])
    if named[messenger] * 2 > len(rows) and messenger + 1 in places:
        columns[messenger], columns[messenger + 1] = Role.MESSENGER, Role.RECIPIENT
        return columns
    read = [sum(_reads(_at(row, place)) for row in rows) for place in places]
    best = max(places, key=lambda place: read[place])
    if not read[best]:
        raise ValidationError([NO_ADDRESSES])
    for place in places:
        if place == best or read[place] * 2 > len(rows):
            columns[place] = Role.RECIPIENT
    return columns


def _at(row: Cells, place: int) -> str:
    return row[place] if place < len(row) else ""


def _reads(cell: str) -> bool:
    try:
        read_recipient(cell)
    except ValueError:
        return False
    return True
