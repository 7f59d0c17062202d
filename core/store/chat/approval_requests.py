"""Which messages in which chats ask for approval: a restarted bot asks nobody twice and settles what it asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from redis.asyncio import Redis

_KEY: Final = "ms:questions"
UNSENT: Final = 0
"""The message of somebody who could not be written to."""


@dataclass(frozen=True, slots=True)
class Question:
    """What one chat was asked, or will be told, of one broadcast. `number`: which question about it."""

    broadcast_id: str
    chat_id: int
    number: int
    message_id: int = UNSENT
    asker: bool = False
    """This is the chat of the one who asks, and is owed an answer."""
    lapsed: bool = False
    """It was told that the time for it is over."""


class ApprovalRequestStore:
    """At most one for each broadcast and chat."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def put(self, question: Question) -> None:
        packed = json.dumps([question.number, question.message_id, question.asker, question.lapsed])
        await self._client.hset(_KEY, f"{question.broadcast_id}:{question.chat_id}", packed)

    async def all(self) -> list[Question]:
        found = await self._client.hgetall(_KEY)
        return [_read(str(name), str(packed)) for name, packed in found.items()]

    async def remove(self, question: Question) -> None:
        await self._client.hdel(_KEY, f"{question.broadcast_id}:{question.chat_id}")


def _read(name: str, packed: str) -> Question:
    broadcast_id, _, chat_id = name.partition(":")
    return Question(broadcast_id, int(chat_id), *json.loads(packed))
