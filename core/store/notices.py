"""What the admins have been told, kept so that a restarted bot tells nothing twice."""

from __future__ import annotations

from typing import Final

from redis.asyncio import Redis

_KEY: Final = "ms:notices"


class RedisNoticeboard:
    """The Noticeboard port on Redis."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def read(self) -> str | None:
        text = await self._client.get(_KEY)
        return None if text is None else str(text)

    async def write(self, text: str) -> None:
        await self._client.set(_KEY, text)
