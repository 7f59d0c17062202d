"""Recent presses of buttons that create something each time."""

from __future__ import annotations

from typing import Final

from redis.asyncio import Redis

from core.store.connection import take_first

_DOUBLE_TAP_SECONDS: Final = 10


class PressStore:
    def __init__(self, client: Redis) -> None:
        self._client = client

    async def is_first(self, admin_id: int, message_id: int, verb: str) -> bool:
        """False when the same button was pressed a moment ago."""
        return await take_first(self._client, f"ms:tap:{admin_id}:{message_id}:{verb}", _DOUBLE_TAP_SECONDS)
