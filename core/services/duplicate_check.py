"""Whether people are about to get the same words a second time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from core.domain.broadcast import Broadcast, Index
from core.domain.content.content import Content
from core.domain.delivery import DeliveryState
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.store.ledger import LedgerStore

LATELY: Final = timedelta(hours=24)
MOST_LOOKED_AT: Final = 200
"""Broadcasts of each list."""
MOST_PEOPLE: Final = 1_000
"""Deliveries of a broadcast that says the same; whom it reached later is not looked for."""
_MISSED: Final = frozenset({DeliveryState.FAILED, DeliveryState.CANCELLED})


class DuplicateCheck:
    """Reads a bounded number of broadcasts, and people only of those that say exactly the same."""

    def __init__(self, ledger: LedgerStore) -> None:
        self._ledger = ledger

    async def find_recent(
        self, content: Content, recipients: Sequence[Recipient], *, but: str = ""
    ) -> Broadcast | None:
        """The newest broadcast that gave or will give one of them this content within a day of now.

        Those whom it did not reach do not count. `but`: the id of one that does not count either.
        """
        people = {(one.messenger, one.address) for one in recipients}
        for index in (Index.RUNNING, Index.ENDED, Index.SCHEDULED):
            for broadcast in await self._saying(index, content):
                if broadcast.id != but and await self._reaches(broadcast, people):
                    return broadcast
        return None

    async def _saying(self, index: Index, content: Content) -> list[Broadcast]:
        """Those of a list that say exactly this, newest first, within a day of now."""
        now = datetime.now(UTC)
        places = await self._ledger.newest(index, MOST_LOOKED_AT)
        since = (now - LATELY).timestamp() * 1000
        near = [place.id for place in places if index is not Index.ENDED or place.at >= since]
        texts = await self._ledger.texts(near)
        same = [name for name, text in zip(near, texts, strict=True) if text == content.text]
        found = [await self._ledger.get(name) for name in same]
        return [
            one
            for one in found
            if one and one.content.media == content.media and abs(one.send_at - now) <= LATELY
        ]

    async def _reaches(self, broadcast: Broadcast, people: set[tuple[Messenger, str]]) -> bool:
        for delivery in await self._ledger.deliveries_at(broadcast, 0, MOST_PEOPLE):
            who = (delivery.recipient.messenger, delivery.recipient.address)
            if who in people and delivery.state not in _MISSED:
                return True
        return False
