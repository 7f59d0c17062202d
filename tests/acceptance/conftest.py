"""One browser and one running product for all of them, in one event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.acceptance.product import Product, chromium, running_product


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def started_product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    async with running_product(tmp_path_factory.mktemp("product"), WORKER_CONCURRENCY="16") as product:
        yield product


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def product(started_product: Product) -> Product:
    """With nothing scheduled and no history; what reached people is still on their phones."""
    await started_product.clear()
    return started_product
