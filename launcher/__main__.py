"""`python -m launcher`: all of Message Sender in one terminal, until Ctrl-C.

Exit codes: 0 stopped on request, 1 a part did not start, 2 invalid settings.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable
from functools import cache, partial
from pathlib import Path
from typing import Final

from core.domain.errors import ConfigurationError
from core.health import beats, bot_username, page_status
from core.output import Output
from core.runtime import stop_signals
from core.settings import check_api_host, load_settings
from core.store.checks import check_address
from core.store.connection import STORE_ERRORS
from core.store.embedded import answers, store_url
from launcher.banner import banner
from launcher.plan import SEED, STORE, Plan, make_plan
from launcher.program import Program
from launcher.supervisor import GRACE, Supervisor

_START_TIMEOUT: Final = 60.0  # seconds, for each part
_POLL: Final = 0.1
_STDOUT: Final = 1


class _NotStartedError(Exception):
    """A required part did not start; the text says which."""


def main() -> None:
    """Run everything until Ctrl-C or SIGTERM."""
    os.umask(0o077)  # for all programs: files with messages and addresses are private
    _warn_of_open_settings(Path(".env"))
    try:
        settings = load_settings()
        check_api_host(settings)
        if address := settings.store_address():
            check_address(address)
        plan = make_plan(settings, os.environ)
        asyncio.run(_launch(plan))
    except ConfigurationError as error:
        _write(f"{error}\n")
        sys.exit(2)
    except _NotStartedError as error:
        _write(f"{error}\n")
        sys.exit(1)


def _warn_of_open_settings(env_file: Path) -> None:
    if env_file.exists() and env_file.stat().st_mode & 0o077:
        _say("launch", f"other users of this machine can read {env_file}: chmod 600 {env_file}")


async def _launch(plan: Plan) -> None:
    supervisor = Supervisor(plan.environ, _say)
    stopped = _listen_for_stop(supervisor)
    async with supervisor:
        up = asyncio.create_task(_bring_up(plan, supervisor))
        stop = asyncio.create_task(stopped.wait())
        await asyncio.wait({up, stop}, return_when=asyncio.FIRST_COMPLETED)
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
            supervisor.hurry()
            return
        _say(
            "launch",
            f"stopping; requests in flight get up to {GRACE:g} s to finish. Ctrl-C again stops at once",
        )
        stopped.set()

    for name in stop_signals():
        asyncio.get_running_loop().add_signal_handler(name, stop)
    return stopped


async def _bring_up(plan: Plan, supervisor: Supervisor) -> None:
    if plan.own_store:
        supervisor.keep(STORE)
    url = store_url(plan.settings)
    await _require("The store", lambda: asyncio.to_thread(answers, url))
    if plan.sandbox:
        await _bring_up_sandbox(plan, supervisor)
    for program in plan.programs:
        supervisor.keep(program)
    silent = await _not_reporting(plan, url)
    if plan.sandbox and "api" not in silent and await supervisor.once(plan.viber_webhook()) != 0:
        _say("launch", "receipts of the sandbox's Viber will not arrive; see the error above")
    bot = await asyncio.to_thread(bot_username, url) if "bot" not in silent else ""
    _write(f"{banner(plan, silent, bot)}\n")


async def _bring_up_sandbox(plan: Plan, supervisor: Supervisor) -> None:
    supervisor.keep(plan.sandbox_server())
    port = plan.settings.sandbox_port
    await _require("The sandbox", lambda: _answers_200("127.0.0.1", port, "/"))
    if await supervisor.once(SEED) != 0:
        raise _NotStartedError("The sandbox's contacts could not be stored; see the error above.")


async def _not_reporting(plan: Plan, url: str) -> list[str]:
    """Wait until every program has reported; return the names of those that have not in time."""
    checks = [_becomes_true(partial(_reports, program, plan, url)) for program in plan.programs]
    return [
        program.name
        for program, up in zip(plan.programs, await asyncio.gather(*checks), strict=True)
        if not up
    ]


async def _reports(program: Program, plan: Plan, url: str) -> bool:
    if program.name == "api":
        return await _answers_200(plan.settings.api_host, plan.settings.api_port, "/health")
    with contextlib.suppress(*STORE_ERRORS):
        return await asyncio.to_thread(beats, url, program.name)
    return False


async def _answers_200(host: str, port: int, path: str) -> bool:
    return await asyncio.to_thread(page_status, host, port, path) == 200


async def _require(what: str, check: Callable[[], Awaitable[bool]]) -> None:
    if not await _becomes_true(check):
        raise _NotStartedError(f"{what} did not start within {_START_TIMEOUT:g} s; see its output above.")


async def _becomes_true(check: Callable[[], Awaitable[bool]]) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_START_TIMEOUT):
            while not await check():  # noqa: ASYNC110  # what is waited for happens in other processes
                await asyncio.sleep(_POLL)
            return True
    return False


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
