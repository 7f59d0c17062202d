"""Carries deliveries out: many in the air at once, each claimed in the ledger before its first byte leaves.

For each messenger one pump claims as many deliveries as there are free slots and the shared rate allows; every claim
becomes one request, or shares one where a messenger reaches many at a time; outcomes are written together with the next
claims. A slot is free again only when its outcome is in the ledger, so a crash can leave at most one
unknown for each slot.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from redis.exceptions import RedisError

from core.domain.messengers.retry import RetryPolicy
from core.domain.messengers.traits import Messenger
from core.store.deliveries import Claim, ClaimBatch, DeliveryQueue, RecordedOutcome
from workers.attempts import Attempts
from workers.content_cache import ContentCache
from workers.messengers.port import BlockPort, MessengerPort
from workers.outcome_writer import OutcomeWriter
from workers.uploads import Uploads

log = logging.getLogger(__name__)

MOST_PER_FEED: Final = 500
# What stands in RQ lasts far longer than this; feeding in many small steps would make the disk wait as often.
FEED_SECONDS: Final = 0.05


class Engine:
    """One process's share of the work. `run` works until `stop` is called, then finishes what is in the air."""

    def __init__(
        self,
        moves: DeliveryQueue,
        messengers: Mapping[Messenger, MessengerPort],
        policy: RetryPolicy,
        uploads: Uploads,
        *,
        name: str,
        concurrency: int,
    ) -> None:
        """`name`: this worker in RQ's books; `concurrency`: messages in flight for each messenger."""
        self._moves = moves
        self._messengers = messengers
        self._name = name
        self._concurrency = concurrency
        self._contents = ContentCache(moves)
        self._recorders = {messenger: OutcomeWriter(moves) for messenger in messengers}
        self._uploads = uploads
        self._attempts = Attempts(moves, messengers, policy, self._contents, self._recorders, uploads)
        self._sends: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._news = {messenger: asyncio.Event() for messenger in messengers}

    def stop(self) -> None:
        """No new claims from now on."""
        self._stopping.set()
        for news in self._news.values():
            news.set()

    async def run(self) -> None:
        """Returns when stopped and every outcome is written."""
        feeders = [asyncio.create_task(self._feed(messenger)) for messenger in self._messengers]
        try:
            async with asyncio.TaskGroup() as pumps:
                for messenger in self._messengers:
                    pump = MessengerLoop(self, messenger, self._recorders[messenger], self._news[messenger])
                    pumps.create_task(pump.run())
                # With no messenger set up there is nothing to pump, and still a worker to keep.
                pumps.create_task(self._stopping.wait())
        finally:
            for feeder in feeders:
                feeder.cancel()
        if self._sends:
            log.info("finishing %s requests that are in the air", len(self._sends))
            await asyncio.wait(self._sends)
        for recorder in self._recorders.values():
            await recorder.close()
        await self._uploads.close()

    async def _feed(self, messenger: Messenger) -> None:
        while True:
            made = 0
            try:
                made = await self._moves.feed(messenger, most=MOST_PER_FEED)
            except RedisError as error:
                log.warning("could not feed %s: %s", messenger, error)
            except Exception:
                # Without its feeder the worker would live on and send nothing.
                log.exception("could not feed %s", messenger)
            if made:
                self._news[messenger].set()
            await asyncio.sleep(
                TICK_SECONDS if made >= MOST_PER_FEED else FEED_SECONDS if made else IDLE_SECONDS
            )

    async def attempt(self, claim: Claim, claimed_at: float) -> None:
        """One claim to its end: its outcome is written, and what was to be uploaded for it has been."""
        await self._attempts.one(claim, claimed_at)
        await self._recorders[claim.delivery_id.messenger].close()
        await self._uploads.settle()

    def begin(self, claims: Sequence[Claim], claimed_at: float) -> None:
        """Starts one attempt, or one for all claims of a group, that the engine waits for before it ends."""
        if len(claims) == 1:
            task = asyncio.create_task(self._attempts.one(claims[0], claimed_at))
        else:
            task = asyncio.create_task(self._attempts.block(claims, claimed_at))
        self._sends.add(task)
        task.add_done_callback(self._sends.discard)

    def parted(self, messenger: Messenger, claims: Sequence[Claim]) -> Sequence[Sequence[Claim]]:
        """The claims in the groups that one request each can serve."""
        if not isinstance(self._messengers[messenger], BlockPort):
            return [(claim,) for claim in claims]
        groups: dict[str, list[Claim]] = {}
        for claim in claims:
            name = claim.delivery_id.broadcast_id if self._contents.same_for_all(claim) else claim.token
            groups.setdefault(name, []).append(claim)
        size = messenger.traits.block
        return [group[at : at + size] for group in groups.values() for at in range(0, len(group), size)]

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    @property
    def concurrency(self) -> int:
        return self._concurrency

    async def claim(
        self,
        messenger: Messenger,
        most: int,
        *,
        jobs: Sequence[str] = (),
        outcomes: Sequence[RecordedOutcome] = (),
    ) -> ClaimBatch:
        """Claims what may be sent now: off the queue, or those `jobs` that RQ has handed out.

        Writes `outcomes` in the same step, before.
        """
        claimed = await self._moves.claim(messenger, most, worker=self._name, jobs=jobs, outcomes=outcomes)
        for job in claimed.refused:
            log.error("refused job %s on queue %s: we did not make it", job, messenger)
        return replace(claimed, claims=await self._contents.learn(claimed.claims))


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

    async def claim(
        self, messenger: Messenger, most: int, *, outcomes: Sequence[RecordedOutcome]
    ) -> ClaimBatch: ...

    def parted(self, messenger: Messenger, claims: Sequence[Claim]) -> Sequence[Sequence[Claim]]:
        """The claims in the groups that one request each can serve."""

    def begin(self, claims: Sequence[Claim], claimed_at: float) -> None:
        """Starts the attempts of one group; each ends with an outcome for the recorder."""


class MessengerLoop:
    """One messenger's share of the engine's work."""

    def __init__(
        self, slots: Slots, messenger: Messenger, recorder: OutcomeWriter, news: asyncio.Event
    ) -> None:
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
        self, steps: asyncio.TaskGroup, free: int, outcomes: Sequence[RecordedOutcome], now: float
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

    async def _exchange(self, free: int, outcomes: Sequence[RecordedOutcome], now: float) -> bool:
        """Outcomes for claims, in one step of the store: with them the slots are free that the claims fill.

        Returns whether there were claims.
        """
        try:
            claimed = await self._slots.claim(self._messenger, free, outcomes=outcomes)
        except RedisError as error:
            log.warning("the store does not answer (%s); %s waits", error, self._messenger)
            claimed = ClaimBatch(wait=LONGEST_WAIT_SECONDS, recorded=False)
        if not claimed.recorded:
            self._busy += len(outcomes)
            self._recorder.write_alone(outcomes)
        self._busy -= free - len(claimed.claims)
        for group in self._slots.parted(self._messenger, claimed.claims):
            self._slots.begin(group, now)
        self._look_ahead(claimed, free)
        return self._flowing

    def _look_ahead(self, claimed: ClaimBatch, free: int) -> None:
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
