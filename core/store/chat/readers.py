"""Language and time zone per admin, for messages the bot sends on its own."""

from __future__ import annotations

from typing import Final

from redis.asyncio import Redis

from core.domain.team import Reader

_LANGUAGES: Final = "ms:languages"
_ZONES: Final = "ms:zones"


class ReaderStore:
    """Language and time zone by Telegram id: two hashes with one field per person."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def of(self, person: int) -> Reader:
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.hget(_LANGUAGES, str(person))
            pipe.hget(_ZONES, str(person))
            language, zone = await pipe.execute()
        return Reader(language=str(language or ""), zone=str(zone or ""))

    async def remember_language(self, person: int, language: str) -> None:
        await self._client.hset(_LANGUAGES, str(person), language)

    async def remember_zone(self, person: int, zone: str) -> None:
        """`zone`: IANA, or empty for the one in the settings."""
        if zone:
            await self._client.hset(_ZONES, str(person), zone)
        else:
            await self._client.hdel(_ZONES, str(person))
