"""Cards that show how a broadcast is deleted or changed on the recipients' phones.

A card is edited while the amendment runs; a new message rings when it is over. Cards are kept in the store, so that a
restarted bot continues with the same messages.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.screens import amendments as screens_amendments
from bot.tasks.periodic import PeriodicTask
from bot.telegram.errors import Rejected
from bot.text.clock import Clock
from core.domain.amendment import AmendmentStatus
from core.domain.errors import NotFound
from core.store.chat.live_cards import Card

log = logging.getLogger(__name__)

_INTERVAL: Final = 3.0
_NO_CARDS_INTERVAL: Final = 60.0
"""A new card wakes the task."""
_STILL_LOOKING: Final = timedelta(seconds=10)
"""An amendment that ends sooner sends no second message, as the admin still looks at its card."""


class AmendmentCards(PeriodicTask):
    """At most one card for each broadcast and chat."""

    name = "amendment cards"
    every = _INTERVAL

    async def attach(self, broadcast_id: str, chat_id: int, message_id: int) -> None:
        card = Card(broadcast_id=broadcast_id, chat_id=chat_id, message_id=message_id)
        await self._core.amendment_cards.put(card)
        self.wake()

    async def attach_if_running(self, broadcast_id: str, chat_id: int, message_id: int) -> None:
        amendment = await self._core.amendments.latest(broadcast_id)
        if amendment is not None and amendment.status is AmendmentStatus.RUNNING:
            await self.attach(broadcast_id, chat_id, message_id)

    async def round(self) -> None:
        self.every = _NO_CARDS_INTERVAL
        for card in await self._core.amendment_cards.all():
            try:
                async with self._outbox.writing_to(card.chat_id) as clock:
                    over = await self._redraw(card, clock)
            except (Rejected, NotFound) as error:
                log.info("the amendment card of #%s ends: %s", card.broadcast_id, error)
                over = True
            if over:
                await self._core.amendment_cards.remove(card.broadcast_id, card.chat_id)
            else:
                self.every = _INTERVAL

    async def _redraw(self, card: Card, clock: Clock) -> bool:
        """True when the card is complete. Raises NotFound when the broadcast was deleted."""
        broadcast = await self._core.broadcasts.get(card.broadcast_id)
        amendment = await self._core.amendments.latest(card.broadcast_id)
        if amendment is None:
            return True
        over = amendment.status is not AmendmentStatus.RUNNING
        quick = over and clock.now - amendment.asked_at < _STILL_LOOKING
        screen = (screens_amendments.result if quick else screens_amendments.card)(
            broadcast, amendment, clock
        )
        if screen.fingerprint != card.shown:
            await self._outbox.chat.edit(card.chat_id, card.message_id, screen)
            await self._core.amendment_cards.put(replace(card, shown=screen.fingerprint))
        if over and not quick:
            # If the bot is killed before the card is removed, the next one sends this once more.
            await self._outbox.chat.send(card.chat_id, screens_amendments.result(broadcast, amendment, clock))
        return over
