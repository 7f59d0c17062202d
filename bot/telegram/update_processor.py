"""Updates of one person are handled one after the other, those of different people side by side."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable
from typing import Any
from weakref import WeakValueDictionary

from telegram import Update
from telegram.ext import BaseUpdateProcessor

MOST_AT_ONCE = 256


class PerUserUpdateProcessor(BaseUpdateProcessor):
    """Two taps of one admin never run at once; a slow answer to one person holds up nobody else."""

    def __init__(self) -> None:
        # The library counts those that wait for their turn too: one person with many messages would fill it alone.
        super().__init__(sys.maxsize)
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._places = asyncio.Semaphore(MOST_AT_ONCE)

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to give back."""

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        user = update.effective_user if isinstance(update, Update) else None
        if user is None:
            await coroutine
            return
        async with self._locks.setdefault(user.id, asyncio.Lock()), self._places:
            await coroutine
