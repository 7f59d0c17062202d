"""Starting, steering and deleting broadcasts in the ledger on a real store."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from time import time

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, BroadcastStatus, Index, Steered, Verb
from core.domain.delivery import DeliveryState
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Again, Failed, Sent, Unknown
from core.domain.messengers.traits import Messenger
from core.store.scripts import script_text
from tests.support.core import (
    accepted,
    commands,
    core_at,
    deliver_all,
    deliveries_of,
    everywhere,
    feed_and_claim,
    in_an_hour,
    keys,
    people,
    record,
    reloaded,
    started,
    states_of,
)
from tests.support.lossy_proxy import lossy_proxy

TELEGRAM, VIBER = Messenger.TELEGRAM, Messenger.VIBER
# What outlives a deleted broadcast: the reservation of its id, the layout's number, the store's id, the limiter's
# clock, where receipts are found (for three weeks), who is out of reach, and answers to acts (for two minutes).
KEPT = (
    "ms:answer:",
    "ms:id:",
    "ms:schema",
    "ms:store",
    "ms:claims:",
    "ms:rate:",
    "ms:pace:",
    "ms:mid:",
    "ms:last:",
    "ms:out:",
    "ms:ans:",
)


async def test_a_broadcast_starts_once(core: Core, store: Redis) -> None:
    broadcast = await accepted(core, people(TELEGRAM, 1))
    found = await asyncio.gather(*(core.ledger.start(broadcast.id) for _ in range(10)))
    assert set(found) == {BroadcastStatus.SENDING}
    assert await store.lrange("ms:active:t", 0, -1) == [broadcast.id]


def _digest(script: str) -> bytes:
    return sha1(script_text(script, "").encode(), usedforsecurity=False).hexdigest().encode()


async def test_a_planned_broadcast_never_starts_early(core: Core) -> None:
    broadcast = await accepted(core, people(TELEGRAM, 1), send_at=datetime.now(UTC) + timedelta(seconds=60))
    assert await core.ledger.start(broadcast.id) is BroadcastStatus.SCHEDULED
    assert (await reloaded(core, broadcast)).started_at is None


async def test_a_planned_broadcast_starts_before_its_time_when_the_user_says_so(core: Core) -> None:
    broadcast = await accepted(core, people(TELEGRAM, 1), send_at=in_an_hour())
    assert (await core.broadcasts.send_now(broadcast.id)).status is BroadcastStatus.SENDING
    assert (await reloaded(core, broadcast)).send_at < datetime.now(UTC) + timedelta(seconds=10)


async def test_what_another_admin_moves_after_send_now_waits_for_its_new_time(
    core: Core, redis_url: str
) -> None:
    """Between the two steps of "now": the other admin is told of the new time."""
    broadcast = await accepted(core, people(TELEGRAM, 1), send_at=in_an_hour())
    later = in_an_hour()
    async with lossy_proxy(redis_url) as proxy, core_at(proxy.url) as slow:
        gate = proxy.hold(_digest("start"))
        sent = asyncio.create_task(slow.broadcasts.send_now(broadcast.id))
        await gate.reached.wait()
        await core.broadcasts.reschedule(broadcast.id, later)
        gate.opened.set()
        assert (await sent).status is BroadcastStatus.SCHEDULED
    assert (await reloaded(core, broadcast)).started_at is None


async def test_a_broadcast_for_now_starts_even_if_the_clock_of_its_program_runs_ahead(
    core: Core, store: Redis
) -> None:
    broadcast = await accepted(core, people(TELEGRAM, 1))
    await store.hset(f"ms:b:{broadcast.id}", "send_at", str(int((time() + 600) * 1000)))
    assert await core.ledger.start(broadcast.id) is BroadcastStatus.SENDING


async def test_starting_what_does_not_exist_says_so(core: Core) -> None:
    assert await core.ledger.start("NONE") is None


SCHEDULED, SENDING, PAUSED = BroadcastStatus.SCHEDULED, BroadcastStatus.SENDING, BroadcastStatus.PAUSED
FINISHED, CANCELLED = BroadcastStatus.FINISHED, BroadcastStatus.CANCELLED
UNAPPROVED = BroadcastStatus.UNAPPROVED
ANN = Actor("telegram:100", "Ann")
ALLOWED = {
    (UNAPPROVED, Verb.CANCEL): CANCELLED,
    (UNAPPROVED, Verb.RESCHEDULE): SCHEDULED,
    (SCHEDULED, Verb.CANCEL): CANCELLED,
    (SCHEDULED, Verb.RESCHEDULE): SCHEDULED,
    (SCHEDULED, Verb.SEND_SOON): SCHEDULED,
    (SENDING, Verb.PAUSE): PAUSED,
    (SENDING, Verb.CANCEL): CANCELLED,
    (PAUSED, Verb.RESUME): SENDING,
    (PAUSED, Verb.CANCEL): CANCELLED,
}
HOME = {
    UNAPPROVED: Index.UNAPPROVED,
    SCHEDULED: Index.SCHEDULED,
    SENDING: Index.RUNNING,
    PAUSED: Index.RUNNING,
    FINISHED: Index.ENDED,
    CANCELLED: Index.ENDED,
}


async def brought_to(core: Core, status: BroadcastStatus) -> Broadcast:
    broadcast = await accepted(core, people(TELEGRAM, 3), send_at=in_an_hour())
    if status is UNAPPROVED:
        await core.ledger.steer(broadcast.id, Verb.RESCHEDULE, in_an_hour(), asker=ANN)
    elif status is not SCHEDULED:
        await core.broadcasts.send_now(broadcast.id)
    if status is FINISHED:
        await deliver_all(core)
    if status is PAUSED:
        await core.ledger.steer(broadcast.id, Verb.PAUSE)
    if status is CANCELLED:
        await core.ledger.steer(broadcast.id, Verb.CANCEL)
    found = await reloaded(core, broadcast)
    assert found.status is status
    return found


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("status", BroadcastStatus)
async def test_each_verb_works_from_its_statuses_and_changes_nothing_from_others(
    core: Core, status: BroadcastStatus, verb: Verb
) -> None:
    before = await brought_to(core, status)
    steered = await core.ledger.steer(before.id, verb, in_an_hour() + timedelta(hours=1))
    expected = ALLOWED.get((status, verb))
    after = await reloaded(core, before)
    assert steered == Steered(done=expected is not None, status=expected or status)
    assert after.status is (expected or status)
    if expected is None:
        assert after == before
    for index in (Index.UNAPPROVED, Index.SCHEDULED, Index.RUNNING, Index.ENDED):
        assert await core.ledger.count(index) == (HOME[after.status] is index)


@pytest.mark.parametrize("verb", Verb)
async def test_steering_what_does_not_exist_says_so(core: Core, verb: Verb) -> None:
    assert await core.ledger.steer("NONE", verb, in_an_hour()) == Steered(done=False, status=None)


async def test_rescheduling_changes_the_start_and_keeps_the_order_of_the_list(core: Core) -> None:
    now = datetime.now(UTC)
    first, second = [
        await accepted(core, people(VIBER, 1), send_at=now + timedelta(hours=hours)) for hours in (1, 2)
    ]
    await core.ledger.steer(first.id, Verb.RESCHEDULE, now + timedelta(hours=3))
    found = await core.ledger.page(Index.SCHEDULED, 0, 5, newest_first=False)
    assert [broadcast.id for broadcast in found] == [second.id, first.id]
    assert found[1].send_at - now > timedelta(hours=2)


async def test_cancelling_keeps_what_was_sent_and_lets_what_is_in_the_air_arrive(core: Core) -> None:
    broadcast = await started(core, people(VIBER, 4))
    claims = await feed_and_claim(core, VIBER, most=3)
    await record(core, (claims[0], Failed(Reason.BLOCKED)))
    await core.ledger.steer(broadcast.id, Verb.CANCEL)
    await record(core, (claims[1], Unknown(Reason.NO_ANSWER)), (claims[2], Again(1, Reason.BUSY, True)))
    after = await reloaded(core, broadcast)
    assert Counter(await states_of(core, broadcast)) == {
        DeliveryState.FAILED: 1,
        DeliveryState.UNKNOWN: 1,
        DeliveryState.CANCELLED: 2,
    }
    assert (after.status, after.progress.open, after.progress.of(DeliveryState.CANCELLED)) == (
        CANCELLED,
        0,
        2,
    )


async def test_a_cancelled_delivery_that_had_waited_for_another_try_shows_no_made_up_message_id(
    core: Core,
) -> None:
    broadcast = await started(core, people(VIBER, 1))
    (claim,) = await feed_and_claim(core, VIBER)
    await record(core, (claim, Again(60, Reason.BUSY, True)))
    await core.ledger.steer(broadcast.id, Verb.CANCEL)
    (delivery,) = await deliveries_of(core, await reloaded(core, broadcast))
    assert (delivery.state, delivery.message_id) == (DeliveryState.CANCELLED, None)


@pytest.mark.parametrize("verb", [Verb.PAUSE, Verb.CANCEL])
async def test_steering_costs_the_same_for_ten_and_for_five_thousand_recipients(
    core: Core, store: Redis, verb: Verb
) -> None:
    costs = []
    for count in (10, 5000):
        broadcast = await started(core, people(TELEGRAM, count))
        await store.config_resetstat()
        assert (await core.ledger.steer(broadcast.id, verb)).done
        costs.append(await commands(store))
    small, large = costs
    assert large - Counter({"info": 1}) == small - Counter({"info": 1})
    assert small["hmget"] == 1


async def test_deleting_and_emptying_the_trash_leaves_no_key_behind(core: Core, store: Redis) -> None:
    ended = await started(core, everywhere(250))
    await deliver_all(core, {"viber-1003": Failed(Reason.BLOCKED)})
    dropped = await started(core, everywhere(120, first=1000))
    claims = [claim for messenger in Messenger for claim in await feed_and_claim(core, messenger, most=5)]
    await record(core, (claims[0], Again(0, Reason.BUSY, True)), (claims[1], Failed(Reason.BLOCKED)))
    await core.ledger.steer(dropped.id, Verb.PAUSE)
    assert await feed_and_claim(core, TELEGRAM, most=50) == []
    await core.ledger.steer(dropped.id, Verb.CANCEL)
    await record(core, *((claim, Sent("id")) for claim in claims[2:]))
    assert await core.ledger.delete(ended.id)
    assert await core.ledger.delete(dropped.id)
    await core.ledger.empty_trash()
    assert await deliver_all(core) == {}
    assert [key for key in await keys(store, "*") if not key.startswith(KEPT)] == []
    assert await core.ledger.get(ended.id) is None


async def test_what_was_in_the_air_of_a_deleted_broadcast_leaves_no_job_behind(
    core: Core, store: Redis
) -> None:
    broadcast = await started(core, people(VIBER, 3))
    claims = await feed_and_claim(core, VIBER)
    await core.ledger.steer(broadcast.id, Verb.CANCEL)
    assert not await core.ledger.delete(broadcast.id)
    assert await record(core, *((claim, Unknown(Reason.NO_ANSWER)) for claim in claims)) == 3
    assert await core.ledger.delete(broadcast.id)
    await core.ledger.empty_trash()
    assert await record(core, *((claim, Again(0, Reason.BUSY, False)) for claim in claims)) == 0
    left = [key for key in await keys(store, "*") if not key.startswith(KEPT)]
    assert left == []


@pytest.mark.parametrize("status", [SCHEDULED, SENDING, PAUSED])
async def test_what_has_not_ended_cannot_be_deleted(core: Core, status: BroadcastStatus) -> None:
    broadcast = await brought_to(core, status)
    assert not await core.ledger.delete(broadcast.id)
    assert await reloaded(core, broadcast) == broadcast


async def test_the_trash_can_be_emptied_by_many_at_once(core: Core, store: Redis) -> None:
    for n in range(5):
        broadcast = await accepted(core, people(VIBER, 150, first=n), send_at=in_an_hour())
        await core.ledger.steer(broadcast.id, Verb.CANCEL)
        assert await core.ledger.delete(broadcast.id)
    await asyncio.gather(*(core.ledger.empty_trash() for _ in range(4)))
    assert await keys(store, "ms:a:*", "ms:s:*", "ms:trash") == []


async def test_the_id_of_a_deleted_broadcast_is_not_free_while_its_rows_may_lie_about(
    core: Core, store: Redis
) -> None:
    broadcast = await brought_to(core, CANCELLED)
    await store.delete(f"ms:id:{broadcast.id}")
    await core.ledger.delete(broadcast.id)
    assert await store.ttl(f"ms:id:{broadcast.id}") > 86_400
