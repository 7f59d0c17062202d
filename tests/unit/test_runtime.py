"""Loops that run until cancelled end even where the cancellation got lost inside the store's client."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from core.runtime import cancellable_sleep
from core.store.bell import wait_for


@pytest.mark.parametrize("pause", [lambda: cancellable_sleep(3600), lambda: wait_for(asyncio.Event(), 3600)])
async def test_a_pause_sees_a_cancellation_that_was_swallowed_before(
    pause: Callable[[], Awaitable[None]],
) -> None:
    waiting = asyncio.Event()

    async def loop() -> None:
        try:
            waiting.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            # As asyncio.wait_for on Python 3.11 does when its result comes at the same moment.
            pass
        await pause()

    task = asyncio.create_task(loop())
    await waiting.wait()
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=10)
    assert done == {task}
    assert task.cancelled()
