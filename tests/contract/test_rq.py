"""RQ's own view of our work, and stock RQ programs on the same queues."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from redis import Redis as SyncRedis
from redis.asyncio import Redis
from rq import Queue, Worker
from rq.job import Job, JobStatus
from rq.registry import FailedJobRegistry, StartedJobRegistry
from rq.serializers import JSONSerializer
from rq.worker import BaseWorker

from core.app import Core
from core.domain.messengers.traits import Messenger
from core.queue.control import ControlQueue
from core.store.connection import connect_bytes
from tests.support.core import core_at, keys, reloaded, started, until
from tests.support.crowds import crowd, once_each, received_counts
from tests.support.processes import Program, running, worker
from tests.support.sandbox_server import Sandbox

TELEGRAM = Messenger.TELEGRAM
RQ = str(Path(sys.executable).with_name("rq"))
LEFT_BY_RQ = (
    "rq:job:*",
    "rq:wip:*",
    "rq:queue:*",
    "rq:execution*",
    "rq:results:*",
    "ms:sending",
    "ms:window:*",
)


@pytest.fixture
def variables(sandbox: Sandbox, redis_url: str) -> dict[str, str]:
    return {**sandbox.environment(), "REDIS_URL": redis_url, "TELEGRAM_RATE": "1000"}


@pytest.fixture
async def core(variables: dict[str, str]) -> AsyncIterator[Core]:
    async with core_at(variables["REDIS_URL"], TELEGRAM_RATE="1000") as core:
        yield core


def queue_of(connection: SyncRedis) -> Queue:
    return Queue("telegram", connection=connection, serializer=JSONSerializer)


async def rq_says(redis_url: str, *arguments: str) -> str:
    command = (RQ, *arguments, "--url", redis_url)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said, _ = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0
    return said.decode()


async def test_rq_sees_the_engine_its_queues_and_its_jobs_while_it_works(
    core: Core, sandbox: Sandbox, variables: dict[str, str], store: Redis
) -> None:
    await sandbox.fault("telegram", "delay", ms=6000)
    async with worker({**variables, "WORKER_CONCURRENCY": "2"}):
        broadcast = await started(core, await crowd(sandbox, TELEGRAM, 5))
        await until(lambda: store.zcard("ms:sending"))
        with SyncRedis.from_url(variables["REDIS_URL"]) as connection:
            queue = queue_of(connection)
            jobs = [f"d-{broadcast.id}-t{n}-0" for n in range(5)]
            await until(lambda: asyncio.to_thread(lambda: queue.job_ids == jobs[2:]))
            found = Job.fetch_many(jobs, connection=connection, serializer=JSONSerializer)
            statuses = [job.get_status() for job in found if job is not None]
            assert statuses == [JobStatus.STARTED] * 2 + [JobStatus.QUEUED] * 3
            assert [job.func_name for job in found if job] == ["workers.jobs.deliver"] * 5
            assert [job.args for job in found if job] == [[f"{broadcast.id}-t{n}"] for n in range(5)]
            registry = StartedJobRegistry(queue=queue)
            assert sorted(registry.get_job_ids(cleanup=False)) == jobs[:2]
            (seen,) = Worker.all(connection=connection)
            assert seen.name.startswith("engine-")
            assert "telegram" in seen.queue_names()
        assert "telegram" in (told := await rq_says(variables["REDIS_URL"], "info"))
        assert seen.name in told
        assert "busy" in told
    assert (await reloaded(core, broadcast)).progress.total == 5


async def test_a_worker_that_stopped_is_gone_from_rqs_books(core: Core, variables: dict[str, str]) -> None:
    async with worker(variables) as program:
        assert len(await _workers(variables)) == 1
        program.process.terminate()
        assert await program.ended() == 0
    assert await _workers(variables) == []


async def _workers(variables: dict[str, str]) -> list[BaseWorker]:
    with SyncRedis.from_url(variables["REDIS_URL"]) as connection:
        return await asyncio.to_thread(lambda: Worker.all(connection=connection))


async def test_finished_jobs_leave_nothing_in_rq(
    core: Core, sandbox: Sandbox, variables: dict[str, str], store: Redis
) -> None:
    recipients = await crowd(sandbox, TELEGRAM, 100)
    async with worker(variables):
        broadcast = await started(core, recipients)
        await until(lambda: _finished(core, broadcast.id))
    assert await received_counts(sandbox) == once_each(recipients)
    assert await keys(store, *LEFT_BY_RQ) == []


async def _finished(core: Core, broadcast_id: str) -> bool:
    broadcast = await core.ledger.get(broadcast_id)
    return broadcast is not None and broadcast.status == "finished"


async def test_a_forged_job_shows_up_in_rqs_failed_jobs_and_never_runs(
    core: Core, sandbox: Sandbox, variables: dict[str, str], tmp_path: Path
) -> None:
    trace = tmp_path / "it ran"
    with SyncRedis.from_url(variables["REDIS_URL"]) as connection:
        queue = queue_of(connection)
        forged = await asyncio.to_thread(queue.enqueue, "pathlib.Path.touch", str(trace))
        async with worker(variables) as program:
            await program.says(f"refused job {forged.id}")
            broadcast = await started(core, await crowd(sandbox, TELEGRAM, 3))
            await until(lambda: _finished(core, broadcast.id))
        assert FailedJobRegistry(queue=queue).get_job_ids() == [forged.id]
        assert forged.get_status() is JobStatus.FAILED
    assert not trace.exists()


def stock_worker(redis_url: str) -> tuple[str, ...]:
    serializer = ("--serializer", "rq.serializers.JSONSerializer")
    command = ("-m", "rq.cli", "worker", "telegram", "--burst", "--worker-class", "rq.SimpleWorker")
    return (*command, *serializer, "--url", redis_url)


async def test_a_stock_rq_worker_carries_out_the_same_jobs_and_leaves_nothing_behind(
    core: Core, sandbox: Sandbox, variables: dict[str, str], store: Redis
) -> None:
    recipients = await crowd(sandbox, TELEGRAM, 12)
    broadcast = await started(core, recipients)
    await core.deliveries.feed(TELEGRAM)
    async with running(stock_worker(variables["REDIS_URL"]), variables) as program:
        assert await program.ended() == 0
    assert (await reloaded(core, broadcast)).status == "finished", program.said[-3000:]
    assert await received_counts(sandbox) == once_each(recipients)
    assert await keys(store, *LEFT_BY_RQ) == []


async def test_the_engine_and_a_stock_rq_worker_share_a_queue_and_nobody_gets_it_twice_or_not_at_all(
    core: Core, sandbox: Sandbox, variables: dict[str, str], store: Redis
) -> None:
    await sandbox.fault("telegram", "delay", ms=50)
    recipients = await crowd(sandbox, TELEGRAM, 60)
    broadcast = await started(core, recipients)
    await core.deliveries.feed(TELEGRAM)
    slow = {**variables, "WORKER_CONCURRENCY": "1"}
    async with running(stock_worker(variables["REDIS_URL"]), variables) as stock:
        await until(lambda: _some_landed(sandbox, 2))
        async with worker(slow) as engine:
            await until(lambda: _finished(core, broadcast.id))
            assert await stock.ended() == 0
            await _stopped(engine)
    assert await received_counts(sandbox) == once_each(recipients)
    assert await keys(store, *LEFT_BY_RQ) == []


async def _some_landed(sandbox: Sandbox, count: int) -> bool:
    return (await received_counts(sandbox)).total() >= count


async def _stopped(program: Program) -> None:
    program.process.terminate()
    assert await program.ended() == 0


async def test_a_stock_rq_worker_without_a_messengers_settings_leaves_its_deliveries_waiting(
    core: Core, sandbox: Sandbox, variables: dict[str, str]
) -> None:
    broadcast = await started(core, await crowd(sandbox, TELEGRAM, 2))
    await core.deliveries.feed(TELEGRAM)
    without = {**variables, "TELEGRAM_BOT_TOKEN": ""}
    async with running(stock_worker(variables["REDIS_URL"]), without) as program:
        assert await program.ended() == 0
    assert (await reloaded(core, broadcast)).progress.open == 2
    assert "telegram is not set up here" in program.said


async def test_a_forged_job_about_a_whole_broadcast_is_refused_whatever_it_holds(
    redis_url: str, store: Redis
) -> None:
    await store.hset("rq:job:forged", "data", json.dumps([["os.system"], None, ["AAAA"], {}]))
    await store.rpush("rq:queue:control", "forged")
    async with aclosing(connect_bytes(redis_url)) as raw:
        assert await ControlQueue(raw).take(wait=0.1) == []
    assert await store.zrange("rq:failed:control", 0, -1) == ["forged"]
