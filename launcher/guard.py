"""Stops the programs when the launcher itself is killed.

Reads "+<pid>" and "-<pid>" lines from stdin. The input ends when the launcher is gone, for whatever reason; then
every listed process gets SIGTERM.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterable


class Guard:
    """The launcher's end of the pipe."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls) -> Guard:
        """Start the guard in its own session, out of Ctrl-C's reach."""
        argv = (sys.executable, "-m", "launcher.guard")
        return cls(await asyncio.create_subprocess_exec(*argv, stdin=subprocess.PIPE, start_new_session=True))

    def watch(self, pid: int) -> None:
        """Stop the process `pid` if the launcher dies."""
        self._tell(f"+{pid}\n")

    def forget(self, pid: int) -> None:
        """The process `pid` has ended."""
        self._tell(f"-{pid}\n")

    async def stop(self) -> None:
        """Stop the guard itself."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()

    def _tell(self, line: str) -> None:
        if self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(line.encode())


def watched(lines: Iterable[str]) -> set[int]:
    """The processes still listed after `lines`."""
    pids: set[int] = set()
    for line in lines:
        pid = int(line[1:])
        pids = pids | {pid} if line.startswith("+") else pids - {pid}
    return pids


def main() -> None:
    """Wait for the end of the input, then stop what is still listed."""
    for pid in watched(sys.stdin):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


if __name__ == "__main__":
    main()
