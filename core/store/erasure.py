"""Removes all data about a person.

An opt-out leaves a keyed hash, so that the person is not written to again: `ms:forgotten` (the key) and
`ms:forgotten:<m>` (hash: digest -> when, ms). docs/privacy.md lists what is kept where.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from hashlib import sha1
from typing import Final

from redis.exceptions import ResponseError

from core.domain.delivery import DeliveryId
from core.domain.messengers.traits import Messenger
from core.store.scripts import Store

KEYED: Final = "ms:forgotten"


def digest(secret: str, address: str) -> str:
    """As forgotten_digest() in lua/lib.lua."""
    return sha1((secret + address).encode(), usedforsecurity=False).hexdigest()


class ErasureStore(Store):
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
        """Have the store rewrite its file without deleted data."""
        with suppress(ResponseError):  # one is being written already, or the store keeps no such file
            await self._client.bgrewriteaof()
