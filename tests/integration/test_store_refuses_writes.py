"""A store that answers and takes no writes is an outage like any other: said, waited for, over automatically."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import RedisError

from core.app import Core, open_core
from core.domain.broadcast import Broadcast
from core.domain.messengers.traits import Messenger
from core.settings import load_settings
from tests.support.api_server import basic, running_api
from tests.support.bot import running_bot, variables
from tests.support.core import accepted, no_replicas, people, reloaded, store_at, until
from tests.support.launcher import free_port
from tests.support.processes import SCHEDULER, WORKER, running
from tests.support.sandbox_server import running_sandbox
from tests.support.versions import version

Refusal = Callable[[Redis], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def read_only(store: Redis) -> AsyncIterator[None]:
    """As a master that was demoted; its new master cannot be reached."""
    await store.replicaof("127.0.0.1", 1)
    try:
        yield
    finally:
        await store.replicaof("NO", "ONE")


@asynccontextmanager
async def stale(store: Redis) -> AsyncIterator[None]:
    """As read_only(), and it answers nothing without its master."""
    await store.config_set("replica-serve-stale-data", "no")
    try:
        async with read_only(store):
            yield
    finally:
        await store.config_set("replica-serve-stale-data", "yes")


@asynccontextmanager
async def disk_full(store: Redis) -> AsyncIterator[None]:
    """MISCONF: its last snapshot could not be written, as a folder is in the way."""
    settings = await store.config_get("dir", "dbfilename")
    snapshot = Path(str(settings["dir"]), str(settings["dbfilename"]))
    _fill(snapshot)
    await store.config_set("save", "3600 1")
    await store.bgsave()
    await until(partial(_bgsave_failed, store))
    try:
        yield
    finally:
        await store.config_set("save", "")
        shutil.rmtree(snapshot)


def _fill(folder: Path) -> None:
    (folder / "x").mkdir(parents=True)


async def _bgsave_failed(store: Redis) -> bool:
    return bool((await store.info("persistence"))["rdb_last_bgsave_status"] == "err")


@asynccontextmanager
async def busy(store: Redis) -> AsyncIterator[None]:
    """BUSY: somebody's script does not end."""
    await store.config_set("busy-reply-threshold", 1)
    async with Redis.from_pool(ConnectionPool(**store.connection_pool.connection_kwargs)) as other:
        script = asyncio.ensure_future(other.eval("while true do end", 0))
        await until(partial(_is_busy, store))
        try:
            yield
        finally:
            await store.script_kill()
            with suppress(RedisError):
                await script


async def _is_busy(store: Redis) -> bool:
    try:
        await store.ping()
    except RedisError:
        return True
    return False


REFUSALS = pytest.mark.parametrize("refusing", [no_replicas, read_only, stale, disk_full, busy])


@REFUSALS
async def test_over_http_it_is_503_with_its_sentence_and_health_says_so(
    redis_url: str, refusing: Refusal
) -> None:
    order = {"body": "x", "recipients": [{"uuid": "1001", "service": "telegram"}]}

    async def post() -> Any:  # noqa: ANN401 - the reply of the test client
        return await api.call(
            "POST",
            "/send_message",
            data=json.dumps(order).encode(),
            headers={"Content-Type": "application/json"},
            auth=basic(b"admin:sandbox"),
        )

    async with (
        running_api(redis_url, API_USER="admin", API_PASSWORD="sandbox") as api,
        store_at(redis_url) as store,
    ):
        async with refusing(store):
            reply = await post()
            assert reply.status == 503
            assert "The store takes no writes at the moment" in reply.json["error"]
            health = await api.call("GET", "/health")
            assert (health.status, health.json) == (503, {"status": "the store takes no writes"})
        assert (await post()).status == 200
        assert (await api.call("GET", "/health")).status == 200


async def test_in_the_chat_it_is_said_and_no_task_of_the_bot_ends(redis_url: str) -> None:
    async with running_bot(redis_url) as world, store_at(redis_url) as store:
        await world.ask("/help", "/send WHO | WHEN | TEXT")
        async with no_replicas(store):
            await world.ask(
                "/send tg:1001 | Hello", "The storage isn't accepting changes right now. Nothing was lost."
            )
            words = "Messages wait, and nothing is lost. The storage doesn't accept changes"
            status = await world.ask("/status", words)
            assert "Messages go out" not in status["text"]
        await world.ask("/send tg:1001 | Hello", "Preview ↑")


async def test_worker_and_scheduler_live_through_it_and_send_afterwards(redis_url: str) -> None:
    async with running_sandbox() as sandbox, store_at(redis_url) as store:
        settings = variables(sandbox, redis_url)
        async with (
            open_core(load_settings(settings, env_file=None)) as core,
            running(WORKER, settings, until_says="is ready") as worker,
            running(SCHEDULER, settings) as scheduler,
        ):
            await until(lambda: _alive(core, 2))
            async with no_replicas(store):
                await scheduler.says("the store cannot be used")
                await worker.says("Not enough good replicas")
            broadcast = await accepted(core, people(Messenger.TELEGRAM, 1, 1))
            await core.ledger.start(broadcast.id)
            await until(lambda: _ended(core, broadcast), 30)
            assert worker.runs
            assert scheduler.runs
            await until(lambda: _alive(core, 2))


async def test_the_container_check_of_a_program_that_cannot_write_fails(
    redis_url: str, tmp_path: Path
) -> None:
    """A heartbeat is a write of the program itself. Here it comes every 2 s and is valid for 6, not 5 and 30."""
    sooner = {
        "core/store/health.py": ("BEAT_LIFE_SECONDS: Final = 30", "BEAT_LIFE_SECONDS: Final = 6"),
        "core/store/heartbeat.py": ("_BEAT_SECONDS: Final = 5.0", "_BEAT_SECONDS: Final = 2.0"),
    }
    root = version(tmp_path, sooner)
    async with running_sandbox() as sandbox, store_at(redis_url) as store, AsyncExitStack() as stack:
        settings = variables(sandbox, redis_url, API_PASSWORD="sandbox", API_PORT=str(free_port()))

        async def checked(program: str) -> str:
            """The complaint of docker's check, empty if there is none."""
            async with running(("-m", "core.health", program), settings, root=root) as check:
                code = await check.ended()
                assert code in (0, 1)
                return check.said if code else ""

        names = {"worker": WORKER, "scheduler": SCHEDULER, "bot": ("-m", "bot"), "api": ("-m", "api")}
        for arguments in names.values():
            await stack.enter_async_context(running(arguments, settings, root=root))
        for name in names:
            await until(lambda name=name: _is(checked(name), ""), 90)  # type: ignore[misc]
        async with no_replicas(store):
            for name in ("worker", "scheduler", "bot"):
                words = f"No {name} on this host has lately said that it is alive.\n"
                await until(lambda name=name, words=words: _is(checked(name), words), 90)  # type: ignore[misc]
            assert "answered with 503" in await checked("api")
        for name in names:
            await until(lambda name=name: _is(checked(name), ""), 90)  # type: ignore[misc]


async def _is(answer: Awaitable[str], expected: str) -> bool:
    return await answer == expected


async def _alive(core: Core, count: int) -> bool:
    return sum((await core.health.alive()).values()) >= count


async def _ended(core: Core, broadcast: Broadcast) -> bool:
    return (await reloaded(core, broadcast)).progress.open == 0
