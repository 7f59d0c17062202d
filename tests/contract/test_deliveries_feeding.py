"""Feeding deliveries to RQ, on a real store: number, order, and what is not fed."""

from __future__ import annotations

import asyncio
from collections import Counter

from redis.asyncio import Redis

from core.app import Core
from core.domain.broadcast import Verb
from core.domain.delivery import DeliveryState
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Again, Sent
from core.domain.messengers.traits import Messenger
from tests.support.core import (
    accepted,
    core_at,
    deliver_all,
    feed_and_claim,
    keys,
    people,
    record,
    started,
    states_of,
)

TELEGRAM, WHATSAPP, VIBER = Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER
QUEUE = "rq:queue:viber"


async def queued(store: Redis) -> list[str]:
    """Delivery ids on Viber's queue, in order."""
    return [str(job).removeprefix("d-").rpartition("-")[0] for job in await store.lrange(QUEUE, 0, -1)]


async def test_the_queue_is_filled_up_to_the_window_and_no_further(redis_url: str, store: Redis) -> None:
    async with core_at(redis_url, VIBER_RATE="75") as core:
        await started(core, people(VIBER, 500))
        for taken in (0, 5, 0):
            claims = (await core.deliveries.claim(VIBER, taken, worker="test")).claims if taken else ()
            assert len(claims) == taken
            while await core.deliveries.feed(VIBER):
                pass
            assert await store.llen(QUEUE) == 150


async def test_running_broadcasts_are_fed_in_turn_so_a_small_one_never_waits_behind_a_large_one(
    core: Core, store: Redis
) -> None:
    large, other, small = [await started(core, people(VIBER, count)) for count in (1000, 1000, 10)]
    await core.deliveries.feed(VIBER, quantum=20, most=130)
    order_fed = [delivery.partition("-")[0] for delivery in await queued(store)]
    assert Counter(order_fed[:50]) == {large.id: 20, other.id: 20, small.id: 10}
    assert Counter(order_fed) == {large.id: 60, other.id: 60, small.id: 10}


async def test_deliveries_whose_next_try_is_due_go_before_new_ones(core: Core, store: Redis) -> None:
    first = await started(core, people(VIBER, 2))
    one, two = await feed_and_claim(core, VIBER)
    await record(core, (one, Again(0, Reason.BUSY, True)), (two, Again(3600, Reason.BUSY, True)))
    second = await started(core, people(VIBER, 2))
    await core.deliveries.feed(VIBER)
    assert await queued(store) == [f"{first.id}-v0", f"{second.id}-v0", f"{second.id}-v1"]


async def test_what_has_not_started_is_not_fed(core: Core, store: Redis) -> None:
    await accepted(core, people(VIBER, 3))
    assert await core.deliveries.feed(VIBER) == 0
    assert await queued(store) == []


async def test_each_delivery_is_fed_once_however_many_feed(core: Core, redis_url: str) -> None:
    await started(core, people(VIBER, 1000))
    async with core_at(redis_url) as other:
        made = await asyncio.gather(*(one.deliveries.feed(VIBER, most=90) for one in (core, other) * 10))
    assert sum(made) == 1000
    assert set((await deliver_all(core)).values()) == {1}


async def test_a_paused_broadcast_keeps_everything_and_goes_on_where_it_stood(
    core: Core, store: Redis
) -> None:
    broadcast = await started(core, people(VIBER, 30))
    (retried, *_) = claims = await feed_and_claim(core, VIBER, most=5)
    await record(core, (retried, Again(0, Reason.BUSY, True)), *((c, Sent("id")) for c in claims[1:]))
    await core.ledger.steer(broadcast.id, Verb.PAUSE)
    assert await feed_and_claim(core, VIBER) == []
    assert await core.deliveries.feed(VIBER) == 0
    await core.ledger.steer(broadcast.id, Verb.RESUME)
    assert sum((await deliver_all(core)).values()) == 26
    assert set(await states_of(core, broadcast)) == {DeliveryState.SENT}
    assert await keys(store, "*parked*", "ms:due:*") == []


async def test_pausing_and_resuming_brings_no_later_try_forward(core: Core) -> None:
    broadcast = await started(core, people(VIBER, 1))
    (claim,) = await feed_and_claim(core, VIBER)
    await core.ledger.steer(broadcast.id, Verb.PAUSE)
    await record(core, (claim, Again(3600, Reason.TOO_FAST, False)))
    await core.ledger.steer(broadcast.id, Verb.RESUME)
    assert await feed_and_claim(core, VIBER) == []


async def test_what_waits_of_a_cancelled_broadcast_is_dropped(core: Core, store: Redis) -> None:
    broadcast = await started(core, people(VIBER, 30))
    (claim, *_) = claims = await feed_and_claim(core, VIBER, most=10)
    await record(core, (claim, Again(0, Reason.BUSY, True)), *((c, Sent("id")) for c in claims[1:]))
    await core.ledger.steer(broadcast.id, Verb.CANCEL)
    assert await deliver_all(core) == {}
    assert await keys(store, "rq:job:*", QUEUE, "ms:due:*", "ms:window:*") == []
