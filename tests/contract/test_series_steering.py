"""Series are left out of, paused, changed, stopped and cleared away; each answer counts once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.audience import Chosen
from core.domain.content.content import Content
from core.domain.errors import Conflict, NotFound, ValidationError
from core.domain.messengers.traits import Messenger
from core.domain.series import SeriesStatus
from core.queue.jobs import series_job_id
from core.services.purge import PurgeKind
from tests.support.core import accept, in_an_hour, order, people
from tests.support.series_orders import DAILY, ENTRIES, accepted, due, to


async def test_the_next_time_can_be_left_out(core: Core, vip: Chosen) -> None:
    series = await accepted(core, to(vip))
    skipped = await core.series.skip_next(series)
    assert series.next_at is not None
    assert skipped.next_at == DAILY.following(series.next_at, made=0)
    with pytest.raises(Conflict):
        await core.series.skip_next(series)


async def test_what_was_skipped_is_sent_after_all_one_by_one(core: Core, vip: Chosen) -> None:
    series = await accepted(core, to(vip))
    once = await core.series.skip_next(series)
    twice = await core.series.skip_next(once)
    back = await core.series.unskip(twice)
    assert back.next_at == once.next_at
    with pytest.raises(Conflict):
        await core.series.unskip(twice)
    back = await core.series.unskip(back)
    assert back.next_at == series.next_at
    with pytest.raises(Conflict):
        await core.series.unskip(back)


async def test_what_was_skipped_stays_skipped_through_a_pause(core: Core, vip: Chosen) -> None:
    skipped = await core.series.skip_next(await accepted(core, to(vip)))
    resumed = await core.series.resume(await core.series.pause(skipped))
    assert resumed.next_at == skipped.next_at


async def test_a_paused_series_makes_nothing_and_goes_on_with_what_is_ahead(
    core: Core, store: Redis, vip: Chosen
) -> None:
    series = await due(core, store, to(vip))
    paused = await core.series.pause(series)
    await core.series.make_all_due()
    assert (await core.series.get(series.id)).made == 0
    assert await store.zrange(ENTRIES, 0, -1) == []
    resumed = await core.series.resume(paused)
    assert resumed.next_at == DAILY.following(datetime.now(UTC), made=0)
    assert await store.zrange(ENTRIES, 0, -1) == [series_job_id(series.id)]


async def test_a_stopped_series_is_over(core: Core, store: Redis, vip: Chosen) -> None:
    stopped = await core.series.stop(await accepted(core, to(vip)))
    assert (stopped.status, stopped.next_at) == (SeriesStatus.STOPPED, None)
    assert await store.zrange(ENTRIES, 0, -1) == []
    for again in (core.series.resume, core.series.pause, core.series.skip_next):
        with pytest.raises(Conflict):
            await again(stopped)


async def test_a_series_ends_by_itself(core: Core, store: Redis, vip: Chosen) -> None:
    series = await due(core, store, to(vip, repeat=replace(DAILY, times=1)))
    assert await core.series.make_due(series.id) is not None
    ended = await core.series.get(series.id)
    assert (ended.status, ended.next_at) == (SeriesStatus.ENDED, None)
    assert (await core.series.planned()).total == 0


async def test_another_text_goes_out_from_the_next_time_on(core: Core, store: Redis, vip: Chosen) -> None:
    series = await due(core, store, to(vip))
    changed = await core.series.change(series, replace(series.order, content=Content(text="Other")))
    assert changed.next_at == series.next_at
    made = await core.series.make_due(series.id)
    assert made is not None
    assert made.content.text == "Other"
    with pytest.raises(Conflict):
        await core.series.change(series, series.order)


async def test_an_order_is_accepted_once_and_one_that_is_over_before_it_begins_never(
    core: Core, vip: Chosen
) -> None:
    series = await accepted(core, to(vip))
    same = await core.series.accept(series.id, to(vip, repeat=replace(DAILY, times=3)))
    assert same.order.repeat == DAILY
    with pytest.raises(ValidationError):
        await accepted(core, to(vip, repeat=replace(DAILY, times=0)))
    with pytest.raises(NotFound):
        await core.series.get("NOPE")


async def test_no_broadcast_gets_the_id_of_a_series_or_of_its_next_time(
    core: Core, store: Redis, vip: Chosen
) -> None:
    series = await accepted(core, to(vip))
    assert await store.ttl(f"ms:id:{series.id}") == -1
    assert await store.ttl(f"ms:id:{series.next_id}") == -1
    skipped = await core.series.stop(series)
    assert await store.ttl(f"ms:id:{skipped.id}") > 0


async def test_scheduled_broadcasts_and_series_stand_in_one_list(core: Core, vip: Chosen) -> None:
    """In the order of their times, on every page each of them once."""
    series = [await accepted(core, to(vip)) for _ in range(3)]
    times = [in_an_hour() + timedelta(hours=hours) for hours in range(0, 60, 7)]
    broadcasts = [await accept(core, order(people(Messenger.VIBER, 1), send_at=moment)) for moment in times]
    listed: list[str] = []
    for page in range(1, 4):
        found = await core.series.planned(page=page, size=5)
        assert (found.total, found.pages) == (12, 3)
        assert len(found.items) == (5 if page < 3 else 2)
        listed += [one.id for one in found.items]
    moments = {one.id: one.next_at for one in series} | {one.id: one.send_at for one in broadcasts}
    assert sorted(listed) == sorted(moments)
    in_order = [moments[one] for one in listed]
    assert in_order == sorted(in_order, key=lambda moment: moment or datetime.now(UTC))


async def test_deleting_what_has_ended_leaves_series(core: Core, vip: Chosen) -> None:
    series = await accepted(core, to(vip))
    await core.purge.delete_ended()
    assert (await core.series.get(series.id)).status is SeriesStatus.ACTIVE


async def test_clearing_away_what_is_scheduled_leaves_series_until_they_are_meant(
    core: Core, vip: Chosen
) -> None:
    """The offer says that they go on; stopping them is a question of its own, with its own count."""
    series = await accepted(core, to(vip))
    await accept(core, order(people(Messenger.VIBER, 1), send_at=in_an_hour()))
    offer = await core.purge.offer(PurgeKind.CANCEL_SCHEDULED)
    assert (offer.broadcasts, offer.series) == (1, 1)
    await core.purge.carry_out(PurgeKind.CANCEL_SCHEDULED, expected=1)
    assert (await core.series.get(series.id)).status is SeriesStatus.ACTIVE
    with pytest.raises(Conflict):
        await core.purge.carry_out(PurgeKind.STOP_SERIES, expected=2)
    assert await core.purge.carry_out(PurgeKind.STOP_SERIES, expected=1) == 1
    assert (await core.series.get(series.id)).status is SeriesStatus.STOPPED
    with pytest.raises(Conflict):
        await core.purge.carry_out(PurgeKind.STOP_SERIES, expected=0)
