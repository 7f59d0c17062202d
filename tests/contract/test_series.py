"""Series: each time a broadcast of its own, made once whoever tries, from those who are in the audiences then."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.audience import Chosen
from core.domain.broadcast import BroadcastStatus, Late, Occurrence
from core.domain.content import Content
from core.domain.errors import Conflict, NotFound, ValidationError
from core.domain.messengers import Messenger
from core.domain.recurrence import Recurrence
from core.domain.series import NewSeries, Repeat, Series, SeriesStatus
from core.queue.control import ControlQueue
from core.queue.jobs import MAKE, series_job_id
from core.services.purge import PurgeKind
from core.store.connection import connect_bytes
from core.store.scripts import Scripts
from core.store.series import SeriesStore
from tests.core_on_store import VARIABLES, deliver_all, in_an_hour, keys, order, people, until
from tests.programs import SCHEDULER, alive, running, worker

ENTRIES = "rq:scheduler:scheduled_jobs"
DAILY = Repeat(rule=Recurrence.at(9, 0), zone="Europe/Berlin")
AUTHOR = ("telegram:100", "Ann")


@pytest.fixture
async def vip(core: Core) -> Chosen:
    """An audience of three."""
    audience = await core.audiences.create("vip", created_by=AUTHOR[0], creator_name=AUTHOR[1])
    await core.audiences.add(audience.id, people(Messenger.VIBER, 3))
    return await core.audiences.choose(audience.id)


def to(*audiences: Chosen, repeat: Repeat = DAILY, late: Late | None = None) -> NewSeries:
    return NewSeries(
        content=Content(text="Hello"),
        audiences=audiences,
        repeat=repeat,
        late=late,
        created_by=AUTHOR[0],
        creator_name=AUTHOR[1],
    )


async def accepted(core: Core, new: NewSeries) -> Series:
    return await core.recurring.accept(await core.broadcasts.reserve_id(), new)


async def due(core: Core, store: Redis, new: NewSeries, since: timedelta = timedelta(seconds=1)) -> Series:
    """A series whose next time was so long ago."""
    series_id, next_id = [await core.broadcasts.reserve_id() for _ in range(2)]
    now = datetime.now(UTC)
    book = SeriesStore(store, Scripts(store))
    assert await book.create(series_id, new, next_at=now - since, next_id=next_id, now=now)
    return await core.recurring.get(series_id)


async def test_what_is_due_becomes_a_broadcast_that_goes_out(core: Core, store: Redis, vip: Chosen) -> None:
    series = await due(core, store, to(vip))
    await core.recurring.make_all_due()
    made = await core.broadcasts.get(series.next_id)
    assert (made.status, made.series_id, made.send_at) == (BroadcastStatus.SENDING, series.id, series.next_at)
    assert sum((await deliver_all(core)).values()) == 3
    moved = await core.recurring.get(series.id)
    assert moved.next_at == DAILY.following(datetime.now(UTC), made=1)
    assert (moved.made, moved.made_ids) == (1, (made.id,))
    assert moved.next_id != series.next_id


async def test_however_many_make_it_at_once_it_is_there_once(core: Core, store: Redis, vip: Chosen) -> None:
    """Without the turns that they take: what counts is the step that accepts it."""
    series = await due(core, store, to(vip))
    makers = [core.recurring.make_due(series.id) for _ in range(4)]
    for _ in makers:
        await store.delete(f"ms:making:{series.id}")
    await asyncio.gather(*makers, _forget_turns(store, series))
    assert (await core.recurring.get(series.id)).made == 1
    assert sum((await deliver_all(core)).values()) == 3
    await core.recurring.make_all_due()
    assert not await deliver_all(core)


async def _forget_turns(store: Redis, series: Series) -> None:
    for _ in range(50):
        await store.delete(f"ms:making:{series.id}")


async def test_a_maker_that_slept_while_the_series_moved_on_makes_nothing(
    core: Core, store: Redis, vip: Chosen
) -> None:
    series = await due(core, store, to(vip))
    assert series.next_at is not None
    await core.recurring.skip_next(series)
    place = Occurrence(series.id, series.next_at, None, "NEXT")
    late = replace(order(people(Messenger.VIBER, 3), send_at=series.next_at), occurrence=place)
    with pytest.raises(Conflict):
        await core.ledger.accept(series.next_id, late)
    assert await keys(store, f"ms:b:{series.next_id}", "ms:a:*") == []


async def test_the_audience_is_read_when_it_is_due(core: Core, store: Redis, vip: Chosen) -> None:
    series = await due(core, store, to(vip))
    await core.audiences.remove(vip.id, people(Messenger.VIBER, 2))
    await core.audiences.add(vip.id, people(Messenger.TELEGRAM, 5))
    made = await core.recurring.make_due(series.id)
    assert made is not None
    assert (made.progress.total_on(Messenger.VIBER), made.progress.total_on(Messenger.TELEGRAM)) == (1, 5)


async def test_a_time_at_which_there_is_nobody_is_left_out_and_told(
    core: Core, store: Redis, vip: Chosen
) -> None:
    series = await due(core, store, to(vip))
    await core.audiences.delete(vip.id, expected=3)
    assert await core.recurring.make_due(series.id) is None
    moved = await core.recurring.get(series.id)
    assert moved.status is SeriesStatus.ACTIVE
    assert moved.next_at == DAILY.following(datetime.now(UTC), made=0)
    assert "vip" in moved.trouble[0]
    assert await core.overdue.waiting() == [f"series:{series.id}"]


async def test_what_is_named_one_by_one_stays_as_long_as_the_series(core: Core, store: Redis) -> None:
    """Lists without a name live for a day; those of a series do not, and go with it."""
    kept = await core.recurring.kept((), people(Messenger.VIBER, 2), source="#A7KQ", author=AUTHOR)
    series = await accepted(core, to(*kept))
    own = f"ms:aud:{kept[0].id}"
    assert {await store.ttl(key) for key in await keys(store, f"{own}*")} == {-1}
    await core.recurring.stop(series)
    lives = {await store.ttl(key) for key in await keys(store, f"{own}*")}
    assert 0 < min(lives) <= max(lives) <= 86_400


async def test_of_several_times_missed_one_is_asked_about(core: Core, store: Redis, vip: Chosen) -> None:
    """Everything was down for days: the last time stands for all, and waits for an answer."""
    series = await due(core, store, to(vip, late=Late.ASK), timedelta(days=4, hours=1))
    made = await core.recurring.make_due(series.id)
    assert made is not None
    now = await core.broadcasts.get(made.id)
    last = max(moment for moment in _nines() if moment <= datetime.now(UTC))
    assert now.send_at == last
    too_late = datetime.now(UTC) - last > timedelta(minutes=15)
    assert (now.late_since is not None) == too_late
    assert (await core.recurring.get(series.id)).made == 1


def _nines() -> list[datetime]:
    first = datetime.now(UTC) - timedelta(days=3)
    found: list[datetime] = []
    while (moment := DAILY.following(first, made=0)) is not None and len(found) < 6:
        found.append(moment)
        first = moment
    return found


async def test_the_next_time_can_be_left_out(core: Core, vip: Chosen) -> None:
    series = await accepted(core, to(vip))
    skipped = await core.recurring.skip_next(series)
    assert series.next_at is not None
    assert skipped.next_at == DAILY.following(series.next_at, made=0)
    with pytest.raises(Conflict):
        await core.recurring.skip_next(series)


async def test_what_was_skipped_stays_skipped_through_a_pause(core: Core, vip: Chosen) -> None:
    skipped = await core.recurring.skip_next(await accepted(core, to(vip)))
    resumed = await core.recurring.resume(await core.recurring.pause(skipped))
    assert resumed.next_at == skipped.next_at


async def test_a_paused_series_makes_nothing_and_goes_on_with_what_is_ahead(
    core: Core, store: Redis, vip: Chosen
) -> None:
    series = await due(core, store, to(vip))
    paused = await core.recurring.pause(series)
    await core.recurring.make_all_due()
    assert (await core.recurring.get(series.id)).made == 0
    assert await store.zrange(ENTRIES, 0, -1) == []
    resumed = await core.recurring.resume(paused)
    assert resumed.next_at == DAILY.following(datetime.now(UTC), made=0)
    assert await store.zrange(ENTRIES, 0, -1) == [series_job_id(series.id)]


async def test_a_stopped_series_is_over(core: Core, store: Redis, vip: Chosen) -> None:
    stopped = await core.recurring.stop(await accepted(core, to(vip)))
    assert (stopped.status, stopped.next_at) == (SeriesStatus.STOPPED, None)
    assert await store.zrange(ENTRIES, 0, -1) == []
    for again in (core.recurring.resume, core.recurring.pause, core.recurring.skip_next):
        with pytest.raises(Conflict):
            await again(stopped)


async def test_a_series_ends_by_itself(core: Core, store: Redis, vip: Chosen) -> None:
    series = await due(core, store, to(vip, repeat=replace(DAILY, times=1)))
    assert await core.recurring.make_due(series.id) is not None
    ended = await core.recurring.get(series.id)
    assert (ended.status, ended.next_at) == (SeriesStatus.ENDED, None)
    assert (await core.recurring.planned()).total == 0


async def test_another_text_goes_out_from_the_next_time_on(core: Core, store: Redis, vip: Chosen) -> None:
    series = await due(core, store, to(vip))
    changed = await core.recurring.change(series, replace(series.order, content=Content(text="Other")))
    assert changed.next_at == series.next_at
    made = await core.recurring.make_due(series.id)
    assert made is not None
    assert made.content.text == "Other"
    with pytest.raises(Conflict):
        await core.recurring.change(series, series.order)


async def test_an_order_is_accepted_once_and_one_that_is_over_before_it_begins_never(
    core: Core, vip: Chosen
) -> None:
    series = await accepted(core, to(vip))
    same = await core.recurring.accept(series.id, to(vip, repeat=replace(DAILY, times=3)))
    assert same.order.repeat == DAILY
    with pytest.raises(ValidationError):
        await accepted(core, to(vip, repeat=replace(DAILY, times=0)))
    with pytest.raises(NotFound):
        await core.recurring.get("NOPE")


async def test_no_broadcast_gets_the_id_of_a_series_or_of_its_next_time(
    core: Core, store: Redis, vip: Chosen
) -> None:
    series = await accepted(core, to(vip))
    assert await store.ttl(f"ms:id:{series.id}") == -1
    assert await store.ttl(f"ms:id:{series.next_id}") == -1
    skipped = await core.recurring.stop(series)
    assert await store.ttl(f"ms:id:{skipped.id}") > 0


async def test_scheduled_broadcasts_and_series_stand_in_one_list(core: Core, vip: Chosen) -> None:
    """In the order of their times, on every page each of them once."""
    series = [await accepted(core, to(vip)) for _ in range(3)]
    times = [in_an_hour() + timedelta(hours=hours) for hours in range(0, 60, 7)]
    broadcasts = [
        await core.broadcasts.accept(order(people(Messenger.VIBER, 1), send_at=moment)) for moment in times
    ]
    listed: list[str] = []
    for page in range(1, 4):
        found = await core.recurring.planned(page=page, size=5)
        assert (found.total, found.pages) == (12, 3)
        assert len(found.items) == (5 if page < 3 else 2)
        listed += [one.id for one in found.items]
    moments = {one.id: one.next_at for one in series} | {one.id: one.send_at for one in broadcasts}
    assert sorted(listed) == sorted(moments)
    in_order = [moments[one] for one in listed]
    assert in_order == sorted(in_order, key=lambda moment: moment or datetime.now(UTC))


async def test_delete_all_stops_series_too(core: Core, vip: Chosen) -> None:
    series = await accepted(core, to(vip))
    await core.purge.everything()
    assert (await core.recurring.get(series.id)).status is SeriesStatus.STOPPED


async def test_clearing_away_what_is_scheduled_leaves_series_until_they_are_meant(
    core: Core, vip: Chosen
) -> None:
    """The offer says that they go on; stopping them is a question of its own, with its own count."""
    series = await accepted(core, to(vip))
    await core.broadcasts.accept(order(people(Messenger.VIBER, 1), send_at=in_an_hour()))
    offer = await core.purge.offer(PurgeKind.CANCEL_SCHEDULED)
    assert (offer.broadcasts, offer.series) == (1, 1)
    await core.purge.carry_out(PurgeKind.CANCEL_SCHEDULED, expected=1)
    assert (await core.recurring.get(series.id)).status is SeriesStatus.ACTIVE
    with pytest.raises(Conflict):
        await core.purge.carry_out(PurgeKind.STOP_SERIES, expected=2)
    assert await core.purge.carry_out(PurgeKind.STOP_SERIES, expected=1) == 1
    assert (await core.recurring.get(series.id)).status is SeriesStatus.STOPPED
    with pytest.raises(Conflict):
        await core.purge.carry_out(PurgeKind.STOP_SERIES, expected=0)


async def test_the_scheduler_calls_for_it_in_time(
    core: Core, redis_url: str, store: Redis, vip: Chosen
) -> None:
    """One entry of rq-scheduler, moved to the control queue by the real program; never early."""
    series = await due(core, store, to(vip), -timedelta(seconds=1.2))
    assert series.next_at is not None
    await core.starter.make_at(series.id, series.next_at)
    async with running(SCHEDULER, {**VARIABLES, "REDIS_URL": redis_url}), connect_bytes(redis_url) as client:
        await until(lambda: alive(store, "scheduler"))
        control = ControlQueue(client)
        calls: list[tuple[str, str]] = []
        async with asyncio.timeout(20):
            while not calls:
                calls = await control.take(wait=1)
    assert calls == [(MAKE, series.id)]
    assert datetime.now(UTC) >= series.next_at


async def test_a_worker_makes_what_came_due_while_it_was_away(
    core: Core, redis_url: str, store: Redis, vip: Chosen
) -> None:
    """Killed in the middle of it and started again, with nothing but the store left: once, and once only."""
    series = await due(core, store, to(vip))

    async def made() -> bool:
        return (await core.recurring.get(series.id)).made > 0

    nowhere = {f"{name}_API_URL": "http://127.0.0.1:9" for name in ("TELEGRAM", "WHATSAPP", "VIBER")}
    async with worker({**VARIABLES, **nowhere, "REDIS_URL": redis_url}) as first:
        await first.kill()
        await store.delete(f"ms:making:{series.id}")
        await first.start()
        await until(made)
    found = await core.recurring.get(series.id)
    assert found.made == 1
    assert len(await core.broadcasts.running()) + (await core.broadcasts.scheduled()).total <= 1
