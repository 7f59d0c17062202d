"""The phone number in a text: without what people and programs write around it."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from core.parsing.numbering_plans import is_valid_as_dialled

_MOST_OF_ONE: Final = 15
"""Digits of a phone number with its country code."""
CROSSES: Final = "❌✗✘✖🚫⛔†✝"
"""Marks of people and numbers that are crossed out."""
FEWEST_DIGITS: Final = 7
"""Of a likely phone number."""
PUNCTUATION = re.compile(r"[\s().\-/\u2010-\u2015\u2212\ufe58\ufe63\uff0d\u00b7\u2022]+")
_GUARDED = re.compile(r"=\s*\"(.*)\"")
_QUOTES: Final = "'\"`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a"
_BRACKETS = str.maketrans("[]{}", "()()")
_PLUS_BEHIND = re.compile(r"[1-9][\d\s().\-]{6,}\+")
_EXTENSION = re.compile(
    r"(?:;ext=|(?<![^\W\d_])(?:ext(?:ension|n)?|ex|durchwahl|dw|app(?:arat)?|nst|nebenstelle|poste|int(?:erno)?|ramal"
    r"|anexo|wewn?|доб(?:ав\w*)?|вн(?:утр\w*)?|dahili|내선|内線|分机|klapka|linka|mellék|εσωτ|toestel)(?![^\W\d_])\.?|#|,{2,}"
    r"|(?<=\d)\s*[xp])\s*[:.]?\s*\(?\d{1,6}\)?\s*#?\s*\)?\s*$",
    re.IGNORECASE,
)
_BETWEEN_NUMBERS = re.compile(
    r"\s*(?:/|\||;|,|\n|:::|\boder\b|\bor\b|\band\b|\bund\b|\bu\.|\bbzw\.|\bresp\.|\beller\b|\bof\b|\ben\b|\bи/или\b|\bou\b|\bet\b|\bo\b|\by\b|\be\b|\blub\b|\bи\b|\bили\b|\bта\b|\bабо\b|\bveya\b|\bve\b|&|\\)\s*|\s+(?=\+)|(?<=\d)(?=\+)"  # noqa: RUF001 - Russian and Ukrainian
)
_LINKS = re.compile(
    r"(?:(?:https?://)?(?:www\.)?(?:wa\.me|api\.whatsapp\.com|web\.whatsapp\.com|chat\.whatsapp\.com)\b"
    r"|(?:tel|callto|whatsapp|viber)://?|tel:|callto:)",
    re.IGNORECASE,
)
DATE = re.compile(
    r"(?:19|20)\d\d([-/.])(?:0?[1-9]|1[0-2])\1[0-3]?\d|[0-3]?\d([-/.])[0-3]?\d\2(?:19|20)\d\d|0[1-9](?:0[1-9]|1[0-2])(?:19|20)\d\d"
)
_LABEL = r"(?:tel|telefon|telephone|phone|mob|mobil|mobile|handy|cell|celular|whatsapp|wa|portable|тел|телефон|моб)\.?"
_LABEL_IN_FRONT = re.compile(rf"^(?:{_LABEL}\s*:?|[pmthcw]\s*:)\s*(?=[+(\d])(?!.*:)", re.IGNORECASE)
_LABEL_BEHIND = re.compile(rf"(?<=\d)\s+\(?{_LABEL}\)?$", re.IGNORECASE)
_WITH_A_WORD = re.compile(
    r"(?:[^\W\d_]{2,15}\.?[\s:\-]+)?([+(\d][\d\s().\-/]{5,}\d)(?:[\s,\-]+\(?[^\W\d_]{2,15}\.?\)?)?"
)
NUMBER = re.compile(r"(?<![\w+])\(?(?:\+|00)?\d[\d\s().\-/\u2010-\u2015]{5,}\d(?!\w)")
"""A phone number among other words."""
_RUN = re.compile(r"\d[\d\s().\-\u2010-\u2015\u2212]*")
"""Digits that no word or slash sets apart."""
_OF_A_NUMBER = re.compile(r"\+|\d[^\w\s]*$")
"""In front of a number: perhaps its country code."""
_LONGEST_AREA: Final = 8
"""Digits of an area code with its country's."""
_DIGITS_OF_A_REMARK: Final = 4
_LONGEST_REMARK: Final = 60
_WORD = re.compile(r"[^\W\d_]{2}")
_EMAIL = re.compile(r"<?[^\s@<>,;/|]+@[^\s@<>,;/|]+\.[^\W\d_]{2,}>?")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_JID = re.compile(r"(\d{7,15})(?:[.:]\d+)?@(?:c\.us|s\.whatsapp\.net)", re.IGNORECASE)
"""Names of WhatsApp accounts in programs."""


def flag_region(text: str) -> str:
    """The country of the flag in front of a number or behind it: "US"; empty without one."""
    if text.isascii() or (found := _FLAG.search(text)) is None:
        return ""
    return "".join(chr(ord(one) - ord("\U0001f1e6") + ord("A")) for one in found[0])


def bare(text: str) -> str:
    """The text without what surrounds a number: quotation marks, guards, marks without width, links."""
    if text.isascii() and text[:1] == "+" and text[-1:].isdecimal() and text.isprintable():
        return text.strip(" '\"")
    plain = "".join(map(_plain_character, text)).strip()
    if guarded := _GUARDED.fullmatch(plain):
        plain = guarded[1]
    plain = _without_pictures(plain.strip(f"{_QUOTES}<>[] \t").rstrip(";,.! \u3002\u3001\uff0c\uff1b"))
    plain = _LABEL_IN_FRONT.sub("", _LABEL_BEHIND.sub("", plain))
    if account := _JID.fullmatch(plain):
        return f"+{account[1]}"
    if found := _LINKS.match(plain):
        return _linked(plain, found.end())
    plain = _without_email(plain) if "@" in plain else plain
    plain = plain.translate(_BRACKETS).replace("%2B", "+")
    return f"+{plain[:-1]}" if _PLUS_BEHIND.fullmatch(plain) and _reads_with(plain) else plain


def _reads_with(text: str) -> bool:
    """True if a number with its plus behind it, as right-to-left texts come to have it, is one with a code."""
    return is_valid_as_dialled(f"+{PUNCTUATION.sub('', text[:-1])}")


def _without_email(text: str) -> str:
    """The number in "ann@example.org / 0151 2345678"; the whole text where there is none."""
    rest = _EMAIL.sub(" ", text).strip(" ,;/|")
    return rest if sum(map(str.isdecimal, rest)) >= FEWEST_DIGITS else text


def without_remark(text: str) -> str:
    """The only number in "0151 2345678 after 6 pm"; empty where nothing is beside it, and for extensions."""
    found = NUMBER.findall(text := bare(text))
    if len(found) != 1 or has_extension(text) or DATE.search(text):
        return ""
    before, _number, behind = text.partition(found[0])
    rest = before + behind
    if _OF_A_NUMBER.search(before) or "+" in behind or "@" in rest:
        return ""
    few = sum(map(str.isdecimal, rest)) <= _DIGITS_OF_A_REMARK and len(rest) <= _LONGEST_REMARK
    letter = any(map(str.isalpha, rest)) and not _WORD.search(
        rest
    )  # "2345678 x": a slip, or the start of an extension
    return found[0].strip() if few and rest.strip() and not letter else ""


def _without_pictures(text: str) -> str:
    """Without the symbols that people put before and behind a number."""
    first, last = 0, len(text)
    while first < last and _is_picture(text[first]):
        first += 1
    while last > first and _is_picture(text[last - 1]):
        last -= 1
    return text[first:last].strip()


def _is_picture(character: str) -> bool:
    """False for a cross, by which people mark numbers that are no longer right."""
    return unicodedata.category(character) == "So" and character not in CROSSES


def _plain_character(character: str) -> str:
    if character.isascii():
        return character
    if unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return ""
    if character in "\u2800\u3164\u115f\u1160\uffa0":
        return ""
    if (digit := unicodedata.digit(character, None)) is not None and character.isdecimal():
        return str(digit)
    return "+" if character in "\uff0b\ufe62\u208a\u207a" else character


def _linked(link: str, start: int) -> str:
    """The number that a link opens a chat with, its country code in front as such links have it."""
    if link[:start].casefold().rstrip("/:") in ("tel", "callto"):
        return unquote(link[start:]).partition(";")[0].partition("?")[0].strip("/ ")
    parts = urlsplit(link if "://" in link else f"https://{link}")
    query = parse_qs(parts.query)
    named = (query.get("phone") or query.get("number") or [unquote(parts.path).strip("/")])[0]
    digits = PUNCTUATION.sub("", named).lstrip("+ ")
    return f"+{digits}" if digits.isdecimal() else link


def several(text: str) -> tuple[str, ...]:
    """Return the phone numbers in a text of two or more, else nothing."""
    parts = [part for part in _BETWEEN_NUMBERS.split(text) if any(map(str.isdecimal, part))]
    if len(parts) < 2:
        return _among_words(text) if any(map(str.isalpha, text)) else _set_apart_by_blanks(text)
    counts = [max(sum(map(str.isdecimal, run)) for run in _RUN.findall(part)) for part in parts]
    if all(count >= FEWEST_DIGITS for count in counts) and not _is_one(text):
        return tuple(parts)
    # "... 2345678/79": the next line too.
    has_next_line = "/" in text and 0 < counts[-1] <= 2 and sum(counts[:-1]) >= 9
    return ("/".join(parts[:-1]), parts[-1]) if has_next_line else ()


def _among_words(text: str) -> tuple[str, ...]:
    """The numbers in "Mum 0151 2345678 Dad 0151 2345679"; empty for fewer than two."""
    found = [one.strip() for one in NUMBER.findall(text) if not DATE.search(one)]
    return tuple(found) if len(found) > 1 and not has_extension(text) else ()


def _set_apart_by_blanks(text: str) -> tuple[str, ...]:
    """The two numbers in "0151 2345678 0151 2345679", which are too long for one; else empty."""
    pieces = text.split()
    whole = PUNCTUATION.sub("", text)
    if len(pieces) < 2 or not _MOST_OF_ONE < len(whole) <= 2 * _MOST_OF_ONE or is_valid_as_dialled(whole):
        return ()
    cuts = [(" ".join(pieces[:at]), " ".join(pieces[at:])) for at in range(1, len(pieces))]
    alike = [
        (one, two)
        for one, two in cuts
        if one[0] == two[0] and abs(len(PUNCTUATION.sub("", one)) - len(PUNCTUATION.sub("", two))) <= 1
    ]
    return alike[0] if len(alike) == 1 and whole.isdecimal() else ()


def _is_one(text: str) -> bool:
    """True if a slash only sets the area code apart: "0049 (0)151 / 20 00 00 02"."""
    if "/" not in text or not text.startswith(("+", "00")):
        return False
    whole, first = (PUNCTUATION.sub("", part.replace("(0)", "")) for part in (text, text.partition("/")[0]))
    too_short = len(first.lstrip("+0")) <= _LONGEST_AREA
    return (is_valid_as_dialled(whole) or too_short) and not is_valid_as_dialled(first)


def has_extension(text: str) -> bool:
    """True for "+49 30 1234567 ext. 5"."""
    return _EXTENSION.search(text) is not None


def without_word(text: str) -> str:
    """The number in "Mama 0151 2345678" and "0151 2345678 (Mama)"; empty where no word is beside a number."""
    found = _WITH_A_WORD.fullmatch(text)
    return found[1] if found and found[1] != text else ""
