"""Detect a recent broadcast with the same content and overlapping recipients."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from core.domain.broadcast import Broadcast, Index
from core.domain.content.content import Content
from core.domain.delivery import DeliveryState
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.store.ledger import LedgerStore

RECENT: Final = timedelta(hours=24)
MOST_LOOKED_AT: Final = 200
"""Broadcasts of each index."""
_A_TRIP: Final = 5_000
"""Deliveries of a broadcast with the same content that are read at once."""
_NO_LETTER: Final = re.compile(r"[\W_]+")
_MISSED: Final = frozenset({DeliveryState.FAILED, DeliveryState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A broadcast with the same content, and how many of the recipients it reached or will reach."""

    broadcast: Broadcast
    people: int


class DuplicateCheck:
    """Reads a bounded number of broadcasts, and recipients only of those with the same content."""

    def __init__(self, ledger: LedgerStore) -> None:
        self._ledger = ledger

    async def find_recent(
        self, content: Content, recipients: Sequence[Recipient], *, but: str = ""
    ) -> Duplicate | None:
        """The newest broadcast with this content to one of the recipients, within a day of now.

        Recipients that it did not reach do not count. `but`: the id of a broadcast to ignore.
        """
        people = {one.key for one in recipients}
        for index in (Index.RUNNING, Index.ENDED, Index.SCHEDULED):
            for broadcast in await self._with_content(index, content):
                if broadcast.id != but and (count := await self._overlap(broadcast, people)):
                    return Duplicate(broadcast, count)
        return None

    async def _with_content(self, index: Index, content: Content) -> list[Broadcast]:
        """Broadcasts of an index with this content, newest first, within a day of now."""
        now = await self._ledger.now()
        places = await self._ledger.newest(index, MOST_LOOKED_AT)
        since = (now - RECENT).timestamp() * 1000
        near = [place.id for place in places if index is not Index.ENDED or place.at >= since]
        texts = await self._ledger.texts(near)
        letters = _letters(content.text)
        same = [name for name, text in zip(near, texts, strict=True) if _letters(text) == letters]
        found = [await self._ledger.get(name) for name in same]
        return [
            one
            for one in found
            if one and same_files(one.content, content) and abs(one.send_at - now) <= RECENT
        ]

    async def _overlap(self, broadcast: Broadcast, people: set[tuple[Messenger, str]]) -> int:
        """Number of these people that it reached or will reach."""
        found = 0
        for first in range(0, broadcast.progress.total, _A_TRIP):
            for delivery in await self._ledger.deliveries_at(broadcast, first, _A_TRIP):
                who = (delivery.recipient.messenger, delivery.recipient.address)
                found += who in people and delivery.state not in _MISSED
        return found


def _letters(text: str) -> str:
    """A text without case, punctuation and blanks."""
    return _NO_LETTER.sub("", text.casefold()) or text


def same_files(one: Content, other: Content) -> bool:
    """True for the same files, however often they were uploaded, and for the same places, cards and polls."""
    return _files(one) == _files(other)


def _files(content: Content) -> list[tuple[object, ...]]:
    return [
        (
            *(one.kind, one.link, None if one.link else (one.name, one.size)),
            *(one.emoji, one.place, one.contact and one.contact.phone_number, one.poll),
        )
        for one in content.media
    ]
