"""Keeps the slots of one messenger full, for as long as the engine runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Final, Protocol

from redis.exceptions import RedisError

from core.domain.messengers import Messenger
from core.store.moves import Claim, Claimed, Recorded
from workers.recorder import Recorder

log = logging.getLogger(__name__)

# A little patience between two round trips makes batches of what would be single steps.
TICK_SECONDS: Final = 0.003
IDLE_SECONDS: Final = 0.1
LONGEST_WAIT_SECONDS: Final = 0.25
STORE_PAUSE_SECONDS: Final = 0.5
MOST_PER_CLAIM: Final = 300
# Where one request reaches many, it is worth waiting until there are some.
GATHER_SECONDS: Final = 0.5


class Slots(Protocol):
    """What a pump asks of the engine."""

    @property
    def stopping(self) -> bool: ...

    @property
    def concurrency(self) -> int: ...

    async def claim(self, messenger: Messenger, most: int, *, outcomes: Sequence[Recorded]) -> Claimed: ...

    def parted(self, messenger: Messenger, claims: Sequence[Claim]) -> Sequence[Sequence[Claim]]:
        """The claims in the groups that one request each can serve."""

    def begin(self, claims: Sequence[Claim], claimed_at: float) -> None:
        """Starts the attempts of one group; each ends with an outcome for the recorder."""


class Pump:
    """One messenger's share of the engine's work."""

    def __init__(self, slots: Slots, messenger: Messenger, recorder: Recorder, news: asyncio.Event) -> None:
        """`news` is set when there may be something to do: jobs were made, or the engine stops."""
        self._slots = slots
        self._messenger = messenger
        self._recorder = recorder
        self._news = news
        self._busy = 0
        self._not_before = 0.0

    async def run(self) -> None:
        """Until the engine stops. What is in the air then is recorded without this."""
        with self._recorder.taken_along(self._news.set, self._freed):
            while True:
                self._news.clear()
                if self._slots.stopping:
                    return
                try:
                    await self._turn()
                except RedisError as error:
                    log.warning("the store does not answer (%s); %s waits", error, self._messenger)
                    await asyncio.sleep(STORE_PAUSE_SECONDS)

    def _freed(self, count: int) -> None:
        self._busy -= count

    async def _turn(self) -> None:
        now = asyncio.get_running_loop().time()
        outcomes = self._recorder.take()
        free = min(MOST_PER_CLAIM, self._slots.concurrency - self._busy + len(outcomes))
        if free > 0 and now >= self._not_before:
            await self._exchange(free, outcomes, now)
        elif outcomes:
            self._recorder.write_alone(outcomes)
        else:
            await self._wait(max(TICK_SECONDS, self._not_before - now) if free > 0 else IDLE_SECONDS)

    async def _exchange(self, free: int, outcomes: Sequence[Recorded], now: float) -> None:
        """Outcomes for claims, in one step of the store: with them the slots are free that the claims fill."""
        try:
            claimed = await self._slots.claim(self._messenger, free, outcomes=outcomes)
        except RedisError:
            self._recorder.write_alone(outcomes)
            raise
        if claimed.recorded:
            self._recorder.written(outcomes)
        else:
            self._recorder.write_alone(outcomes)
        for group in self._slots.parted(self._messenger, claimed.claims):
            self._busy += len(group)
            self._slots.begin(group, now)
        await self._pause(claimed, free)

    async def _pause(self, claimed: Claimed, free: int) -> None:
        now = asyncio.get_running_loop().time()
        if claimed.claims:
            if self._messenger.traits.block > 1 and len(claimed.claims) < free:
                self._not_before = now + GATHER_SECONDS
            await asyncio.sleep(TICK_SECONDS)
        elif claimed.wait is None:
            await self._wait(IDLE_SECONDS)
        else:
            self._not_before = now + min(claimed.wait, LONGEST_WAIT_SECONDS)

    async def _wait(self, seconds: float) -> None:
        """Until there are news or outcomes, or for `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return
