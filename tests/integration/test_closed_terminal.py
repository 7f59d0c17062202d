"""Programs started by hand whose terminal is closed: they finish and stop; under nohup they go on."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from functools import partial

import pytest

from tests.support.bot import variables
from tests.support.core import store_at, until
from tests.support.launcher import free_port
from tests.support.processes import SCHEDULER, WORKER, alive, running
from tests.support.sandbox_server import running_sandbox

PROGRAMS = {
    "worker": (WORKER, "is ready"),
    "scheduler": (SCHEDULER, ""),
    "bot": (("-m", "bot"), "polling as"),
    "api": (("-m", "api"), ""),
}
"""With what each says when it is up, where it says something."""


@pytest.fixture(params=[signal.SIG_DFL, signal.SIG_IGN], ids=["terminal", "nohup"])
def hangup(request: pytest.FixtureRequest) -> Iterator[signal.Handlers]:
    """What programs inherit; the tests themselves may run under nohup."""
    before = signal.signal(signal.SIGHUP, request.param)
    yield request.param
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("name", PROGRAMS)
async def test_a_closed_terminal_stops_a_program_gracefully_and_nohup_prevents_it(
    redis_url: str, name: str, hangup: signal.Handlers
) -> None:
    async with running_sandbox() as sandbox, store_at(redis_url) as store:
        settings = variables(
            sandbox, redis_url, API_PASSWORD="sandbox", API_PORT=str(free_port()), LOG_LEVEL="INFO"
        )
        arguments, says = PROGRAMS[name]
        async with running(arguments, settings, until_says=says, may_fork=False) as program:
            await until(partial(alive, store, name), 30)
            program.signal(signal.SIGHUP)
            if hangup is signal.SIG_IGN:
                for _ in range(2):  # the first one may have been on its way
                    await store.delete("ms:alive")
                    await until(partial(alive, store, name), 30)
                program.signal(signal.SIGTERM)
            assert await program.ended() == 0
