"""The store's clock steps back: what was counted by the later time must not hold up what is to be sent now."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.broadcast import Index
from core.domain.messengers.traits import Messenger
from core.store.deliveries import LEASE_SECONDS
from tests.support.core import deliver_all, feed_and_claim, in_an_hour, order, people, reloaded, started

HOUR = 3600


async def ahead(store: Redis) -> int:
    """In an hour, as the store will have it; in seconds."""
    return int((await store.time())[0]) + HOUR


@pytest.mark.parametrize("messenger", [Messenger.TELEGRAM, Messenger.VIBER])
async def test_a_rate_used_up_in_the_future_counts_as_free(
    core: Core, store: Redis, messenger: Messenger
) -> None:
    broadcast = await started(core, people(messenger, 3))
    await store.set(f"ms:rate:{messenger.traits.code}", await ahead(store) * 1_000_000)
    await deliver_all(core)
    assert (await reloaded(core, broadcast)).progress.reached == 3


async def test_a_person_written_to_in_the_future_can_be_written_to(core: Core, store: Redis) -> None:
    broadcast = await started(core, people(Messenger.TELEGRAM, 2))
    later = await ahead(store) * 1000
    await store.zadd("ms:pace:t", {one.address: later for one in people(Messenger.TELEGRAM, 2)})
    await deliver_all(core)
    assert (await reloaded(core, broadcast)).progress.reached == 2


async def test_an_order_for_now_is_due_by_the_clock_of_the_store_and_one_for_later_is_not(
    core: Core, store: Redis
) -> None:
    now = await core.ledger.accept(await core.ledger.reserve_id(), order(people(Messenger.VIBER, 1)))
    later = await core.ledger.accept(
        await core.ledger.reserve_id(), order(people(Messenger.VIBER, 1), send_at=in_an_hour())
    )
    seconds = int((await store.time())[0])
    at_now, at_later = await store.zmscore(f"ms:i:{Index.SCHEDULED}", [now.id, later.id])
    assert abs(float(at_now or 0) / 1000 - seconds) < 5
    assert float(at_later or 0) / 1000 > seconds + HOUR - 5
    assert await core.ledger.start(later.id) == "scheduled"
    assert await core.ledger.start(now.id) == "sending"


async def test_a_halt_that_would_last_longer_than_it_was_made_for_is_over(core: Core, store: Redis) -> None:
    broadcast = await started(core, people(Messenger.VIBER, 1))
    assert await core.deliveries.halt(Messenger.VIBER, 60, "too fast")
    assert not (await core.deliveries.claim(Messenger.VIBER, 1, worker="test")).claims
    later = await ahead(store) * 1000
    await store.hset("ms:halt:v", "until", later)
    await store.pexpireat("ms:halt:v", later)
    await deliver_all(core)
    assert (await reloaded(core, broadcast)).progress.reached == 1
    assert await core.health.halt(Messenger.VIBER) is None


async def test_a_new_halt_is_not_kept_out_by_one_of_the_future(core: Core, store: Redis) -> None:
    await core.deliveries.halt(Messenger.VIBER, 5, "too fast")
    await store.hset("ms:halt:v", "until", await ahead(store) * 1000)
    assert await core.deliveries.halt(Messenger.VIBER, 60, "too fast")
    assert not await core.deliveries.halt(Messenger.VIBER, 10, "too fast")


async def test_who_was_cut_off_before_the_step_is_known_to_be_so_when_a_lease_is_over(
    core: Core, store: Redis
) -> None:
    await started(core, people(Messenger.VIBER, 1))
    await feed_and_claim(core, Messenger.VIBER)
    (claim,) = map(str, await store.zrange("ms:sending", 0, -1))
    later = await ahead(store) * 1000
    await store.zadd("ms:sending", {claim: later})
    assert await core.deliveries.reap() == 0
    until = await store.zscore("ms:sending", claim)
    assert until is not None
    assert float(until) <= later - (HOUR - LEASE_SECONDS - 5) * 1000
