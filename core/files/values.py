"""Values of cells: words that mean "no value", damaged letters, codes of web pages."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Final

from core.domain.visible import looks_empty
from core.files.encoding import LOST

_NOTHING: Final = frozenset({
    "NULL", "null", "Null", "(null)", "NaN", "nan", "NAN", "None", "none", "NONE", "nil", "n/a", "N/A", "#N/A",
    "#NV", "#REF!",
    "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#WERT!", "#BEZUG!", "#SPILL!", "#CALC!", "#ERROR!",
    "Err:502", "Err:504",
    "#N/D", "#Н/Д", "#ЗНАЧ!", "#ССЫЛКА!", "#ИМЯ?", "#ДЕЛ/0!", "undefined", "(blank)", "<NA>", "-", "–", "—", "--",
    "---", "----", "NA", "n.a.", "N.A.", "NaT", "[object Object]",
    "?", ".",
    "k.A.", "k. A.", "н/д", "нет данных", "(empty)", "[empty]", "(leer)", "(vide)", "(vacío)", "(vuoto)",
    "(vazio)", "(пусто)", "(puste)", "(boş)", "(leeg)", "null null", "nan nan", "None None", "undefined undefined",
})  # fmt: skip
_NOBODYS_NAMES: Final = frozenset({
    "keine angabe", "keine angaben", "ohne angabe", "not specified", "not provided", "not given", "non renseigné",
    "non précisé", "sin especificar", "non specificato", "não informado", "nie podano", "belirtilmemiş", "не задано",
    "unknown", "tbd", "tba", "tbc", "no name", "noname", "nameless", "not known", "not available", "none", "missing",
    "anonymous", "xxx", "keine", "keiner", "kein", "kein name", "ohne", "ohne name", "unbekannt",
    "entfällt", "fehlt", "nn", "n.n.", "n. n.", "inconnu", "inconnue", "aucun", "aucune", "sans nom", "néant",
    "desconocido", "desconocida", "ninguno", "ninguna", "sin nombre", "desconhecido", "nenhum", "sem nome",
    "sconosciuto", "nessuno", "senza nome", "brak", "brak danych", "nieznany", "nieznane", "bilinmiyor", "yok",
    "isimsiz", "нет",
    "неизвестно", "неизвестен", "без имени", "имени нет", "нет имени", "не указано", "не указан", "не известно",
    "немає", "невідомо", "без імені", "onbekend", "geen", "okänd", "ukjent", "ukendt", "#name?", "namn saknas",
})  # fmt: skip
"""In a column of names."""
_LONGEST: Final = max(map(len, _NOTHING))
_ERROR: Final = re.compile(r"#[¡¿]?[^\W\d_/]{2,9}(?:/0)?[!?]|#[NS]/[ABDK]|#YOK|#SAKNAS!|#GETAL!")
"""Of a formula, in any language: "#VALEUR!", "#¿NOMBRE?"."""
_ENTITY: Final = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{2,6}|#x[0-9a-fA-F]{2,5});")
_DOUBLED: Final = re.compile(
    r"[\u00c2-\u00c5\u00d0\u00d1\u0420\u0421\u0413][\u0080-\u00bf\u0152-\u0178\u02c6\u02dc\u2013-\u2122\u0400-\u045f]"
    r"|(?<=[a-z])\u00c3(?=\n|$)|\u00e2[\u20ac\u0080]|\u00f0\u0178"
)


_LOST_LETTERS: Final = re.compile(r"^[?\s.,-]*\?\?[?\s.,-]*$|[^\W\d_]\?[^\W\d_]")
_NO_WORD: Final = re.compile(r"[\s,.;:()/'\"-]+")
_WESTERN_ONLY: Final = re.compile(r"[\x80-\xff\u0152-\u0178\u02c6\u02dc\u2013-\u2122]{2,}")
_NOT_WESTERN: Final = re.compile(r"[^\x00-\xff\u0152-\u017e\u0192\u02c6\u02dc\u2013-\u2122]")
"""A letter that Windows-1252 has not: told faster than by its error, for each cell of long lists."""
_FEWEST_LETTERS: Final = 3
_GERMANIC: Final = frozenset("äöüßåæøé")
_COMMON: Final = {"gb18030": (0xB0, 0xF7), "cp932": (0x82, 0x9F)}
"""The first bytes of common letters."""


def is_nothing(cell: str) -> bool:
    """True if a program or a person has written that there is no value."""
    return (len(cell) <= _LONGEST and cell in _NOTHING) or (cell[:1] == "#" and bool(_ERROR.fullmatch(cell)))


def is_no_name(cell: str) -> bool:
    """True for words that fill a column of names where there is no name: "unknown", "TBD", "keine"."""
    return cell.casefold() in _NOBODYS_NAMES


def has_lost_letters(cell: str) -> bool:
    """True for "?????" and "M?ller", in which a program has put question marks for letters."""
    return _LOST_LETTERS.search(cell) is not None


def is_blank(cell: str) -> bool:
    """True if a cell that is not empty has no value that can be seen. Fast: for each cell of long lists."""
    if is_nothing(cell):
        return True
    return not "!" <= cell[0] <= "~" and looks_empty(cell)


def is_damaged(cell: str) -> bool:
    """True if letters were lost, or read in a wrong encoding, before the file was saved."""
    if cell.isascii():
        return False
    return LOST in cell or repaired(cell) != cell


def may_be_doubled(text: str) -> bool:
    """True if letters may have been encoded twice: a quick look, for long lists."""
    return not text.isascii() and bool(_DOUBLED.search(text) or _WESTERN_ONLY.search(text))


def repaired(cell: str) -> str:
    """The text, decoded again if it was encoded twice: "JÃ¼rgen" is "Jürgen"."""
    if cell.isascii():
        return cell
    if not _DOUBLED.search(cell):
        return _of_another_script(cell)
    # The second half of "à" is a blank without a break, and goes where cells are stripped.
    whole = f"{cell}\xa0" if cell.endswith("Ã") and cell[-2:-1].islower() else cell
    for encode in (_western, _cyrillic):
        try:
            return repaired(encode(whole).decode())  # some are encoded three times
        except UnicodeError:
            continue
    return cell


def _of_another_script(cell: str) -> str:
    """The text whose bytes were read as western letters: "Èâàí" is "Иван"; the cell itself where it may be western."""
    if _NOT_WESTERN.search(cell):
        return cell
    try:
        data = _western(cell)
    except UnicodeError:
        return cell
    words = [one for one in _NO_WORD.split(cell) if one]
    if all(map(_WESTERN_ONLY.fullmatch, words)):  # no western word has only letters with marks
        letters = "".join(words)
        if set(letters.lower()) <= _GERMANIC:
            return cell
        cyrillic = all("\xc0" <= one <= "\xff" or one in "¸¨" for one in letters)
        if cyrillic and max(map(len, words)) >= _FEWEST_LETTERS and _is_cased(words):
            return data.decode("cp1251")
        if read := _eastern(data, "gb18030"):
            return read
    return _eastern(data, "cp932") or cell


def _eastern(data: bytes, codec: str) -> str:
    """The text in an encoding of two bytes a letter; empty unless it has only common letters."""
    try:
        text = data.decode(codec)
    except UnicodeError:
        return ""
    letters = [one for one in text if one.isalpha()]
    first, last = _COMMON[codec]
    common = all(_is_wide(one) and first <= one.encode(codec)[0] <= last for one in letters)
    return text if common and len(letters) > 1 else ""


def _is_cased(words: Sequence[str]) -> bool:
    """True if no small letter is in front of a capital, as Cyrillic words read as western ones have it."""
    return all(one.islower() or one[1:].islower() or one.isupper() for one in words)


def _is_wide(character: str) -> bool:
    return "\u3040" <= character <= "\u30ff" or "\u4e00" <= character <= "\u9fff" or character == "\u3005"


def _western(text: str) -> bytes:
    """Windows-1252, with the bytes that it has no letters for as programs keep them."""
    return b"".join(bytes([ord(one)]) if "\x80" <= one < "\xa0" else one.encode("cp1252") for one in text)


def _cyrillic(text: str) -> bytes:
    """Windows-1251, with the one byte that it has no letter for, the second half of "И", as programs keep it."""
    return b"".join(b"\x98" if one == "\x98" else one.encode("cp1251") for one in text)


def without_entities(cell: str) -> str:
    """The text with the codes of web pages as letters: "Tom &amp; Ann" is "Tom & Ann"."""
    while "&" in cell:
        plain = _ENTITY.sub(lambda found: html.unescape(found[0]).replace("\xa0", " "), cell)
        if plain == cell:
            return cell
        cell = plain
    return cell
