"""Which language each person reads, kept so that whoever is written to first is written to in theirs."""

from __future__ import annotations

from typing import Final

from redis.asyncio import Redis

_KEY: Final = "ms:languages"


class RedisLanguages:
    """The Languages port on Redis: one field for each person."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def of(self, person: int) -> str:
        return str(await self._client.hget(_KEY, str(person)) or "")

    async def remember(self, person: int, language: str) -> None:
        await self._client.hset(_KEY, str(person), language)
