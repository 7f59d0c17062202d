"""taskiq on a Redis list: `enqueue COUNT`; its own command `taskiq worker` works, with the broker below."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import aiohttp
from taskiq import TaskiqEvents, TaskiqState  # type: ignore[import-not-found]  # installed in an environment of its own
from taskiq_redis import ListQueueBroker, RedisAsyncResultBackend  # type: ignore[import-not-found]  # as above

from bench.peers.sender import STORE, open_session, send
from bench.workload import FIRST_ADDRESS, TEXT

broker: Any = ListQueueBroker(STORE).with_result_backend(RedisAsyncResultBackend(STORE))


async def startup(state: TaskiqState) -> None:
    state.session = open_session()


async def shutdown(state: TaskiqState) -> None:
    await state.session.close()


async def deliver(address: int, text: str) -> dict[str, object]:
    session: aiohttp.ClientSession = broker.state.session
    return await send(session, address, text)


broker.add_event_handler(TaskiqEvents.WORKER_STARTUP, startup)
broker.add_event_handler(TaskiqEvents.WORKER_SHUTDOWN, shutdown)
task = broker.register_task(deliver, task_name="deliver")


async def enqueue(count: int) -> None:
    await broker.startup()
    for start in range(FIRST_ADDRESS, FIRST_ADDRESS + count, 100):
        people = range(start, min(start + 100, FIRST_ADDRESS + count))
        await asyncio.gather(*(task.kiq(person, TEXT) for person in people))
    await broker.shutdown()


if __name__ == "__main__":
    asyncio.run(enqueue(int(sys.argv[2])))
