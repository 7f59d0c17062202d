"""Fixtures of the contract tests: a core, a bot that is not polling, and a server of canned answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from telegram import Bot

from core.app import Core
from core.domain.audience import Chosen
from core.domain.messengers.traits import TRAITS, Messenger
from tests.contract.messenger_server import MessengerServer, messenger_server
from tests.support.core import core_at, people
from tests.support.sandbox_server import Sandbox, connected_bot
from tests.support.series_orders import AUTHOR


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


@pytest.fixture
def second_try_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """WhatsApp wants six seconds between two messages to one person."""
    traits = replace(TRAITS[Messenger.WHATSAPP], recipient_interval_ms=0)
    monkeypatch.setitem(TRAITS, Messenger.WHATSAPP, traits)


@pytest.fixture
async def vip(core: Core) -> Chosen:
    """An audience of three."""
    audience = await core.audiences.create("vip", created_by=AUTHOR)
    await core.audiences.add(audience.id, people(Messenger.VIBER, 3))
    return await core.audiences.choose(audience.id)
