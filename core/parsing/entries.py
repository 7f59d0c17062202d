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
from core.parsing.number_remarks import is_remark, names_old, number_in_use
from core.parsing.phone_numbers import NoCountryCode, read_phone
from core.parsing.phone_text import CROSSES, bare, has_extension
from core.parsing.prose import is_note
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
    r"(?:(?<![\w+])\(?(?:[+\uff0b]|00)?|(?<=[^\W\d_])\+)\d[\d\s().\-/\u00a0\u2010-\u2015\u2212\uff0d]{5,}\d(?!\w)"
)
_NAME = re.compile(r"[^\W\d_][\w\s.,'’()\-\u2010-\u2015&/+\"“”„«»]{0,79}")  # noqa: RUF001 - an apostrophe
_AROUND_NAMES = f'{BLANK}!:=>|<[]"-\u2013\u2014#*~_/…→➡➔⇒•·、：，;,'  # noqa: RUF001 - marks of all scripts
_DOTS = re.compile(r"^\.+|(?:\s+|\.)\.+$")
_OF_BIRTH = re.compile(
    r"\(\s*\*?\s*\d{1,2}[./-]\d{1,2}[./-](?:\d{2}|\d{4})\s*\)|(?<![\w.])\d{1,2}[./]\d{1,2}[./](?:19|20)\d{2}(?![\w.])"
)
"""A date beside a name."""
_YEAR_OF_BIRTH = re.compile(r"\s*\(\s*\*?\s*(?:19|20)\d\d\s*\)")
_NUMBER = r"\(?\+?\d[\d\s()./\-]{6,}"
_AND = re.compile(
    rf"\s+(?:and|und|&|et|y|и|та|i|ve|en|och|og)\s+(?={_NUMBER})|\s+\+\s+(?=\+)"
    rf"|(?<=\d)\s+(?:and|und|&|et|y|и|та|ve|en|och|og)\s+(?=[^\W\d_][^\d,;]*{_NUMBER})"
)
"""Between two people: in front of a number, or behind one and in front of a name with one."""
_WHOLE = re.compile(r"@\w{5,32}|\+\d{8,15}|(?:https?://)?t\.me/\w+")
"""An address that needs nothing around it: with blanks between, several are in one line."""
_LEFT_OUT = re.compile(
    r"^(?:\w+\s){0,2}(?:(?i:except|without|excluding|not|außer|ohne|nicht|sauf|excepto|tranne|senza|exceto|oprócz|hariç"
    r"|кроме|окрім|крім|behalve|zonder|не)|but|sin|sem|sans|bez|без)\s"
)
_WORDS_OF_LETTERS = re.compile(
    r"\b(?:please|pls|call|send|hello|hi|dear|bitte|schick\w*|senden?|ruf|hallo|пожалуйста|отправ\w+|позвон\w+|привет"
    r"|здравствуйте|llam\w+|bonjour|proszę|lütfen)\b",
    re.IGNORECASE,
)
_MOST_WORDS = 7
"""Of a name."""
STROKE = "\u0336"
"""Lies over the letter in front of it."""
_CROSSED = re.compile(rf"[{CROSSES}]|~~|{STROKE}")
"""Marks of entries that are crossed out."""
_LABEL = re.compile(
    r"\(?(?:tel|telefon|telephone|telefono|téléphone|teléfono|phone|phone number|number|nummer|nr|no|mob|mobil|mobile|"
    r"handy|handynummer|cell|cellulare|celular|móvil|portable|whatsapp|wa|viber|тел|телефон|моб|мобильный|вотсап|"
    r"電話|电话|手机|הטלפון|טלפון|هاتف|جوال|to|für|кому)\.?\)?",
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
    r"(?:(?:\d{1,3}|[a-z])[.)]|\(\d{1,3}\)|№ ?\d{1,3}|\d{1,3} ?[-–](?=\s)"  # noqa: RUF001 - a dash
    r"|#?\d{1,3}(?=\s+(?:[^\W\d_]|\+))|\d{1,2}\ufe0f?\u20e3"
    r"|\[[ xX✓✔]?\]|[☐⬜🔲◻☒•*▪►▸◦·‣✓✔☑✅–—-]\ufe0f?)\s+(?=[^\W\d_]|[+\[☐⬜🔲◻✓✔☑✅])"  # noqa: RUF001 - a dash
)
"""In front of the entries of a numbered or dotted list."""
_BOX = re.compile(r"\s*(?:[-*•]\s+)?(?:([☐⬜🔲◻]|\[ ?\])|[☑✅✔✓]|\[[xX✓✔]\])")
_FLAG_IN_FRONT = re.compile("[\U0001f1e6-\U0001f1ff]{2}(?=\\s*$)")
_FLAG_BEHIND = re.compile("^\\s*([\U0001f1e6-\U0001f1ff]{2})")
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
    if _CROSSED.search(part):
        return Entry(part, None, part)
    if (quoted := _QUOTED.fullmatch(part)) and (inner := quoted[1].strip(BLANK)):
        unquoted = typed_entry(inner)
        if unquoted.messenger is None:
            return unquoted
    if marker := _MARKER.match(part):
        return replace(typed_entry(part[marker.end() :]), label=part)
    if linked := _linked(part) or _with_handle(part):
        return linked
    messenger, colon, address = part.partition(":")
    if colon and messenger.strip(BLANK):
        named = _named(part, messenger.strip(BLANK), address)
        return named or Entry(part, messenger, address.strip(BLANK))
    if part[0] in _BARE and not re.search(r"[^\W\d]", part[1:] if part[0] == "+" else ""):
        return Entry(part, next(name for name in Messenger if name.traits.address is _BARE[part[0]]), part)
    return _with_name(part) or Entry(part, Messenger.WHATSAPP if _is_phone(part) else None, part)


def _parts(line: str) -> list[str]:
    parts = [part for one in _SEPARATORS.split(line) if (part := one.strip(BLANK))]
    return [one for part in parts for person in _joined_by_and(part) for one in _whole_addresses(person)]


def _joined_by_and(part: str) -> list[str]:
    """The people in "Ann +49... and Bob +49..."; the part itself where two numbers may be one person's."""
    people = [one.strip(BLANK) for one in _AND.split(part)]
    numbers = [bool(NUMBER_WITHIN.search(one)) for one in people]
    named = [bool(re.search(r"[^\W\d_]{2}", one)) for one in people]
    alike = len(set(named)) == 1 if all(numbers) else numbers == [not one for one in named]
    return people if len(people) > 1 and alike else [part]


def _whole_addresses(part: str) -> list[str]:
    """The addresses that only blanks set apart; the part itself where it is anything else."""
    words = part.split()
    return words if all(map(_WHOLE.fullmatch, words)) else [part]


def _split(text: str, lines: re.Pattern[str]) -> list[list[Entry]]:
    """The entries of each line that has any."""
    return [entries for line in lines.split(text) if (entries := single_entries(line))]


def _alone(entries: list[Entry], looked_up: LookedUp) -> list[Entry]:
    """One entry for "Anna Schmidt, +49 151 2345678", which names no list: those are one word mostly.

    A note with a number in it is one entry that is nobody.
    """
    if len(entries) > 1 and any(is_note(one.label) for one in entries):
        whole = ", ".join(one.label for one in entries)
        return [Entry(whole, None, whole)]
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


def _with_handle(part: str) -> Entry | None:
    """A link or a @name with a person's name beside it: "Ann (@ann_lee1)"; "telegram 500001" too."""
    words = part.split()
    if len(words) == 2 and words[1].isdecimal() and _takes_ids(words[0]):
        return Entry(part, words[0], words[1])
    handles = {word: one for word in words if _is_handle(one := word.strip("()<>[]."))}
    if len(words) < 2 or len(handles) != 1:
        return None
    ((word, handle),) = handles.items()
    name, _service = _without_label(_without_marks(part.replace(word, " ", 1)))
    if name and not _may_be_a_persons(name):
        return None
    found = _linked(handle) or Entry(part, Messenger.TELEGRAM, handle)
    return replace(found, label=part, name=name)


def _is_handle(word: str) -> bool:
    return bool(word) and word[0] != "+" and bool(_WHOLE.fullmatch(word) or _linked(word))


def _takes_ids(name: str) -> bool:
    messenger = BY_ALIAS.get(name.casefold())
    return messenger is not None and messenger.traits.address is AddressKind.CHAT_ID


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
    part = _YEAR_OF_BIRTH.sub("", part)
    undated = _OF_BIRTH.sub(" ", part)
    has_date, part = undated != part, undated
    found = NUMBER_WITHIN.findall(part)
    if len(found) != 1 or (has_date and len(part.replace(found[0], "").split()) > _PARTS_OF_A_NAME + 1):
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
    words = ["" if is_remark(word) else word for word in words]
    name = next((word for word in words if word), "")
    if number[0] not in "+\uff0b":
        number = "".join(_FLAG_IN_FRONT.findall(before) or _FLAG_BEHIND.findall(behind)) + number
    if all(words) or _SHORT_WORD.fullmatch(name) or not (number[0] in "+\uff0b" or _is_phone(number)):
        return None
    if services:  # "Ann (Viber) +49...": no number for WhatsApp
        return Entry(part, services[0], number, name)
    if is_refusal(part) or names_old(name) or number_in_use(part) == "":
        return None
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
    """False for a sentence with a date in it, for example, for "do not call" and for "Questions? Ann"."""
    few_digits = sum(map(str.isdecimal, name)) <= _DIGITS_OF_A_NAME
    if not few_digits or _NAME.fullmatch(name) is None or len(name.split()) > _MOST_WORDS:
        return False
    if is_refusal(name) or leaves_out(name):
        return False
    return not (_WORDS_OF_LETTERS.search(name) or is_note(name))


def leaves_out(entry: str) -> bool:
    """True for "everyone except Ann": no words leave anybody out of a list."""
    return _LEFT_OUT.match(f"{entry} ") is not None


def with_strokes(text: str) -> str:
    """The text with a mark at each letter and digit, by which it is known as crossed out."""
    return "".join(one + STROKE if one.isalnum() else one for one in text)


def is_ticked(line: str) -> bool | None:
    """True for "☑ Ann" and "- [x] Ann", False for an empty box in front, None for neither."""
    found = _BOX.match(line)
    return found and not found[1]


def with_unticked_crossed(text: str) -> str:
    """The text with the lines that have an empty box crossed out, where others have a ticked one."""
    lines = text.split("\n")
    ticked = [is_ticked(one) for one in lines]
    if not {True, False} <= set(ticked):
        return text
    return "\n".join(
        with_strokes(one) if is_so is False else one for one, is_so in zip(lines, ticked, strict=True)
    )


def crossed_out(entry: str) -> str:
    """The mark by which an entry is crossed out; empty without one."""
    found = _CROSSED.search(entry)
    return found[0] if found else ""


def _is_phone(text: str) -> bool:
    """True if a bare word is a phone number and no id: it has blanks or dashes, a zero in front, or many digits."""
    try:
        read_phone(text)
    except NoCountryCode as error:
        return len(error.digits) >= _SHORTEST_PHONE and (
            not text.isdecimal() or error.digits.startswith("0") or len(text) > _SHORTEST_PHONE
        )
    except ValueError:
        return False
    return True
