"""Contacts and known people.

Keys: `ms:contacts` (hash: id -> contact, of those whose id was given to them) · `ms:person:…` (everybody known, by
number, address and name: see contact.lua) · `ms:person:columns` (hash: name of a value -> its number).
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from itertools import chain, compress, repeat
from typing import Final, cast

from pydantic import TypeAdapter
from redis.asyncio import Redis

from core.domain.messengers.traits import BY_CODE, Messenger
from core.domain.recipients import Contact, folded_name
from core.store.connection import read_many
from core.store.name_index import PER_TEXT, UNIT, NameIndex
from core.store.portions import ahead, portions
from core.store.scripts import Scripts, Store

_CONTACTS: Final = "ms:contacts"
_COLUMNS: Final = "ms:person:columns"
_LEARNED: Final = "ms:person:learned"
_IDS_A_TRIP: Final = 1000
# As few as keep a script below ten milliseconds.
_PEOPLE_A_TRIP: Final = 60
_ADDRESSES_A_TRIP: Final = 400
_ADDRESS_BUCKETS: Final = 16_384
_BUCKETS_A_TRIP: Final = 256
_MANY_ADDRESSES: Final = 10_000
_READ_MEANWHILE: Final = 8
"""Known addresses that are read in the time in which one is looked up."""
_PER_KEY: Final = 64
_ARGENTINE: Final = 13
"""Digits of a mobile in Argentina with its 9, which may be missing."""
_KNOWN: Final = "p"
"""In front of the number in the id of somebody known."""
_KNOWN_ID: Final = re.compile(rf"{_KNOWN}[1-9]\d{{0,9}}")
_RECORD: Final = "\x1e"
_LONGEST_NAME: Final = 120
_MOST_COMPARED: Final = 200
"""Names that are compared with a misspelt one, of each way they may begin."""
_MOST_WORDS: Final = 3
_TELLING: Final = 3
"""Letters of a word from which on it tells people apart."""
_ALIKE: Final = 0.75
_SWAPPED: Final = 0.6
"""Likeness of names that differ by two letters of three or more in the wrong order."""
_START: Final = 4
"""Letters of a beginning that is looked up."""
_MOST_STARTS: Final = 4
_MOST_LOOKED_THROUGH: Final = 150_000
"""People among whom such beginnings are looked for: of a million, most names that many have are among these."""
_LATIN: Final = "abcdefghijklmnopqrstuvwxyz"
_CYRILLIC: Final = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
_CONTACT: Final = TypeAdapter(Contact)


class ContactStore(Store):
    """Known people by number, address and name."""

    def __init__(self, client: Redis, scripts: Scripts) -> None:
        super().__init__(client, scripts)
        self._names = NameIndex(client, scripts)
        self._columns: dict[str, str] = {}

    async def get(self, contact_id: str) -> Contact | None:
        return (await self.get_many([contact_id])).get(contact_id)

    async def get_many(self, contact_ids: list[str]) -> dict[str, Contact]:
        found: dict[str, Contact] = {}
        for some in portions(dict.fromkeys(contact_ids), _IDS_A_TRIP):
            packed = zip(some, await self._client.hmget(_CONTACTS, some), strict=True)
            found |= {
                one: _CONTACT.validate_python({"id": one, **json.loads(text)}) for one, text in packed if text
            }
        return found

    async def each(self) -> AsyncIterator[Contact]:
        """All of them; one may come twice while others are written."""
        async for contact_id, text in self._client.hscan_iter(_CONTACTS, count=_IDS_A_TRIP):
            yield _CONTACT.validate_python({"id": contact_id, **json.loads(text)})

    async def put(self, contact: Contact) -> None:
        packed = _CONTACT.dump_json(contact, exclude={"id", "values"}).decode()
        await self._client.hset(_CONTACTS, contact.id, packed)
        await self.learn([contact])

    async def learn(self, people: Iterable[Contact], *, firm: bool = True) -> list[str]:
        """Remember people by the addresses that are theirs, whatever their ids are; return the ids they are known by.

        `firm`: the names are an admin's own, and take the place of those known before.
        """
        found: list[str] = []
        texts = set[int]()
        for some in portions(people, _PEOPLE_A_TRIP):
            await self._number_columns({name for one in some for name in one.values})
            left = [self._packed(one) for one in some]
            while left:
                packed = [part for one in left for part in one]
                numbers = await self._scripts.run("contact", "learn", int(firm), *packed)
                texts.update(int(number) // PER_TEXT for number in numbers)
                found += [f"{_KNOWN}{number}" for number in numbers]
                left = left[len(numbers) :]
        await self._names.index(texts)
        return found

    def _packed(self, person: Contact) -> list[str]:
        name = " ".join(_clean(person.name).split())[:_LONGEST_NAME]
        values = _RECORD.join(
            f"{self._columns[key]}={_clean(value)}" for key, value in person.values.items() if value
        )
        listed = [
            part
            for messenger, address in person.addresses.items()
            for part in (messenger.traits.code, address)
        ]
        return [name, folded_name(name), values, str(len(person.addresses)), *listed]

    async def _number_columns(self, names: set[str]) -> None:
        """Give each name of a value a number, which replaces the name in every entry."""
        for name in sorted(names - set(self._columns)):
            number = await self._client.hget(_COLUMNS, name)
            if number is None:
                next_number = await self._client.hincrby(_COLUMNS, "", 1)
                await self._client.hsetnx(_COLUMNS, name, str(next_number))
                number = await self._client.hget(_COLUMNS, name)
            self._columns[name] = str(number)

    async def known(self, ids: Sequence[str]) -> list[Contact]:
        """Known people by the ids that learn() and the searches give; those that are gone are left out."""
        numbers = [int(one[1:]) for one in ids if is_known_id(one)]
        found: list[Contact] = []
        columns = cast("dict[str, str]", await self._client.hgetall(_COLUMNS))
        names = {number: name for name, number in columns.items()}
        for some in portions(numbers, _IDS_A_TRIP):
            entries = await self._hash_fields(
                (f"ms:person:{number // _PER_KEY}", str(number % _PER_KEY)) for number in some
            )
            found += [
                _read(number, entry, names) for number, entry in zip(some, entries, strict=True) if entry
            ]
        return found

    async def forget(self, ids: Collection[str]) -> None:
        """Remove contacts, and people known by these ids."""
        numbers = [one[1:] for one in ids if is_known_id(one)]
        await self._scripts.run("contact", "forget", *numbers)
        if ids:
            await self._client.hdel(_CONTACTS, *ids)

    async def ids_at(self, addresses: Iterable[tuple[Messenger, str]]) -> list[str]:
        """The id of the person at each address; "" for an address that is not known."""
        asked = list(addresses)
        if len(asked) <= _MANY_ADDRESSES:
            return await self._look_up(asked)
        found = {
            messenger: iter(await self.ids_on(messenger, [at for on, at in asked if on is messenger]))
            for messenger in Messenger
        }
        return [next(found[messenger]) for messenger, _address in asked]

    async def ids_on(self, messenger: Messenger, addresses: Sequence[str]) -> list[str]:
        """As ids_at(), on one messenger. Of many, by plain reads of all addresses that are known there."""
        if len(addresses) <= _MANY_ADDRESSES or len(addresses) * _READ_MEANWHILE < await self.count():
            return await self._look_up([(messenger, address) for address in addresses])
        keys = list(map(_key_of, addresses))
        wanted, known, code = set(keys), dict[str, str](), messenger.traits.code
        reads = (("HGETALL", f"ms:person:at:{code}:{bucket}") for bucket in range(_ADDRESS_BUCKETS))
        async for some in ahead(read_many(self._client, part) for part in portions(reads, _BUCKETS_A_TRIP)):
            entries = list(chain.from_iterable(some))
            there = entries[::2]
            known.update(compress(zip(there, entries[1::2], strict=True), map(wanted.__contains__, there)))
        return [number and f"{_KNOWN}{number}" for number in map(known.get, keys, repeat(""))]

    async def _look_up(self, asked: Sequence[tuple[Messenger, str]]) -> list[str]:
        found: list[str] = []
        for some in portions(asked, _ADDRESSES_A_TRIP):
            packed = [part for messenger, address in some for part in (messenger.traits.code, address)]
            numbers = await self._scripts.run("contact", "at", *packed)
            found += [f"{_KNOWN}{number}" if number else "" for number in numbers]
        return found

    async def at(self, addresses: Iterable[tuple[Messenger, str]]) -> dict[tuple[Messenger, str], Contact]:
        """The person at each address that is known."""
        asked = list(addresses)
        ids = await self.ids_at(asked)
        known = {one.id: one for one in await self.known(list(dict.fromkeys(one for one in ids if one)))}
        return {where: known[one] for where, one in zip(asked, ids, strict=True) if one in known}

    async def count_linked(self) -> int:
        """Number of people who are known under two addresses or more."""
        return int(await self._client.get("ms:person:linked") or 0)

    async def count(self) -> int:
        """Number of people known so far."""
        return int(await self._client.get("ms:person:count") or 0)

    async def latest(self, most: int) -> list[Contact]:
        """People with a name who became known last, newest first."""
        last = await self.count()
        found = await self.known([f"{_KNOWN}{number}" for number in range(last, max(0, last - 4 * most), -1)])
        return [one for one in found if one.name][:most]

    async def named(self, name: str, *, most: int = 20) -> list[Contact]:
        """People of exactly this name."""
        if not (folded := folded_name(name)):
            return []
        whole, _parts = await self._names.lines(
            f"{UNIT} {folded}\n", [f" {folded}\n"], folded.split(), people=await self.count(), most=most
        )
        return await self._of_lines(whole)

    async def search(self, text: str, *, most: int = 50) -> list[Contact]:
        """People in whose names words begin with each of the words of `text`.

        Those with the words in another order, or apart, only where nobody has them as they are.
        """
        if not (words := folded_name(text).split()):
            return []
        needles = [f" {word}" for word in words]
        together, apart = await self._names.lines(
            "".join(needles), needles, words, people=await self.count(), most=most
        )
        return await self._of_lines(together or apart)

    async def spelt_like(self, name: str, *, most: int) -> list[Contact]:
        """People whose names differ by a few letters from this one, the likest first.

        Compares some of those whose names begin alike, so that it is as fast with a million people.
        """
        words = folded_name(name).split()
        people = await self.count()
        found = await self._alike(words, _starts_of(words), most, _ALIKE, people)
        for place in range(len(words) if len(words) <= _MOST_WORDS else 0):
            swapped, others = _other_starts(words[place])
            for starts, cutoff in ((swapped, _SWAPPED), (others, _ALIKE)):
                if not found:
                    ways = await self._with_existing(words, place, starts)
                    found = await self._alike(words, ways, most, cutoff, min(people, _MOST_LOOKED_THROUGH))
        return await self._of_lines(found)

    async def _with_existing(
        self, words: Sequence[str], place: int, starts: Iterable[str]
    ) -> list[Sequence[str]]:
        """The words with one of these beginnings at `place`, of those that the most names have."""
        existing = (await self._names.existing(starts))[: _MOST_STARTS // len(words)]
        return [[*words[:place], start, *words[place + 1 :]] for start in existing]

    async def _alike(
        self, words: Sequence[str], ways: Iterable[Sequence[str]], most: int, cutoff: float, people: int
    ) -> list[str]:
        """Lines of the names that are alike, of those with words that begin in one of these ways."""
        forms: dict[str, list[str]] = {}
        for starts in ways:
            needles = [f" {start}" for start in starts]
            found = await self._names.lines(
                "".join(needles), needles, starts, people=people, most=_MOST_COMPARED
            )
            for line in (*found[0], *found[1]):
                known = line.partition(UNIT)[2].split()
                for form in known if len(words) == 1 else [" ".join(known)]:
                    forms.setdefault(form, []).append(line)
        alike = get_close_matches(" ".join(words), forms, n=most, cutoff=cutoff)
        return list(dict.fromkeys(line for form in alike for line in forms[form]))[:most]

    async def move(self, messenger: Messenger, address: str, new_address: str) -> None:
        """The person has another address. Repeating it does no harm."""
        await self._scripts.run("contact", "move", messenger.traits.code, address, new_address)
        async for one in self.each():
            if one.addresses.get(messenger) == address:
                await self.put(replace(one, addresses={**one.addresses, messenger: new_address}))

    async def learn_once(self, subscribers: AsyncIterator[Contact], others: AsyncIterator[Contact]) -> None:
        """Remember people of data that was stored before anybody was known by name; once for each store."""
        await self._names.index_all(await self.count())
        if await self._client.exists(_LEARNED):
            return
        for people, firm in ((subscribers, False), (others, True)):
            some: list[Contact] = []
            async for one in people:
                some.append(one)
                if len(some) == _IDS_A_TRIP:
                    await self.learn(some, firm=firm)
                    some.clear()
            await self.learn(some, firm=firm)
        await self._client.set(_LEARNED, "1")

    async def _of_lines(self, lines: Sequence[str]) -> list[Contact]:
        return await self.known([f"{_KNOWN}{str(line).partition(UNIT)[0]}" for line in lines])


def _starts_of(words: Sequence[str]) -> Iterator[list[str]]:
    """Beginnings of words that a name may have in which one word is misspelt behind them."""
    if len(words) == 1:
        yield from ([words[0][:length]] for length in (4, 2) if length < len(words[0]))
    elif len(words) <= _MOST_WORDS:
        for place, word in enumerate(words):
            others = [*words[:place], *words[place + 1 :]]
            if max(map(len, others)) >= _TELLING:
                yield [*words[:place], word[:1], *words[place + 1 :]]
        if min(map(len, words)) >= _TELLING:
            yield [word[:2] for word in words]


def _other_starts(word: str) -> tuple[list[str], list[str]]:
    """Beginnings of a word that is misspelt at its beginning: two letters swapped, or one of the first two
    wrong, missing or too many.
    """
    if len(word) < _TELLING:
        return [], []
    letters = _CYRILLIC if word[0] in _CYRILLIC else _LATIN
    first, second = word[0], word[1]
    changed = [word[1:], first + word[2:]]
    for letter in letters:
        changed += [letter + word[1:], first + letter + word[2:], letter + word, first + letter + word[1:]]
    swapped = [second + first + word[2:], first + word[2] + second + word[3:]]
    return [one[:_START] for one in swapped], [one[:_START] for one in changed if one != word]


def is_known_id(contact_id: str) -> bool:
    """True for an id that was not given to a contact, but comes from a list, a card or Start."""
    return _KNOWN_ID.fullmatch(contact_id) is not None


def _key_of(address: str) -> str:
    """The part of an address that all its forms share, as in contact.lua."""
    digits = address[1:]
    if not (address.startswith("+") and digits.isascii() and digits.isdecimal()):
        return address
    return f"54{digits[3:]}" if len(digits) == _ARGENTINE and digits.startswith("549") else digits


def _clean(text: str) -> str:
    """Replace the characters that separate the parts of an entry."""
    return re.sub(r"[\x00-\x1f]+", " ", text).strip()


def _read(number: int, packed: str, names: Mapping[str, str]) -> Contact:
    name, listed, values = packed.split(UNIT)
    pairs = (part.partition("=") for part in values.split(_RECORD) if part)
    return Contact(
        id=f"{_KNOWN}{number}",
        name=name,
        addresses={BY_CODE[one[0]]: one[1:] for one in listed.split(_RECORD) if one},
        values={names[key]: value for key, _, value in pairs if key in names},
    )
