"""One program as a subprocess, its output passed on line by line."""

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
_OUTPUT_TIMEOUT: Final = 1.0  # seconds after the exit: a child of the program may hold its output open

Say = Callable[[str, str], None]
"""Shows a line of a program: name, line."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """A command to run, `argv`, and its `name`.

    Programs with a lower `stage` stop first. Lines with `hidden_text` in them are not shown.
    """

    name: str
    argv: tuple[str, ...]
    stage: int = 0
    hidden_text: str | None = None


class Running:
    """A started program."""

    def __init__(self, process: asyncio.subprocess.Process, output: asyncio.Task[None], guard: Guard) -> None:
        self._process = process
        self._output = output
        self._guard = guard

    @classmethod
    async def start(cls, program: Program, environ: Mapping[str, str], say: Say, guard: Guard) -> Running:
        """Start `program` in its own session, out of Ctrl-C's reach."""
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
        """Its process id."""
        return self._process.pid

    async def wait(self) -> int:
        """Wait for its end and its output; return the exit code, negative for a signal."""
        code = await self._process.wait()
        self._guard.forget(self.pid)
        await asyncio.wait({self._output}, timeout=_OUTPUT_TIMEOUT)
        self._output.cancel()
        return code

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the process, not to its children."""
        if self._process.returncode is None:
            self._process.terminate()

    def kill(self) -> None:
        """Kill it and its children."""
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
        if program.hidden_text is None or program.hidden_text not in text:
            say(program.name, text)
