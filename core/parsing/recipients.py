"""Who an order is for: the lists that people type and programs post, read into recipients."""

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
from core.parsing.addresses import read_address

_LONGEST_QUOTE = 60
_SHORTEST_PHONE = 10
_SEPARATORS = re.compile(r"[,;\n\r]")
# Marks without width that come along when a number is copied from an address book or a web page.
_BLANK = " \t\u00a0\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_BARE = {"+": AddressKind.PHONE, "@": AddressKind.CHAT_ID}


class ContactBook(Protocol):
    """Where contacts are looked up."""

    async def get_many(self, contact_ids: list[str]) -> Mapping[str, Contact]:
        """The contacts there are among the given ids, by id."""


class AudienceNames(Protocol):
    """Where the names of audiences are looked up."""

    async def look_up(self, words: Iterable[str]) -> LookedUp: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadRecipients:
    """What a list came to."""

    recipients: tuple[Recipient, ...]
    """Those named one by one, each once, in the order of the list."""
    audiences: tuple[Chosen, ...] = ()
    """Each once, in the order of the list."""
    near: tuple[Chosen, ...] = ()
    """Audiences that may have been meant by what is wrong."""
    duplicates: int
    """How many entries named somebody who stood in the list before."""
    problems: tuple[str, ...]
    """One for each entry that is wrong, in the order of the list."""


@dataclass(frozen=True, slots=True)
class _Entry:
    label: str
    """As the problem quotes it."""
    messenger: str | None
    """As written; None where nothing was."""
    address: str


_Resolve = Callable[[_Entry, Mapping[str, Contact]], Recipient]


async def read_who(text: str, contacts: ContactBook, audiences: AudienceNames) -> ReadRecipients:
    """Read "telegram:1001, vip, whatsapp:+12025550123"; commas, semicolons and line breaks separate the entries.

    A bare phone number is one on WhatsApp, a bare @name is on Telegram, any other bare word an audience; "all" are
    those who subscribed to the bot on Telegram. An entry is never a contact's id; for somebody who typed such an id,
    the problem tells the contact's address. An audience in which nobody is yet is a problem too.
    """
    entries = [_typed(part) for part in (part.strip(_BLANK) for part in _SEPARATORS.split(text)) if part]
    looked_up = await audiences.look_up(
        entry.label for entry in entries if entry.messenger is None and may_be_a_name(entry.label)
    )
    named = [entry.label for entry in entries if entry.label in looked_up.found]
    chosen = {looked_up.found[name].id: looked_up.found[name] for name in named}
    near = {one.id: one for found in looked_up.near.values() for one in found}

    def resolve(entry: _Entry, known: Mapping[str, Contact]) -> Recipient:
        if similar := looked_up.near.get(entry.label):
            raise ValueError(
                sentence("there is no such audience. Did you mean {near}?", near=_counted(similar))
            )
        if entry.messenger is None:
            raise ValueError(_unnamed(entry.address))
        return _by_address(entry, known)

    read = await _read([None if e.label in looked_up.found else e for e in entries], contacts, resolve)
    return replace(
        read,
        audiences=tuple(one for one in chosen.values() if one.total),
        near=tuple(near.values()),
        duplicates=read.duplicates + len(named) - len(chosen),
        problems=(*read.problems, *(nobody_in(one) for one in chosen.values() if not one.total)),
    )


def _unnamed(word: str) -> Sentence:
    """What is wrong with a bare word that is no audience: the address that was meant, if it can be told."""
    if word.isascii() and word.isdigit():
        able = [f"{Messenger.TELEGRAM}:{word}"]
        if len(word) >= _SHORTEST_PHONE:
            able.insert(0, f"{Messenger.WHATSAPP}:+{word}")
        return sentence("no messenger is named. Did you mean {near}?", near=one_of(tuple(able)))
    if may_be_a_name(word):
        return sentence(
            "there is no audience of this name. An address begins with its messenger: telegram:1001."
        )
    return sentence("no messenger is named. Write it before the address, for example telegram:1001.")


def _counted(audiences: Iterable[Chosen]) -> object:
    return one_of(tuple(sentence("{name} ({count})", name=one.title, count=one.total) for one in audiences))


async def read_pairs(pairs: Iterable[tuple[str, str]], contacts: ContactBook) -> ReadRecipients:
    """Read pairs of (address or contact id, messenger's name). A contact's id goes before an address."""
    entries = [
        _Entry(f"{service.strip(_BLANK)}:{uuid.strip(_BLANK)}", service, uuid.strip(_BLANK))
        for uuid, service in pairs
    ]
    return await _read(entries, contacts, _by_contact_or_address)


def read_recipient(text: str) -> Recipient:
    """One entry of such a list. Raises ValueError: what is wrong, and what would be right."""
    part = text.strip(_BLANK)
    if not part:
        raise ValueError(sentence("the address is missing."))
    return _by_address(_typed(part), {})


async def _read(entries: Sequence[_Entry | None], contacts: ContactBook, resolve: _Resolve) -> ReadRecipients:
    """None: an entry that is read already, and counts as a place in the list only."""
    asked = dict.fromkeys(entry.address for entry in entries if entry and _may_be_an_id(entry.address))
    known = await contacts.get_many(list(asked))
    # In a thread: a hundred thousand entries take a second, and nobody else shall wait for it.
    return await asyncio.to_thread(_collected, entries, known, resolve)


def _collected(
    entries: Sequence[_Entry | None], known: Mapping[str, Contact], resolve: _Resolve
) -> ReadRecipients:
    found: dict[tuple[Messenger, str], Recipient] = {}
    problems: list[str] = []
    for number, entry in enumerate(entries, start=1):
        if entry is None:
            continue
        try:
            recipient = resolve(entry, known)
        except ValueError as error:
            problems.append(_problem(entry, number if len(entries) > 1 else None, error))
        else:
            found.setdefault((recipient.messenger, recipient.address), recipient)
    return ReadRecipients(
        recipients=tuple(found.values()),
        duplicates=len(entries) - entries.count(None) - len(problems) - len(found),
        problems=tuple(problems),
    )


def _problem(entry: _Entry, number: int | None, error: ValueError) -> Sentence:
    quoted = _quoted(entry.label)
    if number is None:
        return sentence('"{entry}": {problem}', entry=quoted, problem=str(error))
    return sentence('"{entry}" (entry {number}): {problem}', entry=quoted, number=number, problem=str(error))


def _typed(part: str) -> _Entry:
    messenger, colon, address = part.partition(":")
    if colon and messenger.strip(_BLANK):
        return _Entry(part, messenger, address.strip(_BLANK))
    kind = _BARE.get(part[0])
    bare = next((name for name in Messenger if name.traits.address is kind), None)
    return _Entry(part, bare, part)


def _by_address(entry: _Entry, known: Mapping[str, Contact]) -> Recipient:
    messenger = _messenger(entry.messenger)
    try:
        return Recipient(messenger=messenger, address=read_address(messenger, entry.address))
    except ValueError as error:
        contact = known.get(entry.address)
        if contact is None or messenger not in contact.addresses:
            raise
        address = f"{messenger}:{contact.addresses[messenger]}"
        raise ValueError(
            sentence(
                "{problem} Contact {id} is {name}: {address}",
                problem=str(error),
                id=contact.id,
                name=contact.name,
                address=address,
            )
        ) from None


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
                'there is no contact "{id}", and {problem}', id=_quoted(entry.address), problem=str(error)
            )
        ) from None


def _may_be_an_id(text: str) -> bool:
    """False for what begins as phone numbers, public names and groups do, and for what cannot be written down."""
    return text[:1].isalnum() and text.isprintable()


def _recipient_of(contact: Contact, messenger: Messenger) -> Recipient:
    """An address is never guessed from the id of a contact: somebody else may be reached under it."""
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
            sentence('there is no messenger "{name}". Did you mean {near}:?', name=quoted, near=close[0])
        )
    names = one_of(tuple(f"{messenger}:" for messenger in Messenger))
    raise ValueError(sentence('there is no messenger "{name}". Use {names}.', name=quoted, names=names))


def _quoted(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 1]}…"
