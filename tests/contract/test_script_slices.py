"""Work that grows with the audience is done in slices, so that no script of the store takes long."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from redis.asyncio import Redis

from core.app import Core
from core.domain.broadcast import Broadcast, Verb
from core.domain.delivery import DeliveryState
from core.domain.messengers.events import Receipt
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Again, Sent, Unknown
from core.domain.messengers.traits import Messenger
from tests.support.core import (
    commands,
    deliver_all,
    feed_and_claim,
    people,
    record,
    reloaded,
    started,
    states_of,
)

VIBER = Messenger.VIBER
MANY = 1200
A_SLICE = 500


async def parked(core: Core, store: Redis) -> Broadcast:
    """Paused while all wait for another try."""
    broadcast = await started(core, people(VIBER, MANY))
    while claims := await feed_and_claim(core, VIBER):
        await record(core, *((claim, Again(3600, Reason.BUSY, True)) for claim in claims))
    await store.zadd("ms:due:v", dict.fromkeys(map(str, await store.zrange("ms:due:v", 0, -1)), 1))
    await core.ledger.steer(broadcast.id, Verb.PAUSE)
    while await store.zcard("ms:due:v"):
        await core.deliveries.feed(VIBER)
    assert await _parked(store, broadcast) == MANY
    return broadcast


async def _parked(store: Redis, broadcast: Broadcast) -> int:
    return await store.scard(f"ms:b:{broadcast.id}:parked:v")


async def test_many_that_wait_are_sent_slice_by_slice_after_a_pause(core: Core, store: Redis) -> None:
    broadcast = await parked(core, store)
    await core.ledger.steer(broadcast.id, Verb.RESUME)
    assert await _parked(store, broadcast) == MANY
    assert await core.deliveries.next_feed(VIBER) == 0
    await core.deliveries.feed(VIBER)
    assert await _parked(store, broadcast) == MANY - A_SLICE
    # Paused in between: the rest waits for the next time.
    await core.ledger.steer(broadcast.id, Verb.PAUSE)
    assert await feed_and_claim(core, VIBER) == []
    assert await _parked(store, broadcast) >= MANY - A_SLICE
    await core.ledger.steer(broadcast.id, Verb.RESUME)
    assert sum((await deliver_all(core)).values()) == MANY
    assert set(await states_of(core, broadcast)) == {DeliveryState.SENT}
    assert not await store.exists("ms:unparking:v")


async def test_a_broadcast_that_is_cancelled_while_it_is_resumed_leaves_nothing_behind(
    core: Core, store: Redis
) -> None:
    broadcast = await parked(core, store)
    await core.ledger.steer(broadcast.id, Verb.RESUME)
    await core.ledger.steer(broadcast.id, Verb.CANCEL)
    assert await deliver_all(core) == {}
    assert not await store.exists("ms:unparking:v", f"ms:b:{broadcast.id}:parked:v")


async def unknown_ones(core: Core, count: int) -> Broadcast:
    broadcast = await started(core, people(VIBER, count))
    await deliver_all(core, {one.address: Unknown(Reason.CUT_OFF) for one in people(VIBER, count)})
    return broadcast


def delivered(broadcast: Broadcast, index: int) -> Receipt:
    name = f"d-{broadcast.id}-v{index}-0"
    return Receipt(reference=name, message_id="m", state=DeliveryState.DELIVERED, at=datetime.now(UTC))


async def test_receipts_for_many_unknown_ones_look_through_no_list(core: Core, store: Redis) -> None:
    broadcast = await unknown_ones(core, 40)
    await store.config_resetstat()
    await core.receipt_inbox.apply(VIBER, [delivered(broadcast, index) for index in range(10, 40)])
    called = await commands(store)
    assert called["zrem"] == 30
    found, total = await core.ledger.troubles(await reloaded(core, broadcast), 0, 40)
    assert ([one.id.index for one in found], total) == (list(range(10)), 10)
    assert await core.ledger.resend(broadcast.id, before=0) == 10


async def test_failures_that_an_older_version_listed_are_shown_resolved_and_sent_again(
    core: Core, store: Redis
) -> None:
    broadcast = await unknown_ones(core, MANY)
    key = f"ms:b:{broadcast.id}:troubled"
    old = cast("list[str]", await store.zrange(key, 0, 1099))
    await store.rpush(key.removesuffix("d"), *old)
    await store.zrem(key, *old)
    pages = [
        (await core.ledger.troubles(await reloaded(core, broadcast), start, 400))[0]
        for start in (0, 400, 800)
    ]
    assert [one.id.index for page in pages for one in page] == list(range(MANY))
    await core.receipt_inbox.apply(VIBER, [delivered(broadcast, index) for index in (0, 1150)])
    assert (await core.ledger.troubles(await reloaded(core, broadcast), 0, 1))[1] == MANY - 2
    assert await core.ledger.resend(broadcast.id, before=0) == MANY - 2
    sent = await deliver_all(core, {one.address: Sent("again") for one in people(VIBER, MANY)})
    assert sum(sent.values()) == MANY - 2
    assert (await core.ledger.troubles(await reloaded(core, broadcast), 0, 1)) == ([], 0)
    assert not await store.exists(key, key.removesuffix("d"))
