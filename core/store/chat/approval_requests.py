"""Messages that ask for approval, kept so that a restarted bot asks no one twice and closes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from redis.asyncio import Redis

_KEY: Final = "ms:questions"
UNSENT: Final = 0
"""No message: the person could not be written to."""


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """A request for approval in one chat. `number`: grows with each request about the broadcast."""

    broadcast_id: str
    chat_id: int
    number: int
    message_id: int = UNSENT
    asker: bool = False
    """The chat of the person who asks, to be told the decision."""
    lapsed: bool = False
    """The message says that the time is over."""


class ApprovalRequestStore:
    """Approval requests, at most one for each broadcast and chat."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def put(self, request: ApprovalRequest) -> None:
        packed = json.dumps([request.number, request.message_id, request.asker, request.lapsed])
        await self._client.hset(_KEY, f"{request.broadcast_id}:{request.chat_id}", packed)

    async def all(self) -> list[ApprovalRequest]:
        found = await self._client.hgetall(_KEY)
        return [_read(str(name), str(packed)) for name, packed in found.items()]

    async def remove(self, request: ApprovalRequest) -> None:
        await self._client.hdel(_KEY, f"{request.broadcast_id}:{request.chat_id}")


def _read(name: str, packed: str) -> ApprovalRequest:
    broadcast_id, _, chat_id = name.partition(":")
    return ApprovalRequest(broadcast_id, int(chat_id), *json.loads(packed))
