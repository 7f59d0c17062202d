"""The messages that ring when a broadcast has ended, with a chart where there is something to see.

Drawing a chart takes a while, so each summary is made in a task of its own. A card stays in the store until its summary
is sent: after a restart the next bot finds it there. Killed in between, the bot sends it twice, never not at all.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Final

from bot.screens.ended import chart_caption, fits_caption, summary
from bot.tasks.charts import Charts, chart_of
from bot.tasks.outbox import Outbox
from bot.telegram.errors import Rejected, Unavailable
from bot.text.clock import Clock
from core.app import Core
from core.domain.broadcast import Broadcast
from core.store.chat.live_cards import Card

log = logging.getLogger(__name__)

CHART_FROM: Final = 10
"""Recipients; with fewer, a chart says less than the line of numbers."""
_PAUSE_SECONDS: Final = 5.0


class Summaries:
    """At most one summary at a time for each card."""

    tasks: asyncio.TaskGroup
    """Runs the summaries. The next bot starts those again that it cancels at the end."""

    def __init__(self, core: Core, outbox: Outbox, charts: Charts) -> None:
        self._core = core
        self._outbox = outbox
        self._charts = charts
        self._running: set[tuple[str, int]] = set()

    def start(self, card: Card, broadcast: Broadcast) -> None:
        key = (card.broadcast_id, card.chat_id)
        if key not in self._running:
            self._running.add(key)
            task = self.tasks.create_task(self._run(card, broadcast), name=f"summary {card.broadcast_id}")
            task.add_done_callback(lambda _task: self._running.discard(key))

    async def _run(self, card: Card, broadcast: Broadcast) -> None:
        """Send one summary; after trouble wait, so that the live cards start it again."""
        try:
            await self._send(card.chat_id, broadcast)
            if await self._core.cards.get(card.broadcast_id, card.chat_id) == card:
                await self._core.cards.put(replace(card, summary_sent=True))
                await self._core.cards.remove(card.broadcast_id, card.chat_id)
        except Unavailable as error:
            log.info("the summary of #%s waits %.0f s: %s", card.broadcast_id, error.wait, error)
            await asyncio.sleep(error.wait)
        except Exception:
            log.exception("the summary of #%s failed", card.broadcast_id)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _send(self, chat_id: int, broadcast: Broadcast) -> None:
        try:
            async with self._outbox.writing_to(chat_id) as clock:
                await self._post(chat_id, broadcast, clock)
        except Rejected as error:
            log.info("the summary of #%s stays unsent: %s", broadcast.id, error)

    async def _post(self, chat_id: int, broadcast: Broadcast, clock: Clock) -> None:
        screen, picture = summary(broadcast), None
        if broadcast.progress.total >= CHART_FROM:
            timeline = await self._core.reports.timeline(broadcast)
            picture = await self._charts.draw(chart_of(broadcast, timeline, clock.zone))
        if picture is None:
            await self._outbox.chat.send(chat_id, screen)
        elif fits_caption(screen):
            await self._outbox.chat.send_photo(chat_id, picture, screen)
        else:
            await self._outbox.chat.send_photo(chat_id, picture, chart_caption(broadcast))
            await self._outbox.chat.send(chat_id, screen)
