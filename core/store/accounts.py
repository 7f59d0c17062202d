"""The messengers' accounts that this store belongs to, by their public ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from redis.asyncio import Redis

from core.domain.broadcast import Index
from core.domain.messengers.traits import BY_CODE, Messenger

_ACCOUNTS: Final = "ms:accounts"
_KIND: Final = "kind"
_SANDBOX: Final = "sandbox"
_DATA: Final = (
    *(f"ms:i:{index}" for index in (*Index, "series")),
    "ms:contacts",
    "ms:subscribers",
    "ms:aud:names",
)


class AccountStore:
    """`ms:accounts`: letter of a messenger -> public id; kind -> "sandbox" where it is the sandbox's own."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def known(self) -> Mapping[Messenger, str]:
        """Public ids by messenger; those that never sent have none."""
        found = cast("dict[str, str]", await self._client.hgetall(_ACCOUNTS))
        return {BY_CODE[code]: account for code, account in found.items() if code in BY_CODE}

    async def remember(self, messenger: Messenger, account: str) -> None:
        """Keep the account, unless another one is known."""
        await self._client.hsetnx(_ACCOUNTS, messenger.traits.code, account)

    async def move(self, messenger: Messenger, account: str) -> None:
        """Replace the account that is known."""
        await self._client.hset(_ACCOUNTS, messenger.traits.code, account)

    async def is_empty(self) -> bool:
        """True when no order, person or list was ever kept here."""
        return not await self._client.exists(*_DATA)

    async def is_sandbox(self) -> bool:
        return await self._client.hget(_ACCOUNTS, _KIND) == _SANDBOX

    async def mark_as_sandbox(self) -> None:
        await self._client.hset(_ACCOUNTS, _KIND, _SANDBOX)
