"""Live cards: messages that show the current state of a broadcast. One task edits all of them.

A card is edited at most every few seconds, and only when it looks different; the last state is always drawn. When
Telegram asks to wait, nothing is edited until then. The end of a broadcast starts its summary.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.screens.broadcasts import is_due
from bot.screens.ended import broadcast_card
from bot.tasks.charts import Charts
from bot.tasks.outbox import Outbox
from bot.tasks.periodic import PeriodicTask
from bot.tasks.summaries import Summaries
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
"""Seconds between two looks at a broadcast that is not due for longer than that."""


@dataclass(slots=True)
class _Memory:
    """Of one card: when to look at it again, when it was edited, and the status that it shows."""

    look_at: float = 0.0
    edited_at: float = 0.0
    status: BroadcastStatus | None = None


class LiveCards(PeriodicTask):
    """At most one card for each broadcast and chat."""

    name = "live cards"
    every = 1.0

    def __init__(self, core: Core, outbox: Outbox, charts: Charts) -> None:
        super().__init__(core, outbox)
        self._summaries = Summaries(core, outbox, charts)
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
            await self._core.cards.put(
                Card(broadcast_id=broadcast_id, chat_id=chat_id, message_id=message_id)
            )
        self.refresh_soon(broadcast_id)
        if older is not None and older.message_id != message_id:
            moved = plain(_("#{id}: the live card is further down.").format(id=broadcast_id))
            await self._outbox.chat.edit(chat_id, older.message_id, moved)

    async def is_card(self, broadcast_id: str, chat_id: int, message_id: int) -> bool:
        card = await self._core.cards.get(broadcast_id, chat_id)
        return card is not None and card.message_id == message_id

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            self._summaries.tasks = tasks
            await super().run()

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
        now = clock(self._core.settings)
        running = any(one and (one.status in RUNNING or is_due(one, now)) for one in broadcasts.values())
        status = await self._core.status.read() if running else None
        for card in due:
            async with self._drawing:
                if await self.is_card(card.broadcast_id, card.chat_id, card.message_id):
                    broadcast = broadcasts[card.broadcast_id]
                    await self._update(card, broadcast, status, urgent=card.broadcast_id in urgent)

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
            async with self._outbox.writing_to(card.chat_id) as now:
                await self._draw(card, broadcast, broadcast_card(broadcast, status, now), urgent=urgent)
        except Rejected as error:
            log.info("the live card of #%s stops: %s", card.broadcast_id, error)
            await self._core.cards.remove(card.broadcast_id, card.chat_id)

    async def _draw(self, card: Card, broadcast: Broadcast, screen: Screen, *, urgent: bool) -> None:
        memory = self._remembered(card)
        memory.look_at = time.monotonic() + _seconds_to_wait(broadcast)
        if screen.fingerprint != card.shown:
            if not self._may_edit(card, memory, broadcast, urgent=urgent):
                if urgent:
                    self._urgent.add(broadcast.id)
                return
            if not card.shown:
                # The bot may have been killed between accepting the order and discarding its draft.
                await self._core.drafts.discard(broadcast.id)
            memory.edited_at = self._chat_edited[card.chat_id] = time.monotonic()
            await self._edit(card, screen)
            memory.status = broadcast.status
            card = replace(card, shown=screen.fingerprint)
            await self._core.cards.put(card)
        if broadcast.status not in ENDED:
            return
        if broadcast.started_at is None or card.summary_sent:
            # Of a broadcast that was cancelled before it started, the card says everything.
            await self._core.cards.remove(card.broadcast_id, card.chat_id)
        else:
            self._summaries.start(card, broadcast)

    def _may_edit(self, card: Card, memory: _Memory, broadcast: Broadcast, *, urgent: bool) -> bool:
        now = time.monotonic()
        if now - self._chat_edited.get(card.chat_id, 0.0) < _MIN_INTERVAL:
            return False
        ran = (datetime.now(UTC) - (broadcast.started_at or datetime.now(UTC))).total_seconds()
        # max(): the store's clock may be a little ahead of this one.
        interval = next(seconds for since, seconds in _INTERVALS if max(0.0, ran) >= since)
        changed = memory.status not in (None, broadcast.status)
        if urgent or changed or broadcast.status in ENDED:
            interval = _MIN_INTERVAL
        return now - memory.edited_at >= interval

    async def _edit(self, card: Card, screen: Screen) -> None:
        try:
            await self._outbox.chat.edit(card.chat_id, card.message_id, screen)
        except Unreachable:
            raise
        except Rejected as error:
            log.warning("the card of #%s cannot be drawn: %s", card.broadcast_id, error)


def _seconds_to_wait(broadcast: Broadcast) -> float:
    left = (broadcast.send_at - datetime.now(UTC)).total_seconds()
    scheduled = broadcast.status is BroadcastStatus.SCHEDULED and not broadcast.held
    return _SCHEDULED_INTERVAL if scheduled and left > _SCHEDULED_INTERVAL else 0.0
