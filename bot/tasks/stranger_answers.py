"""Answers people without a role, slowly: a flood of their messages neither delays broadcasts nor fills the log."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from contextlib import suppress
from time import monotonic
from typing import Final

from bot.telegram.client import Chat
from bot.telegram.errors import TelegramFailure, Unavailable, Unreachable
from bot.ui.screen import Screen
from core.app import Core
from core.store.connection import STORE_ERRORS, STORE_IS_FULL

log = logging.getLogger(__name__)

PERSON_SECONDS: Final = 10.0
"""Seconds between two answers to one person, after the first few."""
BURST: Final = 10
"""Answers to one person without a wait, for trying out the commands."""
PER_SECOND: Final = 3
"""Answers to all strangers together, beside the workers' TELEGRAM_RATE and below what Telegram allows."""
MOST_WAITING: Final = 1000
"""Most people who wait for an answer; others get none."""
_LOG_SECONDS: Final = 60.0


class StrangerAnswers:
    """At most one answer per person waits, the latest."""

    name = "strangers"

    def __init__(self, core: Core, chat: Chat) -> None:
        self._core = core
        self._chat = chat
        self._waiting: dict[int, Screen] = {}
        self._free_at: dict[int, float] = {}
        """By chat: when the burst is full again, on the monotonic clock."""
        self._sent_at = deque([float("-inf")] * PER_SECOND)
        """Times of the latest answers, on the monotonic clock."""
        self._woken = asyncio.Event()
        self._left_out = self._failed = 0
        self._logged_at = float("-inf")

    def put(self, chat_id: int, screen: Screen) -> None:
        """Answer in turn; replaces an answer that still waits."""
        if chat_id in self._waiting:
            self._left_out += 1
        elif len(self._waiting) >= MOST_WAITING:
            self._left_out += 1
            return
        self._waiting[chat_id] = screen
        self._woken.set()

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            self._log()
            chat_id = self._next()
            if chat_id is None:
                await self._rest()
                continue
            await asyncio.sleep(self._sent_at.popleft() + 1 - monotonic())
            self._sent_at.append(monotonic())
            await asyncio.sleep(await self._send(chat_id, self._waiting.pop(chat_id)))

    def _next(self) -> int | None:
        """The person who has waited longest and may have an answer now."""
        now = monotonic()
        return next((one for one in self._waiting if self._due(one) <= now), None)

    def _due(self, chat_id: int) -> float:
        return self._free_at.get(chat_id, 0.0) - (BURST - 1) * PERSON_SECONDS

    async def _rest(self) -> None:
        self._woken.clear()
        due = min(map(self._due, self._waiting), default=float("inf")) - monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, min(due, _LOG_SECONDS))):
                await self._woken.wait()

    async def _send(self, chat_id: int, screen: Screen) -> float:
        """Seconds that Telegram asks to wait."""
        now = monotonic()
        self._free_at = {one: at for one, at in self._free_at.items() if at > now}
        self._free_at[chat_id] = max(now, self._free_at.get(chat_id, now)) + PERSON_SECONDS
        try:
            await self._chat.send(chat_id, screen)
        except Unreachable:
            await self._mark_blocked(chat_id)
        except Unavailable as error:
            self._failed += 1
            return error.wait
        except TelegramFailure:
            self._failed += 1
        return 0.0

    async def _mark_blocked(self, chat_id: int) -> None:
        try:
            await self._core.subscribers.mark_blocked(chat_id)
        except (*STORE_ERRORS, STORE_IS_FULL):
            self._failed += 1

    def _log(self) -> None:
        """One line a minute, whatever happens."""
        if (self._left_out or self._failed) and monotonic() - self._logged_at >= _LOG_SECONDS:
            log.warning(
                "strangers: %d answers left out as too many came, %d failed", self._left_out, self._failed
            )
            self._logged_at, self._left_out, self._failed = monotonic(), 0, 0
