"""Writes outcomes into the ledger, many in one round trip.

While a pump runs it takes them along with its next claim: what frees slots and what fills them is one step of the
store. Everything else, and what a lost answer has left in doubt, is written by a task of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from redis.exceptions import RedisError

from core.store.deliveries import DeliveryQueue, RecordedOutcome

log = logging.getLogger(__name__)

MOST_PER_WRITE: Final = 250
GIVE_UP_SECONDS: Final = 60.0
PAUSE_SECONDS: Final = 0.25


def _nothing(_count: int) -> None:
    """Nobody keeps slots."""


class OutcomeWriter:
    """The outcomes of one messenger's deliveries."""

    def __init__(self, moves: DeliveryQueue) -> None:
        self._moves = moves
        self._waiting: list[RecordedOutcome] = []
        self._alone: list[RecordedOutcome] = []
        self._writer: asyncio.Task[None] | None = None
        self._ready: Callable[[], None] | None = None
        self._freed: Callable[[int], None] = _nothing

    @contextlib.contextmanager
    def taken_along(self, ready: Callable[[], None], freed: Callable[[int], None]) -> Iterator[None]:
        """Inside, `ready` is called when there is something to take(), and `freed` with how many were written alone."""
        self._ready, self._freed = ready, freed
        try:
            yield
        finally:
            self._ready = None
            self.write_alone(self.take(len(self._waiting)))

    def add(self, outcome: RecordedOutcome) -> None:
        """Sees to it that the outcome is written, or given up after a minute: the sweeper then calls it unknown."""
        self._waiting.append(outcome)
        if self._ready is not None:
            self._ready()
        elif self._writer is None:
            self._writer = asyncio.create_task(self._drain())

    def take(self, most: int = MOST_PER_WRITE) -> list[RecordedOutcome]:
        """Outcomes that the caller now writes; what it could not, or is not sure of, it gives to write_alone()."""
        taken, self._waiting = self._waiting[:most], self._waiting[most:]
        return taken

    def write_alone(self, outcomes: Sequence[RecordedOutcome]) -> None:
        """Writes what was taken, without a claim."""
        self._alone += outcomes
        if self._alone and self._writer is None:
            self._writer = asyncio.create_task(self._drain())

    async def close(self) -> None:
        """Returns when everything handed in is written."""
        while self._writer is not None:
            await self._writer

    async def _drain(self) -> None:
        # Everything that became ready in this turn of the loop joins the first batch.
        await asyncio.sleep(0)
        while batch := self._next():
            await self._write(batch)
            self._freed(len(batch))
        self._writer = None

    def _next(self) -> list[RecordedOutcome]:
        batch, self._alone = self._alone[:MOST_PER_WRITE], self._alone[MOST_PER_WRITE:]
        return batch if batch or self._ready is not None else self.take()

    async def _write(self, outcomes: Sequence[RecordedOutcome]) -> None:
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
