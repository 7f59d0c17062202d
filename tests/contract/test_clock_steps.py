"""The store's clock steps back: what was counted by the later time must not hold up what is to be sent now."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.messengers import Messenger
from core.ports import Index
from tests.core_on_store import again, deliver_all, in_an_hour, order, people, started

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
    assert (await again(core, broadcast)).progress.got_it == 3


async def test_a_person_written_to_in_the_future_can_be_written_to(core: Core, store: Redis) -> None:
    broadcast = await started(core, people(Messenger.TELEGRAM, 2))
    later = await ahead(store) * 1000
    await store.zadd("ms:pace:t", {one.address: later for one in people(Messenger.TELEGRAM, 2)})
    await deliver_all(core)
    assert (await again(core, broadcast)).progress.got_it == 2


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
