"""Rings for the admins when something goes wrong that nobody is looking at."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Final

from bot.tasks.notify import tell
from bot.telegram.client import Chat
from bot.text.translation import translate
from bot.ui.screen import Screen, plain
from core.app import Core
from core.services.alerts import Alarm, Alert

log = logging.getLogger(__name__)

EVERY_SECONDS: Final = 5.0


class AlertNotifier:
    """Run `run()` as a task for as long as the bot works. Whom Telegram did not reach is told at the next look."""

    def __init__(self, core: Core, chat: Chat) -> None:
        self._core = core
        self._chat = chat
        self._alarm = Alarm(core.notices)
        self._untold: list[tuple[int, Alert]] = []

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Looks once, and tells every admin what is to be told."""
        for alert in await self._alarm.look(await self._core.status.read()):
            log.log(logging.INFO if alert.over else logging.WARNING, "telling the admins: %s", alert.text)
            self._untold += [(admin, alert) for admin in await self._core.staff.ids()]
        self._untold = [
            (admin, alert)
            for admin, alert in self._untold
            if not await tell(self._core, self._chat, admin, partial(_screen, alert))
        ]


def _screen(alert: Alert) -> Screen:
    return plain(f"{'✔' if alert.over else '⚠'} {translate(alert.text)}")
