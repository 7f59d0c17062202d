"""Recording outcomes, and repairing what was cut off, on a real store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from time import time

import pytest
from redis.asyncio import Redis

from core.app import Core, rates_of
from core.domain.broadcast import Index, Verb
from core.domain.delivery import DeliveryState
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Again, Failed, Move, Sent, Unknown
from core.domain.messengers.traits import Messenger
from core.store.connection import connect
from core.store.deliveries import Claim, DeliveryQueue
from core.store.scripts import Scripts
from tests.support.core import (
    deliver_all,
    deliveries_of,
    due,
    feed_and_claim,
    keys,
    people,
    record,
    reloaded,
    started,
    states_of,
    until,
)

VIBER = Messenger.VIBER
SENT, FAILED, UNKNOWN = DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN
QUEUED, SENDING = DeliveryState.QUEUED, DeliveryState.SENDING


@pytest.fixture
async def hasty(redis_url: str, core: Core) -> AsyncIterator[DeliveryQueue]:
    """Its claims expire at once, as if their worker had died 20 seconds ago."""
    async with connect(redis_url) as client:
        yield DeliveryQueue(client, Scripts(client), rates_of(core.settings), lease_seconds=0)


async def claimed_by(moves: DeliveryQueue, most: int = 200) -> list[Claim]:
    await moves.feed(VIBER)
    return list((await moves.claim(VIBER, most, worker="test")).claims)


# -- outcomes


@pytest.mark.parametrize(
    ("move", "state", "reason", "message_id"),
    [
        (Sent("5741"), SENT, None, "5741"),
        (Sent(""), SENT, None, None),
        (Sent("a|b\udc00" + "x" * 500), SENT, None, "a_b?" + "x" * 196),
        (Failed(Reason.BLOCKED), FAILED, Reason.BLOCKED, None),
        (Unknown(Reason.NO_ANSWER), UNKNOWN, Reason.NO_ANSWER, None),
        (Again(60, Reason.BUSY, True), QUEUED, Reason.BUSY, None),
    ],
)
async def test_each_outcome_is_shown_as_it_was_decided(
    core: Core, move: Move, state: DeliveryState, reason: Reason | None, message_id: str | None
) -> None:
    broadcast = await started(core, people(VIBER, 1))
    (claim,) = await feed_and_claim(core, VIBER)
    assert await record(core, (claim, move)) == 1
    (delivery,) = await deliveries_of(core, broadcast)
    assert (delivery.state, delivery.reason, delivery.message_id) == (state, reason, message_id)
    assert delivery.attempts == 1


async def test_an_outcome_recorded_twice_counts_once(core: Core) -> None:
    broadcast = await started(core, people(VIBER, 4))
    claims = await feed_and_claim(core, VIBER)
    moves: list[Move] = [Sent("id"), Failed(Reason.BLOCKED), Unknown(Reason.NO_ANSWER)]
    moves.append(Again(9, Reason.BUSY, True))
    assert await record(core, *zip(claims, moves, strict=True)) == 4
    once = await reloaded(core, broadcast)
    assert await record(core, *zip(claims, moves, strict=True)) == 0
    assert await reloaded(core, broadcast) == once


async def test_only_the_holder_of_the_claim_records_its_outcome(core: Core) -> None:
    broadcast = await started(core, people(VIBER, 1))
    (claim,) = await feed_and_claim(core, VIBER)
    foreign = replace(claim, token="foreign0")
    before = await reloaded(core, broadcast)
    assert await record(core, (foreign, Failed(Reason.BLOCKED))) == 0
    assert await reloaded(core, broadcast) == before
    assert await record(core, (claim, Sent("id"))) == 1


async def test_the_claim_of_an_earlier_attempt_records_nothing_any_more(core: Core) -> None:
    broadcast = await started(core, people(VIBER, 1))
    (first,) = await feed_and_claim(core, VIBER)
    await record(core, (first, Again(0, Reason.BUSY, True)))
    (second,) = await feed_and_claim(core, VIBER)
    assert await record(core, (first, Sent("early"))) == 0
    assert await states_of(core, broadcast) == [SENDING]
    await record(core, (second, Sent("late")))
    (delivery,) = await deliveries_of(core, broadcast)
    assert (delivery.message_id, delivery.attempts) == ("late", 2)


async def test_another_try_waits_for_its_time_and_counts_only_if_it_costs_one(
    core: Core, store: Redis
) -> None:
    await started(core, people(VIBER, 2))
    dear, free = await feed_and_claim(core, VIBER)
    await record(core, (dear, Again(60, Reason.BUSY, True)), (free, Again(120, Reason.TOO_FAST, False)))
    assert await feed_and_claim(core, VIBER) == []
    waiting = await due(store, VIBER)
    assert waiting[str(dear.delivery_id)] == pytest.approx(60, abs=5)
    assert waiting[str(free.delivery_id)] == pytest.approx(120, abs=5)
    await store.zadd("ms:due:v", dict.fromkeys(waiting, 0))
    found = {claim.delivery_id: claim.tries for claim in await feed_and_claim(core, VIBER)}
    assert found == {dear.delivery_id: 1, free.delivery_id: 0}


async def test_a_broadcast_ends_with_its_last_outcome_even_while_paused(core: Core) -> None:
    broadcast = await started(core, people(VIBER, 2))
    one, two = await feed_and_claim(core, VIBER)
    await core.ledger.steer(broadcast.id, Verb.PAUSE)
    await record(core, (one, Sent("id")))
    assert (await reloaded(core, broadcast)).status == "paused"
    await record(core, (two, Failed(Reason.BLOCKED)))
    ended = await reloaded(core, broadcast)
    assert ended.status == "finished"
    assert ended.finished_at is not None
    assert await core.ledger.ids(Index.FAILURES) == [broadcast.id]


# -- leases


async def test_a_claim_is_not_reaped_while_its_lease_lasts(core: Core) -> None:
    broadcast = await started(core, people(VIBER, 2))
    await feed_and_claim(core, VIBER)
    assert await core.deliveries.reap() == 0
    assert await states_of(core, broadcast) == [SENDING, SENDING]


async def test_what_was_cut_off_becomes_unknown_and_is_never_sent_again(
    core: Core, hasty: DeliveryQueue, store: Redis
) -> None:
    broadcast = await started(core, people(VIBER, 5))
    taken = await claimed_by(hasty, most=2)
    assert await core.deliveries.reap() == 2
    assert sum((await deliver_all(core)).values()) == 3
    after = await reloaded(core, broadcast)
    assert after.progress.reasons == {VIBER: {Reason.CUT_OFF: 2}}
    assert after.status == "finished"
    troubles, _ = await core.ledger.troubles(after, 0, 10)
    assert [delivery.id for delivery in troubles] == [claim.delivery_id for claim in taken]
    assert await core.ledger.ids(Index.FAILURES) == [broadcast.id]
    assert await keys(store, "rq:job:*", "rq:wip:*", "ms:sending") == []


async def test_many_may_reap_at_once_and_each_claim_is_counted_once(core: Core, hasty: DeliveryQueue) -> None:
    broadcast = await started(core, people(VIBER, 50))
    assert len(await claimed_by(hasty)) == 50
    assert sum(await asyncio.gather(*(core.deliveries.reap(most=10) for _ in range(12)))) == 50
    assert (await reloaded(core, broadcast)).progress.counts == {VIBER: {UNKNOWN: 50}}


async def test_a_late_yes_turns_unknown_into_sent(core: Core, hasty: DeliveryQueue) -> None:
    broadcast = await started(core, people(VIBER, 1))
    (claim,) = await claimed_by(hasty)
    await core.deliveries.reap()
    assert await states_of(core, broadcast) == [UNKNOWN]
    assert await record(core, (claim, Sent("id"))) == 1
    after = await reloaded(core, broadcast)
    assert after.progress.counts == {VIBER: {SENT: 1}}
    assert after.progress.reasons == {}
    assert await core.ledger.troubles(after, 0, 10) == ([], 0)
    assert await core.ledger.ids(Index.FAILURES) == []


async def test_a_late_no_turns_unknown_into_failed(core: Core, hasty: DeliveryQueue) -> None:
    broadcast = await started(core, people(VIBER, 1))
    (claim,) = await claimed_by(hasty)
    await core.deliveries.reap()
    assert await record(core, (claim, Failed(Reason.BLOCKED))) == 1
    after = await reloaded(core, broadcast)
    assert (after.status, after.progress.reasons) == ("finished", {VIBER: {Reason.BLOCKED: 1}})
    assert await core.ledger.ids(Index.FAILURES) == [broadcast.id]


async def test_what_turns_out_not_to_have_been_sent_is_sent_once_more(
    core: Core, hasty: DeliveryQueue
) -> None:
    broadcast = await started(core, people(VIBER, 2))
    one, _ = await claimed_by(hasty)
    await core.deliveries.reap()
    assert (await reloaded(core, broadcast)).status == "finished"
    assert await record(core, (one, Again(0, Reason.BUSY, False))) == 1
    assert await record(core, (one, Again(0, Reason.BUSY, False))) == 0
    reopened = await reloaded(core, broadcast)
    assert (reopened.status, reopened.progress.open, reopened.finished_at) == ("sending", 1, None)
    assert await core.ledger.ids(Index.RUNNING) == [broadcast.id]
    assert await core.ledger.ids(Index.ENDED) == []
    assert await deliver_all(core) == {one.recipient.label: 1}
    after = await reloaded(core, broadcast)
    assert (after.status, after.progress.counts) == ("finished", {VIBER: {SENT: 1, UNKNOWN: 1}})
    assert await core.ledger.ids(Index.ENDED) == [broadcast.id]


async def test_what_turns_out_not_to_have_been_sent_of_a_cancelled_broadcast_is_cancelled(
    core: Core, hasty: DeliveryQueue
) -> None:
    broadcast = await started(core, people(VIBER, 1))
    (claim,) = await claimed_by(hasty)
    await core.ledger.steer(broadcast.id, Verb.CANCEL)
    await core.deliveries.reap()
    assert await record(core, (claim, Again(0, Reason.BUSY, False))) == 1
    after = await reloaded(core, broadcast)
    assert (after.status, after.progress.counts) == ("cancelled", {VIBER: {DeliveryState.CANCELLED: 1}})
    assert await deliver_all(core) == {}


async def test_what_is_in_flight_outlasts_a_cancel_and_a_purge(core: Core) -> None:
    broadcast = await started(core, people(VIBER, 3))
    claims = await feed_and_claim(core, VIBER, most=1)
    await core.broadcasts.cancel(broadcast.id)
    await core.purge.delete_ended()
    assert await record(core, (claims[0], Unknown(Reason.NO_ANSWER))) == 1
    assert (await reloaded(core, broadcast)).progress.of(UNKNOWN) == 1
    await core.purge.delete_ended()
    assert await core.ledger.get(broadcast.id) is None


async def test_a_late_unknown_leaves_unknown_as_it_is(core: Core, hasty: DeliveryQueue) -> None:
    broadcast = await started(core, people(VIBER, 1))
    (claim,) = await claimed_by(hasty)
    await core.deliveries.reap()
    before = await reloaded(core, broadcast)
    assert await record(core, (claim, Unknown(Reason.NO_ANSWER))) == 0
    assert await reloaded(core, broadcast) == before
    assert await feed_and_claim(core, VIBER) == []


@pytest.mark.parametrize("found_by", ["reap", "record", "feed", "refeed"])
async def test_a_row_spoilt_at_any_moment_keeps_no_broadcast_open(
    core: Core, hasty: DeliveryQueue, store: Redis, found_by: str
) -> None:
    broadcast = await started(core, people(VIBER, 1))
    (claim,) = await claimed_by(hasty)
    if found_by in ("feed", "refeed"):
        await record(core, (claim, Again(0, Reason.BUSY, True)))
    if found_by == "refeed":
        await core.deliveries.feed(VIBER)
        await store.delete("rq:queue:viber")
        await store.zadd("ms:window:v", {f"d-{claim.delivery_id}-1": 1})
    await store.hset(f"ms:s:{broadcast.id}:v:0", "0", "nonsense")
    if found_by == "record":
        assert await record(core, (claim, Sent("id"))) == 0
    await core.deliveries.reap()
    await core.deliveries.feed(VIBER)
    await core.deliveries.refeed(VIBER)
    after = await reloaded(core, broadcast)
    assert (after.status, after.progress.counts) == ("finished", {VIBER: {UNKNOWN: 1}})


# -- jobs that RQ has lost


async def test_jobs_that_rq_lost_are_made_again_and_sent_once(core: Core, store: Redis) -> None:
    await started(core, people(VIBER, 10))
    await core.deliveries.feed(VIBER)
    jobs = [str(job) for job in await store.lrange("rq:queue:viber", 0, -1)]
    await store.lrem("rq:queue:viber", 1, jobs[0])
    await store.delete(f"rq:job:{jobs[1]}")
    assert await core.deliveries.refeed(VIBER) == 0, "only what waits long is looked at"
    await store.zadd("ms:window:v", dict.fromkeys(jobs, (time() - 60) * 1000))
    assert await core.deliveries.refeed(VIBER) == 2
    assert await core.deliveries.refeed(VIBER) == 0
    assert await store.llen("rq:queue:viber") == 10
    assert set((await deliver_all(core)).values()) == {1}


# -- halts


async def test_a_halted_messenger_gives_nothing_out_and_the_others_do(core: Core) -> None:
    await started(core, [*people(VIBER, 2), *people(Messenger.WHATSAPP, 2)])
    assert await core.deliveries.halt(VIBER, 30, "asked to wait")
    assert await feed_and_claim(core, VIBER) == []
    claimed = await core.deliveries.claim(VIBER, 10, worker="test")
    assert claimed.wait == pytest.approx(30, abs=5)
    assert len(await feed_and_claim(core, Messenger.WHATSAPP)) == 2
    await core.status.resume_messenger(VIBER)
    assert len(await feed_and_claim(core, VIBER)) == 2


async def test_a_halt_is_never_shortened(core: Core) -> None:
    now = time()
    assert await core.deliveries.halt(VIBER, 60, "first")
    assert not await core.deliveries.halt(VIBER, 30, "shorter")
    assert await core.deliveries.halt(VIBER, 90, "longer")
    halt = await core.health.halt(VIBER)
    assert halt is not None
    assert halt.until is not None
    assert halt.until.timestamp() == pytest.approx(now + 90, abs=5)
    assert halt.reason == "longer"
    assert await core.deliveries.halt(VIBER, 0, "until resumed")
    assert not await core.deliveries.halt(VIBER, 9999, "for a while")
    standing = await core.health.halt(VIBER)
    assert standing is not None
    assert (standing.until, standing.reason) == (None, "until resumed")


async def test_a_halt_ends_by_itself(core: Core) -> None:
    await started(core, people(VIBER, 1))
    await core.deliveries.halt(VIBER, 0.001, "a moment")

    async def ended() -> bool:
        return await core.health.halt(VIBER) is None

    await until(ended)
    assert len(await feed_and_claim(core, VIBER)) == 1
