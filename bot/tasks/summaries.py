"""The messages that ring when broadcasts are over, with a chart where there is something to see.

Drawing takes a while, so each is made beside the live cards. A card stays in the store until its summary is sent:
after a restart the next bot finds it there and rings. Cut off between the two it rings twice, never not at all.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from types import TracebackType
from typing import Final, Self

from bot.screens.ended import chart_caption, fits_under_a_picture, summary
from bot.tasks.charts import Charts, drawing_of
from bot.telegram.client import Chat
from bot.telegram.errors import Rejected, Unavailable
from bot.text.reader import as_reader, clock
from core.app import Core
from core.domain.broadcast import Broadcast
from core.store.chat.live_cards import Card

log = logging.getLogger(__name__)

CHART_FROM: Final = 10
"""People; below that a chart says less than the line of numbers."""
_PAUSE_SECONDS: Final = 5.0


class Summaries:
    """Begun by the live cards; what is unfinished at the end is taken up by the next bot."""

    def __init__(self, core: Core, chat: Chat, charts: Charts) -> None:
        self._core = core
        self._chat = chat
        self._charts = charts
        self._begun: dict[tuple[str, int], asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = list(self._begun.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def begin(self, card: Card, broadcast: Broadcast) -> None:
        """Once for each card, however often it is asked for."""
        key = (card.broadcast_id, card.chat_id)
        if key not in self._begun:
            task = asyncio.create_task(self._ring(card, broadcast), name=f"summary {card.broadcast_id}")
            self._begun[key] = task
            task.add_done_callback(lambda _: self._begun.pop(key))

    async def _ring(self, card: Card, broadcast: Broadcast) -> None:
        try:
            with as_reader(await self._core.readers.of(card.chat_id)):
                await self._send(card.chat_id, broadcast)
        except Rejected as error:
            log.info("the summary of #%s stays unsent: %s", card.broadcast_id, error)
        except Unavailable as error:
            wait = error.wait
            log.info("the summary of #%s waits %.0f s: %s", card.broadcast_id, wait, error)
            await asyncio.sleep(wait)
            return
        except Exception:
            # One that cannot be told of must not keep the others from being told; it is tried again.
            log.exception("the summary of #%s failed", card.broadcast_id)
            await asyncio.sleep(_PAUSE_SECONDS)
            return
        if await self._core.cards.get(card.broadcast_id, card.chat_id) == card:
            await self._core.cards.put(replace(card, summary_sent=True))
            await self._core.cards.remove(card.broadcast_id, card.chat_id)

    async def _send(self, chat_id: int, broadcast: Broadcast) -> None:
        screen = summary(broadcast)
        picture = await self._picture(broadcast) if broadcast.progress.total >= CHART_FROM else None
        if picture is None:
            await self._chat.send(chat_id, screen)
        elif fits_under_a_picture(screen):
            await self._chat.send_photo(chat_id, picture, screen)
        else:
            await self._chat.send_photo(chat_id, picture, chart_caption(broadcast))
            await self._chat.send(chat_id, screen)

    async def _picture(self, broadcast: Broadcast) -> bytes | None:
        timeline = await self._core.reports.timeline(broadcast)
        return await self._charts.draw(drawing_of(broadcast, timeline, clock(self._core.settings).zone))
