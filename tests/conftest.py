"""Fixtures of every test: a clean environment, a real store, and the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Final

import pytest
from hypothesis import settings
from redis.asyncio import Redis
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from core.settings import SECRETS, VARIABLES
from core.store import embedded
from core.store.connection import connect_sync
from tests.support.core import store_at
from tests.support.sandbox_server import Sandbox, running_sandbox

_ACCEPTANCE: Final = "tests/acceptance"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """A file at a time to each process, and to one of them all of the acceptance tests: they share one product."""
    return _ByFile(config, log)


class _ByFile(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return _ACCEPTANCE if nodeid.startswith(f"{_ACCEPTANCE}/") else super()._split_scope(nodeid)


# Examples have no deadline: a busy machine is not a failure. Speed is measured in bench/.
settings.register_profile("message-sender", deadline=None)
settings.load_profile("message-sender")


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide this machine's settings, .env and data from tests and the processes they start."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in (*VARIABLES, *(f"{name}_FILE" for name in SECRETS)):
            monkeypatch.setenv(name, "")  # empty, not absent, to override .env too
        monkeypatch.setenv("DATA_DIR", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Valkey server for the session; its URL has the password."""
    with embedded.running(tmp_path_factory.mktemp("store")) as url:
        yield url


@pytest.fixture
def redis_url(store_url: str) -> str:
    """The session's store, emptied for this test."""
    with connect_sync(store_url) as client:
        client.flushall()
    return store_url


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[Redis]:
    """A client for the store."""
    async with store_at(redis_url) as store:
        yield store


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Fake messengers, empty."""
    async with running_sandbox() as running:
        yield running
