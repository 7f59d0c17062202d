"""The live cards: one task edits all of them, and rings when a broadcast is over.

Every card is edited at most every few seconds, and only when it would look different. The latest state wins; the
last edit is never left out. When Telegram asks to wait, nothing is edited until then.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace
from datetime import UTC, datetime

from bot.screens import overdue as screens_overdue
from bot.screens.approvals import unapproved
from bot.screens.broadcasts import is_due, live, unstarted
from bot.screens.ended import ended, pointer
from bot.tasks.charts import Charts
from bot.tasks.periodic import PeriodicTask
from bot.tasks.summaries import Summaries
from bot.telegram.client import Chat
from bot.telegram.errors import Rejected, Unreachable
from bot.text.clock import Clock
from bot.text.reader import as_reader, clock
from bot.text.translation import _
from bot.ui.screen import Screen, plain
from core.app import Core
from core.domain.broadcast import ENDED, RUNNING, Broadcast, BroadcastStatus
from core.domain.errors import NotFound
from core.services.status import Status
from core.store.chat.live_cards import Card

log = logging.getLogger(__name__)

ROUND_SECONDS = 1.0
SOONEST_SECONDS = 1.0
"""Between two edits in one chat, whatever happens."""
_PACES = ((600, 15.0), (120, 5.0), (0, 3.0))
"""Seconds since the start, seconds between two edits of a card."""
_PLANNED_ROUND = 10.0

_Key = tuple[str, int]


class LiveCards:
    """Runs as one task; handlers only tell it to refresh_soon."""

    def __init__(self, core: Core, chat: Chat, charts: Charts) -> None:
        self._core = core
        self._chat = chat
        self._summaries = Summaries(core, chat, charts)
        self._rounds = PeriodicTask("live cards", ROUND_SECONDS, self._round)
        self._hurried: set[str] = set()
        self._looked: dict[_Key, float] = {}
        self._edited: dict[_Key, float] = {}
        self._drawn: dict[_Key, BroadcastStatus] = {}
        self._chat_edited: dict[int, float] = {}
        # While a card is drawn no other message takes its place: writing down what it shows would undo that.
        self._drawing = asyncio.Lock()

    def refresh_soon(self, broadcast_id: str) -> None:
        """Somebody has just acted on this broadcast and looks at its card."""
        self._hurried.add(broadcast_id)
        self._rounds.wake()

    async def attach(self, broadcast_id: str, chat_id: int, message_id: int) -> None:
        """Makes a message the chat's live card of a broadcast; an older one stops."""
        async with self._drawing:
            older = await self._core.cards.get(broadcast_id, chat_id)
            await self._core.cards.put(
                Card(broadcast_id=broadcast_id, chat_id=chat_id, message_id=message_id)
            )
        self.refresh_soon(broadcast_id)
        if older is not None and older.message_id != message_id:
            await self._chat.edit(
                chat_id,
                older.message_id,
                plain(_("#{id}: the live card is further down.").format(id=broadcast_id)),
            )

    async def is_card(self, broadcast_id: str, chat_id: int, message_id: int) -> bool:
        """Whether that message is a live card."""
        card = await self._core.cards.get(broadcast_id, chat_id)
        return card is not None and card.message_id == message_id

    async def run(self) -> None:
        """Until cancelled."""
        async with self._summaries:
            await self._rounds.run()

    async def _round(self) -> None:
        cards = await self._core.cards.all()
        due = [card for card in cards if self._is_time(card)]
        hurried, self._hurried = self._hurried, set()
        found = {card.broadcast_id: await self._find(card.broadcast_id) for card in due}
        clock = self._clock()
        running = any(one and (one.status in RUNNING or is_due(one, clock)) for one in found.values())
        status = await self._core.status.read() if running else None
        for card in due:
            async with self._drawing:
                if await self.is_card(card.broadcast_id, card.chat_id, card.message_id):
                    await self._tend(card, found[card.broadcast_id], status, hurried)
        self._forget({(card.broadcast_id, card.chat_id) for card in cards})

    def _clock(self) -> Clock:
        return clock(self._core.settings)

    def _is_time(self, card: Card) -> bool:
        """A card that waits for its time is looked at less often."""
        looked = self._looked.get((card.broadcast_id, card.chat_id), 0.0)
        return card.broadcast_id in self._hurried or time.monotonic() >= looked

    async def _find(self, broadcast_id: str) -> Broadcast | None:
        try:
            return await self._core.broadcasts.get(broadcast_id)
        except NotFound:
            return None

    async def _tend(
        self, card: Card, broadcast: Broadcast | None, status: Status | None, hurried: set[str]
    ) -> None:
        if broadcast is None:
            # Before it is accepted, the card of a broadcast is that of its draft. A draft that is gone may have been
            # accepted since we looked: only when there is no broadcast now, after the draft went, is there none.
            gone = await self._core.drafts.get(card.broadcast_id) is None
            if gone and await self._find(card.broadcast_id) is None:
                await self._core.cards.remove(card.broadcast_id, card.chat_id)
            return
        try:
            with as_reader(await self._core.readers.of(card.chat_id)):
                await self._draw(card, broadcast, status, hurried=card.broadcast_id in hurried)
        except Rejected as error:
            log.info("the live card of #%s stops: %s", card.broadcast_id, error)
            await self._core.cards.remove(card.broadcast_id, card.chat_id)

    async def _draw(self, card: Card, broadcast: Broadcast, status: Status | None, *, hurried: bool) -> None:
        key = (card.broadcast_id, card.chat_id)
        self._look_again(key, broadcast)
        screen = card_of(broadcast, status, self._clock())
        if screen.fingerprint != card.shown:
            if not self._may_edit(key, broadcast, hurried=hurried):
                if hurried:
                    self._hurried.add(broadcast.id)
                return
            if not card.shown:
                # Accepted, and cut off before its draft was cleared away: nothing of it may be sent again.
                await self._core.drafts.discard(broadcast.id)
            await self._edit(card, screen)
            self._drawn[key] = broadcast.status
            card = replace(card, shown=screen.fingerprint)
            await self._core.cards.put(card)
        if broadcast.status in ENDED:
            await self._close(card, broadcast)

    def _look_again(self, key: _Key, broadcast: Broadcast) -> None:
        soon = (broadcast.send_at - datetime.now(UTC)).total_seconds()
        planned = broadcast.status is BroadcastStatus.SCHEDULED and not broadcast.held
        waits = planned and soon > _PLANNED_ROUND
        self._looked[key] = time.monotonic() + (_PLANNED_ROUND if waits else 0.0)

    def _may_edit(self, key: _Key, broadcast: Broadcast, *, hurried: bool) -> bool:
        now = time.monotonic()
        if now - self._chat_edited.get(key[1], 0.0) < SOONEST_SECONDS:
            return False
        ran = (datetime.now(UTC) - (broadcast.started_at or datetime.now(UTC))).total_seconds()
        # The store's clock may be a little ahead of ours.
        pace = next(seconds for since, seconds in _PACES if max(0.0, ran) >= since)
        turned = broadcast.status is not self._drawn.get(key, broadcast.status)
        wait = SOONEST_SECONDS if hurried or turned or broadcast.status in ENDED else pace
        return now - self._edited.get(key, 0.0) >= wait

    async def _edit(self, card: Card, screen: Screen) -> None:
        self._edited[card.broadcast_id, card.chat_id] = self._chat_edited[card.chat_id] = time.monotonic()
        try:
            await self._chat.edit(card.chat_id, card.message_id, screen)
        except Unreachable:
            raise
        except Rejected as error:
            log.warning("the card of #%s cannot be drawn: %s", card.broadcast_id, error)

    async def _close(self, card: Card, broadcast: Broadcast) -> None:
        """A new message, so that the phone rings; for one cancelled before it began, the card says it all."""
        if broadcast.started_at is None or card.summary_sent:
            await self._core.cards.remove(card.broadcast_id, card.chat_id)
        else:
            self._summaries.begin(card, broadcast)

    def _forget(self, keys: set[_Key]) -> None:
        for memory in (self._looked, self._edited, self._drawn):
            for key in memory.keys() - keys:
                del memory[key]


def card_of(broadcast: Broadcast, status: Status | None, clock: Clock) -> Screen:
    """What the live card of a broadcast shows."""
    if broadcast.is_late:
        return screens_overdue.pointer(broadcast)
    if broadcast.status is BroadcastStatus.SCHEDULED:
        return unstarted(broadcast, status, clock)
    if broadcast.status is BroadcastStatus.UNAPPROVED:
        return unapproved(broadcast, clock, None)
    if broadcast.status in ENDED:
        return pointer(broadcast) if broadcast.started_at else ended(broadcast, clock, None)
    return live(broadcast, status, clock)
