"""Who cannot or will not be reached: by the messengers' word, and by the people's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, cast

from redis.asyncio import Redis

from core.domain.messengers import Messenger
from core.domain.outcome import Reason
from core.domain.receipts import OptIn, OptOut
from core.store.inbox import Inbox

_ADDRESSES_A_TRIP: Final = 5000


class ReachStore:
    """The Reach port on Redis: `ms:out:<m>` and `ms:stop:<m>`, which core/store/lua/lib.lua writes."""

    def __init__(self, client: Redis, inbox: Inbox) -> None:
        self._client = client
        self._inbox = inbox

    async def out_of_reach(self, messenger: Messenger, addresses: Sequence[str]) -> Mapping[str, Reason]:
        code = messenger.traits.code
        found: dict[str, Reason] = {}
        for start in range(0, len(addresses), _ADDRESSES_A_TRIP):
            some = list(addresses[start : start + _ADDRESSES_A_TRIP])
            pipe = self._client.pipeline(transaction=False)
            pipe.hmget(f"ms:out:{code}", some)
            pipe.hmget(f"ms:stop:{code}", some)
            told, asked = await pipe.execute()
            # Who asked to get nothing is named so, even where the messenger would refuse the message too.
            found |= dict(_reasons(some, told))
            found |= dict(_reasons(some, asked))
        return found

    async def moved(self, messenger: Messenger) -> Mapping[str, str]:
        """`ms:moved:<m>`, which readdress.lua writes; a chat moves once, so there are few."""
        found = cast("dict[str, str]", await self._client.hgetall(f"ms:moved:{messenger.traits.code}"))
        return {old: _last(found, new) for old, new in found.items()}

    async def mark_unreachable(self, messenger: Messenger, address: str, reason: Reason) -> None:
        """Orders leave this address out from now on."""
        await self._inbox.apply(messenger, [OptOut(address=address, reason=reason, at=datetime.now(UTC))])

    async def mark_reachable(self, messenger: Messenger, address: str, *, asked: bool) -> None:
        """The messenger delivers there again; `asked`: the person's own word, which ends an earlier "stop"."""
        await self._inbox.apply(messenger, [OptIn(address=address, at=datetime.now(UTC), asked=asked)])


def _last(moved: Mapping[str, str], address: str) -> str:
    """Where a chain of moves ends; a circle ends where it was entered."""
    seen = {address}
    while (further := moved.get(address)) and further not in seen:
        seen.add(address := further)
    return address


def _reasons(addresses: Iterable[str], packed: Iterable[str | None]) -> Iterable[tuple[str, Reason]]:
    for address, entry in zip(addresses, packed, strict=True):
        reason = (entry or "").partition("|")[0]
        if reason:
            yield address, Reason(reason)
