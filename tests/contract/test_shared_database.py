"""One database for several programs: another application's RQ and rq-scheduler, and two installations of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from operator import floordiv

from redis import Redis as SyncRedis
from redis.asyncio import Redis
from rq import Queue
from rq.job import Job
from rq_scheduler import Scheduler

from core.app import Core
from core.domain.broadcast import Broadcast, BroadcastStatus, Index
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.queue.jobs import START, JSONJob, start_job_id
from core.services.purge import PurgeKind
from core.store.connection import connect
from tests.support.core import VARIABLES, accept, core_at, keys, order, people, reloaded, until
from tests.support.crowds import crowd, once_each, received_counts
from tests.support.processes import SCHEDULER, running, worker
from tests.support.sandbox_server import Sandbox

TELEGRAM = Messenger.TELEGRAM
THEIR_ENTRIES = "rq:scheduler:scheduled_jobs"
OUR_ENTRIES = "ms:scheduler:entries"


async def in_a_second(core: Core, recipients: list[Recipient], text: str) -> Broadcast:
    moment = datetime.now(UTC) + timedelta(seconds=1)
    return await accept(core, order(recipients, text=text, send_at=moment))


async def finished(core: Core, broadcast: Broadcast) -> bool:
    return (await reloaded(core, broadcast)).status is BroadcastStatus.FINISHED


class OtherApplication:
    """Uses RQ and rq-scheduler as they come: pickle, the queue `default`."""

    def __init__(self, connection: SyncRedis) -> None:
        self._queue = Queue(connection=connection)
        self._scheduler = Scheduler(connection=connection)
        self.planned: list[Job] = []

    def plan(self, count: int) -> None:
        for number in range(count):
            job = self._scheduler.enqueue_at(datetime.now(UTC).replace(tzinfo=None), floordiv, number * 7, 7)
            self.planned.append(job)
        self.planned.append(self._queue.enqueue(floordiv, count * 7, 7))

    def results(self) -> list[object]:
        return [job.return_value(refresh=True) for job in self.planned]


@asynccontextmanager
async def stock_programs(redis_url: str) -> AsyncIterator[None]:
    async with (
        running(("-m", "rq_scheduler.scripts.rqscheduler", "--url", redis_url, "-i", "1"), {}),
        running(("-m", "rq.cli", "worker", "default", "--url", redis_url), {}, until_says="Listening"),
    ):
        yield


async def test_another_application_with_rq_and_rq_scheduler_works_beside_ours(
    redis_url: str, store: Redis, sandbox: Sandbox
) -> None:
    recipients = await crowd(sandbox, TELEGRAM, 20)
    variables = {**sandbox.environment(), "REDIS_URL": redis_url}
    with SyncRedis.from_url(redis_url) as connection:
        other = OtherApplication(connection)
        await asyncio.to_thread(other.plan, 3)
        async with (
            core_at(redis_url) as core,
            running(SCHEDULER, variables),
            worker(variables),
        ):
            first = await in_a_second(core, recipients, "first")
            await until(lambda: finished(core, first))
            assert await store.zcard(THEIR_ENTRIES) == 3
            async with stock_programs(redis_url):
                await asyncio.to_thread(other.plan, 3)
                second = await in_a_second(core, recipients, "second")
                await until(lambda: finished(core, second))
                await until(lambda: asyncio.to_thread(lambda: other.results() == [0, 1, 2, 3] * 2), 30)
                await core.purge.carry_out(PurgeKind.FINISHED, expected=2)
    assert await received_counts(sandbox, "first") == once_each(recipients)
    assert await received_counts(sandbox, "second") == once_each(recipients)
    assert await store.scard("rq:queues:default") == 0
    assert await store.llen("rq:queue:default") == 0


async def test_two_installations_with_prefixes_of_their_own_know_nothing_of_each_other(
    redis_url: str, store: Redis, sandbox: Sandbox
) -> None:
    recipients = await crowd(sandbox, TELEGRAM, 30)
    halves = {"north:": recipients[:20], "south.": recipients[10:]}
    await store.set("rq:suspended", 1)  # another application's workers
    async with AsyncExitStack() as stack:
        made = []
        for prefix, some in halves.items():
            variables = {**sandbox.environment(), "REDIS_URL": redis_url, "REDIS_PREFIX": prefix}
            core = await stack.enter_async_context(core_at(redis_url, REDIS_PREFIX=prefix))
            await stack.enter_async_context(running(SCHEDULER, variables))
            await stack.enter_async_context(worker(variables))
            made.append((core, await in_a_second(core, some, f"to the {prefix}")))
        for core, broadcast in made:
            await until(lambda core=core, broadcast=broadcast: finished(core, broadcast))  # type: ignore[misc]
            assert await core.ledger.ids(Index.ENDED) == [broadcast.id]
        of_both = recipients[15]
        (north, _), (south, _) = made
        assert (await north.erasure.forget(of_both)).messages == 1
        assert (await north.erasure.look_up(of_both)).messages == 0
        assert (await south.erasure.look_up(of_both)).messages == 1
    for prefix, some in halves.items():
        assert await received_counts(sandbox, f"to the {prefix}") == once_each(some)
    assert [key for key in await keys(store, "*") if not key.startswith(tuple(halves))] == ["rq:suspended"]


async def test_a_command_with_several_keys_has_the_prefix_before_each(redis_url: str, store: Redis) -> None:
    names = ["ms:a", "rq:b", "ms:c"]
    async with connect(f"{redis_url}#north:") as north:
        for name in names:
            await north.set(name, name)
            await store.set(name, "of another application")
        assert await north.mget(names) == names
        assert await north.exists(*names) == 3
        assert await north.unlink(*names) == 3
    assert await keys(store, "*") == sorted(names)


async def test_entries_of_older_versions_are_taken_over_and_others_are_left_alone(
    redis_url: str, store: Redis, core: Core
) -> None:
    planned = await accept(core, order(people(TELEGRAM, 1), send_at=datetime.now(UTC) + timedelta(hours=1)))
    moment = await store.zscore(OUR_ENTRIES, start_job_id(planned.id))
    assert moment is not None
    await store.rename(OUR_ENTRIES, THEIR_ENTRIES)
    theirs = {"start-nothing": 1.0, "start-of-theirs": 2.0, "series-x": 3.0, "anything": 4.0}
    await store.zadd(THEIR_ENTRIES, theirs)
    await store.hset(JSONJob.key_for("start-of-theirs"), "data", f'["their.{START}", null, ["A"], {{}}]')
    async with running(SCHEDULER, {**VARIABLES, "REDIS_URL": redis_url}):
        await until(lambda: _taken_over(store, start_job_id(planned.id)))
    assert await store.zrange(OUR_ENTRIES, 0, -1, withscores=True) == [(start_job_id(planned.id), moment)]
    assert await store.zrange(THEIR_ENTRIES, 0, -1, withscores=True) == list(theirs.items())


async def _taken_over(store: Redis, entry: str) -> bool:
    ours, theirs = await store.zscore(OUR_ENTRIES, entry), await store.zscore(THEIR_ENTRIES, entry)
    return ours is not None and theirs is None
