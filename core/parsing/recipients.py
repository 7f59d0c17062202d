"""Reads typed and posted lists into recipients."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Protocol

from core.domain.audience import Chosen, LookedUp, may_be_a_name, nobody_in
from core.domain.messengers.traits import BY_ALIAS, AddressKind, Messenger
from core.domain.recipients import Contact, Recipient
from core.domain.translatable import Sentence, one_of, sentence
from core.parsing.addresses import account, read_address
from core.parsing.entries import (
    BLANK,
    NUMBER_WITHIN,
    STROKE,
    Entry,
    crossed_out,
    entries_in,
    leaves_out,
    single_entries,
    typed_entry,
    with_unticked_crossed,
)
from core.parsing.number_remarks import NO_USE, number_in_use
from core.parsing.numbering_plans import main_region_of
from core.parsing.phone_numbers import NoCountryCode, TwoNumbers, with_digits_for_letters

LIST = "list"
_LONGEST_QUOTE = 60
_LONGEST_CHAT_ID = 17
_EMAIL = re.compile(r"<?[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+>?")
_Resolve = Callable[[Entry, Mapping[str, Contact]], Recipient]


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
    spelt_like: tuple[Contact, ...] = ()
    """People whose names are similar to those of nobody."""
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
    unknown: tuple[str, ...] = ()
    """Unknown names; each is among the problems too."""
    without_code: tuple[str, ...] = ()
    """Phone numbers that only lack their country code; each is among the problems too."""


class _Guess(ValueError):
    """An entry that is wrong as it is. `entry`: as it may have been meant."""

    def __init__(self, entry: str) -> None:
        super().__init__(sentence("Did you mean {near}?", near=entry))
        self.entry = entry


class _UnknownName(ValueError):
    """Words that may be a name, but neither of a known person nor of a list."""

    def __init__(self, name: str, alike: tuple[str, ...] = ()) -> None:
        problem = sentence(
            "I don't know this name. Send a phone number with its country code, a contact, or choose a list."
        )
        if alike:
            problem = sentence("I don't know this name. Did you mean {near}?", near=one_of(alike))
        super().__init__(problem)
        self.name = name


async def read_who(
    text: str, contacts: ContactBook, audiences: AudienceNames, region: str = ""
) -> ReadRecipients:
    """Read "telegram:1001, vip, whatsapp:+12025550123"; commas, semicolons and line breaks separate the entries.

    A bare phone number is one on WhatsApp, a bare @name is on Telegram, any other bare word an audience; "all" are
    those who subscribed to the bot on Telegram. A name beside a phone number is the person's variable "name".
    `region`: where numbers without a country code are (read_phone).

    An entry is never a contact's id; for somebody who typed such an id, the problem tells the contact's address. An
    audience in which nobody is yet is a problem too.
    """
    text = with_unticked_crossed(text)
    looked_up = await audiences.look_up(
        entry.label
        for entry in single_entries(text)
        if entry.messenger is None and may_be_a_name(entry.label) and not crossed_out(entry.label)
    )
    entries = entries_in(text, looked_up)
    named = [entry.label for entry in entries if entry.label in looked_up.found]
    people = [entry.label for entry in entries if entry.label in looked_up.people]
    addresses = {account(one): one for name in people for one in looked_up.people[name].recipients}
    chosen = {looked_up.found[name].id: looked_up.found[name] for name in named}
    near = {one.id: one for found in looked_up.near.values() for one in found}

    def resolve(entry: Entry, known: Mapping[str, Contact]) -> Recipient:
        if similar := looked_up.near.get(entry.label):
            raise ValueError(sentence("there's no such list. Did you mean {near}?", near=_counted(similar)))
        if similar_people := looked_up.like.get(entry.label):
            raise ValueError(sentence("Did you mean {near}?", near=one_of(_names(similar_people))))
        if entry.messenger is None and not crossed_out(entry.label):
            raise _unnamed(entry.address, _names(looked_up.spelt_like.get(entry.label, ())))
        return _by_address(entry, known, region)

    placed = {*named, *people}
    read = await _read([None if e.label in placed else e for e in entries], contacts, resolve)
    like = {one.id: one for found in looked_up.like.values() for one in found}
    spelt_like = {one.id: one for found in looked_up.spelt_like.values() for one in found}
    taken = {account(one) for one in read.recipients}
    return replace(
        read,
        recipients=(*read.recipients, *(one for key, one in addresses.items() if key not in taken)),
        like=tuple(like.values()),
        spelt_like=tuple(spelt_like.values()),
        audiences=tuple(one for one in chosen.values() if one.total),
        near=tuple(near.values()),
        duplicates=read.duplicates + len(named) - len(chosen) + len(people) - len(set(people)),
        problems=(*read.problems, *(nobody_in(one) for one in chosen.values() if not one.total)),
    )


def _names(people: Iterable[Contact]) -> tuple[str, ...]:
    return tuple(one.name for one in people)


def _unnamed(word: str, alike: tuple[str, ...]) -> ValueError:
    """The problem with a word that is neither an audience nor a person. `alike`: names of people."""
    if leaves_out(word):
        return ValueError(
            sentence(
                "I can't leave someone out by words. Add the others, then remove this person with a tap."
            )
        )
    if word.isascii() and word.isdigit() and word[0] != "0" and len(word) <= _LONGEST_CHAT_ID:
        return _Guess(f"{Messenger.TELEGRAM}:{word}")
    if number := with_digits_for_letters(word):
        return _Guess(number)
    if number_in_use(word) == "":
        return ValueError(NO_USE)
    if len(NUMBER_WITHIN.findall(word)) > 1:
        return TwoNumbers(tuple(NUMBER_WITHIN.findall(word)))
    if _EMAIL.search(word):
        return ValueError(
            sentence(
                "this is an email address, and I can't write to those. Send a phone number or a contact."
            )
        )
    if may_be_a_name(word):
        return _UnknownName(word, alike)
    return ValueError(
        sentence(
            "I can't tell who this is. Send a phone number with its country code, a contact, or choose a list."
        )
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
        else Entry(f"{service.strip(BLANK)}:{uuid.strip(BLANK)}", service, uuid.strip(BLANK))
        for uuid, service in pairs
    ]
    return await _read(entries, contacts, _by_contact_or_address)


def is_list(service: str) -> bool:
    """True where a pair names a list instead of an address."""
    return service.strip(BLANK).casefold() == LIST


def read_recipient(text: str, region: str = "") -> Recipient:
    """One entry of such a list. Raises ValueError: what is wrong, and what would be right."""
    part = text.strip(BLANK)
    if not part:
        raise ValueError(sentence("the address is missing."))
    return _by_address(typed_entry(part), {}, region)


def read_in_place_of(old: Recipient, text: str) -> Recipient:
    """A typed address that takes the place of another one: on the same messenger, unless the text names another.

    A number without a country code has that of the old one. Raises ValueError as read_recipient().
    """
    part = text.strip(BLANK)
    region = ""
    if old.messenger.traits.address is AddressKind.PHONE:
        region = main_region_of(old.address) or ""
    if part and typed_entry(part).messenger is None:
        return Recipient(messenger=old.messenger, address=read_address(old.messenger, part, region))
    return replace(read_recipient(part, region), variables={})


async def _read(entries: Sequence[Entry | None], contacts: ContactBook, resolve: _Resolve) -> ReadRecipients:
    """None: an entry that is read already, and counts as a place in the list only."""
    asked = dict.fromkeys(entry.address for entry in entries if entry and _may_be_an_id(entry.address))
    known = await contacts.get_many(list(asked))
    # In a thread: a hundred thousand entries take a second, and nobody else waits for it.
    return await asyncio.to_thread(_collected, entries, known, resolve)


def _collected(
    entries: Sequence[Entry | None], known: Mapping[str, Contact], resolve: _Resolve
) -> ReadRecipients:
    found: dict[tuple[Messenger, str], Recipient] = {}
    problems: list[str] = []
    without_code: list[str] = []
    guesses: list[str] = []
    unknown: list[str] = []
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
            unknown += [error.name] if isinstance(error, _UnknownName) else []
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
        unknown=tuple(dict.fromkeys(unknown)),
        without_code=tuple(without_code),
    )


def _problem(entry: Entry, number: int | None, error: ValueError) -> Sentence:
    quoted = _quoted(entry.label)
    if number is None:
        return sentence("“{entry}”: {problem}", entry=quoted, problem=str(error))
    return sentence("“{entry}” (entry {number}): {problem}", entry=quoted, number=number, problem=str(error))


def _by_address(entry: Entry, known: Mapping[str, Contact], region: str) -> Recipient:
    if mark := crossed_out(entry.label):
        raise ValueError(
            sentence("this entry is marked with {mark}, so I left it out.", mark=mark.replace(STROKE, "—"))
        )
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


def _by_contact_or_address(entry: Entry, known: Mapping[str, Contact]) -> Recipient:
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
    folded = name.strip(BLANK).casefold()
    if folded in BY_ALIAS:
        return BY_ALIAS[folded]
    close = get_close_matches(folded[:_LONGEST_QUOTE], BY_ALIAS, n=1)
    quoted = _quoted(name.strip(BLANK))
    if close:
        raise ValueError(
            sentence("there's no messenger “{name}”. Did you mean {near}:?", name=quoted, near=close[0])
        )
    names = one_of(tuple(f"{messenger}:" for messenger in Messenger))
    raise ValueError(sentence("there's no messenger “{name}”. Use {names}.", name=quoted, names=names))


def _quoted(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 1]}…"
