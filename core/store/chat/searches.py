"""Searches of admins, and where each page of results begins; kept for a day.

Key `ms:search:<admin>:<stamp>` (hash): `words`, and for each page but the first `<list><page>` -> `<ms>:<broadcast>`.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from redis.asyncio import Redis

from core.domain.page import Cursor

LIFE_SECONDS: Final = 86_400
STAMP_LENGTH: Final = 6


class SearchStore:
    """Searches by stamp, which is short enough for a button and the same for the same words."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def begin(self, admin_id: int, words: str) -> str:
        """The stamp of a search for these words."""
        stamp = sha256(words.encode()).hexdigest()[:STAMP_LENGTH]
        await self._put(_key(admin_id, stamp), "words", words)
        return stamp

    async def words(self, admin_id: int, stamp: str) -> str | None:
        """None when it has expired, or is another admin's."""
        found = await self._client.hget(_key(admin_id, stamp), "words")
        return None if found is None else str(found)

    async def end(self, admin_id: int, stamp: str) -> None:
        await self._client.unlink(_key(admin_id, stamp))

    async def place(self, admin_id: int, stamp: str, page: str) -> Cursor | None:
        """The broadcast behind which a page begins; None for a page not opened yet."""
        found = await self._client.hget(_key(admin_id, stamp), page)
        if found is None:
            return None
        at, _, broadcast_id = str(found).partition(":")
        return Cursor(id=broadcast_id, at=int(at))

    async def keep_place(self, admin_id: int, stamp: str, page: str, place: Cursor) -> None:
        await self._put(_key(admin_id, stamp), page, f"{place.at}:{place.id}")

    async def _put(self, key: str, field: str, value: str) -> None:
        pipe = self._client.pipeline(transaction=True)
        pipe.hset(key, field, value)
        pipe.expire(key, LIFE_SECONDS)
        await pipe.execute()


def _key(admin_id: int, stamp: str) -> str:
    return f"ms:search:{admin_id}:{stamp}"
