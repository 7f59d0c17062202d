"""What the two sides of a rule stand on: a core, a bot that nobody runs, and a server of canned answers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from telegram import Bot

from core.app import Core
from tests.contract.messenger_server import MessengerServer, messenger_server
from tests.core_on_store import core_at
from tests.sandbox_server import Sandbox, connected_bot


@pytest.fixture
async def core(redis_url: str) -> AsyncIterator[Core]:
    async with core_at(redis_url) as core:
        yield core


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[Bot]:
    async with connected_bot(sandbox) as connected:
        yield connected


@pytest.fixture
async def server() -> AsyncIterator[MessengerServer]:
    async with messenger_server() as server:
        yield server
