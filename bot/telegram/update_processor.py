"""Handles updates of one person in order, those of different people concurrently."""

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
    """One update per person at a time, MOST_AT_ONCE in total."""

    def __init__(self) -> None:
        # The library's own limit also counts waiting updates: one person with many messages would use it up.
        super().__init__(sys.maxsize)
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._places = asyncio.Semaphore(MOST_AT_ONCE)

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to release."""

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        user = update.effective_user if isinstance(update, Update) else None
        if user is None:
            await coroutine
            return
        async with self._locks.setdefault(user.id, asyncio.Lock()), self._places:
            await coroutine
