"""Receipts in the ledger: in whatever order and how often they come, rows and counters tell the furthest state."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from core.app import Core
from core.domain.broadcast import Broadcast, BroadcastStatus, Index, Verb
from core.domain.delivery import DeliveryState
from core.domain.messengers.billing import Bill
from core.domain.messengers.events import Receipt
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Again, Failed, Move, Sent, Unknown
from core.domain.messengers.traits import Messenger
from core.store.deliveries import Claim
from tests.support.core import (
    accepted,
    core_at,
    deliver_all,
    deliveries_of,
    feed_and_claim,
    keys,
    people,
    record,
    reloaded,
    started,
    states_of,
    store_at,
)
from tests.support.receipts import receipt

WHATSAPP, VIBER, TELEGRAM = Messenger.WHATSAPP, Messenger.VIBER, Messenger.TELEGRAM
SENT, DELIVERED, READ = DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ
FAILED, UNKNOWN = DeliveryState.FAILED, DeliveryState.UNKNOWN
ORDER = [SENT, FAILED, DELIVERED, READ]
told = st.lists(st.sampled_from(ORDER), min_size=1, max_size=7)


async def told_about(core: Core, claim: Claim, states: Sequence[DeliveryState]) -> None:
    """Each in a call of its own."""
    for state in states:
        await core.receipt_inbox.apply(claim.delivery_id.messenger, [receipt(state, claim)])


async def unmatched(core: Core, messenger: Messenger = WHATSAPP) -> int:
    return (await core.status.read()).messengers[messenger].receipts.unmatched


async def one_claim(core: Core, messenger: Messenger = WHATSAPP) -> tuple[Broadcast, Claim]:
    """A broadcast to one person, claimed."""
    broadcast = await started(core, people(messenger, 1))
    (claim,) = await feed_and_claim(core, messenger)
    return broadcast, claim


async def state_of(core: Core, broadcast: Broadcast) -> tuple[DeliveryState, Reason | None, str | None]:
    """State, reason and message id of the only delivery; the counters and lists must agree with them."""
    found = await reloaded(core, broadcast)
    (delivery,) = await deliveries_of(core, found)
    (counts,) = found.progress.counts.values()
    assert {state: n for state, n in counts.items() if n} == {delivery.state: 1}
    in_trouble = delivery.state in (FAILED, UNKNOWN)
    reasons = {delivery.id.messenger: {delivery.reason: 1}} if in_trouble else {}
    assert found.progress.reasons == reasons
    assert (await core.ledger.troubles(found, 0, 5))[1] == int(in_trouble)
    assert (await core.ledger.ids(Index.FAILURES) == [found.id]) == in_trouble
    assert found.status is BroadcastStatus.FINISHED
    return delivery.state, delivery.reason, delivery.message_id


BEFORE: list[Move] = [Sent("wamid.1"), Unknown(Reason.NO_ANSWER)]
LATE: list[Move] = [*BEFORE, Failed(Reason.CONTENT), Again(0, Reason.BUSY, costs_try=True)]
on_one_store = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@asynccontextmanager
async def fresh_core(redis_url: str) -> AsyncIterator[Core]:
    """For one example of many: on a store that is empty again."""
    async with store_at(redis_url) as store:
        await store.flushall()
    async with core_at(redis_url) as core:
        yield core


@pytest.mark.parametrize("outcome", BEFORE, ids=["after a yes", "after no answer"])
@on_one_store
@given(states=told)
def test_any_receipts_in_any_order_end_in_the_furthest_state(
    redis_url: str, outcome: Move, states: list[DeliveryState]
) -> None:
    async def check() -> None:
        async with fresh_core(redis_url) as core:
            broadcast, claim = await one_claim(core)
            await record(core, (claim, outcome))
            await told_about(core, claim, states)
            furthest = max(states, key=ORDER.index)
            failed = furthest is FAILED
            expected = (furthest, Reason.NOT_FOUND, None) if failed else (furthest, None, "wamid.1")
            assert await state_of(core, broadcast) == expected

    asyncio.run(check())


@on_one_store
@given(states=told, answer=st.sampled_from(LATE))
def test_receipts_faster_than_the_answer_are_kept_and_the_answer_changes_no_state(
    redis_url: str, states: list[DeliveryState], answer: Move
) -> None:
    async def check() -> None:
        async with fresh_core(redis_url) as core:
            broadcast, claim = await one_claim(core)
            await told_about(core, claim, states)
            before = await state_of(core, broadcast)
            assert await record(core, (claim, answer)) == 1
            assert await record(core, (claim, answer)) == 0
            assert await state_of(core, broadcast) == before
            await told_about(core, claim, states)
            assert await state_of(core, broadcast) == before
            assert await feed_and_claim(core, WHATSAPP) == []

    asyncio.run(check())


async def test_proof_of_arrival_ends_the_wait_for_another_try(core: Core) -> None:
    """The messenger said "not now" and delivered all the same: trying again would send it twice."""
    broadcast, claim = await one_claim(core, VIBER)
    await record(core, (claim, Again(0, Reason.BUSY, costs_try=True)))
    await core.receipt_inbox.apply(VIBER, [receipt(FAILED, claim)])
    assert await states_of(core, broadcast) == [DeliveryState.QUEUED]
    await core.receipt_inbox.apply(VIBER, [receipt(DELIVERED, claim)])
    assert await deliver_all(core) == {}
    assert await state_of(core, broadcast) == (DELIVERED, None, "wamid.1")


async def test_a_receipt_for_an_earlier_attempt_says_nothing_about_the_next(core: Core) -> None:
    broadcast, first = await one_claim(core, VIBER)
    await record(core, (first, Again(0, Reason.BUSY, costs_try=True)))
    (second,) = await feed_and_claim(core, VIBER)
    await record(core, (second, Sent("2")))
    await core.receipt_inbox.apply(VIBER, [receipt(READ, first)])
    assert await state_of(core, broadcast) == (SENT, None, "2")


async def test_receipts_reach_a_cancelled_broadcast_and_its_counters(core: Core) -> None:
    broadcast = await started(core, people(VIBER, 3))
    refused, taken = (await feed_and_claim(core, VIBER))[:2]
    await record(core, (refused, Again(60, Reason.BUSY, costs_try=True)), (taken, Sent("2")))
    await core.ledger.steer(broadcast.id, Verb.CANCEL)
    await core.receipt_inbox.apply(VIBER, [receipt(DELIVERED, refused), receipt(READ, taken)])
    found = await reloaded(core, broadcast)
    assert found.progress.open == 1  # the third is still in the air
    assert (found.progress.of(DELIVERED), found.progress.of(READ)) == (1, 1)
    assert found.progress.total == 3


FOREIGN = [
    "d-ZZZZ-w0-0",
    "d-{id}-w7-0",
    "d-{id}-w0-1",
    "d-{id}-v0-0",
    "d-{id}-w0",
    "nonsense",
    "",
    "d-{id}-w99999999-0",
]


@pytest.mark.parametrize("reference", FOREIGN)
async def test_what_belongs_to_no_delivery_is_counted_and_changes_nothing(core: Core, reference: str) -> None:
    broadcast, claim = await one_claim(core)
    await record(core, (claim, Sent("wamid.1")))
    before = await deliveries_of(core, broadcast)
    foreign = receipt(READ, reference=reference.format(id=broadcast.id), message_id="wamid.1")
    await core.receipt_inbox.apply(WHATSAPP, [foreign])
    assert await deliveries_of(core, broadcast) == before
    assert await unmatched(core) == 1


async def test_receipts_of_a_deleted_broadcast_are_counted(core: Core) -> None:
    broadcast, claim = await one_claim(core)
    await record(core, (claim, Sent("wamid.1")))
    assert await core.ledger.delete(broadcast.id)
    await core.receipt_inbox.apply(WHATSAPP, [receipt(READ, claim)])
    assert await unmatched(core) == 1
    assert await core.ledger.get(broadcast.id) is None


async def test_a_delivery_that_was_never_tried_takes_no_receipt(core: Core) -> None:
    broadcast = await accepted(core, people(WHATSAPP, 1))
    await core.receipt_inbox.apply(WHATSAPP, [receipt(READ, reference=f"d-{broadcast.id}-w0-0")])
    assert await states_of(core, broadcast) == [DeliveryState.QUEUED]


async def test_without_an_id_of_ours_the_messengers_own_id_finds_the_delivery(
    core: Core, store: Redis
) -> None:
    broadcast, claim = await one_claim(core, VIBER)
    await record(core, (claim, Sent("574131180")))
    person = claim.recipient.address
    await core.receipt_inbox.apply(VIBER, [receipt(DELIVERED, message_id="574131180", address=person)])
    assert await state_of(core, broadcast) == (DELIVERED, None, "574131180")
    await core.receipt_inbox.apply(VIBER, [receipt(DELIVERED, message_id="574131181", address=person)])
    assert await unmatched(core, VIBER) == 1
    lives = [await store.ttl(key) for key in await keys(store, "ms:mid:*", "ms:last:*")]
    assert len(lives) == 2
    assert all(14 * 86_400 < life <= 21 * 86_400 for life in lives)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([DELIVERED], (DELIVERED, None, "574")),
        ([READ, DELIVERED], (READ, None, "574")),
        ([DELIVERED, FAILED], (DELIVERED, None, "574")),
        ([FAILED], (FAILED, Reason.NOT_FOUND, None)),
    ],
)
async def test_receipts_faster_than_the_answer_that_names_their_message_are_kept(
    core: Core, states: list[DeliveryState], expected: tuple[DeliveryState, Reason | None, str | None]
) -> None:
    """Viber gives our id back in no receipt, and its own is known by its answer alone."""
    broadcast, claim = await one_claim(core, VIBER)
    person = claim.recipient.address
    for state in states:
        await core.receipt_inbox.apply(VIBER, [receipt(state, message_id="574", address=person)])
        await core.receipt_inbox.apply(VIBER, [receipt(state, message_id="574", address="somebody else")])
    assert await record(core, (claim, Sent("574"))) == 1
    assert await state_of(core, broadcast) == expected
    assert await record(core, (claim, Sent("574"))) == 0
    assert await unmatched(core, VIBER) == len(states), "those about somebody else"


async def test_messages_of_one_id_are_told_apart_by_their_recipients(core: Core) -> None:
    broadcast = await started(core, people(VIBER, 3))
    claims = await feed_and_claim(core, VIBER)
    await record(core, *((claim, Sent("574131180")) for claim in claims))
    second = claims[1].recipient.address
    await core.receipt_inbox.apply(VIBER, [receipt(DELIVERED, message_id="574131180", address=second)])
    assert await states_of(core, broadcast) == [SENT, DELIVERED, SENT]


async def test_a_messenger_that_gives_our_id_back_costs_no_index(core: Core, store: Redis) -> None:
    _, claim = await one_claim(core)
    await record(core, (claim, Sent("wamid.1")))
    assert await keys(store, "ms:mid:*", "ms:last:*") == []


async def test_opening_the_chat_reads_all_that_was_sent_to_that_person_before(core: Core) -> None:
    alice, bob = people(VIBER, 2)
    before = [await started(core, [alice, bob]) for _ in range(3)]
    for number, _ in enumerate(before):
        claims = await feed_and_claim(core, VIBER)
        await record(
            core, *((c, Sent(f"{number}-{c.delivery_id.broadcast_id}-{c.delivery_id.index}")) for c in claims)
        )
    last = (await deliveries_of(core, before[-1]))[0].message_id or ""
    opened = receipt(READ, message_id=last, address=alice.address, all_earlier=True)
    await core.receipt_inbox.apply(VIBER, [opened, opened])
    assert [await states_of(core, one) for one in before] == [[READ, SENT]] * 3
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    early = Receipt(state=READ, message_id="x", address=bob.address, all_earlier=True, at=an_hour_ago)
    await core.receipt_inbox.apply(VIBER, [early])
    assert [await states_of(core, one) for one in before] == [[READ, SENT]] * 3


async def test_read_that_overtakes_delivered_leaves_what_is_charged_to_the_latter(core: Core) -> None:
    broadcast, claim = await one_claim(core)
    await record(core, (claim, Sent("wamid.1")))
    bill = Bill(True, "marketing", "PMP")
    for told in (receipt(READ, claim), receipt(SENT, claim), *2 * [receipt(DELIVERED, claim, bill=bill)]):
        await core.receipt_inbox.apply(WHATSAPP, [told])
    assert (await reloaded(core, broadcast)).bills == {WHATSAPP: {bill: 1}}
    assert await state_of(core, broadcast) == (READ, None, "wamid.1")
