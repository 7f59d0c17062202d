"""Writes outcomes into the ledger, many in one round trip."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from redis.exceptions import RedisError

from core.store.moves import Moves, Recorded

log = logging.getLogger(__name__)

MOST_PER_WRITE: Final = 250
GIVE_UP_SECONDS: Final = 60.0
PAUSE_SECONDS: Final = 0.25


class Recorder:
    """While one batch is on its way the next one gathers; nobody waits for a clock."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves
        self._waiting: list[tuple[Recorded, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def write(self, outcome: Recorded) -> None:
        """Returns when the outcome is durable, or was given up after a minute: the sweeper then calls it unknown."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((outcome, done))
        if self._writer is None:
            self._writer = asyncio.create_task(self._drain())
        await done

    async def close(self) -> None:
        """Returns when everything handed in is written."""
        if self._writer is not None:
            await self._writer

    async def _drain(self) -> None:
        # Everything that became ready in this turn of the loop joins the first batch.
        await asyncio.sleep(0)
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_PER_WRITE], self._waiting[MOST_PER_WRITE:]
            await self._write([outcome for outcome, _ in batch])
            for _, done in batch:
                done.set_result(None)
        self._writer = None

    async def _write(self, outcomes: list[Recorded]) -> None:
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + GIVE_UP_SECONDS
        while True:
            try:
                await self._moves.record(outcomes)
                return
            except RedisError as error:
                if loop.time() > give_up_at:
                    log.error("%s outcomes could not be written: %s", len(outcomes), error)
                    return
                log.warning("outcomes wait, the store does not take them: %s", error)
                await asyncio.sleep(PAUSE_SECONDS)
