"""Programs as others meet them: the API over HTTP, the sandbox, and the store to look into."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from tests.api_server import Api, running_api
from tests.core_on_store import store_at
from tests.sandbox_server import Sandbox, running_sandbox


@pytest.fixture
async def api(redis_url: str) -> AsyncIterator[Api]:
    async with running_api(redis_url) as running:
        yield running


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[Redis]:
    async with store_at(redis_url) as store:
        yield store
