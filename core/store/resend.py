"""Unknown deliveries back to the queue: core/store/lua/resend.lua."""

from __future__ import annotations

from typing import Final

from core.store.scripts import Scripts

_A_TRIP: Final = 5000


class ResendStore:
    """The Resender port on Redis."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    async def resend(self, broadcast_id: str, *, before: int) -> int | None:
        total, asked, begun, left = 0, str(before), 0, -1
        while left:
            done, moved, left, begun = await self._scripts.run(
                "resend", broadcast_id, asked, begun, left, _A_TRIP
            )
            if not done:
                return None if asked else total
            total, asked = total + int(moved), ""
        return total
