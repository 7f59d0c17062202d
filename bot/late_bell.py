"""Tells all admins of broadcasts whose time went by while nothing ran, and of series that could not go out; and who
ordered a series sees each of its broadcasts on a live card."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Final

from telegram.error import BadRequest, Forbidden, TelegramError

from bot import screens_late, screens_series
from bot.desk import Desk
from bot.language import speaking
from bot.live import card_of
from bot.pick import Present
from bot.screen import Screen
from core.domain.errors import NotFound

log = logging.getLogger(__name__)

EVERY_SECONDS: Final = 2.0
_SERIES: Final = "series:"
_MADE: Final = "made:"
_PERSON: Final = "telegram:"


class LateBell:
    """Run `run()` as a task for as long as the bot works. Cut off in between, it rings twice, never not at all."""

    def __init__(self, desk: Desk) -> None:
        self._core = desk.core
        self._chat = desk.chat
        self._live = desk.live
        self._told: dict[str, set[int]] = {}

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            for name in await self._core.overdue.waiting():
                tell = self._show_card if name.startswith(_MADE) else self._tell_all
                if await tell(name):
                    await self._core.overdue.told(name)
                    self._told.pop(name, None)
            await asyncio.sleep(EVERY_SECONDS)

    async def _tell_all(self, name: str) -> bool:
        """False when Telegram could not be reached for somebody: they are told again, and nobody else."""
        told = self._told.setdefault(name, set())
        admins = await self._core.staff.ids()
        for admin in admins:
            with speaking(await self._core.languages.of(admin)):
                screen = await self._screen(name)
                if screen is None:
                    return True
                if admin not in told and await self._tell(admin, screen):
                    told.add(admin)
        return told >= set(admins)

    async def _show_card(self, name: str) -> bool:
        """A broadcast of a series that has just been made, in the chat of who ordered the series."""
        try:
            broadcast = await self._core.broadcasts.get(name.removeprefix(_MADE))
        except NotFound:
            return True
        person = broadcast.created_by.removeprefix(_PERSON)
        if not person.isdecimal() or await self._core.staff.role(int(person)) is None:
            return True
        if await self._core.cards.get(broadcast.id, int(person)) is not None:
            return True
        with speaking(await self._core.languages.of(int(person))):
            screen = card_of(broadcast, None, self._present())
            try:
                message_id = await self._chat.send(int(person), screen)
            except (Forbidden, BadRequest) as error:
                log.info("no card of #%s: %s", broadcast.id, error.message)
                return True
            except TelegramError as error:
                log.warning("the card of #%s waits: %s", broadcast.id, type(error).__name__)
                return False
        await self._live.adopt(broadcast.id, int(person), message_id)
        return True

    def _present(self) -> Present:
        return Present(datetime.now(UTC), self._core.settings.zone)

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
        present = self._present()
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
