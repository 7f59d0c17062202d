"""Stopping: the signals that ask for it, and sleep for loops that run until cancelled."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket


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


def can_listen(host: str) -> bool:
    """True if `host` is an address of this machine."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.bind(address)
    except OSError as error:
        return not isinstance(error, socket.gaierror) and error.errno != errno.EADDRNOTAVAIL
    return True


def stop_signals() -> tuple[signal.Signals, ...]:
    """Signals that stop a program gracefully; a closed terminal too, unless nohup makes the program ignore it."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return (signal.SIGTERM, signal.SIGINT) if ignored else (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
