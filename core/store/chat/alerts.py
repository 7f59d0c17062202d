"""What the admins have been told, kept so that a restarted bot tells nothing twice."""

from __future__ import annotations

from typing import Final

from redis.asyncio import Redis

_KEY: Final = "ms:notices"
# Also when the store is full: that is one of the things to be told.
_WRITE: Final = "#!lua flags=allow-oom\nredis.call('SET', KEYS[1], ARGV[1])"


class AlertStore:
    """One note that outlives the process that wrote it."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def read(self) -> str | None:
        text = await self._client.get(_KEY)
        return None if text is None else str(text)

    async def write(self, text: str) -> None:
        await self._client.eval(_WRITE, 1, _KEY, text)
