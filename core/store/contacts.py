"""Contacts and subscribers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Final

from redis.asyncio import Redis

from core.domain.messengers import Messenger
from core.domain.recipients import Contact
from core.store.rows import from_ms, to_ms

_SUBSCRIBERS: Final = "ms:subscribers"


class ContactStore:
    """Known people by id, and those who wrote /start to the bot."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def get(self, contact_id: str) -> Contact | None:
        packed = await self._client.hget("ms:contacts", contact_id)
        if not packed:
            return None
        fields = json.loads(packed)
        addresses = {Messenger(name): address for name, address in fields["addresses"].items()}
        return Contact(id=contact_id, name=fields["name"], addresses=addresses)

    async def get_many(self, contact_ids: list[str]) -> dict[str, Contact]:
        """Those of the given ids that are contacts."""
        if not await self._client.exists("ms:contacts"):
            return {}
        found = [await self.get(contact_id) for contact_id in dict.fromkeys(contact_ids)]
        return {contact.id: contact for contact in found if contact is not None}

    async def put(self, contact: Contact) -> None:
        packed = json.dumps({"name": contact.name, "addresses": dict(contact.addresses)})
        await self._client.hset("ms:contacts", contact.id, packed)

    async def subscribe(self, chat_id: int, name: str) -> datetime:
        """Returns since when; who is subscribed already stays so since then."""
        fresh = json.dumps({"since": to_ms(datetime.now(UTC)), "name": name})
        await self._client.hsetnx(_SUBSCRIBERS, str(chat_id), fresh)
        return await self.subscriber(chat_id) or datetime.now(UTC)

    async def unsubscribe(self, chat_id: int) -> bool:
        """False when there was no subscription."""
        return bool(await self._client.hdel(_SUBSCRIBERS, str(chat_id)))

    async def subscriber(self, chat_id: int) -> datetime | None:
        """Since when this chat is subscribed; None = it is not."""
        packed = await self._client.hget(_SUBSCRIBERS, str(chat_id))
        return from_ms(str(json.loads(packed)["since"])) if packed else None
