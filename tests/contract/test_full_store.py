"""A store that is full takes nothing new, says so, and keeps all that it took on: outcomes are written, stops work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.audit import Actor
from core.domain.broadcast import Index
from core.domain.delivery import DeliveryState
from core.domain.errors import StoreFull
from core.domain.messengers.events import Unreadable
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed, Move, Sent, Unknown
from core.domain.messengers.traits import Messenger
from core.services.purge import PurgeKind
from tests.support.api_server import running_api
from tests.support.core import (
    accept,
    core_at,
    deliver_all,
    feed_and_claim,
    keys,
    order,
    people,
    record,
    reloaded,
    started,
)

VIBER = Messenger.VIBER


@asynccontextmanager
async def full(store: Redis, room: int = 1) -> AsyncIterator[None]:
    """With room for so many bytes in all."""
    before = int((await store.info("memory"))["maxmemory"])
    await store.config_set("maxmemory", room)
    try:
        yield
    finally:
        await store.config_set("maxmemory", before)


async def test_an_order_is_refused_whole_and_accepted_when_there_is_room_again(
    core: Core, store: Redis
) -> None:
    new = order(people(VIBER, 250))
    reserved = await core.ledger.reserve_id()
    async with full(store):
        with pytest.raises(StoreFull, match="The store is full, so nothing was accepted"):
            await accept(core, new, broadcast_id=reserved)
    assert await keys(store, "ms:a:*", "ms:b:*", "ms:staging", "ms:i:*") == []
    broadcast = await accept(core, new, broadcast_id=reserved)
    await core.ledger.start(broadcast.id)
    assert sum((await deliver_all(core)).values()) == 250


async def test_an_order_that_fills_the_store_half_way_leaves_nothing_behind(core: Core, store: Redis) -> None:
    reserved, used = await core.ledger.reserve_id(), (await core.health.memory())[0]
    async with full(store, used + 300_000):
        with pytest.raises(StoreFull):
            await core.ledger.accept(reserved, order(people(VIBER, 60_000)))
    assert await keys(store, "ms:a:*", "ms:b:*", "ms:staging", "ms:unstaged") == []


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "a-key"}], ids=["without a key", "with a key"])
async def test_a_program_is_told_in_a_sentence(redis_url: str, store: Redis, headers: dict[str, str]) -> None:
    data = b'{"body": "Hello", "recipients": [{"uuid": "2", "service": "telegram"}]}'
    headers = {**headers, "Content-Type": "application/json"}
    async with running_api(redis_url) as api:
        async with full(store):
            reply = await api.call("POST", "/send_message", data=data, headers=headers)
            assert reply.status == 507
            assert reply.error.startswith("The store is full, so nothing was accepted.")
        assert (await api.call("POST", "/send_message", data=data, headers=headers)).status == 200


async def test_what_is_in_the_air_when_it_fills_up_keeps_its_outcome(core: Core, store: Redis) -> None:
    broadcast = await started(core, people(VIBER, 3))
    claims = await feed_and_claim(core, VIBER)
    moves: tuple[Move, ...] = (Sent("id"), Failed(Reason.BLOCKED), Unknown(Reason.NO_ANSWER))
    async with full(store), asyncio.timeout(15):
        assert await record(core, *zip(claims, moves, strict=True)) == 3
        assert await core.deliveries.reap() == 0
    after = await reloaded(core, broadcast)
    assert after.status == "finished"
    assert after.progress.counts == {
        VIBER: {DeliveryState.SENT: 1, DeliveryState.FAILED: 1, DeliveryState.UNKNOWN: 1}
    }


async def test_what_was_accepted_before_is_still_sent(core: Core, store: Redis) -> None:
    broadcast = await started(core, people(VIBER, 120))
    async with full(store):
        assert sum((await deliver_all(core)).values()) == 120
    assert (await reloaded(core, broadcast)).progress.reached == 120


async def test_a_program_that_starts_while_it_is_full_starts(
    redis_url: str, core: Core, store: Redis
) -> None:
    await started(core, people(VIBER, 1))
    async with full(store), core_at(redis_url) as fresh:
        await fresh.heartbeat.beat("worker")
        assert len(await fresh.ledger.ids(Index.RUNNING)) == 1


async def test_stopping_cancelling_and_clearing_away_work(core: Core, store: Redis) -> None:
    done, going = await started(core, people(VIBER, 1)), await started(core, people(VIBER, 2))
    await core.broadcasts.pause(going.id)
    await deliver_all(core)
    async with full(store):
        assert (await core.panic.stop(Actor("telegram:100", "Ann"))).fresh
        assert (await core.broadcasts.resume(going.id)).status == "sending"
        assert (await core.broadcasts.pause(going.id)).status == "paused"
        assert (await core.broadcasts.cancel(going.id)).status == "cancelled"
        assert await core.purge.carry_out(PurgeKind.FINISHED, expected=2) == 2
        await core.ledger.empty_trash()
    assert await core.ledger.get(done.id) is None
    assert await keys(store, "ms:a:*", "ms:s:*") == []


async def test_what_cannot_be_read_does_not_stand_in_the_way_of_receipts(core: Core, store: Redis) -> None:
    async with full(store):
        await core.receipt_inbox.apply(VIBER, [Unreadable("no json")])
    assert (await core.health.receipts(VIBER)).malformed == 1


async def test_recipients_of_an_order_that_was_cut_off_make_room(core: Core, store: Redis) -> None:
    await store.zadd("ms:staging", {"abcdef": 1})
    await store.hset("ms:a:abcdef:v:0", "0", "somebody")
    async with full(store):
        await core.ledger.empty_trash()
    assert await keys(store, "ms:a:*", "ms:staging", "ms:unstaged") == []
