"""One program as a process of its own, its output passed on line by line."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from launcher.guard import Guard

_LONGEST_LINE: Final = 64 * 1024
_LAST_WORDS: Final = (
    1.0  # seconds to read on after the end, in case a child of the program holds its output open
)

Say = Callable[[str, str], None]
"""Shows one line (second) of the program named first."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """What is run: `argv` under `name`.

    Programs of a lower `stage` are stopped before those of a higher one; a line with `hushed` in it is not shown.
    """

    name: str
    argv: tuple[str, ...]
    stage: int = 0
    hushed: str | None = None


class Running:
    """A started program."""

    def __init__(self, process: asyncio.subprocess.Process, output: asyncio.Task[None], guard: Guard) -> None:
        self._process = process
        self._output = output
        self._guard = guard

    @classmethod
    async def start(cls, program: Program, environ: Mapping[str, str], say: Say, guard: Guard) -> Running:
        """Start `program` in a session of its own: Ctrl-C in the terminal does not reach it."""
        process = await asyncio.create_subprocess_exec(
            *program.argv,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        guard.watch(process.pid)
        return cls(process, asyncio.create_task(_pass_on(program, process.stdout, say)), guard)

    @property
    def pid(self) -> int:
        """The id of its process."""
        return self._process.pid

    async def wait(self) -> int:
        """Its exit code once it has ended and its output was shown; below zero: the signal that killed it."""
        code = await self._process.wait()
        self._guard.forget(self.pid)
        await asyncio.wait({self._output}, timeout=_LAST_WORDS)
        self._output.cancel()
        return code

    def ask_to_stop(self) -> None:
        """Send SIGTERM, to the process alone: what it has started is its own affair."""
        if self._process.returncode is None:
            self._process.terminate()

    def kill(self) -> None:
        """End it and what it has started, at once."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)


async def _pass_on(program: Program, stream: asyncio.StreamReader | None, say: Say) -> None:
    rest = b""
    while stream is not None and (chunk := await stream.read(_LONGEST_LINE)):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > _LONGEST_LINE:
            lines, rest = [*lines, rest], b""
        _show(program, lines, say)
    _show(program, [rest] if rest else [], say)


def _show(program: Program, lines: Sequence[bytes], say: Say) -> None:
    for line in lines:
        text = line.decode(errors="replace")
        if program.hushed is None or program.hushed not in text:
            say(program.name, text)
