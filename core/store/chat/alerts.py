"""Alerts already sent, so that a restarted bot sends none twice."""

from __future__ import annotations

from typing import Final

from core.store.scripts import Store

_KEY: Final = "ms:notices"


class AlertStore(Store):
    """One note that outlives the process that wrote it."""

    async def read(self) -> str | None:
        text = await self._client.get(_KEY)
        return None if text is None else str(text)

    async def write(self, text: str) -> None:
        await self._scripts.run("alert", text)
