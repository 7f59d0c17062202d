"""Tells all admins of broadcasts whose time went by while nothing ran, and of series that could not go out; and who
ordered a series sees each of its broadcasts on a live card."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from bot.screens import overdue as screens_overdue
from bot.screens import series as screens_series
from bot.tasks.live_cards import LiveCards, card_of
from bot.tasks.notify import tell
from bot.tasks.periodic import PeriodicTask
from bot.telegram.client import Chat
from bot.telegram.errors import Rejected, Unavailable
from bot.text.clock import Clock
from bot.text.reader import as_reader, clock
from bot.ui.screen import Screen
from core.app import Core
from core.domain.errors import NotFound

log = logging.getLogger(__name__)

EVERY_SECONDS: Final = 2.0
_SERIES: Final = "series:"
_MADE: Final = "made:"


class OverdueNotifier:
    """Run `run()` as a task for as long as the bot works. Cut off in between, it rings twice, never not at all."""

    def __init__(self, core: Core, chat: Chat, live: LiveCards) -> None:
        self._core = core
        self._chat = chat
        self._live = live
        self._told: dict[str, set[int]] = {}
        self._rounds = PeriodicTask("late starts", EVERY_SECONDS, self._round)

    async def run(self) -> None:
        """Until cancelled."""
        await self._rounds.run()

    async def _round(self) -> None:
        for name in await self._core.overdue.waiting():
            settle = self._show_card if name.startswith(_MADE) else self._tell_all
            if await settle(name):
                await self._core.overdue.told(name)
                self._told.pop(name, None)

    async def _tell_all(self, name: str) -> bool:
        """False when Telegram could not be reached for somebody: they are told again, and nobody else."""
        told = self._told.setdefault(name, set())
        admins = await self._core.staff.ids()
        for admin in admins:
            screen = await self._screen(name)
            if screen is None:
                return True
            if admin not in told and await tell(self._core, self._chat, admin, screen):
                told.add(admin)
        return told >= set(admins)

    async def _show_card(self, name: str) -> bool:
        """A broadcast of a series that has just been made, in the chat of who ordered the series."""
        try:
            broadcast = await self._core.broadcasts.get(name.removeprefix(_MADE))
        except NotFound:
            return True
        person = broadcast.created_by.telegram_id
        if person is None or await self._core.staff.role(person) is None:
            return True
        if await self._core.cards.get(broadcast.id, person) is not None:
            return True
        with as_reader(await self._core.readers.of(person)):
            screen = card_of(broadcast, None, self._clock())
            try:
                message_id = await self._chat.send(person, screen)
            except Rejected as error:
                log.info("no card of #%s: %s", broadcast.id, error)
                return True
            except Unavailable as error:
                log.warning("the card of #%s waits: %s", broadcast.id, error)
                return False
        await self._live.attach(broadcast.id, person, message_id)
        return True

    def _clock(self) -> Clock:
        return clock(self._core.settings)

    async def _screen(self, name: str) -> Callable[[], Screen] | None:
        """None for what is settled already."""
        try:
            if name.startswith(_SERIES):
                series = await self._core.recurring.get(name.removeprefix(_SERIES))
                return (lambda: screens_series.trouble(series, self._clock())) if series.trouble else None
            broadcast = await self._core.broadcasts.get(name)
        except NotFound:
            return None
        if broadcast.missed:
            return lambda: screens_overdue.missed(broadcast, self._clock())
        return (lambda: screens_overdue.late(broadcast, self._clock())) if broadcast.is_late else None
