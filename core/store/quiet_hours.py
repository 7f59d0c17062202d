"""The next spans of quiet hours in UTC, for the scripts, which know no time zones.

Key: `ms:quiet` (hash: quiet hours as text -> "start-end,start-end,..." in ms). Written when an order with them is
accepted, and extended by every worker.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from redis.asyncio import Redis

from core.domain.quiet_hours import QuietHours
from core.store.connection import store_time
from core.store.times import to_ms

log = logging.getLogger(__name__)

_KEY: Final = "ms:quiet"
_KNOWN_AHEAD: Final = 10
"""Nights; longer than any outage of the workers, as the scripts send nothing past the last known span."""


class QuietHoursStore:
    """Quiet hours known to the scripts."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def learn(self, hours: Iterable[QuietHours]) -> None:
        now = await store_time(self._client)
        found = {str(one): _spans(one, now) for one in hours if not one.is_never}
        if found:
            await self._client.hset(_KEY, mapping=found)  # type: ignore[arg-type]  # redis-py's dict is invariant

    async def refresh(self) -> None:
        """Extend all known hours from now on. Safe to run concurrently."""
        names = [str(name) for name in await self._client.hkeys(_KEY)]
        await self.learn(QuietHours.parse(name) for name in names)


def _spans(hours: QuietHours, now: datetime) -> str:
    windows = hours.windows(now, _KNOWN_AHEAD)
    return ",".join(f"{to_ms(start)}-{to_ms(end)}" for start, end in windows)
