"""Contacts and subscribers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final, cast

from pydantic import TypeAdapter
from redis.asyncio import Redis

from core.domain.messengers.events import OptIn, OptOut
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact
from core.store.receipt_inbox import ReceiptInboxStore
from core.store.row_format import from_ms, to_ms

_CONTACTS: Final = "ms:contacts"
_SUBSCRIBERS: Final = "ms:subscribers"
_IDS_A_TRIP: Final = 1000
_CONTACT: Final = TypeAdapter(Contact)


class ContactStore:
    """Known people by id, and subscribers of the bot by chat id."""

    def __init__(self, client: Redis, inbox: ReceiptInboxStore) -> None:
        self._client = client
        self._inbox = inbox

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
        packed = _CONTACT.dump_json(contact, exclude={"id"}).decode()
        await self._client.hset(_CONTACTS, contact.id, packed)

    async def mark_unreachable(self, messenger: Messenger, address: str, reason: Reason) -> None:
        """Leave this address out of orders from now on. OPTED_OUT: only the person can take it back."""
        await self._inbox.apply(messenger, [OptOut(address=address, reason=reason, at=datetime.now(UTC))])

    async def mark_blocked(self, chat_id: int) -> None:
        """Unsubscribe a person who has blocked the bot on Telegram, and leave them out of orders."""
        await self.unsubscribe(chat_id)
        await self.mark_unreachable(Messenger.TELEGRAM, str(chat_id), Reason.BLOCKED)

    async def mark_reachable(self, messenger: Messenger, address: str, *, asked: bool = True) -> None:
        """The messenger delivers there again. `asked`: at the person's request, which ends an earlier opt-out."""
        await self._inbox.apply(messenger, [OptIn(address=address, at=datetime.now(UTC), asked=asked)])

    async def subscribe(self, chat_id: int, name: str, tag: str = "") -> datetime:
        """Returns since when; a subscriber keeps the first date. `tag`: of the link they came by last."""
        known = await self._subscriber(chat_id)
        known = {"since": to_ms(datetime.now(UTC)), **known, "name": name} | ({"tag": tag} if tag else {})
        await self._client.hset(_SUBSCRIBERS, str(chat_id), json.dumps(known))
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

    async def count_subscribers(self) -> int:
        return int(await self._client.hlen(_SUBSCRIBERS))

    async def subscribers(self) -> AsyncIterator[dict[str, dict[str, str]]]:
        """Name and tag by chat id, in portions; one may come twice while others come and go."""
        cursor = 0
        while True:
            cursor, found = await self._client.hscan(_SUBSCRIBERS, cursor, count=_IDS_A_TRIP)
            portion = cast("dict[str, str]", found)
            known = {chat_id: json.loads(packed) for chat_id, packed in portion.items()}
            yield {
                chat_id: {name: str(one[name]) for name in ("name", "tag") if one.get(name)}
                for chat_id, one in known.items()
            }
            if cursor == 0:
                return
