"""What the admins must be told of: broadcasts whose time went by, series that went out, series that could not.

Key: `ms:late` (sorted by when it was found out). The scripts put it there in the step in which they find it out.
"""

from __future__ import annotations

from typing import Final

from redis.asyncio import Redis

_KEY: Final = "ms:late"


class OverdueStore:
    """Ids of broadcasts, "made:" with those of series' broadcasts, "series:" with the ids of series; until told."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def waiting(self) -> list[str]:
        """The oldest first."""
        return [str(name) for name in await self._client.zrange(_KEY, 0, -1)]

    async def told(self, name: str) -> None:
        await self._client.zrem(_KEY, name)
