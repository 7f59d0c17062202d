"""Removes what is kept of a person.

An opt-out leaves a keyed hash, so that the person is not written to again: `ms:forgotten` (the key) and
`ms:forgotten:<m>` (hash: digest -> when, ms). docs/privacy.md lists what is kept where.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Set
from contextlib import suppress
from hashlib import sha1
from typing import Final, cast

from redis.exceptions import ResponseError

from core.domain.delivery import DeliveryId
from core.domain.messengers.traits import TRAITS, Messenger
from core.parsing.addresses import account_of
from core.store.prefix import prefix_of
from core.store.row_format import CHUNK
from core.store.scripts import Store

KEYED: Final = "ms:forgotten"
_CHUNKS_A_TRIP: Final = 50
_KEYS_A_TRIP: Final = 1000
_LIST_KEY: Final = re.compile(r"ms:aud:([A-Z0-9]{6,12})")
_UNIT: Final = "\x1f"

Account = tuple[Messenger, str]
"""A messenger, and what all forms of an address there have in common."""


def digest(secret: str, address: str) -> str:
    """As forgotten_digest() in lua/lib.lua."""
    return sha1((secret + address).encode(), usedforsecurity=False).hexdigest()


class ErasureStore(Store):
    async def lists(self) -> list[str]:
        """The ids of all lists, those without a name among them."""
        return [found[1] async for key in self._keys("ms:aud:*") if (found := _LIST_KEY.fullmatch(key))]

    async def drafts(self) -> list[str]:
        """The ids of all drafts."""
        return [key.rpartition(":")[2] async for key in self._keys("ms:draft:*")]

    async def _keys(self, pattern: str) -> AsyncIterator[str]:
        prefix = prefix_of(self._client)
        async for key in self._client.scan_iter(match=pattern, count=_KEYS_A_TRIP):
            yield str(key).removeprefix(prefix)

    async def list_of(self, broadcast_id: str) -> str:
        """The id of its addresses, which is another one after they were edited."""
        return str(await self._client.hget(f"ms:b:{broadcast_id}", "list") or "")

    async def deliveries(
        self, broadcast_id: str, accounts: Set[Account]
    ) -> AsyncIterator[tuple[DeliveryId, str]]:
        """Deliveries of a broadcast to one of the accounts, each with its address."""
        names = ["list", *(f"size:{traits.code}" for traits in TRAITS.values())]
        found = await self._client.hmget(f"ms:b:{broadcast_id}", names)
        list_id, *sizes = cast("list[str | None]", found)
        for (messenger, traits), size in zip(TRAITS.items(), sizes, strict=True):
            if size and any(one is messenger for one, _account in accounts):
                stem = f"ms:a:{list_id}:{traits.code}"
                async for index, address in self._addresses(stem, int(size)):
                    if (messenger, account_of(messenger, address)) in accounts:
                        yield DeliveryId(broadcast_id, messenger, index), address

    async def _addresses(self, stem: str, size: int) -> AsyncIterator[tuple[int, str]]:
        total = (size + CHUNK - 1) // CHUNK
        for first in range(0, total, _CHUNKS_A_TRIP):
            chunks = range(first, min(total, first + _CHUNKS_A_TRIP))
            pipe = self._client.pipeline(transaction=False)
            for chunk in chunks:
                pipe.hgetall(f"{stem}:{chunk}")
            for chunk, found in zip(chunks, await pipe.execute(), strict=True):
                for place, packed in cast("dict[str, str]", found).items():
                    yield chunk * CHUNK + int(place), packed.partition(_UNIT)[0]

    async def forget_delivery(self, one: DeliveryId, address: str) -> bool:
        """False when it has another address by now. What waits is cancelled when its turn comes."""
        code = one.messenger.traits.code
        return bool(await self._scripts.run("forget", "delivery", one.broadcast_id, code, one.index, address))

    async def forget_address(self, messenger: Messenger, address: str) -> bool:
        """True when the address was subscribed."""
        await self._client.set(KEYED, secrets.token_hex(32), nx=True)
        return bool(await self._scripts.run("forget", "address", messenger.traits.code, address))

    async def written(self, messenger: Messenger, address: str) -> int:
        """Number of kept messages of the person."""
        return int(await self._client.llen(f"ms:inbound:by:{messenger.traits.code}:{address}"))

    async def rewrite_log(self) -> None:
        """Have the store write its file again, without what was deleted."""
        with suppress(ResponseError):  # one is being written already, or the store keeps no such file
            await self._client.bgrewriteaof()
