"""Contacts and subscribers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final, cast

from redis.asyncio import Redis

from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact
from core.store.reachability import ReachabilityStore
from core.store.row_format import from_ms, to_ms

_SUBSCRIBERS: Final = "ms:subscribers"
_IDS_A_TRIP: Final = 1000


def _read(contact_id: str, packed: str) -> Contact:
    fields = json.loads(packed)
    addresses = {Messenger(name): address for name, address in fields["addresses"].items()}
    return Contact(id=contact_id, name=fields["name"], addresses=addresses)


def _known(packed: str) -> dict[str, str]:
    fields = json.loads(packed)
    return {name: str(fields[name]) for name in ("name", "tag") if fields.get(name)}


class ContactStore:
    """Known people by id, and those who wrote /start to the bot."""

    def __init__(self, client: Redis, reach: ReachabilityStore) -> None:
        self._client = client
        self._reach = reach

    async def get(self, contact_id: str) -> Contact | None:
        packed = await self._client.hget("ms:contacts", contact_id)
        if not packed:
            return None
        return _read(contact_id, str(packed))

    async def get_many(self, contact_ids: list[str]) -> dict[str, Contact]:
        """Those of the given ids that are contacts."""
        wanted = list(dict.fromkeys(contact_ids))
        found: dict[str, Contact] = {}
        for start in range(0, len(wanted), _IDS_A_TRIP):
            some = wanted[start : start + _IDS_A_TRIP]
            packed = await self._client.hmget("ms:contacts", some)
            found |= {name: _read(name, str(text)) for name, text in zip(some, packed, strict=True) if text}
        return found

    async def put(self, contact: Contact) -> None:
        packed = json.dumps({"name": contact.name, "addresses": dict(contact.addresses)})
        await self._client.hset("ms:contacts", contact.id, packed)

    async def mark_unreachable(self, messenger: Messenger, address: str, reason: Reason) -> None:
        """Orders leave this address out from now on. OPTED_OUT: by their own word, only they can take it back."""
        await self._reach.mark_unreachable(messenger, address, reason)

    async def mark_reachable(self, messenger: Messenger, address: str, *, asked: bool = True) -> None:
        """The messenger would deliver again. `asked`: they want it, so that an earlier "stop" of theirs is over."""
        await self._reach.mark_reachable(messenger, address, asked=asked)

    async def subscribe(self, chat_id: int, name: str, tag: str = "") -> datetime:
        """Returns since when; who is subscribed already stays so since then. `tag`: the link that led here last."""
        since = await self.subscriber(chat_id) or datetime.now(UTC)
        known = {"since": to_ms(since), "name": name} | ({"tag": tag} if tag else await self._tag(chat_id))
        await self._client.hset(_SUBSCRIBERS, str(chat_id), json.dumps(known))
        return since

    async def _tag(self, chat_id: int) -> dict[str, str]:
        packed = await self._client.hget(_SUBSCRIBERS, str(chat_id))
        tag = json.loads(packed).get("tag") if packed else None
        return {"tag": str(tag)} if tag else {}

    async def unsubscribe(self, chat_id: int) -> bool:
        """False when there was no subscription."""
        return bool(await self._client.hdel(_SUBSCRIBERS, str(chat_id)))

    async def subscriber_name(self, chat_id: int) -> str | None:
        """None for somebody who is not subscribed."""
        packed = await self._client.hget(_SUBSCRIBERS, str(chat_id))
        return str(json.loads(packed)["name"]) if packed else None

    async def count_subscribers(self) -> int:
        return int(await self._client.hlen(_SUBSCRIBERS))

    async def subscribers(self) -> AsyncIterator[dict[str, dict[str, str]]]:
        """Name and tag of all subscribers by chat id; in portions, one may come twice while others come and go."""
        cursor = 0
        while True:
            cursor, found = await self._client.hscan(_SUBSCRIBERS, cursor, count=_IDS_A_TRIP)
            portion = cast("dict[str, str]", found)
            yield {chat_id: _known(packed) for chat_id, packed in portion.items()}
            if cursor == 0:
                return

    async def subscriber(self, chat_id: int) -> datetime | None:
        """Since when this chat is subscribed; None = it is not."""
        packed = await self._client.hget(_SUBSCRIBERS, str(chat_id))
        return from_ms(str(json.loads(packed)["since"])) if packed else None
