"""Shows what people write to everybody with a role who may send, each message once.

A message is claimed before it is sent. When the bot is killed between the two, or Telegram's answer is lost, nobody
knows if it arrived: then a card says so and offers it, instead of showing it twice. The same for one that Telegram
refuses. A storm is gathered into one card, which is edited as more comes; drawing it twice harms nothing.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from datetime import timedelta
from time import monotonic
from typing import Final

from bot.screens import inbound as screens_inbound
from bot.tasks.outbox import Outbox
from bot.tasks.periodic import PeriodicTask
from bot.telegram.errors import Rejected, Unavailable, Unreachable
from bot.text import formatting
from bot.ui.callback_data import InboundPage
from bot.ui.screen import Screen
from core.app import Core
from core.domain.errors import NotFound
from core.domain.inbound import Inbound, ShownTo
from core.domain.team import Role
from core.store.bell import SAFETY_SECONDS

log = logging.getLogger(__name__)

FEW: Final = 3
"""Most waiting messages that are shown one by one; more are gathered."""
SINGLE_IN_A_MINUTE: Final = 6
"""Most messages shown one by one in a minute; more are gathered."""
CALM: Final = timedelta(seconds=60)
"""Time without another message after which a storm is over."""
REDRAW_SECONDS: Final = 1.1
"""Telegram takes one edit a second in a chat."""
_REFUSED_SECONDS: Final = 60.0


class InboundNotifier(PeriodicTask):
    name = "inbound"
    every = SAFETY_SECONDS

    def __init__(self, core: Core, outbox: Outbox) -> None:
        super().__init__(core, outbox)
        self._woken = core.bell.inbound()
        self._token = secrets.token_hex(6)
        self._not_before: dict[int, float] = {}
        """By person, on the monotonic clock: nothing is sent to them earlier."""
        self._redraw_at: dict[int, float] = {}
        self._singles: dict[int, deque[float]] = {}

    async def round(self) -> None:
        team, now = await self._core.team.ids(Role.EDITOR), monotonic()
        due = [person for person in team if self._not_before.get(person, 0.0) <= now]
        for result in await asyncio.gather(*map(self._show, due), return_exceptions=True):
            if isinstance(result, BaseException):
                raise result

    async def _show(self, person: int) -> None:
        try:
            while await self._step(person):
                pass
        except Rejected as error:
            log.info("%s is not shown messages: %s", person, error)
            self._leave_alone(person, _REFUSED_SECONDS)
        except Unavailable as error:
            log.info("%s is not shown messages for %.0f s: %s", person, error.wait, error)
            self._leave_alone(person, error.wait)

    def _leave_alone(self, person: int, seconds: float) -> None:
        self._not_before[person] = monotonic() + seconds
        self._wake_in(seconds)

    def _wake_in(self, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, self.wake)

    async def _step(self, person: int) -> bool:
        """Do the next thing for one person. True when there may be more. Raises Rejected and Unavailable."""
        store, seen = self._core.inbound, await self._core.inbound.look(person)
        if seen.claimed:
            await self._offer(person, seen)
            return True
        if seen.card and (seen.drawn < seen.done or _is_storm(seen)):
            if _is_storm(seen) and seen.last > seen.done:
                return await store.grow(person, seen.card, seen.last)
            return seen.drawn < seen.done and await self._redraw(person, seen)
        if seen.last == seen.done:
            return False
        if seen.last - seen.done > FEW or self._is_busy(person):
            return await self._post_card(person, seen)
        return await self._post_one(person, seen)

    def _is_busy(self, person: int) -> bool:
        lately = self._singles.setdefault(person, deque(maxlen=SINGLE_IN_A_MINUTE))
        return len(lately) == SINGLE_IN_A_MINUTE and monotonic() - lately[0] < CALM.total_seconds()

    async def _post_one(self, person: int, seen: ShownTo) -> bool:
        number = seen.done + 1
        found = await self._core.inbound.get([number])
        if not found:
            log.warning("message %d of a person was kept too short a time to be shown", number)
        async with self._outbox.writing_to(person) as clock:
            screen = (
                screens_inbound.message_screen(found[0], clock, await snippet(self._core, found[0]))
                if found
                else None
            )
            if not await self._core.inbound.claim(person, seen, number, self._token):
                return True
            message_id = 0 if screen is None else await self._post(person, screen)
        await self._core.inbound.shown(person, number, message_id)
        if message_id:
            await self._core.team_messages.put(about(number), person, message_id)
        self._singles[person].append(monotonic())
        return True

    async def _post_card(self, person: int, seen: ShownTo) -> bool:
        async with self._outbox.writing_to(person):
            screen = await storm_screen(self._core, seen.done + 1, seen.last)
            if not await self._core.inbound.claim(person, seen, seen.last, self._token):
                return True
            message_id = await self._post(person, screen)
        await self._core.inbound.shown(person, seen.last, message_id, first=seen.done + 1)
        self._redraw_at[person] = monotonic() + REDRAW_SECONDS
        return True

    async def _post(self, person: int, screen: Screen) -> int:
        """Send what is claimed. The claim is given back only when Telegram certainly sent nothing."""
        try:
            return await self._outbox.chat.send(person, screen)
        except Unreachable:
            await self._core.inbound.unclaim(person)
            raise
        except Unavailable as error:
            if error.never_left:
                await self._core.inbound.unclaim(person)
            raise

    async def _offer(self, person: int, seen: ShownTo) -> None:
        """Offer what was being shown when the bot was cut off."""
        async with self._outbox.writing_to(person):
            await self._outbox.chat.send(person, screens_inbound.doubt_card(seen.done + 1, seen.claimed))
        await self._core.inbound.shown(person, seen.claimed, 0)

    async def _redraw(self, person: int, seen: ShownTo) -> bool:
        wait = self._redraw_at.get(person, 0.0) - monotonic()
        if wait > 0:
            self._wake_in(wait)
            return False
        async with self._outbox.writing_to(person):
            screen = await storm_screen(self._core, seen.first, seen.done)
            try:
                await self._outbox.chat.edit(person, seen.card, screen)
            except Rejected as error:
                log.info("the card of messages is not redrawn: %s", error)
        self._redraw_at[person] = monotonic() + REDRAW_SECONDS
        await self._core.inbound.drawn(person, seen.card, seen.done)
        return True


def about(number: int) -> str:
    """The name by which Outbox.retell() changes what shows this message of a person."""
    return f"inbound:{number}"


def _is_storm(seen: ShownTo) -> bool:
    return seen.grew_at is not None and seen.now - seen.grew_at < CALM


async def storm_screen(core: Core, first: int, last: int, page: int | None = None) -> Screen:
    """The card of the messages from `first` to `last`. `page`: None = the last one."""
    here = InboundPage(first, last, 1)
    here = InboundPage(first, last, page or here.pages)
    return screens_inbound.storm_card(await core.inbound.get(list(here.numbers)), here)


async def snippet(core: Core, inbound: Inbound) -> str:
    """The beginning of the broadcast that a message answers; empty if that is unknown or deleted."""
    if not inbound.broadcast_id:
        return ""
    try:
        broadcast = await core.broadcasts.get(inbound.broadcast_id)
    except NotFound:
        return ""
    return formatting.snippet(broadcast.content)
