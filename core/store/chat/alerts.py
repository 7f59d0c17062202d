"""Alerts already sent, so that a restarted bot sends none twice."""

from __future__ import annotations

from typing import Final

from redis.asyncio import Redis

from core.store.scripts import Scripts

_KEY: Final = "ms:notices"


class AlertStore:
    """One note that outlives the process that wrote it."""

    def __init__(self, client: Redis, scripts: Scripts) -> None:
        self._client = client
        self._scripts = scripts

    async def read(self) -> str | None:
        text = await self._client.get(_KEY)
        return None if text is None else str(text)

    async def write(self, text: str) -> None:
        await self._scripts.run("alert", text)
