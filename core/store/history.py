"""Broadcasts in the order of time, a few at a time and without their counters: for looking through many of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from redis.asyncio import Redis

from core.domain.place import Place
from core.ports import Index


class RedisHistory:
    """The History port on Redis."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def newest(self, index: Index, count: int, *, after: Place | None = None) -> list[Place]:
        key = f"ms:i:{index}"
        rank = -1 if after is None else await self._client.zrevrank(key, after.id)
        if after is not None and rank is None:
            # What stood there is deleted meanwhile: on from its moment.
            found = await self._client.zrevrangebyscore(
                key, f"({after.at}", "-inf", start=0, num=count, withscores=True
            )
        else:
            first = int(str(rank)) + 1
            found = await self._client.zrevrange(key, first, first + count - 1, withscores=True)
        return [Place(id=str(name), at=int(at)) for name, at in cast("list[tuple[str, float]]", found)]

    async def texts(self, broadcast_ids: Sequence[str]) -> list[str]:
        pipe = self._client.pipeline(transaction=False)
        for broadcast_id in broadcast_ids:
            pipe.hget(f"ms:b:{broadcast_id}", "text")
        return [str(text or "") for text in await pipe.execute()]
