"""One rq-scheduler entry for each planned broadcast, moved to the control queue by the real scheduler program."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.broadcast import Broadcast
from core.domain.messengers.traits import Messenger
from core.queue.control import ControlQueue
from core.queue.jobs import START, start_job_id
from core.services.purge import PurgeKind
from core.store.connection import connect_bytes
from tests.support.core import VARIABLES, accept, in_an_hour, keys, order, people, until
from tests.support.processes import SCHEDULER, Program, alive, running

ENTRIES = "ms:scheduler:entries"


@pytest.fixture
async def control(redis_url: str) -> AsyncIterator[ControlQueue]:
    async with connect_bytes(redis_url) as client:
        yield ControlQueue(client)


@pytest.fixture
async def scheduler(redis_url: str, store: Redis) -> AsyncIterator[Program]:
    async with running(SCHEDULER, {**VARIABLES, "REDIS_URL": redis_url}) as program:
        await until(lambda: alive(store, "scheduler"))
        yield program


async def planned(core: Core, seconds: float) -> Broadcast:
    moment = datetime.now(UTC) + timedelta(seconds=seconds)
    return await accept(core, order(people(Messenger.VIBER, 2), send_at=moment))


async def entries(store: Redis) -> dict[str, float]:
    """When which job is to be put on its queue, in seconds since 1970."""
    found = await store.zrange(ENTRIES, 0, -1, withscores=True)
    return dict(cast("list[tuple[str, float]]", found))


async def _no_entries(store: Redis) -> bool:
    # rq-scheduler takes an entry off its list after it has put the job on the queue.
    return not await entries(store)


async def called(control: ControlQueue) -> tuple[str, str]:
    async with asyncio.timeout(20):
        while True:
            for call in await control.take(wait=1):
                return call


async def test_a_planned_broadcast_comes_to_the_control_queue_at_its_time_and_never_early(
    core: Core, store: Redis, control: ControlQueue, scheduler: Program
) -> None:
    broadcast = await planned(core, 1.3)
    call = await called(control)
    assert datetime.now(UTC) >= broadcast.send_at
    assert call == (START, broadcast.id)
    assert await core.ledger.start(broadcast.id) == "sending"
    await until(lambda: _no_entries(store))
    assert await keys(store, "rq:job:*", "rq:queue:control") == []


async def test_there_is_one_entry_for_each_broadcast_whatever_its_size(core: Core, store: Redis) -> None:
    small, large = [
        await accept(core, order(people(Messenger.VIBER, count), send_at=in_an_hour())) for count in (1, 2000)
    ]
    found = await entries(store)
    assert found.keys() == {start_job_id(small.id), start_job_id(large.id)}
    assert all(found[start_job_id(b.id)] >= b.send_at.timestamp() for b in (small, large))
    assert len(await keys(store, "rq:job:*")) == 2


@pytest.mark.parametrize(
    "poison",
    [
        {},
        {"data": b"\x80\x04nonsense", "created_at": b"2026-01-01T00:00:00Z"},
        {"data": b'["os.system", null, ["true"], {}]', "created_at": b"2026-01-01T00:00:00Z"},
        {"data": b'["workers.jobs.start_broadcast", null, ["A"], {}]', "created_at": b"never"},
        {"data": b'["workers.jobs.start_broadcast", null, ["A"], {}]', "created_at": b"2026-01-01T00:00:00Z",
         "meta": b"\x80\x04nonsense"},
    ],
)  # fmt: skip
async def test_an_entry_that_cannot_be_read_is_dropped_and_stops_nothing(
    core: Core, store: Redis, control: ControlQueue, scheduler: Program, poison: dict[str, bytes]
) -> None:
    for name, value in poison.items():
        await store.hset("rq:job:poison", name, value)
    await store.zadd(ENTRIES, {"poison": 1})
    broadcast = await planned(core, 0.5)
    assert await called(control) == (START, broadcast.id), scheduler.said
    await until(lambda: _no_entries(store))
    assert scheduler.runs
    if poison:
        await scheduler.says("poison")
    assert ("poison" in scheduler.said) == bool(poison)


async def test_cancelling_leaves_no_entry_and_no_job_behind(core: Core, store: Redis) -> None:
    one, two = await planned(core, 3600), await planned(core, 3600)
    await core.broadcasts.cancel(one.id)
    assert list(await entries(store)) == [start_job_id(two.id)]
    await core.purge.carry_out(PurgeKind.CANCEL_SCHEDULED, expected=1)
    assert await keys(store, ENTRIES, "rq:job:*") == []


async def test_rescheduling_replaces_the_entry(core: Core, store: Redis) -> None:
    broadcast = await planned(core, 3600)
    moment = datetime.now(UTC) + timedelta(hours=5)
    moved = await core.broadcasts.reschedule(broadcast.id, moment)
    ((job, at),) = (await entries(store)).items()
    assert job == start_job_id(broadcast.id)
    assert 0 <= at - moved.send_at.timestamp() < 1
    assert len(await keys(store, "rq:job:*")) == 1


async def test_sending_now_takes_the_entry_away(core: Core, store: Redis) -> None:
    broadcast = await planned(core, 3600)
    assert (await core.broadcasts.send_now(broadcast.id)).status == "sending"
    assert await keys(store, ENTRIES, "rq:job:start*") == []


async def test_a_broadcast_for_now_is_on_the_control_queue_once_however_often_it_is_asked_for(
    core: Core, store: Redis, control: ControlQueue
) -> None:
    broadcast = await accept(core, order(people(Messenger.VIBER, 1)))
    await core.starter.start_now(broadcast.id)
    assert await store.llen("rq:queue:control") == 1
    assert await called(control) == (START, broadcast.id)
    assert await keys(store, "rq:job:*", "rq:queue:*") == []


async def test_the_scheduler_ends_at_sigterm_and_the_next_takes_over_at_once(
    core: Core, redis_url: str, control: ControlQueue, scheduler: Program
) -> None:
    scheduler.signal(signal.SIGTERM)
    assert await scheduler.ended() == 0
    async with running(SCHEDULER, {**VARIABLES, "REDIS_URL": redis_url}):
        broadcast = await planned(core, 0.5)
        assert await called(control) == (START, broadcast.id)


async def test_two_schedulers_start_a_broadcast_once(
    core: Core, redis_url: str, control: ControlQueue, scheduler: Program
) -> None:
    async with running(SCHEDULER, {**VARIABLES, "REDIS_URL": redis_url}):
        made = [await planned(core, 1) for _ in range(20)]
        found = {(await called(control))[1] for _ in made}
        assert found == {broadcast.id for broadcast in made}
        statuses = [await core.ledger.start(broadcast.id) for broadcast in made * 2]
        assert set(statuses) == {"sending"}


async def test_without_a_store_the_scheduler_ends_with_a_sentence() -> None:
    nowhere = {"REDIS_URL": "redis://127.0.0.1:1/0", **VARIABLES}
    async with running(SCHEDULER, nowhere) as program:
        assert await program.ended() == 1
    assert "the store does not answer" in program.said
    assert "Traceback" not in program.said
