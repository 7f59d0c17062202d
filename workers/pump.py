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

# A little patience between two steps makes batches of what would be single ones.
TICK_SECONDS: Final = 0.003
IDLE_SECONDS: Final = 0.1
LONGEST_WAIT_SECONDS: Final = 0.25
# While the store takes one step, the worker sends and hears what the one before has claimed: with small steps, two at
# a time, neither waits for the other.
MOST_PER_STEP: Final = 120
MOST_STEPS: Final = 2
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
        self._steps: set[asyncio.Task[bool]] = set()
        # The last step brought something to send; else one at a time is enough to ask.
        self._flowing = False

    async def run(self) -> None:
        """Until the engine stops. What is in the air then is recorded without this."""
        with self._recorder.taken_along(self._news.set, self._freed):
            async with asyncio.TaskGroup() as steps:
                while True:
                    self._news.clear()
                    if self._slots.stopping:
                        return
                    await self._turn(steps)

    def _freed(self, count: int) -> None:
        self._busy -= count

    async def _turn(self, steps: asyncio.TaskGroup) -> None:
        if len(self._steps) >= self._most_steps():
            await asyncio.wait(self._steps, return_when=asyncio.FIRST_COMPLETED)
            return
        now = asyncio.get_running_loop().time()
        most = max(MOST_PER_STEP, self._messenger.traits.block)
        outcomes = self._recorder.take(most)
        free = min(most, self._slots.concurrency - self._busy + len(outcomes))
        if free > 0 and now >= self._not_before:
            await self._step(steps, free, outcomes, now)
        elif outcomes:
            self._recorder.write_alone(outcomes)
        else:
            await self._wait(max(TICK_SECONDS, self._not_before - now) if free > 0 else IDLE_SECONDS)

    def _most_steps(self) -> int:
        return MOST_STEPS if self._flowing and self._messenger.traits.block == 1 else 1

    async def _step(
        self, steps: asyncio.TaskGroup, free: int, outcomes: Sequence[Recorded], now: float
    ) -> None:
        # The slots are taken before the answer is there, for the next step must not take them too.
        self._busy += free - len(outcomes)
        step = steps.create_task(self._exchange(free, outcomes, now))
        self._steps.add(step)
        step.add_done_callback(self._stepped)
        if self._flowing:
            await asyncio.sleep(TICK_SECONDS)
        elif not await step and now >= self._not_before:
            await self._wait(IDLE_SECONDS)

    def _stepped(self, step: asyncio.Task[bool]) -> None:
        self._steps.discard(step)
        if self._flowing:
            self._news.set()

    async def _exchange(self, free: int, outcomes: Sequence[Recorded], now: float) -> bool:
        """Outcomes for claims, in one step of the store: with them the slots are free that the claims fill.

        Returns whether there were claims.
        """
        try:
            claimed = await self._slots.claim(self._messenger, free, outcomes=outcomes)
        except RedisError as error:
            log.warning("the store does not answer (%s); %s waits", error, self._messenger)
            claimed = Claimed(wait=LONGEST_WAIT_SECONDS, recorded=False)
        if not claimed.recorded:
            self._busy += len(outcomes)
            self._recorder.write_alone(outcomes)
        self._busy -= free - len(claimed.claims)
        for group in self._slots.parted(self._messenger, claimed.claims):
            self._slots.begin(group, now)
        self._look_ahead(claimed, free)
        return self._flowing

    def _look_ahead(self, claimed: Claimed, free: int) -> None:
        """When to come again."""
        now = asyncio.get_running_loop().time()
        self._flowing = bool(claimed.claims)
        if not claimed.claims and claimed.wait is not None:
            self._not_before = now + min(claimed.wait, LONGEST_WAIT_SECONDS)
        elif self._flowing and self._messenger.traits.block > 1 and len(claimed.claims) < free:
            self._not_before = now + GATHER_SECONDS

    async def _wait(self, seconds: float) -> None:
        """Until there are news or outcomes, or for `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return
