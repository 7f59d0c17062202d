"""Notices for the admins: overdue broadcasts, series whose broadcast was sent or not made, stops after a long gap,
refusals that came after the end of a broadcast.

Keys: `ms:late` (by time of discovery; the scripts add a notice in the step that finds it) · `ms:late:asked` (set: ids
of late broadcasts that the team was asked about).
"""

from __future__ import annotations

from typing import Final

from redis.asyncio import Redis

_KEY: Final = "ms:late"
_ASKED: Final = "ms:late:asked"


class OverdueStore:
    """Notices until they are told.

    Ids of broadcasts, "made:" with those of series' broadcasts, "refused:" with those of which a receipt refused
    deliveries after the end, "series:" with the ids of series, "stop:" with a time.
    """

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def waiting(self) -> list[str]:
        """Untold notices, oldest first."""
        return [str(name) for name in await self._client.zrange(_KEY, 0, -1)]

    async def asked(self, broadcast_id: str) -> None:
        """Note that the team was asked what to do with a late broadcast."""
        await self._client.sadd(_ASKED, broadcast_id)

    async def undecided(self) -> list[str]:
        """Ids of late broadcasts that the team was asked about."""
        return [str(one) for one in await self._client.smembers(_ASKED)]

    async def decided(self, broadcast_id: str) -> None:
        await self._client.srem(_ASKED, broadcast_id)

    async def told(self, name: str) -> None:
        await self._client.zrem(_KEY, name)
