"""The API as programs meet it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.api_server import Api, running_api


@pytest.fixture
async def api(redis_url: str) -> AsyncIterator[Api]:
    async with running_api(redis_url) as running:
        yield running
