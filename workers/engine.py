"""Sends deliveries: many requests in flight, each claimed in the ledger before its first byte leaves.

For each messenger one loop claims as many deliveries as there are free slots and the shared rate allows. Every claim
becomes one request, or shares one where a messenger reaches many at a time. Outcomes are written together with the next
claims. A slot is free again only when its outcome is in the ledger, so a crash leaves at most one unknown per slot.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Final

from redis.exceptions import RedisError

from core.app import Core
from core.domain.messengers.retry import RetryPolicy
from core.domain.messengers.traits import Messenger
from core.store.bell import SAFETY_SECONDS, Bell, wait_for
from core.store.deliveries import Claim, ClaimBatch, DeliveryQueue, RecordedOutcome
from workers.attempts import Attempts
from workers.content_cache import ContentCache
from workers.messengers.port import MessengerPort
from workers.uploads import Uploads

log = logging.getLogger(__name__)

# Few enough for a short script even where all are due for another try, and enough for 500 in flight.
MOST_PER_FEED: Final = 300
# RQ's queue lasts far longer than this. Feeding it in many small steps would make the disk wait as often.
FEED_SECONDS: Final = 0.05
# A short pause between two steps makes batches of what would be single claims.
TICK_SECONDS: Final = 0.003
# RQ's queue is full, or what waits is due at once.
BACKLOG_SECONDS: Final = 0.1
LONGEST_WAIT_SECONDS: Final = 0.25
STORE_PAUSE_SECONDS: Final = 1.0
# While the store takes one step, the worker sends what the one before has claimed: with small steps, two at a time,
# neither waits for the other.
MOST_PER_STEP: Final = 120
MOST_STEPS: Final = 2
# Where one request reaches many. More would keep the store busy for longer than 20 ms in one step.
MOST_PER_BLOCK: Final = 200
# Where one request reaches many, wait until there are some.
GATHER_SECONDS: Final = 0.5
_SHOWN: Final = 100


class Engine:
    """One process's share of the work: a loop per messenger."""

    def __init__(
        self,
        core: Core,
        messengers: Mapping[Messenger, MessengerPort],
        policy: RetryPolicy,
        *,
        name: str,
        concurrency: int,
    ) -> None:
        """`name`: this worker in RQ's registry; `concurrency`: messages in flight for each messenger."""
        deliveries = core.deliveries
        contents, self._uploads = ContentCache(deliveries), Uploads(core.uploads, messengers)
        self._stopping = asyncio.Event()
        self._loops = [
            MessengerLoop(
                deliveries,
                Attempts(deliveries, messenger, port, policy, contents, self._uploads),
                messenger,
                core.bell,
                name=name,
                concurrency=concurrency,
            )
            for messenger, port in messengers.items()
        ]

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopping.set()
        for loop in self._loops:
            loop.stop()

    async def run(self) -> None:
        """Work until stopped, then finish what is in flight and write every outcome."""
        async with asyncio.TaskGroup() as tasks:
            for loop in self._loops:
                tasks.create_task(loop.run())
            # Without any messenger the worker still has its other tasks to do.
            tasks.create_task(self._stopping.wait())
        await self._uploads.close()


class MessengerLoop:
    """One messenger's deliveries, from RQ's queue to the outcome in the ledger."""

    def __init__(
        self,
        deliveries: DeliveryQueue,
        attempts: Attempts,
        messenger: Messenger,
        bell: Bell,
        *,
        name: str,
        concurrency: int,
    ) -> None:
        self._deliveries = deliveries
        self._attempts = attempts
        self._messenger = messenger
        self._name = name
        self._concurrency = concurrency
        self._most_per_step = max(MOST_PER_STEP, min(MOST_PER_BLOCK, messenger.traits.block))
        self._stopping = False
        self._news = bell.claim(messenger)
        """Set when there may be something to do: jobs, outcomes, a free step, the end."""
        self._to_feed = bell.feed(messenger)
        self._busy = 0
        """Slots taken: by claims asked for, requests in flight and outcomes not written yet."""
        self._outcomes: list[RecordedOutcome] = []
        self._steps: set[asyncio.Task[None]] = set()
        self._not_before = 0.0
        # The last claim brought something to send; else one step at a time is enough to ask.
        self._flowing = False
        self._queue_is_empty = False

    def stop(self) -> None:
        self._stopping = True
        self._news.set()

    async def run(self) -> None:
        """Work until stopped and every outcome is written."""
        feeder = asyncio.create_task(self._feed())
        try:
            async with asyncio.TaskGroup() as tasks:
                while self._busy or not self._stopping:
                    self._news.clear()
                    await self._turn(tasks)
        finally:
            feeder.cancel()
            self._attempts.breaker.close()

    async def _feed(self) -> None:
        """Keep RQ's queue filled."""
        while not self._stopping:
            try:
                # Cheaper to ask than to feed, and most of the time nothing waits.
                pause = await self._deliveries.next_feed(self._messenger)
                made = await self._deliveries.feed(self._messenger, most=MOST_PER_FEED) if pause == 0 else 0
            except RedisError as error:
                log.warning("could not feed %s: %s", self._messenger, error)
                await asyncio.sleep(STORE_PAUSE_SECONDS)
                continue
            except Exception:
                # Without its feeder the worker would live on and send nothing.
                log.exception("could not feed %s", self._messenger)
                await asyncio.sleep(STORE_PAUSE_SECONDS)
                continue
            if made:
                self._news.set()
                await asyncio.sleep(TICK_SECONDS if made >= MOST_PER_FEED else FEED_SECONDS)
                continue
            seconds = SAFETY_SECONDS if pause is None else min(max(pause, BACKLOG_SECONDS), SAFETY_SECONDS)
            await wait_for(self._to_feed, seconds)

    async def _turn(self, tasks: asyncio.TaskGroup) -> None:
        if len(self._steps) >= self._most_steps():
            await asyncio.wait(self._steps, return_when=asyncio.FIRST_COMPLETED)
            return
        now, most = asyncio.get_running_loop().time(), self._most_per_step
        outcomes, self._outcomes = self._outcomes[:MOST_PER_STEP], self._outcomes[MOST_PER_STEP:]
        slots = min(self._concurrency, self._attempts.breaker.most_in_flight) - self._busy + len(outcomes)
        free = 0 if self._stopping else min(most, slots)
        if free > 0 and now >= self._not_before:
            await self._step(tasks, free, outcomes)
        elif outcomes:
            await self._step(tasks, 0, outcomes)
        else:
            await self._wait(max(TICK_SECONDS, self._not_before - now) if free > 0 else SAFETY_SECONDS)

    def _most_steps(self) -> int:
        return MOST_STEPS if self._flowing and self._messenger.traits.block == 1 else 1

    async def _step(self, tasks: asyncio.TaskGroup, free: int, outcomes: Sequence[RecordedOutcome]) -> None:
        step = tasks.create_task(self._exchange(tasks, free, outcomes))
        self._steps.add(step)
        step.add_done_callback(self._steps.discard)
        if self._flowing:
            # The loop may be waiting for the slots that this step holds, whatever it brings.
            step.add_done_callback(lambda _step: self._news.set())
            await asyncio.sleep(TICK_SECONDS)
            return
        await step
        if free and self._queue_is_empty:
            await self._wait(SAFETY_SECONDS)

    async def _exchange(
        self, tasks: asyncio.TaskGroup, free: int, outcomes: Sequence[RecordedOutcome]
    ) -> None:
        """One step of the store: write `outcomes`, claim up to `free` deliveries and start sending them."""
        # The next step must not claim for the same slots. Those of the outcomes are among the free ones.
        taken = max(0, free - len(outcomes))
        self._busy += taken
        claims: Sequence[Claim] = ()
        if free:
            claims = await self._claim(free, outcomes)
        else:
            await self._deliveries.record(outcomes)
        self._busy -= taken + len(outcomes) - len(claims)
        for group in await self._attempts.groups(claims):
            tasks.create_task(self._send(tasks, group))

    async def _claim(self, free: int, outcomes: Sequence[RecordedOutcome]) -> Sequence[Claim]:
        claimed = await self._deliveries.claim(self._messenger, free, worker=self._name, outcomes=outcomes)
        for job in claimed.refused:
            log.error("refused job %s on queue %s: it is not ours", job[:_SHOWN], self._messenger)
        self._look_ahead(claimed, free)
        return claimed.claims

    def _look_ahead(self, claimed: ClaimBatch, free: int) -> None:
        """Decide when to claim again."""
        now = asyncio.get_running_loop().time()
        self._flowing = bool(claimed.claims)
        self._queue_is_empty = not claimed.claims and claimed.wait is None
        if not claimed.claims and claimed.wait is not None:
            self._not_before = now + min(claimed.wait, LONGEST_WAIT_SECONDS)
        elif self._flowing and self._messenger.traits.block > 1 and len(claimed.claims) < free:
            self._not_before = now + GATHER_SECONDS

    async def _send(self, tasks: asyncio.TaskGroup, claims: Sequence[Claim]) -> None:
        moves = await self._attempts.make(claims)
        if moves is None:
            for claim in claims:
                tasks.create_task(self._send(tasks, [claim]))
            return
        self._outcomes += map(RecordedOutcome, claims, moves)
        self._news.set()

    async def _wait(self, seconds: float) -> None:
        """Return when there is news, or after `seconds`."""
        await wait_for(self._news, seconds)
