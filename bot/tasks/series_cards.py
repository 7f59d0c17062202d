"""Keeps the cards of series up to date: the last one of each series and chat.

The others are told to be older. A card is followed as long as its message shows it.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from typing import Final

from bot.screens.series import newer_card, series_card
from bot.tasks.outbox import Outbox
from bot.tasks.periodic import PeriodicTask
from bot.telegram.errors import Rejected, TelegramFailure
from bot.text.clock import Clock
from bot.ui.callback_data import SCHEDULED_LIST, ListPage
from bot.ui.screen import Screen
from core.app import Core
from core.domain.broadcast import Broadcast
from core.domain.errors import NotFound
from core.domain.series import Series
from core.store.chat.live_cards import Card

log = logging.getLogger(__name__)

_EVERY: Final = 60.0


class SeriesCards(PeriodicTask):
    name = "series"
    every = _EVERY

    def __init__(self, core: Core, outbox: Outbox) -> None:
        super().__init__(core, outbox)
        self._cards = core.series_cards
        self._woken = core.bell.start()
        # Held while a card is drawn or its message is given to another screen.
        self._drawing = asyncio.Lock()

    async def left(self, chat_id: int, message_id: int) -> None:
        """Call before the message shows something else: no card is drawn over that."""
        async with self._drawing:
            for card in await self._cards.all():
                if (card.chat_id, card.message_id) == (chat_id, message_id):
                    await self._cards.remove(card.broadcast_id, chat_id)

    async def shown(self, chat_id: int, message_id: int, screen: Screen) -> None:
        """Follow the series that a message of an admin shows; an older card of it says where it is."""
        async with self._drawing:
            older = await self._cards.get(screen.follows, chat_id)
            await self._cards.put(Card(screen.follows, chat_id, message_id, shown=screen.fingerprint))
        if older is not None and older.message_id != message_id:
            with suppress(TelegramFailure):
                await self._outbox.chat.edit(chat_id, older.message_id, newer_card(screen.follows))

    async def round(self) -> None:
        for card in await self._cards.all():
            async with self._drawing:
                if await self._cards.get(card.broadcast_id, card.chat_id) == card:
                    await self._update(card)

    async def _update(self, card: Card) -> None:
        try:
            await self._redraw(card)
        except (Rejected, NotFound) as error:
            log.info("the card of series #%s is no longer followed: %s", card.broadcast_id, error)
            await self._cards.remove(card.broadcast_id, card.chat_id)

    async def _redraw(self, card: Card) -> None:
        """Raises NotFound for a deleted series."""
        series = await self._core.series.get(card.broadcast_id)
        async with self._outbox.writing_to(card.chat_id) as clock:
            screen = await series_screen(self._core, series, clock, SCHEDULED_LIST)
            if screen.fingerprint != card.shown:
                await self._outbox.chat.edit(card.chat_id, card.message_id, screen)
                await self._cards.put(replace(card, shown=screen.fingerprint))
        if not series.is_open:
            await self._cards.remove(card.broadcast_id, card.chat_id)


async def series_screen(core: Core, series: Series, clock: Clock, back: ListPage) -> Screen:
    """The card of a series, with its lists as they are now."""
    lists = series.order.audiences
    now = await core.audiences.as_now(lists)
    shown = replace(series.order, audiences=tuple(now.get(one.id, one) for one in lists))
    gone = [one.title for one in lists if one.id not in now]
    return series_card(replace(series, order=shown), await _latest_made(core, series), clock, back, gone)


async def _latest_made(core: Core, series: Series) -> list[Broadcast]:
    """Its latest broadcast, if that still exists."""
    try:
        return [await core.broadcasts.get(one) for one in series.made_ids[:1]]
    except NotFound:
        return []
