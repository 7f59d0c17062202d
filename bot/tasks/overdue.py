"""Tells the team of overdue broadcasts, of series that could not be sent, and of a stop of everything after a long gap.

Refusals that arrive after the end of a broadcast are told where no card shows them: of those that programs ordered.

It also sends the live card of each broadcast of a series to the person who ordered the series. If the bot is killed
in between, it tells that twice rather than not at all.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Final

from bot.screens import overdue as screens_overdue
from bot.screens import panic as screens_panic
from bot.screens import series as screens_series
from bot.screens.ended import broadcast_card, late_refusals
from bot.tasks.live_cards import LiveCards
from bot.tasks.outbox import Draw, Outbox
from bot.tasks.periodic import PeriodicTask
from bot.telegram.errors import Rejected, Unavailable
from core.app import Core
from core.domain.audit import Channel
from core.domain.broadcast import Broadcast, BroadcastStatus
from core.domain.errors import NotFound
from core.services.retries import Missed
from core.store.bell import SAFETY_SECONDS

log = logging.getLogger(__name__)

_UNTOLD_SECONDS: Final = 2.0
_SERIES: Final = "series:"
_MADE: Final = "made:"
_STOP: Final = "stop:"
_REFUSED: Final = "refused:"
_GATHERED: Final = 3.0
"""Seconds for which the first refusals of a broadcast are gathered into one message."""
_REFUSALS_APART: Final = 600.0
"""Seconds between two messages about refusals: programs may order many broadcasts."""


class OverdueNotifier(PeriodicTask):
    """Works through the names in the overdue store; see OverdueStore for their forms."""

    name = "overdue"
    every = SAFETY_SECONDS

    def __init__(self, core: Core, outbox: Outbox, live: LiveCards) -> None:
        super().__init__(core, outbox)
        self._live = live
        self._woken = core.bell.notices()
        self._refusals_told = -_REFUSALS_APART
        self._refusals_at: float | None = None

    async def round(self) -> None:
        self.every = SAFETY_SECONDS
        await self._settle_decided()
        waiting = await self._core.overdue.waiting()
        await self._refusals([name for name in waiting if name.startswith(_REFUSED)])
        for name in waiting:
            if name.startswith(_REFUSED):
                continue
            settle = self._tell_made if name.startswith(_MADE) else self._tell_team
            if await settle(name):
                await self._core.overdue.told(name)
            else:
                self.every = _UNTOLD_SECONDS

    async def _refusals(self, names: Sequence[str]) -> None:
        """Tell what came meanwhile, in one message."""
        found = []
        for name in names:
            broadcast = await self._ordered_by_program(name.removeprefix(_REFUSED))
            if broadcast is None:
                await self._core.overdue.told(name)
            else:
                found.append(broadcast)
        now = time.monotonic()
        if not found:
            return
        if self._refusals_at is None:
            self._refusals_at = max(now + _GATHERED, self._refusals_told + _REFUSALS_APART)
        if now < self._refusals_at:
            self.every = min(self.every, self._refusals_at - now)
            return
        missed = await self._core.retries.missed(found[0]) if len(found) == 1 else Missed()
        if not await self._outbox.tell_team(_REFUSED, lambda _clock: late_refusals(found, missed)):
            self.every = _UNTOLD_SECONDS
            return
        for one in found:
            await self._core.overdue.told(f"{_REFUSED}{one.id}")
        self._refusals_at, self._refusals_told = None, now

    async def _ordered_by_program(self, broadcast_id: str) -> Broadcast | None:
        """None for another, whose card shows the refusal."""
        try:
            broadcast = await self._core.broadcasts.get(broadcast_id)
        except NotFound:
            return None
        return broadcast if broadcast.created_by.channel is Channel.API else None

    async def _tell_team(self, name: str) -> bool:
        """False while some of the team have not been told."""
        message = await self._message(name)
        if message is None:
            self._outbox.forget(name)
            return True
        draw, asks = message
        told = await self._outbox.tell_team(name, draw, about=f"late:{name}" if asks else "")
        if told and asks:
            await self._core.overdue.asked(name)
        return told

    async def _settle_decided(self) -> None:
        """Show on the questions of the team what one of them has decided."""
        for broadcast_id in await self._core.overdue.undecided():
            try:
                broadcast = await self._core.broadcasts.get(broadcast_id)
            except NotFound:
                broadcast = None
            if broadcast is not None and _is_undecided(broadcast):
                continue
            await self._core.overdue.decided(broadcast_id)
            if broadcast is not None:
                await self._show_decided(broadcast)

    async def _show_decided(self, broadcast: Broadcast) -> None:
        await self._outbox.retell(
            f"late:{broadcast.id}", lambda clock: screens_overdue.decided_card(broadcast, clock)
        )

    async def _message(self, name: str) -> tuple[Draw, bool] | None:
        """The message, and True if it asks for a decision about a late broadcast; None for what is settled already."""
        if name.startswith(_STOP):
            question = await self._stop_question()
            return (question, False) if question else None
        try:
            if name.startswith(_SERIES):
                series = await self._core.series.get(name.removeprefix(_SERIES))
                if not series.trouble:
                    return None
                return (lambda clock: screens_series.trouble_message(series, clock)), False
            broadcast = await self._core.broadcasts.get(name)
        except NotFound:
            return None
        if broadcast.missed:
            return (lambda clock: screens_overdue.missed_message(broadcast, clock)), False
        if broadcast.is_late:
            return (lambda clock: screens_overdue.overdue_card(broadcast, clock)), True
        return None

    async def _stop_question(self) -> Draw | None:
        stop = await self._core.panic.current()
        if stop is None or stop.since is None:
            return None
        status, running = await self._core.status.read(), await self._core.broadcasts.running()
        return lambda clock: screens_panic.resume_question(stop, status, running, clock)

    async def _tell_made(self, name: str) -> bool:
        """Send the card of a new broadcast of a series, and say who is left out.

        False when Telegram does not answer.
        """
        try:
            broadcast = await self._core.broadcasts.get(name.removeprefix(_MADE))
        except NotFound:
            self._outbox.forget(name)
            return True
        told = True
        if broadcast.left_out:
            told = await self._outbox.tell_team(
                name, lambda _clock: screens_series.left_out_message(broadcast)
            )
        return await self._send_card(broadcast) and told

    async def _send_card(self, broadcast: Broadcast) -> bool:
        """False when Telegram does not answer."""
        person = broadcast.created_by.telegram_id
        if person is None or await self._core.cards.get(broadcast.id, person) is not None:
            return True
        try:
            message_id = await self._outbox.send(person, lambda clock: broadcast_card(broadcast, None, clock))
        except Rejected as error:
            log.info("no card of #%s: %s", broadcast.id, error)
            return True
        except Unavailable as error:
            log.warning("the card of #%s waits: %s", broadcast.id, error)
            return False
        if message_id is not None:
            await self._live.attach(broadcast.id, person, message_id)
        return True


def _is_undecided(broadcast: Broadcast) -> bool:
    """True for a late broadcast that waits for a decision, or for one that can still be undone."""
    scheduled = broadcast.status is BroadcastStatus.SCHEDULED
    return scheduled and (broadcast.is_late or broadcast.can_be_undone)
