"""Broadcasts that did not start because nothing ran are asked about, sent or skipped, as chosen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.app import Core
from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, BroadcastStatus, Index, Late, Verb
from core.domain.delivery import DeliveryState
from core.domain.messengers.traits import Messenger
from core.services.purge import PurgeKind
from tests.support.core import (
    accept,
    core_at,
    deliver_all,
    in_an_hour,
    order,
    people,
    reloaded,
    states_of,
)

QUARTER = timedelta(minutes=15)


async def overdue(core: Core, late: Late = Late.ASK, minutes: int = 160) -> Broadcast:
    """Due so long ago, and nothing ran since."""
    send_at = datetime.now(UTC) - timedelta(minutes=minutes)
    new = replace(order(people(Messenger.VIBER, 3), send_at=send_at), late=late, late_after=QUARTER)
    return await core.ledger.accept(await core.ledger.reserve_id(), new)


async def test_what_is_too_late_waits_for_an_answer_and_is_told_once(core: Core) -> None:
    broadcast = await overdue(core)
    await asyncio.gather(*(core.deliveries.start_due() for _ in range(3)), core.ledger.start(broadcast.id))
    late = await reloaded(core, broadcast)
    assert late.status is BroadcastStatus.SCHEDULED
    assert late.late_since is not None
    assert await core.overdue.waiting() == [broadcast.id]
    await core.overdue.told(broadcast.id)
    await core.deliveries.start_due()
    assert await core.overdue.waiting() == []
    assert not await deliver_all(core)


async def test_a_little_late_is_not_late(core: Core) -> None:
    broadcast = await overdue(core, minutes=14)
    await core.deliveries.start_due()
    assert (await reloaded(core, broadcast)).status is BroadcastStatus.SENDING


async def test_what_shall_go_out_however_late_goes_out(core: Core) -> None:
    broadcast = await overdue(core, Late.SEND)
    await core.deliveries.start_due()
    assert sum((await deliver_all(core)).values()) == 3
    assert (await reloaded(core, broadcast)).status is BroadcastStatus.FINISHED


async def test_what_shall_be_skipped_is_cancelled_and_told(core: Core) -> None:
    broadcast = await overdue(core, Late.SKIP)
    await asyncio.gather(*(core.deliveries.start_due() for _ in range(3)))
    skipped = await reloaded(core, broadcast)
    assert (skipped.status, skipped.missed) == (BroadcastStatus.CANCELLED, True)
    assert await states_of(core, broadcast) == [DeliveryState.CANCELLED] * 3
    assert await core.overdue.waiting() == [broadcast.id]


async def test_late_ones_stand_first_on_the_list_and_hold_nothing_up(core: Core) -> None:
    """They are not among what is due, so that however many they are, the others start."""
    late = [await overdue(core, minutes=minutes) for minutes in (200, 100)]
    later = await accept(core, order(people(Messenger.VIBER, 1), send_at=in_an_hour()))
    await core.deliveries.start_due()
    listed = (await core.broadcasts.scheduled()).items
    assert [one.id for one in listed] == [late[0].id, late[1].id, later.id]
    assert await core.ledger.ids(Index.SCHEDULED, until=datetime.now(UTC)) == []
    assert (await core.status.read()).next_due == later.send_at


async def test_the_answer_may_be_now(core: Core) -> None:
    broadcast = await overdue(core)
    await core.deliveries.start_due()
    assert (await core.broadcasts.send_now(broadcast.id)).status is BroadcastStatus.SENDING


async def test_the_answer_may_be_another_time(core: Core) -> None:
    broadcast = await overdue(core)
    await core.deliveries.start_due()
    moved = await core.broadcasts.reschedule(broadcast.id, in_an_hour())
    assert moved.late_since is None
    assert await core.ledger.ids(Index.SCHEDULED, until=in_an_hour()) == [broadcast.id]


async def test_the_answer_may_be_never(core: Core) -> None:
    broadcast = await overdue(core)
    await core.deliveries.start_due()
    assert (await core.broadcasts.cancel(broadcast.id)).status is BroadcastStatus.CANCELLED
    assert (await core.broadcasts.scheduled()).total == 0


async def test_an_answer_that_is_taken_back_leaves_the_question(core: Core) -> None:
    """Send now, with its moment for undoing, and undone."""
    broadcast = await overdue(core)
    await core.deliveries.start_due()
    held = await core.broadcasts.send_soon(broadcast.id, timedelta(minutes=5))
    assert held.can_be_undone
    undone = await core.broadcasts.undo(broadcast.id)
    assert (undone.status, undone.can_be_undone) == (BroadcastStatus.SCHEDULED, False)
    assert undone.late_since is not None
    await core.deliveries.start_due()
    assert not await deliver_all(core)


async def test_what_came_due_while_everything_was_stopped_by_a_person_is_not_late(core: Core) -> None:
    stopped = await core.panic.stop(Actor("telegram:100", "Ann"))
    broadcast = await overdue(core)
    await core.deliveries.start_due()
    await core.panic.release(stopped.stop)
    await core.deliveries.start_due()
    assert (await reloaded(core, broadcast)).status is BroadcastStatus.SENDING


async def test_a_late_one_is_among_all_that_can_be_cancelled(core: Core) -> None:
    await overdue(core)
    await core.deliveries.start_due()
    assert await core.purge.carry_out(PurgeKind.CANCEL_SCHEDULED, expected=1) == 1


@pytest.mark.parametrize(
    ("late", "status"),
    [
        ("ask", BroadcastStatus.SCHEDULED),
        ("send", BroadcastStatus.SENDING),
        ("skip", BroadcastStatus.CANCELLED),
    ],
)
async def test_an_order_that_says_nothing_follows_the_settings(
    redis_url: str, late: str, status: BroadcastStatus
) -> None:
    async with core_at(redis_url, LATE=late, LATE_AFTER="1") as core:
        broadcast = await accept(core, order(people(Messenger.VIBER, 1), send_at=in_an_hour()))
        await core.ledger.steer(broadcast.id, Verb.RESCHEDULE, await core.ledger.now() - timedelta(seconds=2))
        await core.deliveries.start_due()
        assert (await reloaded(core, broadcast)).status is status
