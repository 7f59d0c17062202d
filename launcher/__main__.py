"""`python -m launcher`: all of Message Sender in one terminal, until Ctrl-C.

Exit codes: 0 stopped on request, 1 a part did not start, 2 invalid settings.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Final

from core.output import Output
from core.runtime import stop_signals
from launcher.preparation import START_TIMEOUT, Preparation, Steps
from launcher.supervisor import GRACE, Supervisor

_STDOUT: Final = 1


class _NotStartedError(Exception):
    """A required part did not start; the text says which."""


def main() -> None:
    """Run everything until Ctrl-C or SIGTERM."""
    os.umask(0o077)  # for all programs: files with messages and addresses are private
    _warn_of_open_settings(Path(".env"))
    preparation = Preparation()
    try:
        asyncio.run(_launch(preparation, preparation.steps()))
    except _NotStartedError as error:
        _write(f"{error}\n")
        sys.exit(1)
    finally:
        preparation.end()


def _warn_of_open_settings(env_file: Path) -> None:
    if env_file.exists() and env_file.stat().st_mode & 0o077:
        _say("launch", f"other users of this machine can read {env_file}: chmod 600 {env_file}")


async def _launch(preparation: Preparation, steps: Steps) -> None:
    supervisor = Supervisor(steps.environ, _say)
    stopped = _listen_for_stop(supervisor)
    async with supervisor:
        up = asyncio.create_task(_bring_up(steps, preparation, supervisor))
        stop = asyncio.create_task(stopped.wait())
        await asyncio.wait({up, stop}, return_when=asyncio.FIRST_COMPLETED)
        preparation.end()
        if up.done():
            up.result()
            await stop
        else:
            up.cancel()
            await asyncio.wait({up})
    _say("launch", "stopped")


def _listen_for_stop(supervisor: Supervisor) -> asyncio.Event:
    stopped = asyncio.Event()

    def stop() -> None:
        if stopped.is_set():
            supervisor.kill_all()
            return
        _say(
            "launch",
            f"stopping; requests in flight get up to {GRACE:g} s to finish. Ctrl-C again stops at once",
        )
        stopped.set()

    for name in stop_signals():
        asyncio.get_running_loop().add_signal_handler(name, stop)
    return stopped


async def _bring_up(steps: Steps, preparation: Preparation, supervisor: Supervisor) -> None:
    if steps.store:
        supervisor.keep(steps.store)
    await _require("The store", partial(preparation.is_up, "store"))
    if steps.sandbox:
        supervisor.keep(steps.sandbox)
        await _require("The sandbox", partial(preparation.is_up, "sandbox"))
    if steps.seed and await supervisor.once(steps.seed) != 0:
        raise _NotStartedError("The sandbox's contacts could not be stored; see the error above.")
    for program in steps.programs:
        supervisor.keep(program)
    silent = await asyncio.to_thread(preparation.silent)
    if steps.webhooks and "api" not in silent and await supervisor.once(steps.webhooks) != 0:
        _say("launch", "receipts of the sandbox's Viber will not arrive; see the error above")
    _write(f"{await asyncio.to_thread(preparation.banner, silent)}\n")


async def _require(what: str, is_up: Callable[[], bool]) -> None:
    if not await asyncio.to_thread(is_up):
        raise _NotStartedError(f"{what} did not start within {START_TIMEOUT:g} s; see its output above.")


def _say(name: str, line: str) -> None:
    _write(f"{name:<9} | {line}\n")


def _write(text: str) -> None:
    _output().write(text)


@cache
def _output() -> Output:
    # A terminal that is stopped by Ctrl-S must not stop the programs, whose output comes through here.
    return Output(_STDOUT)


if __name__ == "__main__":
    main()
