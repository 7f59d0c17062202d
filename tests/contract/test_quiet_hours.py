"""Quiet hours: what falls into them waits for their end, person by person, and costs nothing but a look."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, BroadcastStatus
from core.domain.delivery import DeliveryState
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.quiet_hours import QuietHours
from core.domain.recipients import Recipient
from core.store.times import to_ms
from tests.support.core import (
    accept,
    change,
    core_at,
    deliver_all,
    deliveries_of,
    due,
    order,
    people,
    reloaded,
    until,
)

HOUR = timedelta(hours=1)


def around(now: datetime, *, zone: str = "UTC") -> QuietHours:
    """Hours that last now, for an hour still."""
    return QuietHours(
        (now - HOUR).time().replace(second=0, microsecond=0),
        (now + HOUR).time().replace(second=0, microsecond=0),
        zone,
    )


def now_quiet() -> QuietHours:
    return around(datetime.now(UTC))


def in_quiet_hours(count: int, hours: QuietHours | None = None, first: int = 0) -> tuple[Recipient, ...]:
    return tuple(
        replace(one, quiet_hours=hours or now_quiet()) for one in people(Messenger.VIBER, count, first)
    )


async def sent_now(core: Core, *recipients: Recipient, ignore_quiet_hours: bool = False) -> Broadcast:
    broadcast = await accept(core, replace(order(recipients), ignore_quiet_hours=ignore_quiet_hours))
    await core.ledger.start(broadcast.id)
    return await reloaded(core, broadcast)


async def spans(store: Redis, hours: QuietHours, *ends: tuple[timedelta, timedelta]) -> None:
    """Tell the scripts of these hours."""
    now = datetime.now(UTC)
    text = ",".join(f"{to_ms(now + start)}-{to_ms(now + end)}" for start, end in ends)
    await store.hset("ms:quiet", str(hours), text)


async def test_who_is_in_quiet_hours_waits_and_the_others_get_it(core: Core, store: Redis) -> None:
    hours = now_quiet()
    broadcast = await sent_now(core, *in_quiet_hours(3, hours), *people(Messenger.VIBER, 2, 10))
    assert sum((await deliver_all(core)).values()) == 2
    now = await reloaded(core, broadcast)
    assert (now.status, now.progress.open) == (BroadcastStatus.SENDING, 3)
    assert now.quiet_waits == {hours: 3}
    waiting = [one for one in await deliveries_of(core, now) if one.state is DeliveryState.QUEUED]
    assert {one.reason for one in waiting} == {Reason.QUIET_HOURS}
    end = hours.until(datetime.now(UTC))
    assert {one.at for one in waiting} == {end}
    assert len(await due(store, Messenger.VIBER)) == 3


async def test_at_their_end_it_arrives(core: Core, store: Redis) -> None:
    hours = now_quiet()
    broadcast = await sent_now(core, *in_quiet_hours(3, hours))
    await spans(store, hours, (-HOUR, timedelta(milliseconds=300)), (23 * HOUR, 24 * HOUR))
    assert not await deliver_all(core)
    assert (await reloaded(core, broadcast)).quiet_waits == {hours: 3}

    async def arrived() -> bool:
        await deliver_all(core)
        return (await reloaded(core, broadcast)).status is BroadcastStatus.FINISHED

    await until(arrived)
    done = await reloaded(core, broadcast)
    assert (done.progress.reached, done.quiet_waits) == (3, {})


async def test_what_has_begun_stops_for_those_whose_quiet_hours_begin(core: Core, store: Redis) -> None:
    hours = now_quiet()
    broadcast = await sent_now(core, *in_quiet_hours(5, hours))
    await spans(store, hours, (HOUR, 2 * HOUR))
    await core.deliveries.feed(Messenger.VIBER)
    assert len((await core.deliveries.claim(Messenger.VIBER, 2, worker="test")).claims) == 2
    await spans(store, hours, (-HOUR, HOUR))
    assert not await deliver_all(core)
    assert (await reloaded(core, broadcast)).quiet_waits == {hours: 3}


async def test_hours_of_their_own_go_before_those_for_everybody(redis_url: str) -> None:
    day = around(datetime.now(UTC) + 6 * HOUR)
    async with core_at(redis_url, QUIET_HOURS=now_quiet().span) as core:
        everybody = people(Messenger.VIBER, 2)
        broadcast = await sent_now(
            core, *everybody, *in_quiet_hours(1, QuietHours.never(), 10), *in_quiet_hours(1, day, 20)
        )
        sent = await deliver_all(core)
        assert sorted(sent) == ["viber:viber-1010", "viber:viber-1020"]
        assert (await reloaded(core, broadcast)).quiet_waits == {core.settings.quiet: 2}


async def test_an_order_can_go_out_all_the_same(redis_url: str) -> None:
    async with core_at(redis_url, QUIET_HOURS=now_quiet().span) as core:
        await sent_now(core, *in_quiet_hours(2), *people(Messenger.VIBER, 2, 10), ignore_quiet_hours=True)
        assert sum((await deliver_all(core)).values()) == 4


async def test_an_order_that_takes_the_place_of_another_brings_its_own_hours(core: Core) -> None:
    planned = await accept(
        core, replace(order(in_quiet_hours(2), send_at=datetime.now(UTC) + HOUR), ignore_quiet_hours=True)
    )
    assert planned.ignore_quiet_hours
    new = order(in_quiet_hours(2), send_at=planned.send_at)
    await change(core, planned.id, new, edition=planned.edition)
    assert not (await reloaded(core, planned)).ignore_quiet_hours
    await core.broadcasts.send_now(planned.id)
    assert not await deliver_all(core)


async def test_an_audience_brings_its_hours_and_keeps_them_in_every_order(core: Core) -> None:
    hours = now_quiet()
    audience = await core.audiences.create("vip", created_by=Actor("test", "Test"))
    await core.audiences.add(audience.id, people(Messenger.VIBER, 2))
    assert (await core.audiences.set_quiet(audience.id, hours)).quiet_hours == hours
    found = await core.recipients.gather(
        [await core.audiences.choose(audience.id)], people(Messenger.VIBER, 3)
    )
    assert [one.quiet_hours for one in found.recipients] == [hours, hours, None]
    broadcast = await sent_now(core, *found.recipients)
    assert sum((await deliver_all(core)).values()) == 1
    copied = [one.recipient async for one in core.ledger.deliveries(await reloaded(core, broadcast))]
    assert sorted(str(one.quiet_hours) for one in copied) == sorted([str(hours), str(hours), "None"])
    assert (await core.audiences.set_quiet(audience.id, None)).quiet_hours is None


async def test_cancelling_ends_the_waiting_at_once(core: Core) -> None:
    broadcast = await sent_now(core, *in_quiet_hours(3))
    assert not await deliver_all(core)
    cancelled = await core.broadcasts.cancel(broadcast.id)
    assert cancelled.progress.of(DeliveryState.CANCELLED) == 3


async def test_pausing_and_resuming_in_quiet_hours_sends_nothing(core: Core, store: Redis) -> None:
    hours = now_quiet()
    broadcast = await sent_now(core, *in_quiet_hours(3, hours))
    assert not await deliver_all(core)
    await core.broadcasts.pause(broadcast.id)
    await core.broadcasts.resume(broadcast.id)
    assert not await deliver_all(core)
    now = await reloaded(core, broadcast)
    assert (now.progress.open, now.quiet_waits) == (3, {hours: 3})


@pytest.mark.parametrize("known", ["", "1-2"])
async def test_hours_that_nobody_knows_any_more_are_waited_out(core: Core, store: Redis, known: str) -> None:
    """Workers were away for long: nothing goes out until one of them has said when it is night."""
    hours = now_quiet()
    await sent_now(core, *in_quiet_hours(2, hours))
    await store.hset("ms:quiet", str(hours), known)
    assert not await deliver_all(core)
    assert all(0 < seconds <= 60 for seconds in (await due(store, Messenger.VIBER)).values())
    await core.quiet.refresh()
    assert str(await store.hget("ms:quiet", str(hours))).count("-") == 10


async def test_waiting_costs_no_share_of_the_rate(redis_url: str) -> None:
    """One message in two seconds is allowed: those who wait take it from nobody."""
    async with core_at(redis_url, VIBER_RATE="0.5") as core:
        await sent_now(core, *in_quiet_hours(9), *people(Messenger.VIBER, 1, 20))
        assert list(await deliver_all(core)) == ["viber:viber-1020"]
