"""The cards that show how messages are deleted or changed on the phones: edited while it runs, rung when it is over.

Each is kept in the store until its end was told, so that a restarted bot goes on with the same messages.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.screens import amendments as screens_amendments
from bot.tasks.periodic import PeriodicTask
from bot.telegram.client import Chat
from bot.telegram.errors import Rejected
from bot.text.reader import as_reader, clock
from core.app import Core
from core.domain.amendment import AmendmentStatus
from core.domain.errors import NotFound
from core.store.chat.live_cards import Card

log = logging.getLogger(__name__)

ROUND_SECONDS: Final = 3.0
_STILL_LOOKING: Final = timedelta(seconds=10)
"""Whoever asked for it has the card before their eyes: no second message has to ring."""


class AmendmentCards:
    """Runs as one task; handlers only tell it to hurry."""

    def __init__(self, core: Core, chat: Chat) -> None:
        self._core = core
        self._chat = chat
        self._rounds = PeriodicTask("the cards of amendments", ROUND_SECONDS, self._round)

    def wake(self) -> None:
        """Somebody has just acted on one of them."""
        self._rounds.wake()

    async def attach(self, broadcast_id: str, chat_id: int, message_id: int) -> None:
        """Makes a message the chat's card for what is done to that broadcast."""
        await self._core.amendment_cards.put(
            Card(broadcast_id=broadcast_id, chat_id=chat_id, message_id=message_id)
        )
        self.wake()

    async def adopt_if_running(self, broadcast_id: str, chat_id: int, message_id: int) -> None:
        amendment = await self._core.amending.latest(broadcast_id)
        if amendment is not None and amendment.status is AmendmentStatus.RUNNING:
            await self.attach(broadcast_id, chat_id, message_id)

    async def run(self) -> None:
        """Until cancelled."""
        await self._rounds.run()

    async def _round(self) -> None:
        for card in await self._core.amendment_cards.all():
            await self._tend(card)

    async def _tend(self, card: Card) -> None:
        try:
            with as_reader(await self._core.readers.of(card.chat_id)):
                await self._draw(card)
        except (Rejected, NotFound) as error:
            log.info("the card of what is done to #%s stops: %s", card.broadcast_id, error)
            await self._core.amendment_cards.remove(card.broadcast_id, card.chat_id)

    async def _draw(self, card: Card) -> None:
        """Raises NotFound when the broadcast was deleted."""
        broadcast = await self._core.broadcasts.get(card.broadcast_id)
        amendment = await self._core.amending.latest(card.broadcast_id)
        if amendment is None:
            await self._core.amendment_cards.remove(card.broadcast_id, card.chat_id)
            return
        now = clock(self._core.settings)
        over = amendment.status is not AmendmentStatus.RUNNING
        quick = over and now.now - amendment.asked_at < _STILL_LOOKING
        shown = screens_amendments.result if quick else screens_amendments.card
        screen = shown(broadcast, amendment, now)
        if screen.fingerprint != card.shown:
            await self._chat.edit(card.chat_id, card.message_id, screen)
            await self._core.amendment_cards.put(replace(card, shown=screen.fingerprint))
        if over and not quick:
            # A new message, so that the phone rings; cut off before the card is put away, it rings twice.
            await self._chat.send(card.chat_id, screens_amendments.result(broadcast, amendment, now))
        if over:
            await self._core.amendment_cards.remove(card.broadcast_id, card.chat_id)
