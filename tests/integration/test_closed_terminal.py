"""Programs started by hand whose terminal is closed: they finish and stop; under nohup they go on."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.support.bot import variables
from tests.support.core import store_at, until
from tests.support.processes import SCHEDULER, WORKER, running
from tests.support.sandbox_server import running_sandbox


@pytest.fixture
def terminal() -> Iterator[None]:
    """Programs inherit what happens at a hangup; the tests themselves may run under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("arguments", [WORKER, SCHEDULER], ids=["worker", "scheduler"])
async def test_a_closed_terminal_stops_a_program_gracefully(
    redis_url: str, arguments: tuple[str, ...]
) -> None:
    async with running_sandbox() as sandbox:
        settings = {**variables(sandbox, redis_url), "LOG_LEVEL": "INFO"}
        said = "is ready" if arguments is WORKER else ""
        async with running(arguments, settings, until_says=said, may_fork=False) as program:
            if arguments is SCHEDULER:
                await _lives(redis_url)
            program.signal(signal.SIGHUP)
            assert await program.ended() == 0


async def _lives(redis_url: str) -> None:
    async with store_at(redis_url) as store:
        await until(lambda: store.exists("ms:alive"))
