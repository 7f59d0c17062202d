"""Rings for the admins when something goes wrong that nobody is looking at."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from telegram.error import TelegramError

from bot.chat import Chat
from bot.language import speaking, told
from bot.screen import plain
from core.app import Core
from core.services.alerts import Alarm, Alert

log = logging.getLogger(__name__)

EVERY_SECONDS: Final = 5.0


class Bell:
    """Run `run()` as a task for as long as the bot works."""

    def __init__(self, core: Core, chat: Chat) -> None:
        self._core = core
        self._chat = chat
        self._alarm = Alarm(core.notices)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Looks once, and tells every admin what is to be told."""
        for alert in await self._alarm.look(await self._core.status.read()):
            await self._tell(alert)

    async def _tell(self, alert: Alert) -> None:
        log.log(logging.INFO if alert.over else logging.WARNING, "told the admins: %s", alert.text)
        for admin in await self._core.staff.ids():
            try:
                with speaking(await self._core.languages.of(admin)):
                    await self._chat.send(admin, plain(f"{'✔' if alert.over else '⚠'} {told(alert.text)}"))
            except TelegramError as error:
                # An admin who never pressed Start cannot be written to; the others still must hear of it.
                log.info("admin %s could not be told: %s", admin, error.message)
