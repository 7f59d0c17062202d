"""Tells all admins of broadcasts whose time went by while nothing ran, and of series that could not go out."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Final

from telegram.error import BadRequest, Forbidden, TelegramError

from bot import screens_late, screens_series
from bot.chat import Chat
from bot.language import speaking
from bot.pick import Present
from bot.screen import Screen
from core.app import Core
from core.domain.errors import NotFound

log = logging.getLogger(__name__)

EVERY_SECONDS: Final = 2.0
_SERIES: Final = "series:"


class LateBell:
    """Run `run()` as a task for as long as the bot works. Cut off in between, it rings twice, never not at all."""

    def __init__(self, core: Core, chat: Chat) -> None:
        self._core = core
        self._chat = chat

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            for name in await self._core.overdue.waiting():
                if await self._tell_all(name):
                    await self._core.overdue.told(name)
            await asyncio.sleep(EVERY_SECONDS)

    async def _tell_all(self, name: str) -> bool:
        """False when Telegram could not be reached: it is told again."""
        reached = True
        for admin in await self._core.staff.ids():
            with speaking(await self._core.languages.of(admin)):
                screen = await self._screen(name)
                if screen is None:
                    return True
                reached = await self._tell(admin, screen) and reached
        return reached

    async def _tell(self, admin: int, screen: Screen) -> bool:
        try:
            await self._chat.send(admin, screen)
        except (Forbidden, BadRequest) as error:
            # An admin who never pressed Start cannot be written to; the others still must hear of it.
            log.info("admin %s could not be told: %s", admin, error.message)
        except TelegramError as error:
            log.warning("admin %s is told later: %s", admin, type(error).__name__)
            return False
        return True

    async def _screen(self, name: str) -> Screen | None:
        """None for what is settled already."""
        present = Present(datetime.now(UTC), self._core.settings.zone)
        try:
            if name.startswith(_SERIES):
                series = await self._core.recurring.get(name.removeprefix(_SERIES))
                return screens_series.trouble(series, present) if series.trouble else None
            broadcast = await self._core.broadcasts.get(name)
        except NotFound:
            return None
        if broadcast.missed:
            return screens_late.missed(broadcast, present)
        return screens_late.late(broadcast, present) if broadcast.is_late else None
