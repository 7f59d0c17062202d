"""A core and the store below it, for the tests of the ledger, the moves and the queue."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from core.app import Core
from tests.core_on_store import core_at, store_at


@pytest.fixture
async def core(redis_url: str) -> AsyncIterator[Core]:
    async with core_at(redis_url) as core:
        yield core


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[Redis]:
    async with store_at(redis_url) as store:
        yield store
