"""Other words for the commands, in English and Russian."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

_WORDS: Final = {
    "admins": ("invite", "team", "users", "команда"),
    "cancel": ("abort", "undo", "отмена", "отменить"),
    "help": ("помощь", "справка"),
    "lists": ("contacts", "groups", "list", "people", "контакты", "список", "списки"),
    "panic": ("pause", "stop", "пауза", "стоп"),
    "purge": ("delete",),
    "resume": ("continue", "продолжить"),
    "scheduled": ("schedule", "запланированные"),
    "send": ("broadcast", "message", "new", "write", "отправить"),
    "sent": ("history", "report", "reports", "results", "stats", "отправленные", "отчёт", "отчет"),
    "start": ("home", "menu", "меню"),
    "zone": ("timezone",),
}
_COMMANDS: Final = MappingProxyType({word: name for name, words in _WORDS.items() for word in (name, *words)})


def nearest(name: str, commands: Collection[str]) -> str | None:
    """The one of `commands` that an unknown one may have been meant for; None if nothing is alike."""
    known = {one: one for one in commands} | _COMMANDS
    near = get_close_matches(name, known, n=1)
    return known[near[0]] if near else None


def meant(text: str) -> str | None:
    """The command that a message of nothing but one of these words may be meant for."""
    return _COMMANDS.get(text.strip(" .!?\n").casefold())
