"""The loop of the tasks that run beside the chat."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from contextlib import suppress

from bot.tasks.outbox import Outbox
from bot.telegram.errors import Unavailable
from core.app import Core
from core.store.connection import STORE_ERRORS, STORE_IS_FULL

log = logging.getLogger(__name__)

_STORE_PAUSE_SECONDS = 3.0
_FAILED_PAUSE_SECONDS = 30.0


class PeriodicTask(ABC):
    """Repeats `round()` every `every` seconds, sooner after `wake()`. All its state is in the store."""

    name: str
    every: float

    def __init__(self, core: Core, outbox: Outbox) -> None:
        self._core = core
        self._outbox = outbox
        self._woken = asyncio.Event()

    @abstractmethod
    async def round(self) -> None:
        """Do all that is due."""

    def wake(self) -> None:
        """Start the next round now, but never during a pause after trouble."""
        self._woken.set()

    async def run(self) -> None:
        """Run until cancelled, through outages of Telegram and of the store."""
        while True:
            try:
                await self.round()
            except Unavailable as error:
                log.info("%s: Telegram does not answer, next try in %.0f s: %s", self.name, error.wait, error)
                await asyncio.sleep(error.wait)
            except (*STORE_ERRORS, STORE_IS_FULL) as error:
                log.warning("%s: the store does not take or answer what is asked: %s", self.name, error)
                await asyncio.sleep(_STORE_PAUSE_SECONDS)
            except Exception:
                # One thing that cannot be read must not end the bot, and with it every other task.
                log.exception("%s: a round failed", self.name)
                await asyncio.sleep(_FAILED_PAUSE_SECONDS)
            else:
                await self._rest()

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.every):
                await self._woken.wait()
        self._woken.clear()
