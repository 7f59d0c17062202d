"""After any sequence of moves, repeated and out of turn ones too, the counters, the rows and the lists agree."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from redis.asyncio import Redis

from core.app import Core, rates_of
from core.domain.broadcast import Broadcast, BroadcastStatus, Index, NewBroadcast, Verb
from core.domain.delivery import OPEN, DeliveryState
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Again, Failed, Move, Sent, Unknown
from core.domain.messengers.traits import Messenger
from core.store.connection import connect
from core.store.deliveries import Claim, DeliveryQueue, RecordedOutcome
from core.store.scripts import Scripts
from tests.support.core import core_at, deliveries_of, in_an_hour, order, people, store_at

T = TypeVar("T")
MESSENGERS = (Messenger.WHATSAPP, Messenger.VIBER)
messengers = st.sampled_from(MESSENGERS)
picks = st.integers(0, 1000)
outcomes = st.sampled_from(
    [
        Sent("id"),
        Failed(Reason.BLOCKED),
        Failed(Reason.GONE),
        Unknown(Reason.NO_ANSWER),
        Again(0, Reason.BUSY, costs_try=True),
        Again(0, Reason.TOO_FAST, costs_try=False),
        Again(3600, Reason.BUSY, costs_try=True),
    ]
)
TROUBLE = {DeliveryState.FAILED, DeliveryState.UNKNOWN}
LISTS = {
    BroadcastStatus.SCHEDULED: {Index.SCHEDULED},
    BroadcastStatus.SENDING: {Index.RUNNING},
    BroadcastStatus.PAUSED: {Index.RUNNING},
    BroadcastStatus.FINISHED: {Index.ENDED},
    BroadcastStatus.CANCELLED: {Index.ENDED, Index.CANCELLED},
}


class LedgerMachine(RuleBasedStateMachine):
    """Users, workers that die, and a carrier that loses jobs, in any order."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.core: Core
        self.store: Redis
        self.hasty: DeliveryQueue
        self.accepted: dict[str, int] = {}
        self.people = 0
        self.held: list[Claim] = []
        self.past: list[Claim] = []
        self.attempts: set[tuple[str, int]] = set()
        self.run(self.open())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    async def open(self) -> None:
        self.store = await self.stack.enter_async_context(store_at(self.url))
        await self.store.flushall()
        self.core = await self.stack.enter_async_context(core_at(self.url))
        client = await self.stack.enter_async_context(connect(self.url))
        rates = rates_of(self.core.settings)
        self.hasty = DeliveryQueue(client, Scripts(client), rates, lease_seconds=0)

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.runner.close()

    # -- users

    @rule(viber=st.integers(1, 3), whatsapp=st.integers(0, 3), start=st.booleans())
    def accept(self, viber: int, whatsapp: int, start: bool) -> None:
        self.people += 3
        chosen = [*people(Messenger.VIBER, viber, self.people)]
        chosen += people(Messenger.WHATSAPP, whatsapp, self.people)
        self.run(self._accept(order(chosen, send_at=in_an_hour()), start))

    async def _accept(self, new: NewBroadcast, start: bool) -> None:
        broadcast = await self.core.ledger.accept(f"N{self.people:04}", new)
        self.accepted[broadcast.id] = len(new.recipients)
        if start:
            await self._start(broadcast.id)

    async def _start(self, broadcast_id: str) -> None:
        await self.core.ledger.steer(broadcast_id, Verb.RESCHEDULE, await self.core.ledger.now())
        await self.core.ledger.start(broadcast_id)

    def broadcast(self, pick: int) -> str:
        ids = sorted(self.accepted)
        return ids[pick % len(ids)] if ids else "NONE"

    @rule(pick=picks, verb=st.sampled_from(Verb))
    def steer(self, pick: int, verb: Verb) -> None:
        self.run(self.core.ledger.steer(self.broadcast(pick), verb, in_an_hour()))

    @rule(pick=picks)
    def start(self, pick: int) -> None:
        self.run(self._start(self.broadcast(pick)))

    @rule(pick=picks)
    def delete(self, pick: int) -> None:
        chosen = self.broadcast(pick)
        if self.run(self.core.ledger.delete(chosen)):
            del self.accepted[chosen]
            self.run(self.core.ledger.empty_trash())

    # -- workers

    @rule(messenger=messengers, quantum=st.integers(1, 3), most=st.integers(1, 8))
    def feed(self, messenger: Messenger, quantum: int, most: int) -> None:
        self.run(self.core.deliveries.feed(messenger, quantum=quantum, most=most))

    @rule(messenger=messengers, most=st.integers(1, 6), dying=st.booleans())
    def claim(self, messenger: Messenger, most: int, dying: bool) -> None:
        moves = self.hasty if dying else self.core.deliveries
        claims = self.run(moves.claim(messenger, most, worker="test")).claims
        for claim in claims:
            attempt = (str(claim.delivery_id), claim.attempt)
            assert attempt not in self.attempts, "claimed twice"
            self.attempts.add(attempt)
        self.held += claims

    @rule(pick=picks, outcome=outcomes)
    def record(self, pick: int, outcome: Move) -> None:
        if self.held:
            claim = self.held.pop(pick % len(self.held))
            self.run(self.core.deliveries.record([RecordedOutcome(claim, outcome)]))
            self.past.append(claim)

    @rule(pick=picks, outcome=outcomes)
    def record_again(self, pick: int, outcome: Move) -> None:
        if self.past:
            claim = self.past[pick % len(self.past)]
            self.run(self.core.deliveries.record([RecordedOutcome(claim, outcome)]))

    @rule()
    def reap(self) -> None:
        self.run(self.core.deliveries.reap())

    # -- the carrier

    @rule(messenger=messengers)
    def lose_all_jobs(self, messenger: Messenger) -> None:
        self.run(self._lose_all_jobs(messenger))

    async def _lose_all_jobs(self, messenger: Messenger) -> None:
        window = f"ms:window:{messenger.traits.code}"
        waiting = [str(job) for job in await self.store.zrange(window, 0, -1)]
        await self.store.delete(f"rq:queue:{messenger}", *(f"rq:job:{job}" for job in waiting))
        if waiting:
            await self.store.zadd(window, dict.fromkeys(waiting, 1))
        await self.core.deliveries.refeed(messenger)

    @rule(pick=picks)
    def repeat_a_job(self, pick: int) -> None:
        if self.past:
            claim = self.past[pick % len(self.past)]
            self.run(self._push(f"rq:queue:{claim.delivery_id.messenger}", claim.job_id))

    async def _push(self, queue: str, job: str) -> None:
        await self.store.rpush(queue, job)

    # -- what always holds

    @invariant()
    def everything_agrees(self) -> None:
        self.run(self._everything_agrees())

    async def _everything_agrees(self) -> None:
        for broadcast_id, count in self.accepted.items():
            broadcast = await self.core.ledger.get(broadcast_id)
            assert broadcast is not None
            await self._agrees(broadcast, count)

    async def _agrees(self, broadcast: Broadcast, accepted: int) -> None:
        rows = await deliveries_of(self.core, broadcast)
        shown = Counter((row.id.messenger, row.state) for row in rows)
        counted = {
            (messenger, state): count
            for messenger, counts in broadcast.progress.counts.items()
            for state, count in counts.items()
        }
        assert len(rows) == broadcast.progress.total == accepted
        assert shown == counted
        troubles, total = await self.core.ledger.troubles(broadcast, 0, accepted)
        in_trouble = {row.id for row in rows if row.state in TROUBLE}
        assert len(troubles) == total == len(in_trouble)
        assert {row.id for row in troubles} == in_trouble
        reasons = Counter((row.id.messenger, row.reason) for row in rows if row.state in TROUBLE)
        assert reasons == {
            (messenger, reason): count
            for messenger, found in broadcast.progress.reasons.items()
            for reason, count in found.items()
        }
        await self._stands_right(broadcast, any(row.state in OPEN for row in rows), bool(in_trouble))

    async def _stands_right(self, broadcast: Broadcast, is_open: bool, in_trouble: bool) -> None:
        status = broadcast.status
        if status in (BroadcastStatus.SENDING, BroadcastStatus.PAUSED):
            assert is_open
        if status is BroadcastStatus.FINISHED:
            assert not is_open
        wanted = set(LISTS[status])
        if Index.ENDED in wanted and in_trouble:
            wanted.add(Index.FAILURES)
        assert {index for index in Index if broadcast.id in await self.core.ledger.ids(index)} == wanted

    # -- and in the end

    @rule()
    def everybody_ends_somewhere(self) -> None:
        self.run(self._drain())

    async def _drain(self) -> None:
        for broadcast_id in self.accepted:
            await self.core.ledger.steer(broadcast_id, Verb.RESUME)
        for messenger in MESSENGERS:
            await self._lose_all_jobs(messenger)
            while await self.core.deliveries.feed(messenger) or await self.store.llen(
                f"rq:queue:{messenger}"
            ):
                claims = (await self.core.deliveries.claim(messenger, 50, worker="test")).claims
                self.held += claims
                self.attempts |= {(str(claim.delivery_id), claim.attempt) for claim in claims}
        await self.core.deliveries.record([RecordedOutcome(claim, Sent("end")) for claim in self.held])
        self.past += self.held
        self.held = []
        await self.core.deliveries.reap()
        for broadcast_id in self.accepted:
            found = await self.core.ledger.get(broadcast_id)
            assert found is not None
            await self._ended(found)

    async def _ended(self, broadcast: Broadcast) -> None:
        if broadcast.status is BroadcastStatus.SCHEDULED:
            return
        waiting = {str(row.id) for row in await deliveries_of(self.core, broadcast) if row.state in OPEN}
        later = {
            str(name)
            for m in MESSENGERS
            for name in await self.store.zrange(f"ms:due:{m.traits.code}", 0, -1)
        }
        assert waiting <= later, "forgotten"


def test_whatever_happens_counters_rows_and_lists_agree_and_nobody_is_claimed_twice_or_forgotten(
    redis_url: str,
) -> None:
    machine = type("Machine", (LedgerMachine,), {"url": redis_url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=40,
            deadline=None,
            database=None,
            # Shrinking a failure takes minutes here; add Phase.shrink to see a shorter one.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
