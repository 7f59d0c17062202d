"""Pauses of loops that run until they are cancelled."""

from __future__ import annotations

import asyncio


async def cancellable_sleep(seconds: float) -> None:
    """As asyncio.sleep, but ends at once when the task was cancelled and the news of it got lost.

    On Python 3.11 that happens: a cancellation that comes just as `asyncio.wait_for` gets its result is swallowed by
    it, and the store's client writes through it. A loop over asyncio.sleep would then go on for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    await asyncio.sleep(seconds)
