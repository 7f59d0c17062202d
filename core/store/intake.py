"""Puts what comes in one by one into the inbox, many in one round trip and one write to the disk."""

from __future__ import annotations

import asyncio
from typing import Final

from core.domain.messengers import Messenger
from core.store.inbox import Inbox

MOST_AT_ONCE: Final = 500


class Intake:
    """While one batch is being written the next one gathers; nobody waits for a clock."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._waiting: dict[Messenger, list[tuple[str, asyncio.Future[bool]]]] = {}
        self._writers: dict[Messenger, asyncio.Task[None]] = {}

    async def put(self, messenger: Messenger, body: str) -> bool:
        """Durable when it returns; False when too much waits already. Raises redis.RedisError."""
        taken: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(messenger, []).append((body, taken))
        if messenger not in self._writers:
            self._writers[messenger] = asyncio.create_task(self._write(messenger))
        return await taken

    async def _write(self, messenger: Messenger) -> None:
        # Everything that became ready in this turn of the loop joins the first batch.
        await asyncio.sleep(0)
        while waiting := self._waiting.pop(messenger, []):
            batch, rest = waiting[:MOST_AT_ONCE], waiting[MOST_AT_ONCE:]
            if rest:
                self._waiting[messenger] = rest
            try:
                stands = await self._inbox.put(messenger, [body for body, _ in batch])
            except Exception as error:  # noqa: BLE001  # whoever brought a body must hear of it, whatever it is
                _tell(batch, error)
            else:
                _tell(batch, stands)
        del self._writers[messenger]


def _tell(batch: list[tuple[str, asyncio.Future[bool]]], result: bool | Exception) -> None:
    for _, taken in batch:
        if taken.done():  # the call was broken off
            continue
        if isinstance(result, Exception):
            taken.set_exception(result)
        else:
            taken.set_result(result)
