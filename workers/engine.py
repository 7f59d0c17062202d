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
from typing import Final

from redis.exceptions import RedisError

from core.domain.messengers import Messenger
from core.domain.retry import RetryPolicy
from core.store.moves import Claim, Claimed, Moves, Recorded
from workers.attempts import Attempts
from workers.contents import Contents
from workers.messengers.port import BlockPort, MessengerPort
from workers.pump import IDLE_SECONDS, TICK_SECONDS, Pump
from workers.recorder import Recorder
from workers.uploads import Uploads

log = logging.getLogger(__name__)

MOST_PER_FEED: Final = 500
# What stands in RQ lasts far longer than this; feeding in many small steps would make the disk wait as often.
FEED_SECONDS: Final = 0.05


class Engine:
    """One process's share of the work. `run` works until `stop` is called, then finishes what is in the air."""

    def __init__(
        self,
        moves: Moves,
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
        self._contents = Contents(moves)
        self._recorders = {messenger: Recorder(moves) for messenger in messengers}
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
                    pump = Pump(self, messenger, self._recorders[messenger], self._news[messenger])
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
        outcomes: Sequence[Recorded] = (),
    ) -> Claimed:
        """Claims what may be sent now: off the queue, or those `jobs` that RQ has handed out.

        Writes `outcomes` in the same step, before.
        """
        claimed = await self._moves.claim(messenger, most, worker=self._name, jobs=jobs, outcomes=outcomes)
        for job in claimed.refused:
            log.error("refused job %s on queue %s: we did not make it", job, messenger)
        return replace(claimed, claims=await self._contents.learn(claimed.claims))
