"""Reads typed and posted lists into recipients."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Protocol

from core.domain.audience import Chosen, LookedUp, may_be_a_name, nobody_in
from core.domain.messengers.traits import BY_ALIAS, AddressKind, Messenger
from core.domain.recipients import Contact, Recipient
from core.domain.translatable import Sentence, one_of, sentence
from core.parsing.addresses import account, is_telegram_link, read_address
from core.parsing.phone_numbers import NoCountryCode, TwoNumbers, bare, has_extension, read_phone

LIST = "list"
_LONGEST_QUOTE = 60
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
_BLANK = " \t\u00a0\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_NUMBER_WITHIN = re.compile(
    r"(?<![\w+])\(?(?:[+\uff0b]|00)?\d[\d\s().\-/\u00a0\u2010-\u2015\u2212\uff0d]{5,}\d(?!\w)"
)
_NAME = re.compile(r"[^\W\d_][\w\s.,'’()\-\u2010-\u2015&/+\"“”„«»]{0,79}")  # noqa: RUF001 - an apostrophe
_AROUND_NAMES = f'{_BLANK}:=>|<[]"-\u2013\u2014#*~_/…→➡➔⇒•·、：，;,'  # noqa: RUF001 - marks of all scripts
_DOTS = re.compile(r"^\.+|(?:\s+|\.)\.+$")
_OF_BIRTH = re.compile(r"\(\s*\*?\s*\d{1,2}[./-]\d{1,2}[./-](?:\d{2}|\d{4})\s*\)")
"""A date in brackets beside a name."""
_EMAIL = re.compile(r"<?[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+>?")
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


class ContactBook(Protocol):
    """Lookup of contacts."""

    async def get_many(self, contact_ids: list[str]) -> Mapping[str, Contact]:
        """The contacts there are among the given ids, by id."""


class AudienceNames(Protocol):
    """Lookup of audiences by name."""

    async def look_up(self, words: Iterable[str]) -> LookedUp: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadRecipients:
    """Recipients and problems of a list."""

    recipients: tuple[Recipient, ...]
    """People named one by one, each once, in the order of the list."""
    audiences: tuple[Chosen, ...] = ()
    """Each once, in the order of the list."""
    near: tuple[Chosen, ...] = ()
    """Audiences that may have been meant by what is wrong."""
    like: tuple[Contact, ...] = ()
    """People who may have been meant by what is wrong."""
    duplicates: int
    """Number of entries for people who were in the list already."""
    doubles: tuple[int, ...] = ()
    """The places of the entries among them that are addresses; the first is 0."""
    places: tuple[int, ...] = ()
    """The place of each recipient's entry."""
    problems: tuple[str, ...]
    """One for each entry that is wrong, in the order of the list."""
    guesses: tuple[str, ...] = ()
    """Entries as they may have been meant, in the place of some that are wrong."""
    without_code: tuple[str, ...] = ()
    """Phone numbers that only lack their country code; each is among the problems too."""


@dataclass(frozen=True, slots=True)
class _Entry:
    label: str
    """The entry, as the problem quotes it."""
    messenger: str | None
    """The text as written; None if there was none."""
    address: str
    name: str = ""
    """The person's name, where it is written beside the number."""


class _Guess(ValueError):
    """An entry that is wrong as it is. `entry`: as it may have been meant."""

    def __init__(self, entry: str) -> None:
        super().__init__(sentence("no messenger is named. Did you mean {near}?", near=entry))
        self.entry = entry


_Resolve = Callable[[_Entry, Mapping[str, Contact]], Recipient]


async def read_who(
    text: str, contacts: ContactBook, audiences: AudienceNames, region: str = ""
) -> ReadRecipients:
    """Read "telegram:1001, vip, whatsapp:+12025550123"; commas, semicolons and line breaks separate the entries.

    A bare phone number is one on WhatsApp, a bare @name is on Telegram, any other bare word an audience; "all" are
    those who subscribed to the bot on Telegram. A name beside a phone number is the person's variable "name".
    `region`: where numbers without a country code are (read_phone).

    An entry is never a contact's id; for somebody who typed such an id,
    the problem tells the contact's address. An audience in which nobody is yet is a problem too.
    """
    looked_up = await audiences.look_up(
        entry.label
        for entry in map(_typed, _parts(text))
        if entry.messenger is None and may_be_a_name(entry.label)
    )
    entries = _entries(text, looked_up)
    named = [entry.label for entry in entries if entry.label in looked_up.found]
    people = [entry.label for entry in entries if entry.label in looked_up.people]
    addresses = {account(one): one for name in people for one in looked_up.people[name].recipients}
    chosen = {looked_up.found[name].id: looked_up.found[name] for name in named}
    near = {one.id: one for found in looked_up.near.values() for one in found}

    def resolve(entry: _Entry, known: Mapping[str, Contact]) -> Recipient:
        if similar := looked_up.near.get(entry.label):
            raise ValueError(sentence("there's no such list. Did you mean {near}?", near=_counted(similar)))
        if similar_people := looked_up.like.get(entry.label):
            names = tuple(f"{one.name}" for one in similar_people)
            raise ValueError(sentence("Did you mean {near}?", near=one_of(names)))
        if entry.messenger is None:
            raise _unnamed(entry.address)
        return _by_address(entry, known, region)

    placed = {*named, *people}
    read = await _read([None if e.label in placed else e for e in entries], contacts, resolve)
    like = {one.id: one for found in looked_up.like.values() for one in found}
    taken = {account(one) for one in read.recipients}
    return replace(
        read,
        recipients=(*read.recipients, *(one for key, one in addresses.items() if key not in taken)),
        like=tuple(like.values()),
        audiences=tuple(one for one in chosen.values() if one.total),
        near=tuple(near.values()),
        duplicates=read.duplicates + len(named) - len(chosen) + len(people) - len(set(people)),
        problems=(*read.problems, *(nobody_in(one) for one in chosen.values() if not one.total)),
    )


def _parts(line: str) -> list[str]:
    return [part for one in _SEPARATORS.split(line) if (part := one.strip(_BLANK))]


def _entries(text: str, looked_up: LookedUp) -> list[_Entry]:
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


def _split(text: str, lines: re.Pattern[str]) -> list[list[_Entry]]:
    """The entries of each line that has any."""
    return [entries for line in lines.split(text) if (entries := [_typed(part) for part in _parts(line)])]


def _alone(entries: list[_Entry], looked_up: LookedUp) -> list[_Entry]:
    """One entry for "Anna Schmidt, +49 151 2345678", which names no list: those are one word mostly."""
    known = any(one.label in looked_up.people for one in entries)
    person = None if known else _beside(entries, looked_up)
    return [person] if person and " " in person.name and "," not in person.name else entries


def _pairs(entries: Sequence[_Entry], looked_up: LookedUp) -> list[_Entry]:
    """Names and numbers in lines of their own, two people or more; empty for anything else."""
    couples = [_beside(entries[place : place + 2], looked_up) for place in range(0, len(entries), 2)]
    if len(couples) < _FEWEST_PAIRS or len(entries) % 2 or entries[0].messenger is not None:
        return []
    people = [one for one in couples if one is not None]
    return people if len(people) == len(couples) else []


def _beside(entries: Sequence[_Entry], looked_up: LookedUp) -> _Entry | None:
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


def _unnamed(word: str) -> ValueError:
    """The problem with a word that is neither an audience nor a person."""
    if word.isascii() and word.isdigit():
        return _Guess(f"{Messenger.TELEGRAM}:{word}")
    if len(_NUMBER_WITHIN.findall(word)) > 1:
        return TwoNumbers(tuple(_NUMBER_WITHIN.findall(word)))
    if _EMAIL.search(word):
        return ValueError(
            sentence(
                "this is an email address, and I can't write to those. Send a phone number or a contact."
            )
        )
    if may_be_a_name(word):
        return ValueError(
            sentence(
                "I don't know this name. Send a phone number with its country code, a contact, or choose a list."
            )
        )
    return ValueError(
        sentence("no messenger is named. Write it before the address, for example telegram:1001.")
    )


def _counted(audiences: Iterable[Chosen]) -> object:
    return one_of(tuple(sentence("{name} ({count})", name=one.title, count=one.total) for one in audiences))


async def read_pairs(pairs: Iterable[tuple[str, str]], contacts: ContactBook) -> ReadRecipients:
    """Read pairs of (address or contact id, messenger's name). A contact's id goes before an address.

    Lists, whose service is LIST, only count as a place.
    """
    entries = [
        None
        if is_list(service)
        else _Entry(f"{service.strip(_BLANK)}:{uuid.strip(_BLANK)}", service, uuid.strip(_BLANK))
        for uuid, service in pairs
    ]
    return await _read(entries, contacts, _by_contact_or_address)


def is_list(service: str) -> bool:
    """True where a pair names a list instead of an address."""
    return service.strip(_BLANK).casefold() == LIST


def read_recipient(text: str, region: str = "") -> Recipient:
    """One entry of such a list. Raises ValueError: what is wrong, and what would be right."""
    part = text.strip(_BLANK)
    if not part:
        raise ValueError(sentence("the address is missing."))
    return _by_address(_typed(part), {}, region)


async def _read(entries: Sequence[_Entry | None], contacts: ContactBook, resolve: _Resolve) -> ReadRecipients:
    """None: an entry that is read already, and counts as a place in the list only."""
    asked = dict.fromkeys(entry.address for entry in entries if entry and _may_be_an_id(entry.address))
    known = await contacts.get_many(list(asked))
    # In a thread: a hundred thousand entries take a second, and nobody else waits for it.
    return await asyncio.to_thread(_collected, entries, known, resolve)


def _collected(
    entries: Sequence[_Entry | None], known: Mapping[str, Contact], resolve: _Resolve
) -> ReadRecipients:
    found: dict[tuple[Messenger, str], Recipient] = {}
    problems: list[str] = []
    without_code: list[str] = []
    guesses: list[str] = []
    places: list[int] = []
    doubles: list[int] = []
    for number, entry in enumerate(entries, start=1):
        if entry is None:
            continue
        try:
            recipient = resolve(entry, known)
        except ValueError as error:
            problems.append(_problem(entry, number if len(entries) > 1 else None, error))
            without_code += [error.digits] if isinstance(error, NoCountryCode) else []
            guesses += [error.entry] if isinstance(error, _Guess) else []
        else:
            key = account(recipient)
            (doubles if key in found else places).append(number - 1)
            found.setdefault(key, recipient)
    return ReadRecipients(
        recipients=tuple(found.values()),
        duplicates=len(doubles),
        doubles=tuple(doubles),
        places=tuple(places),
        problems=tuple(problems),
        guesses=tuple(dict.fromkeys(guesses)),
        without_code=tuple(without_code),
    )


def _problem(entry: _Entry, number: int | None, error: ValueError) -> Sentence:
    quoted = _quoted(entry.label)
    if number is None:
        return sentence("“{entry}”: {problem}", entry=quoted, problem=str(error))
    return sentence("“{entry}” (entry {number}): {problem}", entry=quoted, number=number, problem=str(error))


def _typed(part: str) -> _Entry:
    part = part.replace("\uff1a", ":")
    if (quoted := _QUOTED.fullmatch(part)) and (inner := quoted[1].strip(_BLANK)):
        unquoted = _typed(inner)
        if unquoted.messenger is None:
            return unquoted
    if marker := _MARKER.match(part):
        return replace(_typed(part[marker.end() :]), label=part)
    if linked := _linked(part):
        return linked
    messenger, colon, address = part.partition(":")
    if colon and messenger.strip(_BLANK):
        named = _named(part, messenger.strip(_BLANK), address)
        return named or _Entry(part, messenger, address.strip(_BLANK))
    if part[0] in _BARE and not re.search(r"[^\W\d]", part[1:] if part[0] == "+" else ""):
        return _Entry(part, next(name for name in Messenger if name.traits.address is _BARE[part[0]]), part)
    return _with_name(part) or _Entry(part, Messenger.WHATSAPP if _is_phone(part) else None, part)


def _linked(part: str) -> _Entry | None:
    """A link to a chat, or None."""
    if is_telegram_link(part):
        return _Entry(part, Messenger.TELEGRAM, part)
    if _LINK.match(part) is None:
        return None
    number = bare(part)
    return _Entry(part, Messenger.WHATSAPP, number) if number.startswith("+") or _is_phone(number) else None


def _named(part: str, name: str, number: str) -> _Entry | None:
    """ "Ann: +49 151 2345678"; None where the word before the colon is, or may be meant as, a messenger's name."""
    if _may_be_a_service(name):
        return None
    plain = number.strip(_BLANK)
    if not (plain.startswith("+") or _is_phone(plain)):
        return None
    word, service = _without_label(_without_marks(name))
    if word and not _may_be_a_persons(word):
        return None
    return _Entry(part, service or Messenger.WHATSAPP, plain, word)


def _may_be_a_service(name: str) -> bool:
    """True for "SMS" and "whatsap"; not for Wade, who is as near to "wa" as a slip of the finger."""
    folded = name.casefold()
    if name in _ALSO_NAMES:
        return False
    close = get_close_matches(folded[:_LONGEST_QUOTE], BY_ALIAS, n=1, cutoff=_LIKE_A_MESSENGER)
    return folded in _ELSEWHERE or folded in BY_ALIAS or (bool(close) and len(close[0]) > len("hook"))


def _with_name(part: str) -> _Entry | None:
    """ "Anna Schmidt +49 151 2345678", in either order; None for anything else, two numbers among it."""
    found = _NUMBER_WITHIN.findall(part := _OF_BIRTH.sub(" ", part))
    if len(found) != 1:
        return None
    if has_extension(part):
        return _Entry(part, Messenger.WHATSAPP, part)
    number = found[0].strip(_BLANK)
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
        return _Entry(part, services[0], number, name)
    return _Entry(part, Messenger.WHATSAPP, number, name) if not name or _may_be_a_persons(name) else None


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
    """False for a sentence with a date in it, for example."""
    return _NAME.fullmatch(name) is not None and sum(map(str.isdecimal, name)) <= _DIGITS_OF_A_NAME


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


def _by_address(entry: _Entry, known: Mapping[str, Contact], region: str = "") -> Recipient:
    messenger = _messenger(entry.messenger)
    variables = {"name": entry.name} if entry.name else {}
    try:
        address = read_address(messenger, entry.address, region)
    except ValueError as error:
        contact = known.get(entry.address)
        if contact is None or messenger not in contact.addresses:
            raise
        raise ValueError(
            sentence(
                "{problem} Contact {id} is {name}: {address}",
                problem=str(error),
                id=contact.id,
                name=contact.name,
                address=f"{messenger}:{contact.addresses[messenger]}",
            )
        ) from None
    return Recipient(messenger=messenger, address=address, variables=variables)


def _by_contact_or_address(entry: _Entry, known: Mapping[str, Contact]) -> Recipient:
    messenger = _messenger(entry.messenger)
    contact = known.get(entry.address)
    if contact is not None:
        return _recipient_of(contact, messenger)
    try:
        return Recipient(messenger=messenger, address=read_address(messenger, entry.address))
    except ValueError as error:
        if not _may_be_an_id(entry.address):
            raise
        raise ValueError(
            sentence(
                "there's no contact “{id}”, and {problem}", id=_quoted(entry.address), problem=str(error)
            )
        ) from None


def _may_be_an_id(text: str) -> bool:
    """False for what begins as phone numbers, public names and groups do, and for what cannot be written down."""
    return text[:1].isalnum() and text.isprintable()


def _recipient_of(contact: Contact, messenger: Messenger) -> Recipient:
    """Refuse the id of a contact as an address: it may be another person's address."""
    address = contact.addresses.get(messenger)
    if address is None:
        raise ValueError(
            sentence(
                "contact {id} ({name}) has no address on {messenger}.",
                id=contact.id,
                name=contact.name,
                messenger=messenger.traits.title,
            )
        )
    return Recipient(
        messenger=messenger, address=address, contact_id=contact.id, variables={"name": contact.name}
    )


def _messenger(name: str | None) -> Messenger:
    if name is None:
        examples = tuple(messenger.traits.example for messenger in Messenger)
        raise ValueError(
            sentence("no messenger is named. Write it before the address: {examples}.", examples=examples)
        )
    folded = name.strip(_BLANK).casefold()
    if folded in BY_ALIAS:
        return BY_ALIAS[folded]
    close = get_close_matches(folded[:_LONGEST_QUOTE], BY_ALIAS, n=1)
    quoted = _quoted(name.strip(_BLANK))
    if close:
        raise ValueError(
            sentence("there's no messenger “{name}”. Did you mean {near}:?", name=quoted, near=close[0])
        )
    names = one_of(tuple(f"{messenger}:" for messenger in Messenger))
    raise ValueError(sentence("there's no messenger “{name}”. Use {names}.", name=quoted, names=names))


def _quoted(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 1]}…"
