"""Language and time zone per admin, for messages the bot sends on its own."""

from __future__ import annotations

from collections.abc import Collection
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
        return (await self.of_all([person]))[person]

    async def of_all(self, people: Collection[int]) -> dict[int, Reader]:
        """The same of several people, in one round trip."""
        if not people:
            return {}
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.hmget(_LANGUAGES, [str(person) for person in people])
            pipe.hmget(_ZONES, [str(person) for person in people])
            languages, zones = await pipe.execute()
        return {
            person: Reader(language=str(language or ""), zone=str(zone or ""))
            for person, language, zone in zip(people, languages, zones, strict=True)
        }

    async def remember_language(self, person: int, language: str) -> None:
        await self._client.hset(_LANGUAGES, str(person), language)

    async def remember_zone(self, person: int, zone: str) -> None:
        """`zone`: IANA, or empty for the one in the settings."""
        if zone:
            await self._client.hset(_ZONES, str(person), zone)
        else:
            await self._client.hdel(_ZONES, str(person))
