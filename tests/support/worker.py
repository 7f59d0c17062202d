"""A worker in the test's event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.app import Core
from workers.amendments import AmendmentWorker
from workers.engine import Engine
from workers.jobs import retry_policy
from workers.messengers import build_messengers
from workers.messengers.transport import Transport, open_session
from workers.templates import TemplateFetcher


@asynccontextmanager
async def working(core: Core, *, concurrency: int = 50) -> AsyncIterator[None]:
    """Run a worker's engine, amender and fetcher of templates; the test starts what is due."""
    async with open_session(max(100, concurrency)) as session:
        messengers = build_messengers(core.settings, Transport(session))
        policy = retry_policy(core.settings)
        engine = Engine(core, messengers, policy, name="test", concurrency=concurrency)
        amender = AmendmentWorker(core.amendment_store, core.deliveries, messengers, policy, core.bell)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(engine.run())
            fetcher = TemplateFetcher(core.templates, messengers, core.bell)
            helpers = [tasks.create_task(one.run()) for one in (amender, fetcher, core.bell)]
            yield
            engine.stop()
            for helper in helpers:
                helper.cancel()
