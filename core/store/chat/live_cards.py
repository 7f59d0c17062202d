"""Messages that show a broadcast live, so that a restarted bot continues to edit them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from redis.asyncio import Redis


@dataclass(frozen=True, slots=True)
class Card:
    """A message that shows a broadcast in a chat."""

    broadcast_id: str
    chat_id: int
    message_id: int
    shown: str = ""
    """The last content, so that equal content is not sent again."""
    summary_sent: bool = False
    """The admin has been told the result."""
    more: bool = False
    """It shows the rarer buttons."""
    below: tuple[int, ...] = ()
    """Messages with screens that were opened from it."""


class LiveCardStore:
    """Live cards, at most one for each broadcast and chat."""

    def __init__(self, client: Redis, key: str = "ms:cards") -> None:
        """`key`: another one for each kind of card."""
        self._client = client
        self._key = key

    async def put(self, card: Card) -> None:
        more = [card.more, card.below] if card.more or card.below else []
        packed = json.dumps([card.message_id, card.shown, card.summary_sent, *more])
        await self._client.hset(self._key, f"{card.broadcast_id}:{card.chat_id}", packed)

    async def get(self, broadcast_id: str, chat_id: int) -> Card | None:
        name = f"{broadcast_id}:{chat_id}"
        packed = await self._client.hget(self._key, name)
        return None if packed is None else _read(name, str(packed))

    async def all(self) -> list[Card]:
        found = await self._client.hgetall(self._key)
        return [_read(str(name), str(packed)) for name, packed in found.items()]

    async def remove(self, broadcast_id: str, chat_id: int) -> None:
        await self._client.hdel(self._key, f"{broadcast_id}:{chat_id}")


def _read(name: str, packed: str) -> Card:
    broadcast_id, _, chat_id = name.partition(":")
    message_id, shown, summary_sent, *rest = json.loads(packed)
    more, below = rest or (False, ())
    return Card(broadcast_id, int(chat_id), message_id, shown, summary_sent, more, tuple(below))
