"""arq: `enqueue COUNT` or `work`."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import aiohttp
from arq import create_pool  # type: ignore[import-not-found]  # installed in an environment of its own
from arq.connections import RedisSettings  # type: ignore[import-not-found]  # as above
from arq.worker import Worker  # type: ignore[import-not-found]  # as above

from bench.peers.sender import IN_FLIGHT, STORE, open_session, send
from bench.workload import FIRST_ADDRESS, TEXT


async def startup(context: dict[str, Any]) -> None:
    context["session"] = open_session()


async def shutdown(context: dict[str, Any]) -> None:
    await context["session"].close()


async def deliver(context: dict[str, Any], address: int, text: str) -> dict[str, object]:
    session: aiohttp.ClientSession = context["session"]
    return await send(session, address, text)


async def enqueue(count: int) -> None:
    pool = await create_pool(RedisSettings.from_dsn(STORE))
    for start in range(FIRST_ADDRESS, FIRST_ADDRESS + count, 100):
        people = range(start, min(start + 100, FIRST_ADDRESS + count))
        await asyncio.gather(*(pool.enqueue_job("deliver", person, TEXT) for person in people))
    await pool.aclose()


async def work() -> None:
    worker = Worker(
        functions=[deliver],
        redis_settings=RedisSettings.from_dsn(STORE),
        max_jobs=IN_FLIGHT,
        on_startup=startup,
        on_shutdown=shutdown,
    )
    await worker.async_run()


if __name__ == "__main__":
    asyncio.run(enqueue(int(sys.argv[2])) if sys.argv[1] == "enqueue" else work())
