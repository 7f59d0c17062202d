"""Live cards: messages that show the current state of a broadcast. One task edits all of them.

A card is edited at most every few seconds, and only when it looks different; the last state is always drawn. When
Telegram asks to wait, nothing is edited until then. At the end the card shows the result, and follows the receipts for
72 hours. Where nobody has been looking at it, it moves to a new message, which rings; if the bot is killed
meanwhile, it sends that twice rather than not at all.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.screens.broadcasts import is_due
from bot.screens.ended import broadcast_card
from bot.tasks.outbox import Outbox
from bot.tasks.periodic import PeriodicTask
from bot.telegram.errors import Rejected, Unreachable
from bot.text.reader import clock
from bot.text.translation import _
from bot.ui.screen import Screen, plain
from core.app import Core
from core.domain.broadcast import ENDED, RUNNING, Broadcast, BroadcastStatus
from core.domain.errors import NotFound
from core.services.status import Status
from core.store.chat.live_cards import Card

log = logging.getLogger(__name__)

_MIN_INTERVAL = 1.0
"""Seconds between two edits in one chat, whatever happens."""
_INTERVALS = ((600, 15.0), (120, 5.0), (0, 3.0))
"""Seconds since the start, seconds between two edits of a card."""
_SCHEDULED_INTERVAL = 10.0
"""Seconds between two looks at a broadcast of which nothing is due for longer than that."""
_NO_CARDS_INTERVAL: Final = 60.0
"""A new card wakes the task."""
_FOLLOWED: Final = timedelta(hours=72)
"""Time for which the card of an ended broadcast follows the receipts."""
_ENDED_INTERVALS = ((6 * 3600, 300.0), (600, 60.0), (60, 10.0), (0, 1.0))
"""Seconds since the end, seconds between two looks."""
_MOST_BELOW: Final = 20
_STILL_LOOKING: Final = timedelta(minutes=1)
"""The admin still looks at the card of a broadcast that was sent at once and ends so soon."""


@dataclass(slots=True)
class _Memory:
    """What is kept of one card: when to look at it again, when it was edited, and the status that it shows."""

    look_at: float = 0.0
    edited_at: float = 0.0
    status: BroadcastStatus | None = None


class LiveCards(PeriodicTask):
    """At most one card for each broadcast and chat."""

    name = "live cards"
    every = _MIN_INTERVAL

    def __init__(self, core: Core, outbox: Outbox) -> None:
        super().__init__(core, outbox)
        self._urgent: set[str] = set()
        self._memory: dict[tuple[str, int], _Memory] = {}
        self._chat_edited: dict[int, float] = {}
        # Held while a card is drawn: attach() must not move it before the store knows what it shows.
        self._drawing = asyncio.Lock()

    def refresh_soon(self, broadcast_id: str) -> None:
        """Redraw the card of a broadcast that an admin has just acted on and looks at."""
        self._urgent.add(broadcast_id)
        self.wake()

    async def attach(self, broadcast_id: str, chat_id: int, message_id: int) -> None:
        """Make a message the chat's live card of a broadcast; an older one stops."""
        async with self._drawing:
            older = await self._core.cards.get(broadcast_id, chat_id)
            below = () if older is None else older.below
            await self._core.cards.put(Card(broadcast_id, chat_id, message_id, below=below))
        self.refresh_soon(broadcast_id)
        if older is not None and older.message_id != message_id:
            await self._retire(older)

    async def is_card(self, broadcast_id: str, chat_id: int, message_id: int) -> bool:
        card = await self._core.cards.get(broadcast_id, chat_id)
        return card is not None and card.message_id == message_id

    async def opened(self, broadcast_id: str, chat_id: int, message_id: int) -> None:
        """Remember a screen that was opened from a card, below it."""
        async with self._drawing:
            card = await self._core.cards.get(broadcast_id, chat_id)
            if card is not None:
                below = (*card.below, message_id)[-_MOST_BELOW:]
                await self._core.cards.put(replace(card, below=below))

    async def close(self, broadcast_id: str, chat_id: int, message_id: int) -> bool:
        """Delete a screen that was opened from a card; False if the message is none."""
        card = await self._core.cards.get(broadcast_id, chat_id)
        known = card is not None and message_id in card.below
        return known and await self._outbox.chat.erase(chat_id, message_id)

    async def unfold(self, broadcast_id: str, chat_id: int, message_id: int, *, more: bool) -> bool:
        """Show or hide the rarer buttons of a live card; False if the message is none."""
        async with self._drawing:
            card = await self._core.cards.get(broadcast_id, chat_id)
            if card is None or card.message_id != message_id:
                return False
            await self._core.cards.put(replace(card, more=more))
        self.refresh_soon(broadcast_id)
        return True

    async def _retire(self, card: Card) -> None:
        """Delete a message that is no longer a card, or say there where the card is."""
        if not await self._outbox.chat.erase(card.chat_id, card.message_id):
            moved = plain(_("#{id}: see the newer card below.").format(id=card.broadcast_id))
            await self._outbox.chat.edit(card.chat_id, card.message_id, moved)

    async def round(self) -> None:
        cards = await self._core.cards.all()
        urgent, self._urgent = self._urgent, set()
        memory = {(card.broadcast_id, card.chat_id): self._remembered(card) for card in cards}
        self._memory = memory
        due = [
            card
            for card in cards
            if card.broadcast_id in urgent or self._remembered(card).look_at <= time.monotonic()
        ]
        broadcasts = {card.broadcast_id: await self._find(card.broadcast_id) for card in due}
        now = clock(self._core.clock.now(), self._core.settings)
        running = any(one and (one.status in RUNNING or is_due(one, now)) for one in broadcasts.values())
        status = await self._core.status.read() if running else None
        for listed in due:
            async with self._drawing:
                card = await self._core.cards.get(listed.broadcast_id, listed.chat_id)
                if card is not None:
                    broadcast = broadcasts[card.broadcast_id]
                    await self._update(card, broadcast, status, urgent=card.broadcast_id in urgent)
        looks = [one.look_at - time.monotonic() for one in memory.values()]
        self.every = max(_MIN_INTERVAL, min(looks, default=_NO_CARDS_INTERVAL))

    def _remembered(self, card: Card) -> _Memory:
        return self._memory.setdefault((card.broadcast_id, card.chat_id), _Memory())

    async def _find(self, broadcast_id: str) -> Broadcast | None:
        try:
            return await self._core.broadcasts.get(broadcast_id)
        except NotFound:
            return None

    async def _update(
        self, card: Card, broadcast: Broadcast | None, status: Status | None, *, urgent: bool
    ) -> None:
        if broadcast is None:
            # Until its order is accepted, a card belongs to a draft. The draft may have been accepted since _find():
            # only if there is still no broadcast after the draft is gone, the card is an orphan.
            gone = await self._core.drafts.get(card.broadcast_id) is None
            if gone and await self._find(card.broadcast_id) is None:
                await self._core.cards.remove(card.broadcast_id, card.chat_id)
            return
        try:
            missed = await self._core.retries.missed(broadcast)
            async with self._outbox.writing_to(card.chat_id) as now:
                screen = broadcast_card(broadcast, status, now, missed=missed, more=card.more)
                await self._draw(card, broadcast, screen, urgent=urgent)
        except Rejected as error:
            log.info("the live card of #%s stops: %s", card.broadcast_id, error)
            await self._core.cards.remove(card.broadcast_id, card.chat_id)

    async def _draw(self, card: Card, broadcast: Broadcast, screen: Screen, *, urgent: bool) -> None:
        memory = self._remembered(card)
        memory.look_at = time.monotonic() + _seconds_to_wait(broadcast, self._core.clock.now())
        if screen.fingerprint != card.shown:
            if not self._may_edit(card, memory, broadcast, urgent=urgent):
                memory.look_at = 0.0
                if urgent:
                    self._urgent.add(broadcast.id)
                return
            if not card.shown:
                # The bot may have been killed between accepting the order and discarding its draft.
                await self._core.drafts.discard(broadcast.id)
            memory.edited_at = self._chat_edited[card.chat_id] = time.monotonic()
            card = await self._show(card, broadcast, screen)
            memory.status = broadcast.status
        if broadcast.status in ENDED and _is_over(broadcast, self._core.clock.now()):
            await self._core.cards.remove(card.broadcast_id, card.chat_id)

    async def _show(self, card: Card, broadcast: Broadcast, screen: Screen) -> Card:
        """Edit the card, or move it below where its end is to ring."""
        ended = broadcast.status in ENDED
        moves = ended and not card.summary_sent and _rings(broadcast)
        shown = replace(card, shown=screen.fingerprint, summary_sent=ended)
        if moves:
            shown = replace(shown, message_id=await self._outbox.chat.send(card.chat_id, screen))
        else:
            await self._edit(card, screen)
        await self._core.cards.put(shown)
        if moves:
            await self._retire(card)
        return shown

    def _may_edit(self, card: Card, memory: _Memory, broadcast: Broadcast, *, urgent: bool) -> bool:
        now = time.monotonic()
        if now - self._chat_edited.get(card.chat_id, 0.0) < _MIN_INTERVAL:
            return False
        interval = self._interval(broadcast)
        changed = memory.status not in (None, broadcast.status)
        if urgent or changed or broadcast.status in ENDED:
            interval = _MIN_INTERVAL
        return now - memory.edited_at >= interval

    def _interval(self, broadcast: Broadcast) -> float:
        """Seconds between two edits of its card while it runs."""
        if broadcast.started_at is None:
            return _INTERVALS[-1][1]
        # max(): the clock may have stepped back since.
        ran = max(0.0, (self._core.clock.now() - broadcast.started_at).total_seconds())
        return next(seconds for since, seconds in _INTERVALS if ran >= since)

    async def _edit(self, card: Card, screen: Screen) -> None:
        try:
            await self._outbox.chat.edit(card.chat_id, card.message_id, screen)
        except Unreachable:
            raise
        except Rejected as error:
            log.warning("the card of #%s cannot be drawn: %s", card.broadcast_id, error)


def _rings(broadcast: Broadcast) -> bool:
    """True if its end comes as a new message, because nobody has watched the card all the time."""
    if broadcast.started_at is None or broadcast.finished_at is None:
        return False
    return broadcast.planned or broadcast.finished_at - broadcast.started_at > _STILL_LOOKING


def _is_over(broadcast: Broadcast, now: datetime) -> bool:
    """True once nothing will change the card of an ended broadcast."""
    if broadcast.started_at is None or broadcast.finished_at is None:
        return True
    return now - broadcast.finished_at > _FOLLOWED


def _seconds_to_wait(broadcast: Broadcast, now: datetime) -> float:
    """Until the next look at it."""
    if broadcast.status in ENDED and broadcast.finished_at is not None:
        past = max(0.0, (now - broadcast.finished_at).total_seconds())
        return next(seconds for since, seconds in _ENDED_INTERVALS if past >= since)
    if broadcast.waits_for_later_tries:
        return _SCHEDULED_INTERVAL
    left = (broadcast.send_at - now).total_seconds()
    scheduled = broadcast.status is BroadcastStatus.SCHEDULED and not broadcast.can_be_undone
    return _SCHEDULED_INTERVAL if scheduled and left > _SCHEDULED_INTERVAL else 0.0
