"""Stopping: the signals that ask for it, and sleep for loops that run until cancelled."""

from __future__ import annotations

import asyncio
import signal


def raise_if_cancelled() -> None:
    """Raise CancelledError when the task was cancelled and the cancellation got lost.

    That happens on Python 3.11: `asyncio.wait_for`, which the store's client uses, swallows a cancellation that
    arrives with its result. A loop would then never end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def cancellable_sleep(seconds: float) -> None:
    """As asyncio.sleep, but sees a cancellation that got lost before."""
    raise_if_cancelled()
    await asyncio.sleep(seconds)


def stop_signals() -> tuple[signal.Signals, ...]:
    """Signals that stop a program gracefully; a closed terminal too, unless nohup makes the program ignore it."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return (signal.SIGTERM, signal.SIGINT) if ignored else (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
