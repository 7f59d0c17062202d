"""When people last wrote to us, for messengers that take anything only for a while after that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from redis.asyncio import Redis

from core.domain.messengers import Messenger
from core.store.rows import to_ms

_ADDRESSES_A_TRIP: Final = 5000
_DAY_MS: Final = 86_400_000


class LetterStore:
    """The Letters port on Redis: `ms:wrote:<m>:<day>`, which core/store/lua/receipts.lua writes."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def last_wrote(self, messenger: Messenger, addresses: Sequence[str]) -> Mapping[str, datetime]:
        """Those of the addresses who wrote within the messenger's window, and when they last did."""
        hours = messenger.traits.window_hours
        if not hours:
            return {}
        now = datetime.now(UTC)
        since = to_ms(now - timedelta(hours=hours))
        days = range(since // _DAY_MS, to_ms(now) // _DAY_MS + 1)
        found: dict[str, datetime] = {}
        for start in range(0, len(addresses), _ADDRESSES_A_TRIP):
            some = list(addresses[start : start + _ADDRESSES_A_TRIP])
            pipe = self._client.pipeline(transaction=False)
            for day in days:
                pipe.hmget(f"ms:wrote:{messenger.traits.code}:{day}", some)
            for times in await pipe.execute():
                told = ((one, int(ms)) for one, ms in zip(some, times, strict=True) if ms)
                found |= {one: datetime.fromtimestamp(ms / 1000, UTC) for one, ms in told if ms > since}
        return found
