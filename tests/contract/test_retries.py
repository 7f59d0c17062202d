"""Sending again to the unknown: only to them, and once for each time it is asked for."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from core.app import Core
from core.domain.broadcast import Broadcast, BroadcastStatus, Index
from core.domain.delivery import DeliveryState, job_id
from core.domain.errors import Conflict
from core.domain.messengers.events import Receipt
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed, Move, Sent, Unknown
from core.domain.messengers.traits import Messenger
from core.store.deliveries import RecordedOutcome
from tests.support.core import (
    deliver_all,
    deliveries_of,
    everywhere,
    feed_and_claim,
    people,
    reloaded,
    started,
)

TELEGRAM, VIBER = Messenger.TELEGRAM, Messenger.VIBER
CUT_OFF = Unknown(Reason.CUT_OFF)


async def finished(core: Core, outcomes: dict[str, Move], size: int = 10) -> Broadcast:
    """To `size` people on Viber; `outcomes` by address, the others: sent."""
    broadcast = await started(core, people(VIBER, size))
    await deliver_all(core, outcomes)
    found = await reloaded(core, broadcast)
    assert found.status is BroadcastStatus.FINISHED
    return found


async def test_only_the_unknown_are_sent_to_again_and_it_ends_again(core: Core) -> None:
    """Failed ones stay failed, sent ones are left alone; the lists and counters follow."""
    outcomes: dict[str, Move] = {
        "viber-1001": CUT_OFF,
        "viber-1002": Failed(Reason.BLOCKED),
        "viber-1003": CUT_OFF,
        "viber-1004": Failed(Reason.BUSY),
    }
    broadcast = await finished(core, outcomes)
    assert await core.retries.resend_unknown(broadcast) == 2
    running = await reloaded(core, broadcast)
    assert (running.status, running.finished_at) == (BroadcastStatus.SENDING, None)
    assert (running.progress.of(DeliveryState.QUEUED), running.progress.of(DeliveryState.UNKNOWN)) == (2, 0)
    assert [await core.ledger.count(index) for index in (Index.RUNNING, Index.ENDED, Index.FAILURES)] == [
        1,
        0,
        0,
    ]
    assert await deliver_all(core) == {"viber:viber-1001": 1, "viber:viber-1003": 1}
    ended = await reloaded(core, broadcast)
    assert (ended.status, ended.resends) == (BroadcastStatus.FINISHED, 1)
    assert (ended.progress.reached, ended.progress.of(DeliveryState.FAILED)) == (8, 2)
    assert [await core.ledger.count(index) for index in (Index.RUNNING, Index.ENDED, Index.FAILURES)] == [
        0,
        1,
        1,
    ]
    troubled, count = await core.ledger.troubles(ended, 0, 10)
    assert [one.recipient.address for one in troubled] == ["viber-1002", "viber-1004"]
    assert count == 2


async def test_asked_for_by_many_at_once_it_is_done_once(core: Core) -> None:
    broadcast = await finished(core, {"viber-1001": CUT_OFF, "viber-1005": CUT_OFF})
    found = await asyncio.gather(
        *(core.retries.resend_unknown(broadcast) for _ in range(10)), return_exceptions=True
    )
    assert Counter(type(one) for one in found) == {int: 1, Conflict: 9}
    assert await deliver_all(core) == {"viber:viber-1001": 1, "viber:viber-1005": 1}
    with pytest.raises(Conflict):
        await core.retries.resend_unknown(broadcast)
    assert await deliver_all(core) == {}


async def test_who_is_unknown_a_second_time_can_be_asked_for_a_second_time(core: Core) -> None:
    broadcast = await finished(core, {"viber-1001": CUT_OFF})
    await core.retries.resend_unknown(broadcast)
    await deliver_all(core, {"viber-1001": CUT_OFF})
    once = await reloaded(core, broadcast)
    assert (once.resends, once.progress.of(DeliveryState.UNKNOWN)) == (1, 1)
    await core.retries.resend_unknown(once)
    assert await deliver_all(core) == {"viber:viber-1001": 1}
    assert (await reloaded(core, broadcast)).progress.reached == 10


async def test_a_late_yes_to_the_first_attempt_keeps_the_second_from_being_made(core: Core) -> None:
    """A receipt is proof: a recipient who turns out to have the message is left out of a waiting retry."""
    broadcast = await finished(core, {"viber-1001": CUT_OFF})
    (unknown,) = [one for one in await deliveries_of(core, broadcast) if one.state is DeliveryState.UNKNOWN]
    await core.retries.resend_unknown(broadcast)
    assert unknown.at is not None
    receipt = Receipt(
        state=DeliveryState.DELIVERED, at=unknown.at, reference=job_id(str(unknown.id), unknown.attempts - 1)
    )
    await core.receipt_inbox.apply(VIBER, [receipt])
    assert await deliver_all(core) == {}
    assert (await reloaded(core, broadcast)).status is BroadcastStatus.FINISHED


async def test_the_answer_to_an_attempt_before_the_resend_records_nothing(core: Core) -> None:
    """The claim of the first attempt is void: its late answer neither counts nor disturbs the second attempt."""
    broadcast = await started(core, people(VIBER, 1))
    (claim,) = await feed_and_claim(core, VIBER)
    await core.deliveries.record([RecordedOutcome(claim, CUT_OFF)])
    await core.retries.resend_unknown(await reloaded(core, broadcast))
    assert await core.deliveries.record([RecordedOutcome(claim, Sent("late"))]) == 0
    assert await deliver_all(core) == {"viber:viber-1000": 1}


async def test_what_was_cancelled_is_not_sent_again(core: Core) -> None:
    broadcast = await started(core, people(VIBER, 5))
    (claim, *_) = await feed_and_claim(core, VIBER, 1)
    await core.broadcasts.cancel(broadcast.id)
    await core.deliveries.record([RecordedOutcome(claim, CUT_OFF)])
    with pytest.raises(Conflict):
        await core.retries.resend_unknown(await reloaded(core, broadcast))
    assert await deliver_all(core) == {}


async def test_those_who_missed_it_are_sent_to_as_soon_as_they_can_be_reached(core: Core) -> None:
    outcomes: dict[str, Move] = {
        "1001": Failed(Reason.BUSY),
        "1002": Failed(Reason.BLOCKED),
        "viber-1001": CUT_OFF,
        "viber-1003": Failed(Reason.UNREACHABLE),
    }
    broadcast = await started(core, everywhere(5))
    await deliver_all(core, outcomes)
    ended = await reloaded(core, broadcast)
    assert {one.label for one in await core.retries.reachable(ended)} == {"telegram:1001", "viber:viber-1003"}
    assert [one.label for one in await core.retries.reachable(ended, {Reason.BUSY})] == ["telegram:1001"]
    assert (await core.retries.missed(ended)).reachable == 2
    await core.subscribers.mark_reachable(TELEGRAM, "1002")
    assert [one.label for one in await core.retries.reachable(ended, {Reason.BLOCKED})] == ["telegram:1002"]
    missed = await core.retries.missed(ended)
    assert (len(missed.first), missed.reachable) == (3, 3)


async def test_those_who_were_cut_off_by_a_stop_missed_it_too(core: Core) -> None:
    broadcast = await started(core, people(TELEGRAM, 5))
    await feed_and_claim(core, TELEGRAM, 2)
    await core.broadcasts.cancel(broadcast.id)
    stopped = await reloaded(core, broadcast)
    assert stopped.progress.of(DeliveryState.CANCELLED) == 3
    assert (await core.retries.missed(stopped)).reachable == 3


async def test_thousands_of_unknown_ones_are_each_sent_to_once(core: Core) -> None:
    """More than one step of the store takes."""
    everybody = people(VIBER, 5200)
    broadcast = await started(core, everybody)
    await deliver_all(core, {one.address: CUT_OFF for one in everybody})
    assert await core.retries.resend_unknown(await reloaded(core, broadcast)) == 5200
    sent = await deliver_all(core)
    assert (len(sent), set(sent.values())) == (5200, {1})
    assert (await reloaded(core, broadcast)).progress.reached == 5200
