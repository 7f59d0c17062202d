"""Subscribers, and their opt-ins and opt-outs.

Keys: `ms:subscribers` (hash: Telegram chat -> name, since when, tag) · `ms:subscribers:<m>` (the same for other
messengers).
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final, cast

from redis.asyncio import Redis

from core.domain.messengers.events import OptIn, OptOut
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact, Recipient, Subscriber
from core.store.contacts import ContactStore
from core.store.receipt_inbox import ReceiptInboxStore
from core.store.scripts import Scripts, Store
from core.store.times import from_ms, to_ms

_SUBSCRIBERS: Final = "ms:subscribers"
_ADDRESSES_A_TRIP: Final = 1000
_SCANNED_A_TRIP: Final = 500
_RECOUNTED_AT_ONCE: Final = 20_000
"""Subscribers up to whom the count of people is always the present one."""
_COUNT_LASTS: Final = 60.0
"""Seconds for which the count of more of them is used."""


class SubscriberStore(Store):
    """Subscribers by messenger and address. Those of the bot on Telegram become known by their names."""

    def __init__(
        self, client: Redis, scripts: Scripts, contacts: ContactStore, inbox: ReceiptInboxStore
    ) -> None:
        super().__init__(client, scripts)
        self._contacts = contacts
        self._inbox = inbox
        self._further: tuple[object, float, int] = (None, 0.0, 0)
        """What the last count of further subscriptions depends on, its time, and the count."""

    async def subscribe(self, chat_id: int, name: str, tag: str = "", username: str = "") -> datetime:
        """Returns since when; a subscriber keeps the first date. `tag`: of the link they came by last."""
        known = await self._values(chat_id)
        known = {"since": to_ms(await self.now()), **known, "name": name} | ({"tag": tag} if tag else {})
        known.pop("username", None)
        known |= {"username": username.lower()} if username else {}
        await self._client.hset(_SUBSCRIBERS, str(chat_id), json.dumps(known))
        await self._contacts.learn([_as_contact(str(chat_id), name)], firm=False)
        return datetime.fromtimestamp(known["since"] / 1000, UTC)

    async def unsubscribe(self, chat_id: int) -> bool:
        """False when there was no subscription."""
        subscribed = await self._client.hexists(_SUBSCRIBERS, str(chat_id))
        await self._client.hdel(_SUBSCRIBERS, str(chat_id))
        return bool(subscribed)

    async def since(self, chat_id: int) -> datetime | None:
        """Since when this chat is subscribed; None = it is not."""
        known = await self._values(chat_id)
        return from_ms(str(known["since"])) if known else None

    async def name_of(self, chat_id: int) -> str | None:
        """None for a chat that is not subscribed."""
        known = await self._values(chat_id)
        return str(known["name"]) if known else None

    async def _values(self, chat_id: int) -> dict[str, Any]:
        """since (ms), name and perhaps tag; empty for a chat that is not subscribed."""
        packed = await self._client.hget(_SUBSCRIBERS, str(chat_id))
        return json.loads(packed) if packed else {}

    async def by_username(self, names: Collection[str]) -> dict[str, Subscriber]:
        """Subscribers by their names on Telegram, "@ann_lee", as they were when they subscribed.

        A name that has passed from one subscriber to another finds nobody.
        """
        found: dict[str, dict[str, Subscriber]] = {}
        async for portion in self.entries(Messenger.TELEGRAM):
            for chat_id, packed in portion.items():
                known = json.loads(packed)
                if (name := f"@{known.get('username', '')}") in names:
                    found.setdefault(name, {})[chat_id] = Subscriber(chat_id, str(known["name"]))
        return {
            name: one for name, (one, *others) in ((n, f.values()) for n, f in found.items()) if not others
        }

    async def add(self, messenger: Messenger, forms: Sequence[str], name: str) -> None:
        """Subscribe on WhatsApp or Viber. `forms`: of the address; who is subscribed under one of them stays."""
        key = _key(messenger)
        found = zip(forms, await self._client.hmget(key, list(forms)), strict=True)
        address, packed = next(((form, entry) for form, entry in found if entry), (forms[0], None))
        known = json.loads(packed) if packed else {"since": to_ms(await self.now()), "name": name}
        await self._client.hset(key, address, json.dumps(known | ({"name": name} if name else {})))

    async def remove(self, messenger: Messenger, forms: Sequence[str]) -> None:
        await self._client.hdel(_key(messenger), *forms)

    async def move(self, messenger: Messenger, address: str, new_address: str) -> None:
        """The person has another address. Repeating it does no harm."""
        key = _key(messenger)
        packed = await self._client.hget(key, address)
        if packed:
            await self._client.hset(key, new_address, packed)
            await self._client.hdel(key, address)

    async def is_subscribed(self, messenger: Messenger, address: str) -> bool:
        return bool(await self._client.hexists(_key(messenger), address))

    async def count(self) -> dict[Messenger, int]:
        """Number of subscribers by messenger, without zeros."""
        pipe = self._client.pipeline(transaction=False)
        for messenger in Messenger:
            pipe.hlen(_key(messenger))
        counts = zip(Messenger, await pipe.execute(), strict=True)
        return {messenger: int(count) for messenger, count in counts if count}

    async def count_further(self) -> int:
        """Number of subscriptions whose person is counted by one on another messenger.

        Of many subscribers, the count may be a minute old.
        """
        linked = await self._contacts.count_linked()
        counts = await self.count()
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
        keys = [part for one in others for part in (_key(one), one.traits.code)]
        count, cursor = 0, "0"
        while True:
            cursor, found = await self._scripts.run(
                "contact",
                "counted_elsewhere",
                _key(messenger),
                cursor,
                _SCANNED_A_TRIP,
                messenger.traits.code,
                *keys,
            )
            count += int(found)
            if str(cursor) == "0":
                return count

    async def entries(self, messenger: Messenger) -> AsyncIterator[dict[str, str]]:
        """Subscriptions as stored, by address, in portions; one may come twice while others come and go.

        name_and_tag() reads them.
        """
        cursor = 0
        while True:
            cursor, found = await self._client.hscan(_key(messenger), cursor, count=_ADDRESSES_A_TRIP)
            yield cast("dict[str, str]", found)
            if cursor == 0:
                return

    async def find(self, asked: Sequence[Recipient]) -> list[Recipient]:
        """The given addresses that are subscribed, with name and tag."""
        packed_ones = await self._hash_fields((_key(one.messenger), one.address) for one in asked)
        found = zip(asked, packed_ones, strict=True)
        return [replace(one, variables=name_and_tag(packed)) for one, packed in found if packed]

    async def people(self) -> AsyncIterator[Contact]:
        """Subscribers on Telegram as contacts."""
        async for portion in self.entries(Messenger.TELEGRAM):
            for chat_id, packed in portion.items():
                yield _as_contact(chat_id, name_and_tag(packed).get("name", ""))

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


def _key(messenger: Messenger) -> str:
    """The hash of those on a messenger. Telegram's is the oldest."""
    return _SUBSCRIBERS if messenger is Messenger.TELEGRAM else f"{_SUBSCRIBERS}:{messenger.traits.code}"


def name_and_tag(packed: str) -> dict[str, str]:
    """The name and the tag in a subscription as it is stored."""
    known = json.loads(packed)
    return {name: str(known[name]) for name in ("name", "tag") if known.get(name)}


def _as_contact(chat_id: str, name: str) -> Contact:
    return Contact(id="", name=name, addresses={Messenger.TELEGRAM: chat_id})
