"""Under which ids messengers hold files that were uploaded there, and who is uploading one now."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from redis.asyncio import Redis

# Long enough for most uploads. If it is over too soon, or its holder dies, a file is uploaded once more: no harm.
LEASE_SECONDS: Final = 30
# Also when the store is full: what was accepted goes on.
_PUT: Final = "#!lua flags=allow-oom\nredis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])"
_BEGIN: Final = (
    "#!lua flags=allow-oom\nreturn redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) and 1 or 0"
)
_FORGET: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


class UploadStore:
    """`ms:file:<name>`, and beside it a lease; the caller makes up the names. Raises RedisError."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def get(self, name: str) -> str | None:
        """The id, as long as it is good."""
        held = await self._client.get(f"ms:file:{name}")
        return None if held is None else str(held)

    async def put(self, name: str, held_as: str, good_for: timedelta) -> None:
        seconds = round(good_for.total_seconds())
        await self._client.eval(_PUT, 1, f"ms:file:{name}", held_as, seconds)

    async def forget(self, name: str, held_as: str) -> None:
        """The id is not good any more; nothing happens where another one has taken its place."""
        await self._client.eval(_FORGET, 1, f"ms:file:{name}", held_as)

    async def begin(self, name: str) -> bool:
        """False while somebody else is at it."""
        return bool(await self._client.eval(_BEGIN, 1, f"ms:file:{name}:lease", LEASE_SECONDS))

    async def end(self, name: str) -> None:
        await self._client.delete(f"ms:file:{name}:lease")
