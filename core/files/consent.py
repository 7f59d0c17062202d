"""Columns that select who is written to: flags, dates, words of agreement or refusal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

_YES: Final = frozenset({
    "1", "yes", "y", "true", "x", "✓", "✔", "☑", "✅", "ja", "j", "oui", "o", "si", "sí", "s", "sim", "да", "д", "так",
    "evet", "e", "tak", "t", "+", "on", "ano", "áno", "igen", "kyllä", "ναι", "כן", "نعم", "是", "はい", "예",
    # TRUE as spreadsheet programs write it
    "wahr", "vrai", "vero", "verdadero", "verdadeiro", "prawda", "истина", "істина", "doğru", "waar", "sant", "sand",
    "tosi", "pravda", "igaz", "adevărat", "αληθησ", "αληθής", "真",
})  # fmt: skip
FLAGS: Final = _YES | frozenset({
    "0", "no", "n", "false", "nein", "non", "não", "nao", "нет", "н", "ні", "hayır", "h", "nie", "-", "off", "☐", "❌",
    "✗", "✘", "ne", "nem", "ei", "nu", "nee", "nej", "nei", "όχι", "לא", "لا", "否", "いいえ", "아니오",
    "falsch", "faux", "falso", "fałsz", "ложь", "хибність", "хибно", "yanlış", "onwaar", "falskt", "falsk", "usann",
    "epätosi", "nepravda", "lež", "hamis", "fals", "ψευδησ", "ψευδής", "假",
})  # fmt: skip
_AGREED: Final = frozenset({
    "subscribed", "opted in", "opted-in", "opt-in", "optin", "granted", "agreed", "confirmed", "erteilt", "zugestimmt",
    "eingewilligt", "angemeldet", "abonniert", "abonné", "inscrit", "suscrito", "inscrito", "iscritto", "zapisany",
    "подписан", "подписана", "согласен", "согласна", "підписаний", "abone", "active", "aktiv", "activo", "actif",
})  # fmt: skip
_REFUSED: Final = frozenset({
    "unsubscribed", "opted out", "opted-out", "opt-out", "optout", "revoked", "withdrawn", "do not contact", "dnc",
    "widerrufen", "abgemeldet", "abbestellt", "nicht erteilt", "verweigert", "désabonné", "désinscrit", "dado de baja",
    "baja", "descadastrado", "disiscritto", "wypisany", "отписан", "отписана", "отписался", "отписалась", "отказ",
    "не согласен", "не согласна", "відписаний", "stop", "cleaned",
})  # fmt: skip
"""Words for people who want no messages."""


class Wanted(Enum):
    """Selects people by a column of flags, dates or words."""

    FLAG_IS_YES = "those with yes, a date, or a word of agreement"
    FLAG_IS_NO = "those with nothing, with no, or with a word of agreement"
    NOT_REFUSED = "those without a word of refusal"


@dataclass(frozen=True, slots=True)
class Only:
    """A column that selects who is written to."""

    place: int
    title: str
    wanted: Wanted = Wanted.FLAG_IS_YES

    def wants(self, cell: str) -> bool:
        word = cell.casefold()
        if word in _REFUSED:
            return False
        if self.wanted is Wanted.FLAG_IS_YES:
            return bool(cell) and (word in _YES or word not in FLAGS)
        if self.wanted is Wanted.NOT_REFUSED:
            return True
        return not cell or word in _AGREED or word in FLAGS - _YES


def is_wish(cell: str) -> bool:
    """True for a word of agreement or refusal."""
    return cell.casefold() in _AGREED or is_refusal(cell)


def is_refusal(cell: str) -> bool:
    return cell.casefold() in _REFUSED
