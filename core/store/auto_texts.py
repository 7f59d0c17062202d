"""The welcome and away texts: `ms:auto` (hash: <m>:<which> -> text; "" = none), and who got one lately."""

from __future__ import annotations

from hashlib import sha1
from typing import Final

from redis.asyncio import Redis

from core.domain.auto_text import AutoText
from core.domain.messengers.traits import Messenger

_KEY: Final = "ms:auto"
_ONCE_IN: Final = 12 * 3600


class AutoTextStore:
    def __init__(self, client: Redis) -> None:
        self._client = client

    async def get(self, messenger: Messenger, which: AutoText) -> str | None:
        """The text in an admin's words; "" when it is turned off, None when nothing was set."""
        found = await self._client.hget(_KEY, f"{messenger.traits.code}:{which}")
        return None if found is None else str(found)

    async def set(self, messenger: Messenger, which: AutoText, text: str | None) -> None:
        """`text`: "" turns it off, None brings the standard back."""
        field = f"{messenger.traits.code}:{which}"
        if text is None:
            await self._client.hdel(_KEY, field)
        else:
            await self._client.hset(_KEY, field, text)

    async def claim(self, messenger: Messenger, which: AutoText, address: str, reserved: str) -> str:
        """`reserved`, or what was claimed for this person in the last 12 hours."""
        account = f"{messenger.traits.code}{address}"
        digest = sha1(account.encode(), usedforsecurity=False).hexdigest()
        key = f"{_KEY}:{which}:{digest}"
        await self._client.set(key, reserved, nx=True, ex=_ONCE_IN)
        return str(await self._client.get(key))
