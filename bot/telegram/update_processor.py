"""Handles updates of one person in order, those of different people concurrently."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections import Counter
from collections.abc import Awaitable, Coroutine
from time import monotonic
from typing import Any, Final

from telegram import Update
from telegram.ext import BaseUpdateProcessor

log = logging.getLogger(__name__)

MOST_AT_ONCE = 256
MOST_PER_PERSON: Final = 500
"""Updates of one person that wait; more are dropped. An app forwards 100 messages at once."""
_LOG_SECONDS: Final = 60.0


class PerUserUpdateProcessor(BaseUpdateProcessor):
    """One update per person at a time, MOST_AT_ONCE in total."""

    def __init__(self) -> None:
        # The library's own limit also counts waiting updates: one person with many messages would use it up.
        super().__init__(sys.maxsize)
        self._locks: dict[int, asyncio.Lock] = {}
        self._waiting: Counter[int] = Counter()
        self._places = asyncio.Semaphore(MOST_AT_ONCE)
        self._dropped = 0
        self._logged_at = float("-inf")

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to release."""

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        user = update.effective_user if isinstance(update, Update) else None
        if user is None:
            await coroutine
            return
        if self._waiting[user.id] >= MOST_PER_PERSON:
            if isinstance(coroutine, Coroutine):
                coroutine.close()
            self._drop()
            return
        self._waiting[user.id] += 1
        try:
            async with self._locks.setdefault(user.id, asyncio.Lock()), self._places:
                await coroutine
        finally:
            self._waiting[user.id] -= 1
            if not self._waiting[user.id]:
                del self._waiting[user.id], self._locks[user.id]

    def _drop(self) -> None:
        """Log one line a minute."""
        self._dropped += 1
        if monotonic() - self._logged_at >= _LOG_SECONDS:
            log.warning("dropped %d updates of people who sent too many at once", self._dropped)
            self._dropped, self._logged_at = 0, monotonic()
