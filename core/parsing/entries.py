"""Cuts a typed list of people into entries: an address, a name, or both."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from core.domain.audience import LookedUp
from core.domain.messengers.traits import BY_ALIAS, AddressKind, Messenger
from core.parsing.addresses import is_telegram_link
from core.parsing.phone_numbers import NoCountryCode, read_phone
from core.parsing.phone_text import bare, has_extension
from core.parsing.refusals import is_refusal

_LONGEST_COMPARED = 60
"""Characters of a word that is compared with the names of messengers."""
_DIGITS_OF_A_NAME = 2
_PARTS_OF_A_NAME = 2
"""Between commas: "Müller, Hans"."""
_SHORTEST_PHONE = 10
_SEPARATORS = re.compile(r"[,;\n\r\u060c\u061b\u3001\uff0c\uff1b]")
"""Between entries; those of Arabic, Chinese and Japanese too."""
_LINES = re.compile(r"[\n\r]+")
"""In which people are listed one below the other."""
_ROWS = re.compile(r"[\n\r;\u061b\uff1b]+")
"""Lines, or what semicolons set apart: "Ann, +49...; Bob, +49..."."""
_FEWEST_PAIRS = 2
# Marks without width that come along when a number is copied from an address book or a web page.
BLANK = " \t\u00a0\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
NUMBER_WITHIN = re.compile(
    r"(?<![\w+])\(?(?:[+\uff0b]|00)?\d[\d\s().\-/\u00a0\u2010-\u2015\u2212\uff0d]{5,}\d(?!\w)"
)
_NAME = re.compile(r"[^\W\d_][\w\s.,'’()\-\u2010-\u2015&/+\"“”„«»]{0,79}")  # noqa: RUF001 - an apostrophe
_AROUND_NAMES = f'{BLANK}:=>|<[]"-\u2013\u2014#*~_/…→➡➔⇒•·、：，;,'  # noqa: RUF001 - marks of all scripts
_DOTS = re.compile(r"^\.+|(?:\s+|\.)\.+$")
_OF_BIRTH = re.compile(r"\(\s*\*?\s*\d{1,2}[./-]\d{1,2}[./-](?:\d{2}|\d{4})\s*\)")
"""A date in brackets beside a name."""
_LABEL = re.compile(
    r"\(?(?:tel|telefon|telephone|telefono|téléphone|teléfono|phone|phone number|number|nummer|nr|no|mob|mobil|mobile|"
    r"handy|handynummer|cell|cellulare|celular|móvil|portable|whatsapp|wa|viber|тел|телефон|моб|мобильный|вотсап|"
    r"電話|电话|手机|הטלפון|טלפון|هاتف|جوال)\.?\)?",
    re.IGNORECASE,
)
"""Words beside a number that name the number, not the person."""
_LINK = re.compile(r"(?:https?://|www\.|tel:|callto:|whatsapp:/|viber://|tg:/|wa\.me/|t\.me/)", re.IGNORECASE)
_ELSEWHERE = frozenset({
    "sms", "mms", "signal", "mail", "email", "e-mail", "skype", "facebook", "messenger", "instagram", "wechat", "line",
    "imessage", "threema", "discord", "slack", "vk", "max", "fax", "twitter", "x",
})  # fmt: skip
"""Services that people name before an address, and that we do not reach."""
_ALSO_NAMES = frozenset({"Max", "Line", "Hook"})
"""Services as people are called."""
_LIKE_A_MESSENGER = 0.8
_SHORT_WORD = re.compile(r"[xX]|ext\.?|DW", re.IGNORECASE)
_MARKER = re.compile(
    r"(?:(?:\d{1,3}|[a-z])[.)]|#?\d{1,3}(?=\s+[^\W\d_])|\d{1,2}\ufe0f?\u20e3|[•*▪►▸◦·‣✓✔☑✅–—-])\s+(?=[^\W\d_]|\+)"  # noqa: RUF001 - a dash
)
"""In front of the entries of a numbered or dotted list."""
_QUOTED = re.compile(r"[\"“„«'‘](.*\w.*)[\"”“»'’]")  # noqa: RUF001 - quotation marks
"""A name, as people write one of several words."""
_PICTURES = frozenset({"So", "Sk", "Mn", "Cf", "No", "Sm"})
"""Unicode's kinds of characters that people decorate names with."""
_BARE = {"+": AddressKind.PHONE, "@": AddressKind.CHAT_ID}


@dataclass(frozen=True, slots=True)
class Entry:
    """An address or a name as typed, not checked yet."""

    label: str
    """The entry, as the problem quotes it."""
    messenger: str | None
    """Its name as written; None without one."""
    address: str
    name: str = ""
    """The person's name, if it is written beside the number."""


def entries_in(text: str, looked_up: LookedUp) -> list[Entry]:
    """The entries of a text. In a table of names and numbers, and in "Anna Schmidt, +49...", a line is one entry.

    Elsewhere "vip, +49..." may name a list that is gone, which must not be lost as the name of a person.
    """
    by_line, by_row = (_split(text, lines) for lines in (_LINES, _ROWS))
    for read in (by_line, by_row):
        people = [
            _beside(entries, looked_up) or (entries[0] if len(entries) == 1 else None) for entries in read
        ]
        whole = [one for one in people if one is not None]
        if len(read) > 1 and len(whole) == len(read) and any(len(entries) > 1 for entries in read):
            return whole
    if pairs := _pairs([entry for entries in by_row for entry in entries], looked_up):
        return pairs
    return [entry for entries in by_line for entry in _alone(entries, looked_up)]


def single_entries(text: str) -> list[Entry]:
    """Each part between separators as an entry of its own."""
    return [typed_entry(part) for part in _parts(text)]


def typed_entry(part: str) -> Entry:
    """The entry in a text without separators."""
    part = part.replace("\uff1a", ":")
    if (quoted := _QUOTED.fullmatch(part)) and (inner := quoted[1].strip(BLANK)):
        unquoted = typed_entry(inner)
        if unquoted.messenger is None:
            return unquoted
    if marker := _MARKER.match(part):
        return replace(typed_entry(part[marker.end() :]), label=part)
    if linked := _linked(part):
        return linked
    messenger, colon, address = part.partition(":")
    if colon and messenger.strip(BLANK):
        named = _named(part, messenger.strip(BLANK), address)
        return named or Entry(part, messenger, address.strip(BLANK))
    if part[0] in _BARE and not re.search(r"[^\W\d]", part[1:] if part[0] == "+" else ""):
        return Entry(part, next(name for name in Messenger if name.traits.address is _BARE[part[0]]), part)
    return _with_name(part) or Entry(part, Messenger.WHATSAPP if _is_phone(part) else None, part)


def _parts(line: str) -> list[str]:
    return [part for one in _SEPARATORS.split(line) if (part := one.strip(BLANK))]


def _split(text: str, lines: re.Pattern[str]) -> list[list[Entry]]:
    """The entries of each line that has any."""
    return [entries for line in lines.split(text) if (entries := single_entries(line))]


def _alone(entries: list[Entry], looked_up: LookedUp) -> list[Entry]:
    """One entry for "Anna Schmidt, +49 151 2345678", which names no list: those are one word mostly."""
    known = any(one.label in looked_up.people for one in entries)
    person = None if known else _beside(entries, looked_up)
    return [person] if person and " " in person.name and "," not in person.name else entries


def _pairs(entries: Sequence[Entry], looked_up: LookedUp) -> list[Entry]:
    """Names and numbers in lines of their own, two people or more; empty for anything else."""
    couples = [_beside(entries[place : place + 2], looked_up) for place in range(0, len(entries), 2)]
    if len(couples) < _FEWEST_PAIRS or len(entries) % 2 or entries[0].messenger is not None:
        return []
    people = [one for one in couples if one is not None]
    return people if len(people) == len(couples) else []


def _beside(entries: Sequence[Entry], looked_up: LookedUp) -> Entry | None:
    """The one entry of "Ann, +49 151 2345678" and "Müller, Hans, +49..."; None for anything else.

    It may be another Ann than the one who is known, whose address is not hers.
    """
    names = [one.label for one in entries if one.messenger is None]
    if len(entries) != len(names) + 1 or not 1 <= len(names) <= _PARTS_OF_A_NAME:
        return None
    if any(one in looked_up.found or looked_up.near.get(one) for one in names):
        return None
    (number,) = (one for one in entries if one.messenger is not None)
    if number.messenger is not Messenger.WHATSAPP or not all(map(_is_a_name, names)):
        return None
    names += [number.name] if number.name else []
    return replace(number, label=", ".join(one.label for one in entries), name=", ".join(names))


def _is_a_name(text: str) -> bool:
    return _may_be_a_persons(text) and not any(map(str.isdecimal, text))


def _linked(part: str) -> Entry | None:
    """A link to a chat, or None."""
    if is_telegram_link(part):
        return Entry(part, Messenger.TELEGRAM, part)
    if _LINK.match(part) is None:
        return None
    number = bare(part)
    return Entry(part, Messenger.WHATSAPP, number) if number.startswith("+") or _is_phone(number) else None


def _named(part: str, name: str, number: str) -> Entry | None:
    """ "Ann: +49 151 2345678"; None where the word before the colon is, or may be meant as, a messenger's name."""
    if _may_be_a_service(name):
        return None
    plain = number.strip(BLANK)
    if not (plain.startswith("+") or _is_phone(plain)):
        return None
    word, service = _without_label(_without_marks(name))
    if word and not _may_be_a_persons(word):
        return None
    return Entry(part, service or Messenger.WHATSAPP, plain, word)


def _may_be_a_service(name: str) -> bool:
    """True for "SMS" and "whatsap"; not for Wade, who is as near to "wa" as a slip of the finger."""
    folded = name.casefold()
    if name in _ALSO_NAMES:
        return False
    close = get_close_matches(folded[:_LONGEST_COMPARED], BY_ALIAS, n=1, cutoff=_LIKE_A_MESSENGER)
    return folded in _ELSEWHERE or folded in BY_ALIAS or (bool(close) and len(close[0]) > len("hook"))


def _with_name(part: str) -> Entry | None:
    """ "Anna Schmidt +49 151 2345678", in either order; None for anything else, two numbers among it."""
    found = NUMBER_WITHIN.findall(part := _OF_BIRTH.sub(" ", part))
    if len(found) != 1:
        return None
    if has_extension(part):
        return Entry(part, Messenger.WHATSAPP, part)
    number = found[0].strip(BLANK)
    before, _, behind = part.partition(number)
    words, services = [], []
    for side in (before, behind):
        word, service = _without_label(_without_marks(side))
        words.append(word)
        services += [service] if service else []
    name = next((word for word in words if word), "")
    if all(words) or _SHORT_WORD.fullmatch(name) or not (number[0] in "+\uff0b" or _is_phone(number)):
        return None
    if services:  # "Ann (Viber) +49...": no number for WhatsApp
        return Entry(part, services[0], number, name)
    return Entry(part, Messenger.WHATSAPP, number, name) if not name or _may_be_a_persons(name) else None


def _without_marks(text: str) -> str:
    """Without the separators, brackets and pictures around a name."""
    word = _DOTS.sub("", text.strip(_AROUND_NAMES)).strip(_AROUND_NAMES)
    while word and (word[0] == "(" or unicodedata.category(word[0]) in _PICTURES):
        word = word[1:].lstrip(_AROUND_NAMES)
    while word and unicodedata.category(word[-1]) in _PICTURES:
        word = word[:-1].rstrip(_AROUND_NAMES)
    return word if word.count("(") == word.count(")") else word.strip("()").rstrip(_AROUND_NAMES)


def _without_label(words: str) -> tuple[str, str]:
    """The name without a word for the number, and the service that it names, unless that is WhatsApp."""
    service = ""
    for place in (-1, 0):
        tokens = words.split()
        written = tokens[place].strip("():") if tokens else ""
        word = written.casefold()
        named = word in _ELSEWHERE or BY_ALIAS.get(word, Messenger.WHATSAPP) is not Messenger.WHATSAPP
        if named and written not in _ALSO_NAMES:
            service = word
        elif not _LABEL.fullmatch(word):
            continue
        tokens.pop(place)
        words = _without_marks(" ".join(tokens))
    return words, service


def _may_be_a_persons(name: str) -> bool:
    """False for a sentence with a date in it, for example, and for "do not call"."""
    few_digits = sum(map(str.isdecimal, name)) <= _DIGITS_OF_A_NAME
    return few_digits and _NAME.fullmatch(name) is not None and not is_refusal(name)


def _is_phone(text: str) -> bool:
    """True if a bare word is a phone number and no id: it has blanks or dashes, a zero in front, or many digits."""
    try:
        read_phone(text)
    except NoCountryCode as error:
        return len(error.digits) >= _SHORTEST_PHONE and (
            not text.isdecimal() or text.startswith("0") or len(text) > _SHORTEST_PHONE
        )
    except ValueError:
        return False
    return True
