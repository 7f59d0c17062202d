"""What the two sides of a rule stand on: a core and the store below it, the sandbox, and a server of canned answers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from telegram import Bot

from core.app import Core
from tests.contract.messenger_server import MessengerServer, messenger_server
from tests.core_on_store import core_at, store_at
from tests.sandbox_server import Sandbox, connected_bot, running_sandbox


@pytest.fixture
async def core(redis_url: str) -> AsyncIterator[Core]:
    async with core_at(redis_url) as core:
        yield core


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[Redis]:
    async with store_at(redis_url) as store:
        yield store


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running_sandbox() as running:
        yield running


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[Bot]:
    async with connected_bot(sandbox) as connected:
        yield connected


@pytest.fixture
async def server() -> AsyncIterator[MessengerServer]:
    async with messenger_server() as server:
        yield server
