"""Runs the product's programs in processes of their own, and ends them with the test."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from tests.support.fork_server import Fork, fork

ROOT: Final = Path(__file__).parents[2]
WORKER: Final = ("-m", "workers")
SCHEDULER: Final = ("-m", "workers.scheduler")
FORKED: Final = {"api", "bot", "core.health", "sandbox", "sandbox.seed", "workers", "workers.scheduler"}
"""Programs that start as forks unless they need a new Python: another version's, or one with a wrong clock."""
DEADLINE: Final = 30.0


class Program:
    """A process that can be restarted; keeps its output."""

    def __init__(
        self,
        arguments: tuple[str, ...],
        variables: Mapping[str, str],
        root: Path = ROOT,
        *,
        may_fork: bool = True,
    ) -> None:
        """`arguments`: for this Python; `variables`: over those of the test; `root`: the product's folder.

        `may_fork`: False where a new Python matters, see fork_server.
        """
        self._arguments = arguments
        self._variables = variables
        self._root = root
        self._forked = (
            may_fork
            and root == ROOT
            and "PYTHONPATH" not in variables
            and arguments[0] == "-m"
            and arguments[1] in FORKED
        )
        self._process: asyncio.subprocess.Process | Fork | None = None
        self._listener: asyncio.Task[None] | None = None
        self._before = 0
        self.said = ""

    def has_said(self, words: str) -> bool:
        """True if `words` were printed since the last start."""
        return words in self.said[self._before :]

    @property
    def process(self) -> asyncio.subprocess.Process | Fork:
        assert self._process is not None, "it was never started"
        return self._process

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        self._before = len(self.said)
        environment = {**os.environ, **self._variables}
        if self._forked:
            self._process = await fork(self._arguments[1], self._arguments[2:], environment)
        else:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self._arguments,
                cwd=self._root,
                env=environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
        self._listener = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        assert self.process.stdout is not None
        while data := await self.process.stdout.read(1 << 16):
            self.said += data.decode(errors="replace")

    def signal(self, number: signal.Signals) -> None:
        if self.runs:
            self.process.send_signal(number)

    async def ended(self, deadline: float = DEADLINE) -> int:
        """The exit code, negative after a signal; all output has been read."""
        try:
            code = await asyncio.wait_for(self.process.wait(), deadline)
        except TimeoutError:
            raise AssertionError(f"did not end within {deadline} s; it said: {self.said[-2000:]}") from None
        if self._listener is not None:
            await self._listener
        return code

    async def says(self, words: str, deadline: float = DEADLINE) -> None:
        """Wait until `words` are printed."""
        try:
            async with asyncio.timeout(deadline):
                while not self.has_said(words):
                    assert self.runs, f"it has ended and said: {self.said[-2000:]}"
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"never said {words!r}; it said: {self.said[-2000:]}") from None

    async def kill(self) -> None:
        """Send SIGKILL."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            await self.ended()


@asynccontextmanager
async def running(
    arguments: tuple[str, ...],
    variables: Mapping[str, str],
    *,
    until_says: str = "",
    root: Path = ROOT,
    may_fork: bool = True,
) -> AsyncIterator[Program]:
    """A program that has printed `until_says`; killed at the end if it still runs."""
    program = Program(arguments, variables, root, may_fork=may_fork)
    await program.start()
    try:
        if until_says:
            await program.says(until_says)
        yield program
    finally:
        await program.kill()


@asynccontextmanager
async def worker(variables: Mapping[str, str]) -> AsyncIterator[Program]:
    """A worker that is ready."""
    async with running(WORKER, {"LOG_LEVEL": "INFO", **variables}, until_says="is ready") as program:
        yield program


async def alive(store: Redis, program: str) -> int:
    """The number of running copies of a program, by heartbeat; 0 while the store does not answer."""
    try:
        names = await store.zrange("ms:alive", 0, -1)
    except RedisError:
        return 0
    return sum(str(name).startswith(f"{program}:") for name in names)
