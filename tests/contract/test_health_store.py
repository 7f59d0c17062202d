"""Signs of life, also those that another version of the programs has left in the store."""

from __future__ import annotations

import socket
import time

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.errors import ConfigurationError
from core.domain.version import VERSION
from core.health import beats


@pytest.mark.parametrize("sign", ["worker:elsewhere:7", "worker:elsewhere", "worker"])
async def test_a_sign_of_life_without_a_version_counts_as_life_and_tells_no_version(
    core: Core, store: Redis, sign: str
) -> None:
    await core.heartbeat.beat("bot")
    await store.zadd("ms:alive", {sign: time.time()})
    assert await core.health.alive() == {"bot": 1, "worker": 1}
    assert (await core.health.living()).versions == (VERSION,)
    assert (await core.status.read()).workers == 1


@pytest.mark.parametrize(("age", "lives"), [(25, True), (35, False)])
async def test_a_program_lives_for_half_a_minute_after_its_last_sign(
    core: Core, store: Redis, redis_url: str, age: int, lives: bool
) -> None:
    """In /status, and for the container checks."""
    now, _ = await store.time()
    await store.zadd("ms:alive", {f"worker:{socket.gethostname()}:7": now - age})
    assert ("worker" in await core.health.alive()) is lives
    assert beats(redis_url, "worker") is lives


async def test_in_a_store_of_another_layout_no_sign_of_life_is_written(core: Core, store: Redis) -> None:
    await store.set("ms:schema", "2")
    with pytest.raises(ConfigurationError, match="data of layout 2"):
        await core.heartbeat.beat("worker")
    assert await store.exists("ms:alive") == 0
