"""Remarks in a cell about its numbers: which one is old, which one is new, which one is a fax."""
# ruff: noqa: RUF001 - Cyrillic words

from __future__ import annotations

import re
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from core.domain.translatable import sentence
from core.parsing.phone_text import DATE, FEWEST_DIGITS, NUMBER, bare

NO_USE: Final = sentence("the remark beside the number says that it's old, wrong or a fax")
_OF_NO_USE: Final = re.compile(
    r"\b(?:old|former(?:ly)?|alte[rs]?|ehemalige?|ung[üu]ltige?|ancien(?:ne)?|antigu[oa]|antig[oa]|vecchi[oa]|star[ay]"
    r"|eski|oude|gam(?:mal|le)|стар(?:ый|ая|ое)|прежний|invalid|disconnected|(?:no longer|not) (?:in use|valid|active)"
    r"|(?:gilt|funktioniert) nicht mehr|nicht mehr (?:gültig|aktuell|aktiv|in gebrauch|vergeben)|abgeschaltet"
    r"|не (?:работает|действует|актуал\w+|обслуживается)|недействит\w+|(?:tele)?fax|факс|faks)\b"
)
"""About a number, in small letters: messages to it reach nobody, or somebody else."""
_EARLIER: Final = re.compile(
    r"\b(?:alt|früher|vorher|bisher|bis|until|till|was|before|previous(?:ly)?|avant|jusqu\w*|antes|hasta|até|prima|fino"
    r"|dawn[ai]\w*|önce|был[аи]?|раньше|стар|до)\b"
)
"""Says so only beside a number that is another's successor: "bis 18 Uhr" is about calls."""
_NEW: Final = re.compile(
    r"\b(?:new|now|current(?:ly)?|neue?[rs]?|jetzt|nun|aktuelle?|danach|nouveau|nouvelle|nuev[oa]|ahora|nov[oa]|agora"
    r"|nuov[oa]|adesso|now[ay]|teraz|yeni|şimdi|nieuwe?|nytt?|nya|нов(?:ый|ая|ое)?|теперь|сейчас|зараз|нині)\b"
)
_HOURS: Final = re.compile(
    r"(?:nur |only |только )?(?:ab|bis|nach|vor|from|after|until|till|before|с|от|до|после|à partir de|après|avant|dopo"
    r"|prima delle|después de|desde|hasta|após|po|od|przed|sonra) (?:las? |le )?"
    r"\d{1,2}(?:[:.h]\d{2})?\s?(?:uhr|h|am|pm|часов|ч|год)?\.?"
)
_APART: Final = re.compile(r"[,;/|\n]|(?<=\))\s")

_MOST_KNOWN: Final = 4_096
_BLANK_SLASH: Final = re.compile(r"\s/\s*|/\s")
"""Between two numbers; one without blanks is behind an area code."""


class _Remark(Enum):
    """What is said of a number."""

    NONE = auto()
    NO_USE = auto()
    EARLIER = auto()
    NEW = auto()


@lru_cache(_MOST_KNOWN)
def _meaning(remark: str) -> _Remark:
    if _OF_NO_USE.search(remark):
        return _Remark.NO_USE
    if _EARLIER.search(remark):
        return _Remark.EARLIER
    return _Remark.NEW if _NEW.search(remark) else _Remark.NONE


def number_in_use(text: str) -> str | None:
    """The number that counts in "alt: 0151 2345678 neu: 0160 1234567".

    Empty where all are old or faxes; None where nothing tells them apart.
    """
    if not any(map(str.isalpha, text)):
        return None
    text = _BLANK_SLASH.sub(" | ", bare(text))
    found = list(filter(_is_number, NUMBER.finditer(text)))
    if not found:
        return None
    said = list(map(_meaning, _remarks([text[one:two] for one, two in _between(found, len(text))])))
    if all(one is _Remark.NO_USE for one in said):
        return ""
    of_use = [at for at, one in enumerate(said) if one in (_Remark.NONE, _Remark.NEW)]
    new = [at for at in of_use if said[at] is _Remark.NEW]
    if len(found) == 1:
        return None
    kept = of_use if len(of_use) < len(found) else new
    return found[kept[0]][0].strip() if len(kept) == 1 else None


def is_remark(words: str) -> bool:
    """True for "neu" and "ab 18 Uhr" beside a number, which are no names."""
    said = words.casefold()
    return bool(_NEW.fullmatch(said) or _HOURS.fullmatch(said))


def names_old(words: str) -> bool:
    """True for "alt" and "früher" alone."""
    return _EARLIER.fullmatch(words.casefold()) is not None


def _is_number(found: re.Match[str]) -> bool:
    return sum(map(str.isdecimal, found[0])) >= FEWEST_DIGITS and not DATE.search(found[0])


def _between(found: list[re.Match[str]], length: int) -> list[tuple[int, int]]:
    """Where the texts in front of the numbers, between them and behind the last one begin and end."""
    ends = [0, *(one.end() for one in found)]
    return list(zip(ends, [*(one.start() for one in found), length], strict=True))


def _remarks(texts: list[str]) -> list[str]:
    """By number: what is said of it. Words between two numbers belong to the one that nothing sets them apart from."""
    first, *between, last = (one.casefold() for one in texts)
    leading = any(map(str.isalpha, first)) or not any(map(str.isalpha, last))
    remarks = [first]
    for text in between:
        behind, apart, before = _parted(text)
        if not apart:
            behind, before = ("", text) if leading else (text, "")
        remarks[-1] += f" {behind}"
        remarks.append(before)
    remarks[-1] += f" {last}"
    return remarks


def _parted(text: str) -> tuple[str, str, str]:
    found = _APART.search(text)
    return (text[: found.start()], found[0], text[found.end() :]) if found else (text, "", "")
