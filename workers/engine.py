"""Carries deliveries out: many in the air at once, each claimed in the ledger before its first byte leaves.

For each messenger one pump claims as many deliveries as there are free slots and the shared rate allows; every claim
becomes one request; outcomes go through one recorder that writes them in batches. A slot is free again only when its
outcome is in the ledger, so a crash can leave at most one unknown for each slot.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Mapping, Sequence
from typing import Final

from redis.exceptions import RedisError

from core.domain.content import Content
from core.domain.messengers import Messenger
from core.domain.outcome import Answer, Outcome, Reason
from core.domain.retry import Again, Move, RetryPolicy, Sent
from core.rest import rest
from core.store.moves import LEASE_SECONDS, Claim, Claimed, Moves, Recorded
from workers.messengers.port import MessengerPort
from workers.messengers.transport import TOTAL_SECONDS
from workers.recorder import Recorder

log = logging.getLogger(__name__)

# A little patience between two claims makes batches of what would be single steps: at 4,000 messages a second about
# 20 claims in one round trip.
TICK_SECONDS: Final = 0.005
IDLE_SECONDS: Final = 0.1
LONGEST_WAIT_SECONDS: Final = 0.25
STORE_PAUSE_SECONDS: Final = 0.5
MOST_PER_CLAIM: Final = 200
KNOWN_TEXTS: Final = 256
# An attempt begun later than this after its claim could outlive the lease, and be called unknown while in the air.
LATEST_START_SECONDS: Final = LEASE_SECONDS - TOTAL_SECONDS - 4


class Engine:
    """One process's share of the work. `run` works until `stop` is called, then finishes what is in the air."""

    def __init__(
        self,
        moves: Moves,
        messengers: Mapping[Messenger, MessengerPort],
        policy: RetryPolicy,
        *,
        name: str,
        concurrency: int,
    ) -> None:
        """`name`: this worker in RQ's books; `concurrency`: requests in flight for each messenger."""
        self._moves = moves
        self._messengers = messengers
        self._policy = policy
        self._name = name
        self._concurrency = concurrency
        self._recorder = Recorder(moves)
        self._texts: dict[str, Content] = {}
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
                    pumps.create_task(_Pump(self, messenger).run())
                # With no messenger set up there is nothing to pump, and still a worker to keep.
                pumps.create_task(self._stopping.wait())
        finally:
            for feeder in feeders:
                feeder.cancel()
        if self._sends:
            log.info("finishing %s messages that are in the air", len(self._sends))
            await asyncio.wait(self._sends)
        await self._recorder.close()

    async def _feed(self, messenger: Messenger) -> None:
        while True:
            made = 0
            try:
                made = await self._moves.feed(messenger)
            except RedisError as error:
                log.warning("could not feed %s: %s", messenger, error)
            if made:
                self._news[messenger].set()
            await rest(2 * TICK_SECONDS if made else IDLE_SECONDS)

    async def _learn(self, claims: Sequence[Claim]) -> None:
        """Fetches the texts of broadcasts not met before; the last few are remembered."""
        for broadcast_id in {claim.delivery_id.broadcast_id for claim in claims} - self._texts.keys():
            try:
                text = await self._moves.text_of(broadcast_id)
            except RedisError as error:
                log.warning("broadcast=%s its text could not be read: %s", broadcast_id, error)
                continue
            if text is not None:
                self._texts[broadcast_id] = Content(text=text)
        while len(self._texts) > KNOWN_TEXTS:
            del self._texts[next(iter(self._texts))]

    async def attempt(self, claim: Claim, claimed_at: float) -> None:
        """One claim to its end: at most one request, and its outcome in the ledger."""
        move = await self._move(claim, claimed_at)
        if isinstance(move, Again) and move.halt is not None:
            await self._halt(claim.delivery_id.messenger, move)
        await self._recorder.write(Recorded(claim, move))

    async def _move(self, claim: Claim, claimed_at: float) -> Move:
        content = self._texts.get(claim.delivery_id.broadcast_id)
        late = asyncio.get_running_loop().time() - claimed_at > LATEST_START_SECONDS
        if content is None or late:
            log.warning("delivery=%s given back unsent", claim.delivery_id)
            return Again(0.0, Reason.BUSY, costs_try=False)
        answer = await self._ask(claim, content)
        move = self._policy.decide(answer, tries=claim.tries, jitter=random.random())  # noqa: S311 - spreads load
        if not isinstance(move, Sent):
            log.info(
                "delivery=%s attempt=%s outcome=%s reason=%s next=%s: %s",
                claim.delivery_id,
                claim.attempt,
                answer.outcome,
                answer.reason,
                type(move).__name__,
                answer.detail,
            )
        return move

    async def _ask(self, claim: Claim, content: Content) -> Answer:
        messenger = self._messengers[claim.delivery_id.messenger]
        reference = f"d-{claim.delivery_id}-{claim.attempt}"
        try:
            return await messenger.send(claim.recipient.address, content, reference)
        except Exception:
            # Whatever went wrong in an adapter, the request may have left: the one answer that is never a lie.
            log.exception("delivery=%s the adapter failed", claim.delivery_id)
            return Answer(outcome=Outcome.UNKNOWN, reason=Reason.NO_ANSWER)

    async def _halt(self, messenger: Messenger, move: Again) -> None:
        seconds = move.halt or 0.0
        try:
            fresh = await self._moves.halt(messenger, seconds, move.reason.sentence)
        except RedisError as error:
            # The next answer of this kind halts it; what must not be lost is the outcome of this attempt.
            log.warning("%s could not be halted: %s", messenger, error)
            return
        if fresh:
            log.warning(
                "%s waits %s: %s", messenger, f"{seconds:g} s" if seconds else "until resumed", move.reason
            )

    def begin(self, claim: Claim, claimed_at: float) -> asyncio.Task[None]:
        """Starts an attempt that the engine waits for before it ends."""
        task = asyncio.create_task(self.attempt(claim, claimed_at))
        self._sends.add(task)
        task.add_done_callback(self._sends.discard)
        return task

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    @property
    def concurrency(self) -> int:
        return self._concurrency

    async def claim(self, messenger: Messenger, most: int, jobs: Sequence[str] = ()) -> Claimed:
        """Claims what may be sent now: off the queue, or those `jobs` that RQ has handed out."""
        claimed = await self._moves.claim(messenger, most, worker=self._name, jobs=jobs)
        for job in claimed.refused:
            log.error("refused job %s on queue %s: we did not make it", job, messenger)
        await self._learn(claimed.claims)
        return claimed

    async def wait_for_news(self, messenger: Messenger, seconds: float) -> None:
        """Until this process has fed the messenger's queue, or for `seconds`."""
        news = self._news[messenger]
        if not self.stopping:
            news.clear()
        try:
            await asyncio.wait_for(news.wait(), seconds)
        except TimeoutError:
            return


class _Pump:
    """Keeps one messenger's slots full."""

    def __init__(self, engine: Engine, messenger: Messenger) -> None:
        self._engine = engine
        self._messenger = messenger
        self._busy = 0

    async def run(self) -> None:
        while not self._engine.stopping:
            try:
                await self._turn()
            except RedisError as error:
                log.warning("the store does not answer (%s); %s waits", error, self._messenger)
                await asyncio.sleep(STORE_PAUSE_SECONDS)

    async def _turn(self) -> None:
        free = min(MOST_PER_CLAIM, self._engine.concurrency - self._busy)
        if free == 0:
            await asyncio.sleep(TICK_SECONDS)
            return
        asked_at = asyncio.get_running_loop().time()
        claimed = await self._engine.claim(self._messenger, free)
        for claim in claimed.claims:
            self._busy += 1
            self._engine.begin(claim, asked_at).add_done_callback(self._freed)
        if claimed.claims:
            await asyncio.sleep(TICK_SECONDS)
        else:
            wait = IDLE_SECONDS if claimed.wait is None else min(claimed.wait, LONGEST_WAIT_SECONDS)
            await self._engine.wait_for_news(self._messenger, wait)

    def _freed(self, _task: asyncio.Task[None]) -> None:
        self._busy -= 1
