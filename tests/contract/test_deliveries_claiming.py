"""Claiming deliveries off RQ, on a real store: at the rate, once, and never what only looks like one."""

from __future__ import annotations

import asyncio
import json
import zlib
from time import monotonic

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.broadcast import Verb
from core.domain.delivery import DeliveryState
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Again
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from tests.support.core import (
    core_at,
    deliver_all,
    deliveries_of,
    due,
    feed_and_claim,
    keys,
    people,
    record,
    reloaded,
    started,
    until,
)

TELEGRAM, WHATSAPP, VIBER = Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER
QUEUE = "rq:queue:viber"


async def test_claims_of_all_workers_together_keep_to_the_rate(redis_url: str) -> None:
    rate, burst = 300, 0.02
    rates = {"TELEGRAM_RATE": str(rate)}
    async with core_at(redis_url, **rates) as one, core_at(redis_url, **rates) as two:
        await started(one, people(TELEGRAM, 600))
        await one.deliveries.feed(TELEGRAM)
        begun = monotonic()
        taken = 0
        while taken < 150:
            found = await asyncio.gather(
                *(core.deliveries.claim(TELEGRAM, 40, worker="w") for core in (one, two))
            )
            taken += sum(len(claimed.claims) for claimed in found)
            assert taken <= rate * (monotonic() - begun + burst) + 1


async def test_a_used_up_rate_says_when_to_come_again(redis_url: str) -> None:
    async with core_at(redis_url, VIBER_RATE="0.5") as core:
        await started(core, people(VIBER, 3))
        assert len(await feed_and_claim(core, VIBER)) == 1
        claimed = await core.deliveries.claim(VIBER, 10, worker="test")
        assert (claimed.claims, claimed.refused) == ((), ())
        assert claimed.wait is not None
        assert 0 < claimed.wait <= 2


async def test_an_empty_queue_says_so(core: Core) -> None:
    claimed = await core.deliveries.claim(VIBER, 10, worker="test")
    assert (claimed.claims, claimed.wait) == ((), None)


async def test_nothing_is_claimed_while_rq_is_suspended_and_all_of_it_afterwards(
    core: Core, store: Redis
) -> None:
    await started(core, people(VIBER, 3))
    await store.set("rq:suspended", 1)
    assert await feed_and_claim(core, VIBER) == []
    await store.delete("rq:suspended")
    assert len(await feed_and_claim(core, VIBER)) == 3


async def test_a_delivery_is_claimed_by_one_of_many(core: Core, redis_url: str) -> None:
    await started(core, people(VIBER, 400))
    await core.deliveries.feed(VIBER)
    async with core_at(redis_url) as other:
        found = await asyncio.gather(*(c.deliveries.claim(VIBER, 50, worker="w") for c in (core, other) * 6))
    claims = [claim for claimed in found for claim in claimed.claims]
    assert len(claims) == len({claim.delivery_id for claim in claims}) == 400
    assert len({claim.token for claim in claims}) == 400


async def test_a_recipient_gets_the_next_message_only_after_the_messengers_interval(
    core: Core, store: Redis
) -> None:
    first, second = [await started(core, people(TELEGRAM, 1), text=text) for text in ("one", "two")]
    (claim,) = await feed_and_claim(core, TELEGRAM)
    assert claim.delivery_id.broadcast_id == first.id
    ((delivery, seconds),) = (await due(store, TELEGRAM)).items()
    assert delivery == f"{second.id}-t0"
    assert seconds <= TELEGRAM.traits.recipient_interval_ms / 1000
    found: list[object] = []

    async def comes_again() -> bool:
        found.extend(await feed_and_claim(core, TELEGRAM))
        return bool(found)

    await until(comes_again)


# -- jobs that are not what they seem


async def forge(store: Redis, job: str, call: list[object], *, packed: bool = False) -> None:
    data = json.dumps(call).encode()
    await store.hset(f"rq:job:{job}", "data", zlib.compress(data) if packed else data)
    await store.hset(f"rq:job:{job}", mapping={"status": "queued", "origin": "viber"})
    await store.rpush(QUEUE, job)


@pytest.mark.parametrize(
    ("call", "packed"),
    [
        (["os.system", None, ["{id}"], {}], False),
        (["os.system", None, ["rm -rf /"], {}], True),
        (["workers.jobs.deliver", None, ["AAAA-v1"], {}], False),
        (["workers.jobs.deliver", None, ["{id}", "more"], {}], False),
        (["workers.jobs.deliver", None, ["{id}"], {"more": 1}], False),
    ],
)
async def test_a_job_with_another_call_in_it_is_quarantined_and_its_delivery_still_made(
    core: Core, store: Redis, call: list[object], packed: bool
) -> None:
    broadcast = await started(core, people(VIBER, 3))
    await core.deliveries.feed(VIBER)
    victim = f"d-{broadcast.id}-v1-0"
    text = json.dumps(call).replace("{id}", f"{broadcast.id}-v1")
    await store.lrem(QUEUE, 1, victim)
    await forge(store, victim, json.loads(text), packed=packed)
    claimed = await core.deliveries.claim(VIBER, 10, worker="test")
    assert claimed.refused == (victim,)
    assert {claim.delivery_id.index for claim in claimed.claims} == {0, 2}
    assert await store.zrange("rq:failed:viber", 0, -1) == [victim]
    assert await store.hget(f"rq:job:{victim}", "status") == "failed"
    (repaired,) = await feed_and_claim(core, VIBER)
    assert str(repaired.delivery_id) == f"{broadcast.id}-v1"


@pytest.mark.parametrize(
    "job", ["8c1b0a9e-1111-2222-3333-444455556666", "d-AAAA-t0-0", "d-AAAA-v0", "start-AAAA", "d-a-v0-0|x"]
)
async def test_a_job_with_a_foreign_id_is_quarantined(core: Core, store: Redis, job: str) -> None:
    await started(core, people(VIBER, 1))
    await forge(store, job, ["os.system", None, ["x"], {}])
    claimed = await core.deliveries.claim(VIBER, 10, worker="test")
    assert (claimed.refused, claimed.claims) == ((job,), ())
    assert await store.zrange("rq:failed:viber", 0, -1) == [job]
    assert 0 < await store.ttl(f"rq:job:{job}") <= 86_400


async def test_jobs_of_earlier_attempts_and_of_deleted_broadcasts_are_dropped(
    core: Core, store: Redis
) -> None:
    broadcast = await started(core, people(VIBER, 1))
    (claim,) = await feed_and_claim(core, VIBER)
    await record(core, (claim, Again(0, Reason.BUSY, True)))
    await store.rpush(QUEUE, claim.job_id, claim.job_id, "d-GONE-v0-0")
    (second,) = await feed_and_claim(core, VIBER)
    assert (second.attempt, second.tries) == (1, 1)
    assert await feed_and_claim(core, VIBER) == []
    assert await keys(store, "rq:job:*") == [f"rq:job:d-{broadcast.id}-v0-1"]


async def test_a_corrupt_row_is_quarantined_and_stops_nobody(core: Core, store: Redis) -> None:
    broadcast = await started(core, people(VIBER, 3))
    await store.hset(f"ms:s:{broadcast.id}:v:0", "1", "nonsense")
    assert {label[-4:] for label in await deliver_all(core)} == {"1000", "1002"}
    after = await reloaded(core, broadcast)
    assert after.progress.reasons == {VIBER: {Reason.UNREADABLE: 1}}
    assert (after.status, after.progress.open) == ("finished", 0)
    assert await store.lrange("ms:corrupt", 0, -1) == [f"{broadcast.id}-v1 nonsense"]


@pytest.mark.parametrize("verb", [Verb.PAUSE, Verb.CANCEL])
async def test_a_corrupt_row_of_a_broadcast_that_stands_still_keeps_the_counters_true(
    core: Core, store: Redis, verb: Verb
) -> None:
    broadcast = await started(core, people(VIBER, 3))
    await core.deliveries.feed(VIBER)
    await store.hset(f"ms:s:{broadcast.id}:v:0", "1", "nonsense")
    await core.ledger.steer(broadcast.id, verb)
    await deliver_all(core)
    progress = (await reloaded(core, broadcast)).progress
    assert progress.of(DeliveryState.UNKNOWN) == 1
    assert progress.total == 3
    assert progress.open == (2 if verb is Verb.PAUSE else 0)


async def test_a_lost_address_is_quarantined_so_that_its_broadcast_ends(core: Core, store: Redis) -> None:
    broadcast = await started(core, people(VIBER, 2))
    (chunk,) = await keys(store, "ms:a:*:v:0")
    await store.hdel(chunk, "1")
    await deliver_all(core)
    states = [delivery.state for delivery in await deliveries_of(core, await reloaded(core, broadcast))]
    assert states == [DeliveryState.SENT, DeliveryState.UNKNOWN]
    assert (await reloaded(core, broadcast)).status == "finished"


async def test_a_group_is_written_to_less_often_than_a_person(core: Core, store: Redis) -> None:
    pair = (
        Recipient(messenger=TELEGRAM, address="1001"),
        Recipient(messenger=TELEGRAM, address="-1001234567890"),
    )
    await started(core, pair)
    assert len(await feed_and_claim(core, TELEGRAM)) == 2
    await started(core, pair)
    assert await feed_and_claim(core, TELEGRAM) == []
    person, group = sorted((await due(store, TELEGRAM)).values())
    limits = TELEGRAM.traits
    assert 0 < person <= limits.recipient_interval_ms / 1000 < 2 < group <= limits.group_interval_ms / 1000


async def test_the_topics_of_a_forum_share_its_pace(core: Core, store: Redis) -> None:
    topics = [Recipient(messenger=TELEGRAM, address=f"-1001234567890/{n}") for n in (7, 42)]
    await started(core, (*topics, Recipient(messenger=TELEGRAM, address="-1009999999999/7")))
    assert [one.recipient.address for one in await feed_and_claim(core, TELEGRAM)] == [
        "-1001234567890/7",
        "-1009999999999/7",
    ]
    (wait,) = (await due(store, TELEGRAM)).values()
    assert 2 < wait <= TELEGRAM.traits.group_interval_ms / 1000


async def test_what_was_remembered_of_the_pace_goes_by_itself(core: Core, store: Redis) -> None:
    await started(core, people(TELEGRAM, 3))
    assert len(await feed_and_claim(core, TELEGRAM)) == 3
    assert 0 < await store.pttl("ms:pace:t") <= TELEGRAM.traits.group_interval_ms


async def test_a_job_for_a_recipient_beyond_the_last_is_refused_and_changes_nothing(
    core: Core, store: Redis
) -> None:
    broadcast = await started(core, people(VIBER, 2))
    await store.rpush(QUEUE, f"d-{broadcast.id}-v2-0")
    claimed = await core.deliveries.claim(VIBER, 10, worker="test")
    assert (claimed.claims, claimed.refused) == ((), (f"d-{broadcast.id}-v2-0",))
    assert set((await deliver_all(core)).values()) == {1}
    assert (await reloaded(core, broadcast)).status == "finished"


async def test_less_than_one_a_minute_is_kept_to_as_well(redis_url: str, store: Redis) -> None:
    async with core_at(redis_url, VIBER_RATE="0.002") as core:
        await started(core, people(VIBER, 3))
        assert len(await feed_and_claim(core, VIBER)) == 1
        assert await feed_and_claim(core, VIBER) == []
        assert (await core.deliveries.permits(VIBER, 5, ""))[1] == pytest.approx(500 / 0.965, abs=5)
        assert await store.ttl("ms:rate:v") > 500
