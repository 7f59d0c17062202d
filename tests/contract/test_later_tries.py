"""People who cannot be reached for now are tried again for a few days, where the broadcast says so, and never twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis

from core.app import Core, rates_of
from core.domain.broadcast import Broadcast, BroadcastStatus, Verb
from core.domain.delivery import DeliveryState
from core.domain.messengers.events import Receipt
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed, Sent
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.store.deliveries import Claim, DeliveryQueue
from core.store.scripts import Scripts
from core.store.times import to_ms
from tests.support.core import (
    accept,
    change,
    deliver_all,
    deliveries_of,
    due,
    feed_and_claim,
    in_an_hour,
    order,
    people,
    record,
    reloaded,
    states_of,
)
from tests.support.receipts import receipt

WHATSAPP = Messenger.WHATSAPP
DAY = 86_400
QUEUED, FAILED, SENT = DeliveryState.QUEUED, DeliveryState.FAILED, DeliveryState.SENT
DELIVERED = DeliveryState.DELIVERED
LATER = (Reason.CAPPED, Reason.UNDELIVERABLE, Reason.EXPERIMENT)
LUA = (Path(__file__).parents[2] / "core/store/lua/lib.lua").read_text()


async def sent_to(core: Core, *recipients: Recipient, days: int = 3) -> Broadcast:
    broadcast = await accept(core, replace(order(recipients), try_again_days=days))
    await core.ledger.start(broadcast.id)
    return await reloaded(core, broadcast)


async def refused(
    core: Core, days: int = 3, reason: Reason = Reason.CAPPED, *, person: int = 0
) -> tuple[Broadcast, Claim]:
    """A broadcast to one person, who was refused once."""
    broadcast = await sent_to(core, *people(WHATSAPP, 1, person), days=days)
    (claim,) = await feed_and_claim(core, WHATSAPP)
    await record(core, (claim, Failed(reason)))
    return await reloaded(core, broadcast), claim


def failed(claim: Claim, reason: Reason = Reason.CAPPED) -> Receipt:
    return replace(receipt(FAILED, claim), reason=reason)


async def day_passes(store: Redis, broadcast: Broadcast) -> None:
    """What is due tomorrow is due now, and the broadcast started a day earlier."""
    for name in await store.zrange("ms:due:w", 0, -1):
        await store.zincrby("ms:due:w", -1000 * DAY, str(name))
    await store.zremrangebyrank("ms:pace:w", 0, -1)
    started = int(await store.hget(f"ms:b:{broadcast.id}", "started_at") or 0)
    await store.hset(f"ms:b:{broadcast.id}", "started_at", str(started - 1000 * DAY))


def test_the_store_waits_as_long_as_each_reason_says() -> None:
    for reason in Reason:
        seconds = round(reason.earliest_retry.total_seconds())
        assert (f"{reason} = {seconds * 1000}" in LUA) is bool(seconds), reason
    assert {reason for reason in Reason if reason.earliest_retry} == set(LATER)


@pytest.mark.parametrize("reason", [Reason.CAPPED, Reason.UNDELIVERABLE])
async def test_who_is_refused_for_now_waits_and_is_tried_again(
    core: Core, store: Redis, reason: Reason
) -> None:
    broadcast, _ = await refused(core, reason=reason)
    assert broadcast.status is BroadcastStatus.SENDING
    assert broadcast.again_waits == {WHATSAPP: {reason: 1}}
    assert broadcast.waits_for_later_tries
    (wait,) = (await due(store, WHATSAPP)).values()
    assert DAY - 60 < wait <= DAY
    assert await deliver_all(core) == {}
    await day_passes(store, broadcast)
    assert sum((await deliver_all(core)).values()) == 1
    ended = await reloaded(core, broadcast)
    assert (ended.status, ended.tried_again) == (BroadcastStatus.FINISHED, 0)
    assert ended.progress.counts[WHATSAPP][SENT] == 1
    assert (await deliveries_of(core, ended))[0].attempts == 2


async def test_it_ends_with_the_days_and_with_the_reason(core: Core, store: Redis) -> None:
    broadcast, _ = await refused(core)
    for _ in range(2):
        await day_passes(store, broadcast)
        (claim,) = await feed_and_claim(core, WHATSAPP)
        await record(core, (claim, Failed(Reason.CAPPED)))
    # The second refusal after two days is due after three, and that is too late by a moment.
    ended = await reloaded(core, broadcast)
    assert ended.status is BroadcastStatus.FINISHED
    assert ended.progress.reasons == {WHATSAPP: {Reason.CAPPED: 1}}
    assert (await deliveries_of(core, ended))[0].attempts == 3


async def test_what_waited_too_long_while_nothing_ran_is_not_sent_after_the_days(
    core: Core, store: Redis
) -> None:
    broadcast, _ = await refused(core, reason=Reason.UNDELIVERABLE)
    for _ in range(4):
        await day_passes(store, broadcast)
    assert await deliver_all(core) == {}
    ended = await reloaded(core, broadcast)
    assert ended.progress.reasons == {WHATSAPP: {Reason.UNDELIVERABLE: 1}}
    assert ended.status is BroadcastStatus.FINISHED


@pytest.mark.parametrize(("days", "state"), [(0, FAILED), (3, FAILED), (8, QUEUED)])
async def test_a_test_group_takes_more_than_a_week(core: Core, days: int, state: DeliveryState) -> None:
    broadcast, _ = await refused(core, days, Reason.EXPERIMENT)
    assert await states_of(core, broadcast) == [state]


async def test_without_the_days_and_for_other_reasons_a_refusal_is_final(core: Core) -> None:
    broadcast, _ = await refused(core, days=0)
    other, _ = await refused(core, reason=Reason.BLOCKED, person=1)
    for one in (broadcast, other):
        assert (one.status, one.tried_again) == (BroadcastStatus.FINISHED, 0)


async def test_a_refusal_that_comes_as_a_receipt_reopens_what_had_finished(core: Core, store: Redis) -> None:
    broadcast = await sent_to(core, *people(WHATSAPP, 2))
    first, second = await feed_and_claim(core, WHATSAPP)
    await record(core, (first, Sent("wamid.1")), (second, Sent("wamid.2")))
    assert (await reloaded(core, broadcast)).status is BroadcastStatus.FINISHED
    late = [failed(first), receipt(SENT, first), failed(first), receipt(DELIVERED, second)]
    await core.receipt_inbox.apply(WHATSAPP, late)
    await core.receipt_inbox.apply(WHATSAPP, late)
    current = await reloaded(core, broadcast)
    assert current.status is BroadcastStatus.SENDING
    assert await states_of(core, broadcast) == [QUEUED, DELIVERED]
    await day_passes(store, broadcast)
    assert sum((await deliver_all(core)).values()) == 1
    assert (await reloaded(core, broadcast)).status is BroadcastStatus.FINISHED


async def test_a_receipt_before_our_own_answer_waits_too(core: Core, store: Redis) -> None:
    broadcast = await sent_to(core, *people(WHATSAPP, 1))
    (claim,) = await feed_and_claim(core, WHATSAPP)
    await core.receipt_inbox.apply(WHATSAPP, [failed(claim)])
    await record(core, (claim, Sent("wamid.1")))
    assert await states_of(core, broadcast) == [QUEUED]
    assert await store.zcard("ms:sending") == 0
    await day_passes(store, broadcast)
    assert sum((await deliver_all(core)).values()) == 1


async def test_proof_that_it_arrived_ends_the_wait(core: Core, store: Redis) -> None:
    broadcast, claim = await refused(core)
    await core.receipt_inbox.apply(WHATSAPP, [receipt(DELIVERED, claim)])
    await day_passes(store, broadcast)
    assert await deliver_all(core) == {}
    ended = await reloaded(core, broadcast)
    assert (ended.status, ended.tried_again) == (BroadcastStatus.FINISHED, 0)


async def test_a_worker_killed_with_the_second_try_sends_it_no_third_time(core: Core, store: Redis) -> None:
    broadcast, _ = await refused(core)
    await day_passes(store, broadcast)
    killed = DeliveryQueue(store, Scripts(store), rates_of(core.settings), lease_seconds=0)
    await core.deliveries.feed(WHATSAPP)
    assert len((await killed.claim(WHATSAPP, 5, worker="killed")).claims) == 1
    assert await core.deliveries.reap() == 1
    await day_passes(store, broadcast)
    assert await deliver_all(core) == {}
    ended = await reloaded(core, broadcast)
    assert ended.progress.reasons == {WHATSAPP: {Reason.CUT_OFF: 1}}


async def test_stopping_ends_it_and_pausing_holds_it_up(core: Core, store: Redis) -> None:
    broadcast, _ = await refused(core)
    await core.ledger.steer(broadcast.id, Verb.PAUSE)
    await day_passes(store, broadcast)
    assert await deliver_all(core) == {}
    await core.ledger.steer(broadcast.id, Verb.RESUME)
    assert sum((await deliver_all(core)).values()) == 1
    stopped, claim = await refused(core, person=1)
    await core.ledger.steer(stopped.id, Verb.CANCEL)
    await core.receipt_inbox.apply(WHATSAPP, [failed(claim), receipt(SENT, claim)])
    await day_passes(store, stopped)
    assert await deliver_all(core) == {}
    found = await reloaded(core, stopped)
    assert (found.tried_again, found.progress.of(DeliveryState.CANCELLED)) == (0, 1)


async def test_leaving_the_messenger_out_ends_it(core: Core, store: Redis) -> None:
    broadcast, _ = await refused(core)
    await core.broadcasts.leave_out(broadcast.id, WHATSAPP)
    await day_passes(store, broadcast)
    assert await deliver_all(core) == {}
    assert (await reloaded(core, broadcast)).tried_again == 0


async def test_quiet_hours_put_the_next_try_off_and_an_opt_out_ends_it(core: Core, store: Redis) -> None:
    now = datetime.now(UTC)
    broadcast, _ = await refused(core)
    await day_passes(store, broadcast)
    hours = "00:00-23:59@UTC"
    await store.hset(f"ms:b:{broadcast.id}", "quiet", hours)
    await store.hset(
        "ms:quiet", hours, f"{to_ms(now - timedelta(hours=1))}-{to_ms(now + timedelta(hours=1))}"
    )
    assert await deliver_all(core) == {}
    assert (await reloaded(core, broadcast)).tried_again == 1
    await store.hdel(f"ms:b:{broadcast.id}", "quiet")
    await day_passes(store, broadcast)
    await store.hset("ms:stop:w", people(WHATSAPP, 1)[0].address, f"opted_out|{to_ms(now)}")
    assert await deliver_all(core) == {}
    ended = await reloaded(core, broadcast)
    assert ended.progress.reasons == {WHATSAPP: {Reason.OPTED_OUT: 1}}
    assert ended.again_waits == {}


async def test_a_changed_order_keeps_the_days_it_was_given(core: Core) -> None:
    new = replace(order(people(WHATSAPP, 1), send_at=in_an_hour()), try_again_days=3)
    broadcast = await accept(core, new)
    assert broadcast.try_again_days == 3
    changed = await change(core, broadcast.id, replace(new, try_again_days=0), edition=0)
    assert changed.try_again_days == 0
