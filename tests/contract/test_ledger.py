"""Accepting and reading broadcasts in the ledger on a real store."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from time import time

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.broadcast import BroadcastStatus, Index, Verb
from core.domain.delivery import DeliveryState
from core.domain.errors import ConfigurationError, Conflict
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed, Unknown
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
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
    order,
    people,
    record,
    reloaded,
    started,
    store_at,
    until,
)
from tests.support.lossy_proxy import lossy_proxy

TELEGRAM, VIBER = Messenger.TELEGRAM, Messenger.VIBER


async def test_an_accepted_order_is_there_as_ordered(core: Core) -> None:
    recipients = everywhere(2)
    send_at = in_an_hour()
    broadcast = await accepted(core, recipients, text="Hi, José 👋", send_at=send_at)
    assert (broadcast.status, broadcast.planned) == (BroadcastStatus.SCHEDULED, True)
    assert abs(broadcast.send_at - send_at) < timedelta(milliseconds=1)
    assert broadcast.content.text == "Hi, José 👋"
    assert {delivery.recipient for delivery in await deliveries_of(core, broadcast)} == set(recipients)
    assert broadcast.progress.counts == {messenger: {DeliveryState.QUEUED: 2} for messenger in Messenger}


async def test_contact_ids_stay_with_the_recipients_named_by_them(core: Core) -> None:
    recipient = Recipient(messenger=VIBER, address="alice", contact_id="17")
    broadcast = await accepted(core, [recipient])
    (delivery,) = await deliveries_of(core, broadcast)
    assert delivery.recipient == recipient


async def test_an_id_accepted_twice_keeps_the_first_order(core: Core) -> None:
    broadcast_id = await core.ledger.reserve_id()
    first = await core.ledger.accept(broadcast_id, order(people(TELEGRAM, 3), text="first"))
    second = await core.ledger.accept(broadcast_id, order(people(VIBER, 5), text="second"))
    assert second == first
    assert len(await deliveries_of(core, second)) == 3


async def test_an_id_accepted_many_times_at_once_becomes_one_whole_broadcast(core: Core) -> None:
    broadcast_id = await core.ledger.reserve_id()
    orders = [order(people(TELEGRAM, 150, first=n), text=f"order {n}") for n in range(8)]
    found = await asyncio.gather(*(core.ledger.accept(broadcast_id, one) for one in orders))
    (text,) = {broadcast.content.text for broadcast in found}
    won = next(one for one in orders if one.content.text == text)
    assert [d.recipient for d in await deliveries_of(core, found[0])] == list(won.recipients)
    assert await core.ledger.count(Index.SCHEDULED) == 1


async def test_reserved_ids_differ_even_when_asked_for_at_once(core: Core) -> None:
    ids = await asyncio.gather(*(core.ledger.reserve_id() for _ in range(200)))
    assert len(set(ids)) == 200


async def test_recipients_of_an_order_never_accepted_are_cleared_away(core: Core, store: Redis) -> None:
    kept = await accepted(core, everywhere(120))
    await store.hset("ms:a:lost:t:0", mapping={"0": "1000"})
    await store.hset("ms:a:lost:t:1", mapping={"0": "1001"})
    await store.hset("ms:a:young:t:0", mapping={"0": "1000"})
    await store.zadd("ms:staging", {"lost": (time() - 3700) * 1000, "young": time() * 1000})
    await core.ledger.empty_trash()
    assert await keys(store, "ms:a:lost:*", "ms:a:young:*", "ms:unstaged") == ["ms:a:young:t:0"]
    assert await store.zrange("ms:staging", 0, -1) == ["young"]
    assert len(await deliveries_of(core, kept)) == 120 * len(Messenger)


async def test_an_order_whose_recipients_were_cleared_away_meanwhile_is_refused(
    core: Core, redis_url: str
) -> None:
    async with core_at(redis_url) as slow:
        broadcast_id = await core.ledger.reserve_id()
        accepting = asyncio.create_task(slow.ledger.accept(broadcast_id, order(people(TELEGRAM, 20_000))))
        async with store_at(redis_url) as store:
            await until(lambda: store.delete("ms:staging"))
        with pytest.raises(Conflict, match="nothing was accepted"):
            await accepting
    assert await core.ledger.get(broadcast_id) is None


async def test_recipients_of_an_order_that_took_an_hour_outlast_a_late_cleaning(
    store: Redis, redis_url: str
) -> None:
    """The cleaning finds them not yet accepted, and comes to give them up when they are."""
    async with lossy_proxy(redis_url) as proxy, core_at(proxy.url) as core:
        committing = proxy.hold(b"took an hour")
        broadcast_id = await core.ledger.reserve_id()
        new = order(people(TELEGRAM, 150), text="took an hour")
        accepting = asyncio.create_task(core.ledger.accept(broadcast_id, new))
        await committing.reached.wait()
        (list_id,) = await store.zrange("ms:staging", 0, -1)
        await store.zadd("ms:staging", {str(list_id): 1})
        giving_up = proxy.hold(str(list_id).encode())
        cleaning = asyncio.create_task(core.ledger.empty_trash())
        await giving_up.reached.wait()
        committing.opened.set()
        broadcast = await accepting
        giving_up.opened.set()
        await cleaning
        await core.ledger.empty_trash()
        assert [one.recipient for one in await deliveries_of(core, broadcast)] == list(new.recipients)


async def test_lists_are_paged_in_order_of_time_from_both_ends(core: Core) -> None:
    start = in_an_hour()
    made = [
        (await accepted(core, people(VIBER, 1), send_at=start + timedelta(minutes=n))).id for n in range(7)
    ]
    assert await core.ledger.ids(Index.SCHEDULED) == made
    until = start + timedelta(minutes=2, seconds=30)
    assert await core.ledger.ids(Index.SCHEDULED, until=until) == made[:3]
    assert await core.ledger.count(Index.SCHEDULED, until=until) == 3
    soonest = await core.ledger.page(Index.SCHEDULED, 2, 3, newest_first=False)
    assert [broadcast.id for broadcast in soonest] == made[2:5]
    latest = await core.ledger.page(Index.SCHEDULED, 0, 3, newest_first=True, until=until)
    assert [broadcast.id for broadcast in latest] == made[2::-1]


async def test_a_page_costs_the_same_beside_five_and_beside_two_hundred_broadcasts(
    core: Core, store: Redis
) -> None:
    costs = []
    for more in (5, 195):
        for _ in range(more):
            await accepted(core, people(VIBER, 1), send_at=in_an_hour())
        await store.config_resetstat()
        assert len(await core.ledger.page(Index.SCHEDULED, 0, 5, newest_first=True)) == 5
        assert await core.ledger.count(Index.SCHEDULED) == more + (more == 195) * 5
        costs.append(await commands(store))
    assert costs[0] == costs[1]
    assert not {"scan", "keys", "sscan", "hscan", "zscan"} & costs[1].keys()


async def test_ended_broadcasts_stand_in_the_lists_of_their_kind(core: Core) -> None:
    good, bad, dropped = [await started(core, people(VIBER, 1, first=n)) for n in range(3)]
    await core.ledger.steer(dropped.id, Verb.CANCEL)
    await deliver_all(core, {"viber-1001": Failed(Reason.BLOCKED)})
    assert set(await core.ledger.ids(Index.ENDED)) == {good.id, bad.id, dropped.id}
    assert await core.ledger.ids(Index.FAILURES) == [bad.id]
    assert await core.ledger.ids(Index.CANCELLED) == [dropped.id]
    assert await core.ledger.ids(Index.RUNNING) == []


@pytest.mark.parametrize("count", [1, 99, 100, 101, 250])
async def test_all_ways_to_read_deliveries_agree_at_the_borders_of_chunks(core: Core, count: int) -> None:
    recipients = everywhere(count)
    broadcast = await started(core, recipients)
    refused = {recipients[n].address: Failed(Reason.BLOCKED) for n in range(0, len(recipients), 7)}
    lost = {recipients[n].address: Unknown(Reason.NO_ANSWER) for n in range(1, len(recipients), 11)}
    assert set((await deliver_all(core, {**refused, **lost})).values()) == {1}
    broadcast = await reloaded(core, broadcast)
    everyone = await deliveries_of(core, broadcast)
    assert [d.recipient for d in everyone] == [r for m in Messenger for r in recipients if r.messenger is m]
    total = len(recipients)
    for size in (1, 7, 100, total):
        pages = [await core.ledger.deliveries_at(broadcast, n, size) for n in range(0, total, size)]
        assert [delivery for page in pages for delivery in page] == everyone
    assert await core.ledger.deliveries_at(broadcast, total, 10) == []
    in_trouble = [d for d in everyone if d.state in (DeliveryState.FAILED, DeliveryState.UNKNOWN)]
    troubles, total = await core.ledger.troubles(broadcast, 0, total)
    assert total == len(in_trouble) == len({*refused, *lost})
    assert {str(d.id) for d in troubles} == {str(d.id) for d in in_trouble}
    assert broadcast.progress.of(DeliveryState.FAILED, DeliveryState.UNKNOWN) == total
    assert sum(sum(reasons.values()) for reasons in broadcast.progress.reasons.values()) == total


async def test_troubles_are_paged_in_the_order_they_came(core: Core) -> None:
    broadcast = await started(core, people(VIBER, 5))
    claims = await feed_and_claim(core, VIBER)
    for claim in (claims[3], claims[0], claims[4]):
        await record(core, (claim, Failed(Reason.BLOCKED)))
    found = [(await core.ledger.troubles(broadcast, n, 1))[0][0].id.index for n in range(3)]
    assert found == [3, 0, 4]


@pytest.mark.parametrize(
    "row",
    ["", "nonsense", "z|1|0|5||", "s|1|0|5", f"q|0|0|{10**30}||", "q|x|0|0||"],
)
async def test_a_row_that_makes_no_sense_is_shown_as_unknown(core: Core, store: Redis, row: str) -> None:
    broadcast = await started(core, people(VIBER, 3))
    await store.hset(f"ms:s:{broadcast.id}:v:0", "1", row or "|")
    first, spoilt, last = await deliveries_of(core, broadcast)
    assert (spoilt.state, spoilt.reason) == (DeliveryState.UNKNOWN, Reason.UNREADABLE)
    assert spoilt.recipient.address == "viber-1001"
    assert {first.state, last.state} == {DeliveryState.QUEUED}


async def test_a_reason_that_only_a_newer_version_knows_is_shown_as_a_failure(
    core: Core, store: Redis
) -> None:
    broadcast = await started(core, people(VIBER, 1))
    await store.hset(f"ms:s:{broadcast.id}:v:0", "0", "f|1|0|5|no_such_reason|")
    (found,) = await deliveries_of(core, broadcast)
    assert (found.state, found.reason) == (DeliveryState.FAILED, Reason.UNNAMED)


async def test_a_recipient_whose_address_is_lost_is_shown_and_the_others_keep_their_places(
    core: Core, store: Redis
) -> None:
    broadcast = await accepted(core, people(VIBER, 3))
    (chunk,) = await keys(store, "ms:a:*:v:0")
    await store.hdel(chunk, "1")
    found = [delivery.recipient.address for delivery in await deliveries_of(core, broadcast)]
    assert found == ["viber-1000", "?", "viber-1002"]


async def test_a_store_of_another_layout_is_refused_with_a_sentence(redis_url: str) -> None:
    async with store_at(redis_url) as store:
        await store.set("ms:schema", "2")
        with pytest.raises(ConfigurationError, match="layout 2; this program reads layout 1"):
            async with core_at(redis_url):
                pass
        assert await store.keys("*") == ["ms:schema"]
