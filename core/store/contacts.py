"""Contacts and subscribers.

Keys: `ms:contacts` (hash: id -> contact, of those whose id was given to them) · `ms:person:…` (everybody known, by
number, address and name: see contact.lua) · `ms:person:columns` (hash: name of a value -> its number) ·
`ms:subscribers` (hash: Telegram chat -> name, since when, tag) · `ms:subscribers:<m>` (the same for other messengers).
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final, cast

from pydantic import TypeAdapter
from redis.asyncio import Redis

from core.domain.messengers.events import OptIn, OptOut
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import BY_CODE, Messenger
from core.domain.recipients import Contact, Subscriber, folded_name
from core.domain.segment import Clause
from core.store.name_index import PER_TEXT, UNIT, NameIndex
from core.store.portions import portions
from core.store.receipt_inbox import ReceiptInboxStore
from core.store.row_format import from_ms, those_with, to_ms
from core.store.scripts import Scripts, Store

_CONTACTS: Final = "ms:contacts"
_SUBSCRIBERS: Final = "ms:subscribers"
_COLUMNS: Final = "ms:person:columns"
_LEARNED: Final = "ms:person:learned"
_IDS_A_TRIP: Final = 1000
# As few as keep a script below ten milliseconds.
_PEOPLE_A_TRIP: Final = 60
_ADDRESSES_A_TRIP: Final = 400
_PER_KEY: Final = 64
_SCANNED_A_TRIP: Final = 500
_RECOUNTED_AT_ONCE: Final = 20_000
"""Subscribers up to whom the count of people is always the present one."""
_COUNT_LASTS: Final = 60.0
"""Seconds for which the count of more of them is used."""
_KNOWN: Final = "p"
"""In front of the number in the id of somebody known."""
_KNOWN_ID: Final = re.compile(rf"{_KNOWN}[1-9]\d{{0,9}}")
_RECORD: Final = "\x1e"
_LONGEST_NAME: Final = 120
_CONTACT: Final = TypeAdapter(Contact)


class ContactStore(Store):
    """Known people by number, address and name, and subscribers of the bot by chat id."""

    def __init__(self, client: Redis, scripts: Scripts, inbox: ReceiptInboxStore) -> None:
        super().__init__(client, scripts)
        self._inbox = inbox
        self._names = NameIndex(client, scripts)
        self._columns: dict[str, str] = {}
        self._further: tuple[object, float, int] = (None, 0.0, 0)
        """What the last count of further subscriptions depends on, its time, and the count."""

    async def get(self, contact_id: str) -> Contact | None:
        return (await self.get_many([contact_id])).get(contact_id)

    async def get_many(self, contact_ids: list[str]) -> dict[str, Contact]:
        wanted = list(dict.fromkeys(contact_ids))
        found: dict[str, Contact] = {}
        for start in range(0, len(wanted), _IDS_A_TRIP):
            some = wanted[start : start + _IDS_A_TRIP]
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
            pipe = self._client.pipeline(transaction=False)
            for number in some:
                pipe.hget(f"ms:person:{number // _PER_KEY}", str(number % _PER_KEY))
            entries = zip(some, await pipe.execute(), strict=True)
            found += [_read(number, str(entry), names) for number, entry in entries if entry]
        return found

    async def forget(self, ids: Collection[str]) -> None:
        """Remove contacts, and people known by these ids."""
        numbers = [one[1:] for one in ids if is_known_id(one)]
        await self._scripts.run("contact", "forget", *numbers)
        if ids:
            await self._client.hdel(_CONTACTS, *ids)

    async def ids_at(self, addresses: Iterable[tuple[Messenger, str]]) -> list[str]:
        """The id of the person at each address; "" for an address that is not known."""
        found: list[str] = []
        for some in portions(addresses, _ADDRESSES_A_TRIP):
            asked = [part for messenger, address in some for part in (messenger.traits.code, address)]
            numbers = await self._scripts.run("contact", "at", *asked)
            found += [f"{_KNOWN}{number}" if number else "" for number in numbers]
        return found

    async def at(self, addresses: Iterable[tuple[Messenger, str]]) -> dict[tuple[Messenger, str], Contact]:
        """The person at each address that is known."""
        asked = list(addresses)
        ids = await self.ids_at(asked)
        known = {one.id: one for one in await self.known(list(dict.fromkeys(one for one in ids if one)))}
        return {where: known[one] for where, one in zip(asked, ids, strict=True) if one in known}

    async def has_linked(self) -> bool:
        """True if anybody is known under two addresses."""
        return int(await self._client.get("ms:person:linked") or 0) > 0

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

    async def _of_lines(self, lines: Sequence[str]) -> list[Contact]:
        return await self.known([f"{_KNOWN}{str(line).partition(UNIT)[0]}" for line in lines])

    async def mark_unreachable(self, messenger: Messenger, address: str, reason: Reason) -> None:
        """Leave this address out of orders from now on. OPTED_OUT: only the person can take it back."""
        await self._inbox.apply(messenger, [OptOut(address=address, reason=reason, at=await self.now())])

    async def mark_blocked(self, chat_id: int) -> None:
        """Unsubscribe a person who has blocked the bot on Telegram, and leave them out of orders."""
        await self.unsubscribe(chat_id)
        await self.mark_unreachable(Messenger.TELEGRAM, str(chat_id), Reason.BLOCKED)

    async def mark_reachable(self, messenger: Messenger, address: str, *, asked: bool = True) -> None:
        """The messenger delivers there again. `asked`: at the person's request, which ends an earlier opt-out."""
        at = await self.now()
        await self._inbox.apply(messenger, [OptIn(address=address, at=at, asked=asked)])

    async def subscribe(self, chat_id: int, name: str, tag: str = "", username: str = "") -> datetime:
        """Returns since when; a subscriber keeps the first date. `tag`: of the link they came by last."""
        known = await self._subscriber(chat_id)
        known = {"since": to_ms(await self.now()), **known, "name": name} | ({"tag": tag} if tag else {})
        known.pop("username", None)
        known |= {"username": username.lower()} if username else {}
        await self._client.hset(_SUBSCRIBERS, str(chat_id), json.dumps(known))
        await self.learn([_subscriber_as_contact(str(chat_id), name)], firm=False)
        return datetime.fromtimestamp(known["since"] / 1000, UTC)

    async def unsubscribe(self, chat_id: int) -> bool:
        """False when there was no subscription."""
        return bool(await self._client.hdel(_SUBSCRIBERS, str(chat_id)))

    async def subscriber(self, chat_id: int) -> datetime | None:
        """Since when this chat is subscribed; None = it is not."""
        known = await self._subscriber(chat_id)
        return from_ms(str(known["since"])) if known else None

    async def subscriber_name(self, chat_id: int) -> str | None:
        """None for a chat that is not subscribed."""
        known = await self._subscriber(chat_id)
        return str(known["name"]) if known else None

    async def _subscriber(self, chat_id: int) -> dict[str, Any]:
        """since (ms), name and perhaps tag; empty for a chat that is not subscribed."""
        packed = await self._client.hget(_SUBSCRIBERS, str(chat_id))
        return json.loads(packed) if packed else {}

    async def by_username(self, names: Collection[str]) -> dict[str, Subscriber]:
        """Subscribers by their names on Telegram, "@ann_lee", as they were when they subscribed.

        A name that has passed from one subscriber to another finds nobody.
        """
        found: dict[str, dict[str, Subscriber]] = {}
        async for portion in self.subscriptions(Messenger.TELEGRAM):
            for chat_id, packed in portion.items():
                known = json.loads(packed)
                if (name := f"@{known.get('username', '')}") in names:
                    found.setdefault(name, {})[chat_id] = Subscriber(chat_id, str(known["name"]))
        return {
            name: one for name, (one, *others) in ((n, f.values()) for n, f in found.items()) if not others
        }

    async def add_subscriber(self, messenger: Messenger, forms: Sequence[str], name: str) -> None:
        """Subscribe on WhatsApp or Viber. `forms`: of the address; who is subscribed under one of them stays."""
        key = _subscribers(messenger)
        found = zip(forms, await self._client.hmget(key, list(forms)), strict=True)
        address, packed = next(((form, entry) for form, entry in found if entry), (forms[0], None))
        known = json.loads(packed) if packed else {"since": to_ms(await self.now()), "name": name}
        await self._client.hset(key, address, json.dumps(known | ({"name": name} if name else {})))

    async def remove_subscriber(self, messenger: Messenger, forms: Sequence[str]) -> None:
        await self._client.hdel(_subscribers(messenger), *forms)

    async def move(self, messenger: Messenger, address: str, new_address: str) -> None:
        """The person has another address: contact and subscription follow. Repeating it does no harm."""
        await self._scripts.run("contact", "move", messenger.traits.code, address, new_address)
        async for one in self.each():
            if one.addresses.get(messenger) == address:
                await self.put(replace(one, addresses={**one.addresses, messenger: new_address}))
        key = _subscribers(messenger)
        packed = await self._client.hget(key, address)
        if packed:
            await self._client.hset(key, new_address, packed)
            await self._client.hdel(key, address)

    async def is_subscribed(self, messenger: Messenger, address: str) -> bool:
        return bool(await self._client.hexists(_subscribers(messenger), address))

    async def count_subscribers(self) -> dict[Messenger, int]:
        """By messenger, without those that have none."""
        pipe = self._client.pipeline(transaction=False)
        for messenger in Messenger:
            pipe.hlen(_subscribers(messenger))
        counts = zip(Messenger, await pipe.execute(), strict=True)
        return {messenger: int(count) for messenger, count in counts if count}

    async def count_further_subscriptions(self) -> int:
        """Number of subscriptions whose person is counted by one on another messenger.

        Of many subscribers, the count may be a minute old.
        """
        linked = int(await self._client.get("ms:person:linked") or 0)
        counts = await self.count_subscribers()
        # The largest is not looked through: the others are compared with it.
        first, *others = sorted(counts, key=lambda one: -counts[one]) or [Messenger.TELEGRAM]
        if not linked or not others:
            return 0
        state, at, found = self._further
        seen = (linked, *counts.items())
        many = sum(counts[one] for one in others) > _RECOUNTED_AT_ONCE
        if state == seen or (state is not None and many and monotonic() - at < _COUNT_LASTS):
            return found
        found, before = 0, [first]
        for messenger in others:
            found += await self._counted_elsewhere(messenger, before)
            before.append(messenger)
        self._further = (seen, monotonic(), found)
        return found

    async def _counted_elsewhere(self, messenger: Messenger, others: Sequence[Messenger]) -> int:
        keys = [part for one in others for part in (_subscribers(one), one.traits.code)]
        count, cursor = 0, "0"
        while True:
            cursor, found = await self._scripts.run(
                "contact",
                "counted_elsewhere",
                _subscribers(messenger),
                cursor,
                _SCANNED_A_TRIP,
                messenger.traits.code,
                *keys,
            )
            count += int(found)
            if str(cursor) == "0":
                return count

    async def subscribers(
        self, messenger: Messenger = Messenger.TELEGRAM
    ) -> AsyncIterator[dict[str, dict[str, str]]]:
        """Name and tag by address, in portions; one may come twice while others come and go."""
        async for portion in self.subscriptions(messenger):
            yield {address: name_and_tag(packed) for address, packed in portion.items()}

    async def subscriptions(
        self, messenger: Messenger, tags: Iterable[Clause] = ()
    ) -> AsyncIterator[dict[str, str]]:
        """As subscribers(), each as it is stored. `tags`: of those who fulfil these conditions."""
        pairs = [(json.dumps({one.subject: one.value})[1:-1], not one.condition.is_negative) for one in tags]
        cursor = 0
        while True:
            cursor, found = await self._client.hscan(_subscribers(messenger), cursor, count=_IDS_A_TRIP)
            yield those_with(cast("dict[str, str]", found), pairs)
            if cursor == 0:
                return

    async def learn_once(self, people: AsyncIterator[Contact]) -> None:
        """Remember people of data that was stored before anybody was known by name; once for each store."""
        await self._names.index_all(await self.count())
        if await self._client.exists(_LEARNED):
            return
        some: list[Contact] = []
        async for portion in self.subscribers():
            found = [_subscriber_as_contact(chat_id, one.get("name", "")) for chat_id, one in portion.items()]
            await self.learn(found, firm=False)
        async for one in people:
            some.append(one)
            if len(some) == _PEOPLE_A_TRIP:
                await self.learn(some)
                some.clear()
        await self.learn(some)
        await self._client.set(_LEARNED, "1")


def _subscribers(messenger: Messenger) -> str:
    """The hash of those on a messenger. Telegram's is the oldest."""
    return _SUBSCRIBERS if messenger is Messenger.TELEGRAM else f"{_SUBSCRIBERS}:{messenger.traits.code}"


def name_and_tag(packed: str) -> dict[str, str]:
    """Values of a subscriber, of their subscription as it is stored."""
    known = json.loads(packed)
    return {name: str(known[name]) for name in ("name", "tag") if known.get(name)}


def is_known_id(contact_id: str) -> bool:
    """True for an id that was not given to a contact, but comes from a list, a card or Start."""
    return _KNOWN_ID.fullmatch(contact_id) is not None


def _subscriber_as_contact(chat_id: str, name: str) -> Contact:
    return Contact(id="", name=name, addresses={Messenger.TELEGRAM: chat_id})


def _clean(text: str) -> str:
    """Without the characters that separate the parts of an entry."""
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
