"""Fixtures of every test: a clean environment, a real store, and the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import settings
from redis import Redis as SyncRedis
from redis.asyncio import Redis

from core.settings import SECRETS, VARIABLES
from core.store import embedded
from tests.support.core import store_at
from tests.support.sandbox_server import Sandbox, running_sandbox

# Examples have no deadline: a busy machine is not a failure. Speed is measured in bench/.
settings.register_profile("message-sender", deadline=None)
settings.load_profile("message-sender")


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    """No test, and no process that a test starts, sees this machine's settings or its .env."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in (*VARIABLES, *(f"{name}_FILE" for name in SECRETS)):
            monkeypatch.setenv(name, "")  # empty, not absent: it also hides what stands in .env
        yield


@pytest.fixture(scope="session")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Valkey server that lives as long as the test session, password included in its URL."""
    with embedded.running(tmp_path_factory.mktemp("store")) as url:
        yield url


@pytest.fixture
def redis_url(store_url: str) -> str:
    """The session's store, emptied for this test."""
    with SyncRedis.from_url(store_url) as client:
        client.flushall()
    return store_url


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[Redis]:
    """A client to look into the store with."""
    async with store_at(redis_url) as store:
        yield store


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Stand-ins for the messengers, with nothing in them."""
    async with running_sandbox() as running:
        yield running
