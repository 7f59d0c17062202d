"""Messages about one thing in several admins' chats, to be edited once one of them has settled it.

Keys: `ms:told:<name>` (hash: chat -> message) · `ms:told:at:<chat>:<message>` (while the message still shows it).
"""

from __future__ import annotations

from typing import Final, cast

from redis.asyncio import Redis

_KEPT_SECONDS: Final = 30 * 86_400


class TeamMessageStore:
    def __init__(self, client: Redis) -> None:
        self._client = client

    async def put(self, name: str, chat_id: int, message_id: int) -> None:
        pipe = self._client.pipeline(transaction=False)
        pipe.set(_at(chat_id, message_id), "", ex=_KEPT_SECONDS)
        pipe.hset(f"ms:told:{name}", f"{chat_id}", f"{message_id}")
        pipe.expire(f"ms:told:{name}", _KEPT_SECONDS)
        await pipe.execute()

    async def left(self, chat_id: int, message_id: int) -> None:
        """Forget a message that shows something else now."""
        await self._client.unlink(_at(chat_id, message_id))

    async def take(self, name: str) -> list[tuple[int, int]]:
        """Chat and message of those that still show it; they are forgotten."""
        found = cast("dict[str, str]", await self._client.hgetall(f"ms:told:{name}"))
        await self._client.unlink(f"ms:told:{name}")
        messages = [(int(chat_id), int(message_id)) for chat_id, message_id in found.items()]
        # UNLINK would not say so again when its answer was lost.
        there = [one for one in messages if await self._client.exists(_at(*one))]
        for one in there:
            await self.left(*one)
        return there


def _at(chat_id: int, message_id: int) -> str:
    return f"ms:told:at:{chat_id}:{message_id}"
