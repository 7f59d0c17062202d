"""An unforeseen error in one place of a worker ends nothing else."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from time import monotonic
from typing import Any

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.amendment import AmendmentStatus, MessageIds
from core.domain.content.content import Content
from core.domain.delivery import DeliveryState
from core.domain.messengers.outcome import Answer, Outcome, Reason
from core.domain.messengers.traits import Messenger
from core.store.deliveries import ClaimBatch, DeliveryQueue
from tests.support.core import deliver_all, deliveries_of, people, reloaded, started, until
from workers.amendments import AmendmentWorker
from workers.attempts import LATEST_START_SECONDS
from workers.engine import Engine
from workers.jobs import retry_policy
from workers.messengers.port import MessengerPort

TELEGRAM, VIBER = Messenger.TELEGRAM, Messenger.VIBER
_DONE = Answer(outcome=Outcome.SENT, message_id="7")


class Willing:
    """Says yes to everything."""

    async def send(self, address: str, content: Content, reference: str) -> Answer:
        return _DONE

    async def check(self) -> str | None:
        return None

    async def delete(self, address: str, ids: MessageIds) -> Answer:
        return _DONE

    async def edit(self, address: str, ids: MessageIds, content: Content) -> Answer:
        return _DONE


class Miscounting(Willing):
    """Has one answer for many."""

    async def send_many(
        self, addresses: Sequence[str], content: Content, reference: str
    ) -> Sequence[Answer] | None:
        return [_DONE]


class Stumbling:
    """The deliveries, but for the first feeding."""

    def __init__(self, moves: DeliveryQueue) -> None:
        self._moves = moves
        self.stumbled = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._moves, name)

    async def feed(self, messenger: Messenger, **how: int) -> int:
        if not self.stumbled:
            self.stumbled = True
            raise ValueError("nobody foresaw this")
        return await self._moves.feed(messenger, **how)


class Delayed:
    """The deliveries, but the first claims are as old as those whose answer was lost for long."""

    def __init__(self, deliveries: DeliveryQueue) -> None:
        self._deliveries = deliveries
        self.delayed = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._deliveries, name)

    async def claim(self, messenger: Messenger, most: int, **how: Any) -> ClaimBatch:  # noqa: ANN401 - as it is
        batch = await self._deliveries.claim(messenger, most, **how)
        if self.delayed:
            return batch
        self.delayed = len(batch.claims)
        old = monotonic() - LATEST_START_SECONDS - 1
        return replace(batch, claims=tuple(replace(claim, claimed_at=old) for claim in batch.claims))


class Counting(Willing):
    """Counts its sends by recipient."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()

    async def send(self, address: str, content: Content, reference: str) -> Answer:
        self.sent[address] += 1
        return _DONE


@asynccontextmanager
async def engine_with(core: Core, port: MessengerPort) -> AsyncIterator[None]:
    engine = Engine(core, {VIBER: port}, retry_policy(core.settings), name="test", concurrency=20)
    running = asyncio.create_task(engine.run())
    try:
        yield
    finally:
        engine.stop()
        await running


async def test_a_block_with_too_few_answers_is_unknown_at_once_and_keeps_no_slots(core: Core) -> None:
    broadcast = await started(core, people(VIBER, 50))

    async def ended() -> bool:
        return (await reloaded(core, broadcast)).progress.of(DeliveryState.UNKNOWN) == 50

    async with engine_with(core, Miscounting()):
        await until(ended, deadline=10)


async def test_a_feeder_that_stumbles_goes_on(core: Core) -> None:
    moves = Stumbling(core.deliveries)
    broadcast = await started(core, people(VIBER, 3))

    async def ended() -> bool:
        return (await reloaded(core, broadcast)).progress.reached == 3

    core.deliveries = moves  # type: ignore[assignment]  # the moves in all but one
    async with engine_with(core, Willing()):
        await until(ended)
    assert moves.stumbled


async def test_what_cannot_be_read_ends_as_unknown_and_the_rest_is_sent(core: Core, store: Redis) -> None:
    broadcast, illegible = await started(core, people(VIBER, 30)), await started(core, people(VIBER, 3, 100))
    list_id = str(await store.hget(f"ms:b:{broadcast.id}", "list"))
    await store.hset(f"ms:a:{list_id}:v:0", mapping={"3": "1003\x1f\x1fscribble", "4": b"\xff\x1f\x1f[\xfe"})
    await store.hset(f"ms:s:{broadcast.id}:v:0", "5", b"\xff|nonsense")
    await store.hset(f"ms:b:{illegible.id}", "content", "{")
    await store.rpush(
        "rq:queue:viber",
        b"\xff\xfe",
        "",
        "d-",
        "x" * 10_000,
        f"d-{broadcast.id}-v{10**40}-0",
        f"d-{broadcast.id}-v1-{10**40}",
    )

    async def ended() -> bool:
        both = [await reloaded(core, one) for one in (broadcast, illegible)]
        return not any(one.progress.open for one in both)

    port = Counting()
    async with engine_with(core, port):
        await until(ended)
    assert [port.sent[one.address] for one in people(VIBER, 30)] == [
        0 if i in (3, 4, 5) else 1 for i in range(30)
    ]
    assert sum(port.sent.values()) == 27
    for one, count in ((broadcast, 3), (illegible, 3)):
        assert (await reloaded(core, one)).progress.reasons == {VIBER: {Reason.UNREADABLE: count}}
        states = Counter((each.state, each.reason) for each in await deliveries_of(core, one))
        assert states[DeliveryState.UNKNOWN, Reason.UNREADABLE] == count


async def test_claims_too_old_to_end_within_their_lease_are_given_back_and_sent_with_the_next(
    core: Core,
) -> None:
    deliveries, port, recipients = Delayed(core.deliveries), Counting(), people(VIBER, 30)
    broadcast = await started(core, recipients)

    async def ended() -> bool:
        return (await reloaded(core, broadcast)).progress.reached == 30

    core.deliveries = deliveries  # type: ignore[assignment]  # the deliveries in all but one
    async with engine_with(core, port):
        await until(ended)
    attempts = Counter(delivery.attempts for delivery in await deliveries_of(core, broadcast))
    assert attempts == {2: deliveries.delayed, 1: 30 - deliveries.delayed}
    assert deliveries.delayed > 0
    assert port.sent == {recipient.address: 1 for recipient in recipients}


async def test_a_status_that_cannot_be_read_does_not_end_all_changing_on_phones(
    core: Core, store: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = await started(core, people(TELEGRAM, 1)), await started(core, people(TELEGRAM, 1, 50))
    await deliver_all(core)
    for one in (broken, sound):
        await core.amendments.delete(await reloaded(core, one), by="Ann")
    await store.hset(f"ms:b:{broken.id}", "status", "scribble")

    async def ended() -> bool:
        latest = await core.amendments.latest(sound.id)
        tried = "a part of an amendment on telegram failed" in caplog.text
        return tried and latest is not None and latest.status is AmendmentStatus.DONE

    amender = AmendmentWorker(
        core.amendment_store, core.deliveries, {TELEGRAM: Willing()}, retry_policy(core.settings), core.bell
    )
    running = asyncio.create_task(amender.run())
    await until(ended)
    assert not running.done()
    running.cancel()
    await asyncio.wait([running])
