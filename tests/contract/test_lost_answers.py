"""The connection to the store breaks after a command was carried out and before its answer came, or before either."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from time import monotonic
from types import SimpleNamespace

import pytest
from redis.asyncio import Redis

from core.app import Core, rates_of
from core.domain.audience import Chosen
from core.domain.audit import Actor, AuditAction
from core.domain.broadcast import BroadcastStatus, Index, Steered, Verb
from core.domain.delivery import DeliveryState
from core.domain.errors import Conflict
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Again, Failed, Sent, Unknown
from core.domain.messengers.traits import Messenger
from core.store import deliveries
from core.store.connection import connect
from core.store.deliveries import DeliveryQueue, RecordedOutcome
from core.store.scripts import Scripts
from tests.support import series_orders
from tests.support.core import (
    core_at,
    deliver_all,
    deliveries_of,
    everywhere,
    feed_and_claim,
    in_an_hour,
    order,
    people,
    record,
    reloaded,
    started,
    until,
)
from tests.support.lossy_proxy import LossyProxy, lossy_proxy
from tests.support.receipts import receipt

VIBER = Messenger.VIBER
ANN = Actor("telegram:100", "Ann")


@pytest.fixture
async def proxy(redis_url: str) -> AsyncIterator[LossyProxy]:
    async with lossy_proxy(redis_url) as proxy:
        yield proxy


@pytest.fixture
async def cut(proxy: LossyProxy) -> AsyncIterator[Core]:
    """A core whose connection loses what the proxy is told to lose; the store knows its scripts already."""
    async with core_at(proxy.url) as core:
        await started(core, everywhere(1))
        await deliver_all(core)
        await core.deliveries.reap()
        await core.ledger.steer("no such id", Verb.CANCEL)
        await core.ledger.delete("no such id")
        await core.audit_log.note(AuditAction.ORDERED)
        proxy.lost = 0
        yield core


async def test_claims_whose_answer_was_lost_are_asked_for_again_and_nothing_is_claimed_twice(
    cut: Core, proxy: LossyProxy, store: Redis
) -> None:
    broadcast = await started(cut, people(VIBER, 30))
    await cut.deliveries.feed(VIBER)
    proxy.lose_answers(1)
    claims = (await cut.deliveries.claim(VIBER, 20, worker="test")).claims
    assert proxy.lost == 1
    assert len({claim.delivery_id for claim in claims}) == 20
    assert await record(cut, *((claim, Sent("id")) for claim in claims)) == 20
    assert set((await deliver_all(cut)).values()) == {1}
    after = await reloaded(cut, broadcast)
    assert (after.status, after.progress.counts) == ("finished", {VIBER: {DeliveryState.SENT: 30}})
    assert await store.exists("ms:sending", "rq:wip:viber", "rq:queue:viber") == 0


async def test_claims_are_asked_for_until_the_store_answers(cut: Core, proxy: LossyProxy) -> None:
    """Longer than the connection itself repeats a command."""
    await started(cut, people(VIBER, 30))
    await cut.deliveries.feed(VIBER)
    proxy.lose_answers(9)
    claims = (await cut.deliveries.claim(VIBER, 20, worker="test")).claims
    assert (proxy.lost, len(claims)) == (9, 20)
    rest = (await cut.deliveries.claim(VIBER, 20, worker="test")).claims
    assert len({claim.delivery_id for claim in (*claims, *rest)}) == 30


async def test_a_call_that_arrives_after_its_repetition_was_answered_claims_nothing(
    cut: Core, proxy: LossyProxy, store: Redis
) -> None:
    await started(cut, people(VIBER, 30))
    await cut.deliveries.feed(VIBER)
    proxy.lose_requests(1)
    assert len((await cut.deliveries.claim(VIBER, 20, worker="test")).claims) == 20
    await proxy.deliver_lost_request()
    assert await store.zcard("ms:sending") == 20
    assert len((await cut.deliveries.claim(VIBER, 20, worker="test")).claims) == 10


async def test_what_a_late_call_has_claimed_is_given_with_the_next_answer(
    cut: Core, proxy: LossyProxy, store: Redis
) -> None:
    proxy.lose_requests(1)
    assert (await cut.deliveries.claim(VIBER, 20, worker="test")).claims == ()
    await started(cut, people(VIBER, 30))
    await cut.deliveries.feed(VIBER)
    await proxy.deliver_lost_request()
    assert await store.zcard("ms:sending") == 20
    assert len((await cut.deliveries.claim(VIBER, 20, worker="test")).claims) == 20
    assert await store.zcard("ms:sending") == 20


async def test_claims_whose_answer_came_after_their_lease_can_be_given_back(
    cut: Core, proxy: LossyProxy, redis_url: str
) -> None:
    """The store did not answer for longer than a lease: what nobody has sent is called unknown by then."""
    async with core_at(redis_url) as core, connect(proxy.url) as client:
        broadcast = await started(core, people(VIBER, 5))
        await core.deliveries.feed(VIBER)
        hasty = DeliveryQueue(client, Scripts(client), rates_of(core.settings), lease_seconds=0)
        await hasty.claim(Messenger.WHATSAPP, 1, worker="test")
        proxy.lose_answers(9)
        asking = asyncio.create_task(hasty.claim(VIBER, 20, worker="test"))
        await until(core.deliveries.reap)
        reaped_at = monotonic()
        claims = (await asking).claims
        assert claims[0].claimed_at < reaped_at
        assert (await reloaded(core, broadcast)).status == "finished"
        assert await record(core, *((claim, Again(0, Reason.BUSY, False)) for claim in claims)) == 5
        assert set((await deliver_all(core)).values()) == {1}
        assert (await reloaded(core, broadcast)).progress.counts == {VIBER: {DeliveryState.SENT: 5}}


async def test_a_repeated_claim_is_the_claim_as_it_was_made(cut: Core, proxy: LossyProxy) -> None:
    await started(cut, people(VIBER, 1))
    (first,) = await feed_and_claim(cut, VIBER)
    await record(cut, (first, Again(0, Reason.BUSY, True)))
    await cut.deliveries.feed(VIBER)
    proxy.lose_answers(1)
    (second,) = (await cut.deliveries.claim(VIBER, 1, worker="test")).claims
    assert (second.delivery_id, second.recipient) == (first.delivery_id, first.recipient)
    assert (second.attempt, second.tries) == (1, 1)


async def test_a_claim_that_never_reached_the_store_is_made_at_the_next_call(
    cut: Core, proxy: LossyProxy
) -> None:
    await started(cut, people(VIBER, 5))
    await cut.deliveries.feed(VIBER)
    proxy.lose_requests(1)
    assert len((await cut.deliveries.claim(VIBER, 5, worker="test")).claims) == 5
    assert proxy.lost == 1
    assert await deliver_all(cut) == {}


async def test_outcomes_that_went_along_with_a_lost_claim_are_written_once_and_free_what_was_claimed(
    cut: Core, proxy: LossyProxy
) -> None:
    broadcast = await started(cut, people(VIBER, 30))
    first = await feed_and_claim(cut, VIBER, 20)
    outcomes = [RecordedOutcome(claim, Sent("id")) for claim in first]
    proxy.lose_answers(1)
    claimed = await cut.deliveries.claim(VIBER, 20, worker="test", outcomes=outcomes)
    assert proxy.lost == 1
    assert len(claimed.claims) == 10
    assert await cut.deliveries.record(outcomes) == 0
    assert await record(cut, *((claim, Sent("id")) for claim in claimed.claims)) == 10
    after = await reloaded(cut, broadcast)
    assert (after.status, after.progress.counts) == ("finished", {VIBER: {DeliveryState.SENT: 30}})


async def test_outcomes_that_went_along_with_a_claim_that_never_arrived_are_written_at_the_next_call(
    cut: Core, proxy: LossyProxy
) -> None:
    broadcast = await started(cut, people(VIBER, 5))
    outcomes = [RecordedOutcome(claim, Sent("id")) for claim in await feed_and_claim(cut, VIBER)]
    proxy.lose_requests(1)
    claimed = await cut.deliveries.claim(VIBER, 5, worker="test", outcomes=outcomes)
    assert (proxy.lost, claimed.claims) == (1, ())
    assert await cut.deliveries.record(outcomes) == 0
    assert (await reloaded(cut, broadcast)).progress.counts == {VIBER: {DeliveryState.SENT: 5}}


async def test_outcomes_whose_answer_was_lost_are_written_once(cut: Core, proxy: LossyProxy) -> None:
    broadcast = await started(cut, people(VIBER, 3))
    claims = await feed_and_claim(cut, VIBER)
    proxy.lose_answers(2)
    await record(
        cut,
        (claims[0], Sent("id")),
        (claims[1], Failed(Reason.BLOCKED)),
        (claims[2], Unknown(Reason.NO_ANSWER)),
    )
    assert proxy.lost == 2
    after = await reloaded(cut, broadcast)
    assert (after.status, after.progress.total, after.progress.reached) == ("finished", 3, 1)
    assert (await cut.ledger.troubles(after, 0, 10))[1] == 2


async def test_outcomes_are_kept_for_as_long_as_the_store_is_away(
    cut: Core, proxy: LossyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour, by the worker's clock."""
    broadcast = await started(cut, people(VIBER, 2))
    claims = await feed_and_claim(cut, VIBER)
    proxy.lose_requests(1_000_000)
    recording = asyncio.create_task(record(cut, *((claim, Sent("id")) for claim in claims)))
    await until(partial(_lost, proxy, 7))  # more often than the connection itself repeats a command
    monkeypatch.setattr(deliveries, "time", SimpleNamespace(monotonic=lambda: monotonic() + 3600))
    await until(partial(_lost, proxy, proxy.lost + 7))
    proxy.lose_requests(0)
    assert await recording == 2
    assert (await reloaded(cut, broadcast)).progress.reached == 2


async def _lost(proxy: LossyProxy, count: int) -> bool:
    return proxy.lost >= count


async def test_an_order_whose_acceptance_was_lost_on_the_way_back_is_accepted_once_and_whole(
    cut: Core, proxy: LossyProxy
) -> None:
    proxy.lose_answers(1)
    broadcast = await cut.ledger.accept(await cut.ledger.reserve_id(), order(everywhere(150)))
    assert proxy.lost == 1
    assert len(await deliveries_of(cut, broadcast)) == broadcast.progress.total == 150 * len(Messenger)
    assert await cut.ledger.ids(Index.SCHEDULED) == [broadcast.id]


async def test_recipients_whose_writing_was_cut_off_are_written_again(cut: Core, proxy: LossyProxy) -> None:
    proxy.lose_answers(2, marker=b"ms:a:")
    broadcast = await cut.ledger.accept(await cut.ledger.reserve_id(), order(people(VIBER, 250)))
    assert proxy.lost == 2
    assert [d.recipient for d in await deliveries_of(cut, broadcast)] == list(people(VIBER, 250))


async def test_jobs_whose_feeding_was_cut_off_are_fed_once(
    cut: Core, proxy: LossyProxy, store: Redis
) -> None:
    await started(cut, people(VIBER, 300))
    proxy.lose_answers(1)
    await cut.deliveries.feed(VIBER)
    assert proxy.lost == 1
    jobs = await store.lrange("rq:queue:viber", 0, -1)
    assert len(jobs) == len(set(jobs)) == 300


async def test_steering_whose_answer_was_lost_stands_and_is_told_as_done(
    cut: Core, proxy: LossyProxy
) -> None:
    broadcast = await started(cut, people(VIBER, 3))
    proxy.lose_answers(1)
    assert await cut.ledger.steer(broadcast.id, Verb.CANCEL) == Steered(
        done=True, status=BroadcastStatus.CANCELLED
    )
    assert proxy.lost == 1
    assert not (await cut.ledger.steer(broadcast.id, Verb.CANCEL)).done
    assert await deliver_all(cut) == {}


async def test_an_undo_whose_answer_was_lost_is_told_as_done(cut: Core, proxy: LossyProxy) -> None:
    """The draft is given back only then."""
    new = replace(order(people(VIBER, 3)), undo_time=timedelta(minutes=1))
    broadcast = await cut.ledger.accept(await cut.ledger.reserve_id(), new)
    proxy.lose_answers(1)
    assert (await cut.ledger.steer(broadcast.id, Verb.UNDO)).done
    assert proxy.lost == 1
    assert not (await cut.ledger.steer(broadcast.id, Verb.UNDO)).done


async def test_a_deletion_whose_answer_was_lost_is_counted(cut: Core, proxy: LossyProxy) -> None:
    broadcast = await started(cut, people(VIBER, 1))
    await deliver_all(cut)
    proxy.lose_answers(1)
    assert await cut.ledger.delete(broadcast.id)
    assert proxy.lost == 1


async def test_a_stop_of_everything_whose_answer_was_lost_is_told_as_done(
    cut: Core, proxy: LossyProxy
) -> None:
    await cut.panic.release((await cut.panic.stop(ANN)).stop)
    proxy.lose_answers(1, marker=b"telegram:100")
    assert (await cut.panic.stop(ANN)).fresh
    assert proxy.lost == 1
    assert not (await cut.panic.stop(ANN)).fresh


async def test_a_line_of_the_log_whose_answer_was_lost_is_written_once(cut: Core, proxy: LossyProxy) -> None:
    proxy.lose_answers(1)
    await cut.audit_log.note(AuditAction.CANCELLED, "A7KQ", ANN)
    assert proxy.lost == 1
    assert [line.action for line in (await cut.audit_log.page()).items].count(AuditAction.CANCELLED) == 1


async def test_what_is_done_once_more_is_an_act_of_its_own(cut: Core) -> None:
    """Only the repetition of a call is answered as the call was."""
    for _ in range(2):
        await cut.audit_log.note(AuditAction.CANCELLED, "A7KQ", ANN)
    assert [line.action for line in (await cut.audit_log.page()).items].count(AuditAction.CANCELLED) == 2


@pytest.mark.parametrize("count", [50, 200], ids=["in one step", "in several"])
async def test_a_resend_whose_answer_was_lost_reaches_everybody_once(
    cut: Core, proxy: LossyProxy, count: int
) -> None:
    broadcast = await started(cut, people(VIBER, count))
    await deliver_all(cut, {one.address: Unknown(Reason.NO_ANSWER) for one in people(VIBER, count)})
    asked = await reloaded(cut, broadcast)
    proxy.lose_answers(2)
    assert await cut.retries.resend_unknown(asked) == count
    assert proxy.lost == 2
    with pytest.raises(Conflict):
        await cut.retries.resend_unknown(asked)
    assert await deliver_all(cut) == {one.label: 1 for one in people(VIBER, count)}


async def test_a_change_whose_answer_was_lost_stands_with_all_its_people(
    cut: Core, proxy: LossyProxy
) -> None:
    """Asked for again it finds itself done, and must not clear its own recipients away."""
    broadcast = await cut.ledger.accept(
        await cut.ledger.reserve_id(), order(people(VIBER, 3), send_at=in_an_hour())
    )
    assert await cut.ledger.replace(broadcast.id, order(people(VIBER, 4), send_at=in_an_hour()), edition=0)
    proxy.lose_answers(1)
    new = order(people(VIBER, 5, 100), send_at=in_an_hour())
    assert await cut.ledger.replace(broadcast.id, new, edition=1)
    assert proxy.lost == 1
    await cut.broadcasts.send_now(broadcast.id)
    assert await deliver_all(cut) == {one.label: 1 for one in people(VIBER, 5, 100)}


async def test_answers_are_kept_for_longer_than_their_calls_are_repeated(cut: Core, store: Redis) -> None:
    """Of an act for two minutes: the client gives up after six tries of ten seconds. Of a claim for an hour."""
    await started(cut, people(VIBER, 1))
    await feed_and_claim(cut, VIBER)
    for kept, seconds in (("ms:answer:*", 120), ("ms:claims:*", 3600)):
        lives = [await store.ttl(key) for key in await store.keys(kept)]
        assert max(lives) in range(seconds - 20, seconds + 1)


async def test_a_press_whose_note_lost_its_answer_is_the_first_one(cut: Core, proxy: LossyProxy) -> None:
    proxy.lose_answers(1, b"ms:tap:")
    assert await cut.presses.is_first(100, 7, "test")
    assert proxy.lost == 1
    assert not await cut.presses.is_first(100, 7, "test")


async def test_the_broadcast_of_a_series_is_made_though_its_turn_lost_its_answer(
    cut: Core, store: Redis, proxy: LossyProxy, vip: Chosen
) -> None:
    series = await series_orders.due(cut, store, series_orders.to(vip))
    proxy.lose_answers(1, b"ms:making:")
    assert await cut.series.make_due(series.id) is not None
    assert proxy.lost == 1


async def test_what_is_taken_out_of_the_store_is_given_though_its_answer_was_lost(
    cut: Core, proxy: LossyProxy
) -> None:
    """Half of a long message, messages that still ask, a subscription that ends, a request for a list, a halt."""
    await cut.pending_lists.keep_piece(100, "list", 7, "+1202")
    await cut.team_messages.put("stop", 100, 8)
    await cut.subscribers.subscribe(100, "Ann")
    await cut.templates.ask(Messenger.WHATSAPP)
    await cut.deliveries.halt(VIBER, 0.0, Reason.UNREACHABLE)
    taken: tuple[tuple[bytes, Callable[[], Awaitable[object]], object], ...] = (
        (b"ms:piece:", partial(cut.pending_lists.piece, 100, "list"), (7, "+1202")),
        (b"ms:told:at:", partial(cut.team_messages.take, "stop"), [(100, 8)]),
        (b"ms:subscribers", partial(cut.subscribers.unsubscribe, 100), True),
        (b":asked", partial(cut.templates.take_request, Messenger.WHATSAPP), True),
        (b"ms:halt:", partial(cut.health.resume, VIBER), True),
    )
    for marker, take, given in taken:
        for answer in (given, None):
            proxy.lose_answers(2, marker)
            assert (await take() or None) == answer
            proxy.lose_answers(0)
    assert proxy.lost >= 2 * len(taken)


async def test_an_upload_whose_lease_lost_its_answer_is_begun_at_once(cut: Core, proxy: LossyProxy) -> None:
    assert await cut.uploads.begin("v:another")
    proxy.lose_answers(1)
    assert await cut.uploads.begin("v:file")
    assert proxy.lost == 1
    assert not await cut.uploads.begin("v:file")


async def test_reports_whose_answers_were_lost_are_kept_and_counted_once(
    cut: Core, proxy: LossyProxy
) -> None:
    of_nobody = receipt(DeliveryState.READ, message_id="of nobody")
    for known in range(2):
        proxy.lose_answers(known)
        assert await cut.receipt_inbox.put(VIBER, ["{}"])
        taken = await cut.receipt_inbox.take(VIBER)
        assert taken is not None
        assert taken.bodies == ("{}",)
        await cut.receipt_inbox.done(taken)
        proxy.lose_answers(known)
        await cut.receipt_inbox.apply(VIBER, [of_nobody])
        assert (await cut.health.receipts(VIBER)).unmatched == 1 + known
    assert proxy.lost == 2


async def test_permits_whose_answer_was_lost_are_granted(proxy: LossyProxy) -> None:
    async with core_at(proxy.url, VIBER_RATE="1") as core:
        await core.deliveries.permits(Messenger.TELEGRAM, 1, "no such id")
        proxy.lose_answers(1)
        granted, _ = await core.deliveries.permits(VIBER, 1, "no such id")
        assert (granted, proxy.lost) == (1, 1)
