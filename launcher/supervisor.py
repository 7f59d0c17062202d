"""Restarts programs that exit, and stops them gracefully, stage by stage."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Final

from launcher.guard import Guard
from launcher.program import Program, Running, Say

GRACE: Final = 30.0
"""Seconds a program gets to finish."""

_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 10.0
_HEALTHY_AFTER: Final = 30.0  # seconds of running, after which the pause is reset

Start = Callable[[Program], Awaitable[Running]]


class Supervisor:
    """Runs programs until its with-block ends."""

    def __init__(self, environ: Mapping[str, str], say: Say) -> None:
        self._environ = dict(environ)
        self._say = say
        self._keepers: list[_Keeper] = []
        self._kill_now = asyncio.Event()

    async def __aenter__(self) -> Supervisor:
        self._guard = await Guard.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stage in sorted({keeper.program.stage for keeper in self._keepers}):
            chosen = [keeper for keeper in self._keepers if keeper.program.stage == stage]
            await asyncio.gather(*(keeper.stop(self._kill_now) for keeper in chosen))
        await self._guard.stop()

    def keep(self, program: Program) -> None:
        """Start `program`; restart it after a growing pause whenever it exits."""
        self._keepers.append(_Keeper(program, self._start, self._say))

    async def once(self, program: Program) -> int:
        """Run `program` to its end; return the exit code."""
        running = await self._start(program)
        try:
            return await running.wait()
        finally:
            running.kill()

    def kill_all(self) -> None:
        """End the grace period: kill what is still running."""
        self._kill_now.set()

    async def _start(self, program: Program) -> Running:
        return await Running.start(program, self._environ, self._say, self._guard)


class _Keeper:
    """One program and the task that keeps it running."""

    def __init__(self, program: Program, start: Start, say: Say) -> None:
        self.program = program
        self._start = start
        self._say = say
        self._running: Running | None = None
        self._stopping = asyncio.Event()
        self._task = asyncio.create_task(self._keep())

    async def stop(self, kill_now: asyncio.Event) -> None:
        self._stopping.set()
        if self._running:
            self._running.ask_to_stop()
        told_to_kill = asyncio.create_task(kill_now.wait())
        await asyncio.wait({self._task, told_to_kill}, timeout=GRACE, return_when=asyncio.FIRST_COMPLETED)
        told_to_kill.cancel()
        if self._running:
            self._say(self.program.name, "did not stop in time, killed")
            self._running.kill()
        await self._task

    async def _keep(self) -> None:
        pause = _FIRST_PAUSE
        clock = asyncio.get_running_loop().time
        while not self._stopping.is_set():
            began = clock()
            code = await self._run()
            if self._stopping.is_set():
                break
            pause = _FIRST_PAUSE if clock() - began > _HEALTHY_AFTER else pause
            self._say(self.program.name, f"exited ({_exit_reason(code)}); restarting in {pause:g} s")
            await self._rest(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _run(self) -> int:
        running = await self._start(self.program)
        self._running = running
        if self._stopping.is_set():  # told to stop while it was being started
            running.ask_to_stop()
        code = await running.wait()
        self._running = None
        return code

    async def _rest(self, pause: float) -> None:
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({stopping}, timeout=pause)
        stopping.cancel()


def _exit_reason(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
