"""Shows what became of the admins' answers to people, in the line below each."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.screens import inbound as screens_inbound
from bot.tasks.periodic import PeriodicTask
from bot.telegram.errors import Rejected
from core.domain.errors import NotFound
from core.store.chat.live_cards import Card

log = logging.getLogger(__name__)

FOLLOWED: Final = timedelta(hours=24)
"""The time in which receipts change the line."""
_AT_FIRST: Final = timedelta(seconds=30)
_OFTEN, _SELDOM, _NEVER = 0.5, 5.0, 60.0


class ReplyOutcomes(PeriodicTask):
    """One line for each answer; it is kept in the store, so that a restarted bot continues with it."""

    name = "replies"
    every = _NEVER

    async def attach(self, broadcast_id: str, chat_id: int, message_id: int, number: int) -> None:
        """`number`: of the message that is answered."""
        await self._core.reply_cards.put(Card(broadcast_id, chat_id, message_id, shown=f"{number}|"))
        self.wake()

    async def round(self) -> None:
        waits = [_NEVER]
        for card in await self._core.reply_cards.all():
            try:
                waits.append(await self._redraw(card))
            except (Rejected, NotFound) as error:
                log.info("the outcome of #%s is no longer shown: %s", card.broadcast_id, error)
                await self._core.reply_cards.remove(card.broadcast_id, card.chat_id)
        self.every = min(waits)

    async def _redraw(self, card: Card) -> float:
        """Seconds until the next look. Raises NotFound when the broadcast or the message is gone."""
        number, _, before = card.shown.partition("|")
        broadcast = await self._core.broadcasts.get(card.broadcast_id)
        found = await self._core.inbound.get([int(number)])
        deliveries = await self._core.ledger.deliveries_at(broadcast, 0, 1)
        if not found or not deliveries:
            raise NotFound("gone")
        (inbound,), (delivery,) = found, deliveries
        async with self._outbox.writing_to(card.chat_id) as clock:
            waits = await self._core.panic.current() is not None
            screen = screens_inbound.outcome_line(inbound, delivery.state, delivery.reason, waits=waits)
            if screen.fingerprint != before:
                await self._outbox.chat.edit(card.chat_id, card.message_id, screen)
                await self._core.reply_cards.put(replace(card, shown=f"{number}|{screen.fingerprint}"))
        age = clock.now - broadcast.accepted_at
        if screens_inbound.is_settled(inbound, delivery.state) or age > FOLLOWED:
            await self._core.reply_cards.remove(card.broadcast_id, card.chat_id)
            return _NEVER
        return _OFTEN if age < _AT_FIRST else _SELDOM
