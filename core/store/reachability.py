"""Addresses that cannot be reached or opted out, and last inbound messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, cast

from redis.asyncio import Redis

from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.store.connection import store_time
from core.store.erasure import KEYED, digest
from core.store.portions import portions
from core.store.times import to_ms

_ADDRESSES_A_TRIP: Final = 5000
_DAY_MS: Final = 86_400_000


class ReachabilityStore:
    """Addresses to leave out (`ms:out:<m>`, `ms:stop:<m>`) and last inbound messages (`ms:wrote:<m>:<day>`)."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def out_of_reach(self, messenger: Messenger, addresses: Sequence[str]) -> Mapping[str, Reason]:
        code = messenger.traits.code
        found: dict[str, Reason] = {}
        for some in portions(addresses, _ADDRESSES_A_TRIP):
            pipe = self._client.pipeline(transaction=False)
            pipe.hmget(f"ms:out:{code}", some)
            pipe.hmget(f"ms:stop:{code}", some)
            refused, opted_out = await pipe.execute()
            # An opt-out is the reason even where the messenger would refuse the message too.
            found |= dict(_reasons(some, refused))
            found |= dict(_reasons(some, opted_out))
            found |= dict.fromkeys(await self._forgotten(code, some), Reason.OPTED_OUT)
        return found

    async def _forgotten(self, code: str, addresses: Sequence[str]) -> list[str]:
        """Addresses of people who opted out and were then forgotten (core/store/erasure.py)."""
        secret = await self._client.get(KEYED) if await self._client.exists(f"{KEYED}:{code}") else None
        if secret is None:
            return []
        kept = await self._client.hmget(f"{KEYED}:{code}", [digest(str(secret), one) for one in addresses])
        return [one for one, at in zip(addresses, kept, strict=True) if at]

    async def moved(self, messenger: Messenger) -> Mapping[str, str]:
        """Addresses given up for another one, by old address.

        `ms:moved:<m>`, which change_address.lua writes; a chat moves once, so there are few.
        """
        found = cast("dict[str, str]", await self._client.hgetall(f"ms:moved:{messenger.traits.code}"))
        return {old: _last(found, new) for old, new in found.items()}

    async def now(self) -> datetime:
        """The store's clock."""
        return await store_time(self._client)

    async def last_wrote(self, messenger: Messenger, addresses: Sequence[str]) -> Mapping[str, datetime]:
        """The last inbound message of each address, within the messenger's service window."""
        hours = messenger.traits.window_hours
        if not hours:
            return {}
        now = await self.now()
        since = to_ms(now - timedelta(hours=hours))
        days = range(since // _DAY_MS, to_ms(now) // _DAY_MS + 1)
        found: dict[str, datetime] = {}
        for some in portions(addresses, _ADDRESSES_A_TRIP):
            pipe = self._client.pipeline(transaction=False)
            for day in days:
                pipe.hmget(f"ms:wrote:{messenger.traits.code}:{day}", some)
            for times in await pipe.execute():
                sent = ((one, int(ms)) for one, ms in zip(some, times, strict=True) if ms)
                found |= {one: datetime.fromtimestamp(ms / 1000, UTC) for one, ms in sent if ms > since}
        return found


def _last(moved: Mapping[str, str], address: str) -> str:
    """The last address in a chain of moves; in a circle, the one that it was entered at."""
    seen = {address}
    while (further := moved.get(address)) and further not in seen:
        seen.add(address := further)
    return address


def _reasons(addresses: Iterable[str], packed: Iterable[str | None]) -> Iterable[tuple[str, Reason]]:
    for address, entry in zip(addresses, packed, strict=True):
        reason = (entry or "").partition("|")[0]
        if reason:
            yield address, Reason(reason)
