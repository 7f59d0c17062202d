"""Messages that the bot sends on its own: only to people with a role, in their language, by their clock."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from bot.telegram.client import Chat
from bot.telegram.errors import Rejected, Unavailable, Unreachable
from bot.text.clock import Clock
from bot.text.reader import as_reader, clock
from bot.ui.screen import Screen
from core.app import Core
from core.store.connection import STORE_ERRORS

log = logging.getLogger(__name__)

Draw = Callable[[Clock], Screen | None]
"""Draws a message for one person; None where there is nothing to say."""


class Outbox:
    """Remembers in memory who was told what: after a restart a person may be told twice."""

    def __init__(self, core: Core, chat: Chat) -> None:
        self._core = core
        self.chat = chat
        self._told: dict[str, set[int]] = {}
        self._later: dict[int, asyncio.Task[None]] = {}

    @asynccontextmanager
    async def writing_to(self, person: int) -> AsyncIterator[Clock]:
        """Draw and send inside the block. Raises Unreachable for a person without a role."""
        if await self._core.team.role(person) is None:
            raise Unreachable("no role")
        with as_reader(await self._core.readers.of(person)):
            yield clock(self._core.clock.now(), self._core.settings)

    async def send(self, person: int, draw: Draw) -> int | None:
        """Post a message; return its id. Raises Rejected and Unavailable."""
        async with self.writing_to(person) as now:
            screen = draw(now)
            return None if screen is None else await self.chat.send(person, screen)

    async def tell(self, person: int, draw: Draw, *, about: str = "") -> bool:
        """Post a message; False when Telegram does not answer and it is worth trying again.

        `about`: what retell() changes it by.
        """
        try:
            message_id = await self.send(person, draw)
            if about and message_id is not None:
                await self._core.team_messages.put(about, person, message_id)
        except Rejected as error:
            log.info("%s is not told: %s", person, error)
        except Unavailable as error:
            log.warning("%s is not told yet: %s", person, error)
            return False
        return True

    async def retell(self, about: str, draw: Draw, *, but: int | None = None) -> None:
        """Change what was told, where it is still shown; not in the chat `but`. Happens once."""
        for chat_id, message_id in await self._core.team_messages.take(about):
            if chat_id == but:
                continue
            try:
                async with self.writing_to(chat_id) as now:
                    if screen := draw(now):
                        await self.chat.edit(chat_id, message_id, screen)
            except (Rejected, Unavailable) as error:
                log.info("what %s was told stays as it is: %s", chat_id, error)

    async def tell_team(self, name: str, draw: Draw, *, about: str = "") -> bool:
        """Tell everybody with a role once. False if some are left for the next call with this `name`."""
        told = self._told.setdefault(name, set())
        team = await self._core.team.ids()
        for person in team:
            if person not in told and await self.tell(person, draw, about=about):
                told.add(person)
        if told < set(team):
            return False
        self.forget(name)
        return True

    def forget(self, name: str) -> None:
        self._told.pop(name, None)

    def tell_later(self, person: int, wait: float, draw: Draw) -> None:
        """Tell a person after `wait` seconds, and again until Telegram answers. One such message at a time."""
        if person not in self._later:
            self._later[person] = asyncio.create_task(self._retry(person, wait, draw), name=f"later {person}")
            self._later[person].add_done_callback(lambda _task: self._later.pop(person))

    async def _retry(self, person: int, wait: float, draw: Draw) -> None:
        told = False
        while not told:
            await asyncio.sleep(wait)
            with suppress(*STORE_ERRORS):
                told = await self.tell(person, draw)
