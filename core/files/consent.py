"""Columns that select who is written to: flags, dates, words of agreement or refusal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from core.parsing.refusals import may_be_refusal

_YES: Final = frozenset({
    "1", "yes", "y", "true", "x", "✓", "✔", "☑", "✅", "ja", "j", "oui", "o", "si", "sí", "sì", "s", "sim", "да",
    "д", "так", "evet", "da", "e", "tak", "t", "+", "on", "ano", "áno", "igen", "kyllä", "ναι", "כן", "نعم", "是",
    "はい", "예",
    # TRUE as spreadsheet programs write it
    "wahr", "vrai", "vero", "verdadero", "verdadeiro", "prawda", "истина", "істина", "doğru", "waar", "sant",
    "sand", "tosi", "pravda", "igaz", "adevărat", "αληθησ", "αληθής", "真",
})  # fmt: skip
FLAGS: Final = _YES | frozenset({
    "0", "no", "n", "false", "nein", "non", "não", "nao", "нет", "н", "ні", "hayır", "h", "nie", "-", "off", "☐", "❌",
    "✗", "✘", "ne", "nem", "ei", "nu", "nee", "nej", "nei", "όχι", "לא", "لا", "否", "いいえ", "아니오",
    "falsch", "faux", "falso", "fałsz", "ложь", "хибність", "хибно", "yanlış", "onwaar", "falskt", "falsk", "usann",
    "epätosi", "nepravda", "lež", "hamis", "fals", "ψευδησ", "ψευδής", "假",
})  # fmt: skip
_AGREED: Final = frozenset({
    "subscribed", "opted in", "opted-in", "opt-in", "optin", "granted", "agreed", "confirmed", "erteilt",
    "zugestimmt", "eingewilligt", "angemeldet", "abonniert", "abonné", "inscrit", "suscrito", "inscrito",
    "iscritto", "zapisany", "подписан", "подписана", "согласен", "согласна", "підписаний", "abone", "active",
    "aktiv", "activo", "actif", "активен", "активна", "активный", "активний", "aktywny", "aktif", "attivo", "ativo",
    "actief",
})  # fmt: skip
_FIRST_WORD: Final = re.compile(r"[^\W\d_]{2,}(?=[\s,.;:!/-])")


class Wanted(Enum):
    """Selects people by a column of flags, dates or words."""

    FLAG_IS_YES = "those with yes, a date, or a word of agreement"
    FLAG_IS_NO = "those with nothing, with no, or with a word of agreement"
    NOT_REFUSED = "those without a word of refusal"
    VALUE = "those with one value"


@dataclass(frozen=True, slots=True)
class Only:
    """A column that selects who is written to."""

    place: int
    title: str
    wanted: Wanted = Wanted.FLAG_IS_YES
    value: str = ""
    is_wish: bool = True
    """False for yes and no of another kind: "WhatsApp: no"."""

    def wants(self, cell: str) -> bool:
        if self.wanted is Wanted.VALUE:
            return cell == self.value
        if may_be_refusal(cell):
            return False
        match self.wanted:
            case Wanted.FLAG_IS_YES:
                return bool(cell) and flag_of(cell) is not False
            case Wanted.FLAG_IS_NO:
                return not cell or flag_of(cell) is False or cell.casefold() in _AGREED
            case _:
                return True


def flag_of(cell: str) -> bool | None:
    """True for yes, False for no, None for anything else. "Yes, I agree" is yes."""
    word = cell.casefold()
    if word not in FLAGS:
        first = _FIRST_WORD.match(word)
        word = first[0] if first else ""
    return word in _YES if word in FLAGS else None


def is_agreement(cell: str) -> bool:
    """True for yes, and for a word of agreement."""
    return cell.casefold() in _AGREED or flag_of(cell) is True


def is_wish(cell: str) -> bool:
    """True for a word of agreement or refusal."""
    return cell.casefold() in _AGREED or may_be_refusal(cell)


def is_understood(cell: str) -> bool:
    """True for what says yes or no in any way."""
    return flag_of(cell) is not None or is_wish(cell)
