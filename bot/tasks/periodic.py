"""Work that the bot does over and over beside the chat."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.telegram.errors import Unavailable

log = logging.getLogger(__name__)


class PeriodicTask:
    """Does `work` every so many seconds, sooner when hurried, and leaves Telegram alone after trouble with it."""

    def __init__(self, name: str, every: float, work: Callable[[], Awaitable[None]]) -> None:
        self._name = name
        self._every = every
        self._work = work
        self._bell = asyncio.Event()

    def wake(self) -> None:
        """There is something to do now. After trouble the pause is kept all the same."""
        self._bell.set()

    async def run(self) -> None:
        """Until cancelled. Raises what is no trouble with Telegram: errors of the store, above all."""
        while True:
            try:
                await self._work()
            except Unavailable as error:
                pause = error.wait
                log.info("%s wait %.0f s: %s", self._name, pause, error)
                await asyncio.sleep(pause)
            else:
                await self._rest()

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._every):
                await self._bell.wait()
        self._bell.clear()
