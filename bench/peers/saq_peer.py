"""saq: `enqueue COUNT` or `work`."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import aiohttp
from saq import Queue, Worker  # type: ignore[import-not-found]  # installed in an environment of its own

from bench.peers.sender import IN_FLIGHT, STORE, open_session, send
from bench.workload import FIRST_ADDRESS, TEXT


async def startup(context: dict[str, Any]) -> None:
    context["session"] = open_session()


async def shutdown(context: dict[str, Any]) -> None:
    await context["session"].close()


async def deliver(context: dict[str, Any], *, address: int, text: str) -> dict[str, object]:
    session: aiohttp.ClientSession = context["session"]
    return await send(session, address, text)


async def enqueue(count: int) -> None:
    queue = Queue.from_url(STORE)
    await queue.connect()
    for start in range(FIRST_ADDRESS, FIRST_ADDRESS + count, 100):
        people = range(start, min(start + 100, FIRST_ADDRESS + count))
        await asyncio.gather(*(queue.enqueue("deliver", address=person, text=TEXT) for person in people))
    await queue.disconnect()


async def work() -> None:
    queue = Queue.from_url(STORE)
    worker = Worker(queue, [deliver], concurrency=IN_FLIGHT, startup=startup, shutdown=shutdown)
    await worker.start()


if __name__ == "__main__":
    asyncio.run(enqueue(int(sys.argv[2])) if sys.argv[1] == "enqueue" else work())
