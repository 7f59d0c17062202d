"""Every program says that it lives, so that /status and the health checks can tell when one does not."""

from __future__ import annotations

from typing import Final

from core.ports import Gauges
from core.services.rest import rest

EVERY_SECONDS: Final = 5.0


class Heartbeat:
    """Run `run(program)` as a task for as long as the program works."""

    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    async def run(self, program: str) -> None:
        """Until cancelled."""
        while True:
            await self._gauges.beat(program)
            await rest(EVERY_SECONDS)
