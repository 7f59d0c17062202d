"""taskiq on a Redis list: `enqueue COUNT` here; it works through its own command, `taskiq worker taskiq_peer:broker`."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from sender import FIRST_ADDRESS, STORE, TEXT, open_session, send
from taskiq import TaskiqEvents, TaskiqState  # type: ignore[import-not-found]  # stands in an environment of its own
from taskiq_redis import ListQueueBroker, RedisAsyncResultBackend  # type: ignore[import-not-found]  # as above

broker: Any = ListQueueBroker(STORE).with_result_backend(RedisAsyncResultBackend(STORE))


async def startup(state: TaskiqState) -> None:
    state.session = open_session()


async def shutdown(state: TaskiqState) -> None:
    await state.session.close()


async def deliver(address: int, text: str) -> dict[str, object]:
    return await send(broker.state.session, address, text)


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
