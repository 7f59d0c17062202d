"""What every test stands on: a clean environment and a real store of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from core.settings import SECRETS, VARIABLES
from core.store import embedded


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
    with Redis.from_url(store_url) as client:
        client.flushall()
    return store_url
