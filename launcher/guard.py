"""The last resort when the launcher itself is killed: ends the programs that it can no longer end.

Reads "+<pid>" and "-<pid>" lines from standard input. When the input ends, which happens when its writer is
gone for whatever reason, every process still on the list is told to stop. Works wherever pipes do.
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
        """Start the guard as a process in a session of its own, out of Ctrl-C's reach."""
        argv = (sys.executable, "-m", "launcher.guard")
        return cls(await asyncio.create_subprocess_exec(*argv, stdin=subprocess.PIPE, start_new_session=True))

    def watch(self, pid: int) -> None:
        """End the process `pid` if the launcher dies."""
        self._tell(f"+{pid}\n")

    def forget(self, pid: int) -> None:
        """The process `pid` has ended."""
        self._tell(f"-{pid}\n")

    async def stop(self) -> None:
        """End the guard itself."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()

    def _tell(self, line: str) -> None:
        if self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(line.encode())


def watched(lines: Iterable[str]) -> set[int]:
    """The processes still on the list after `lines`."""
    pids: set[int] = set()
    for line in lines:
        pid = int(line[1:])
        pids = pids | {pid} if line.startswith("+") else pids - {pid}
    return pids


def main() -> None:
    """Wait for the end of the input, then end what is still on the list."""
    for pid in watched(sys.stdin):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


if __name__ == "__main__":
    main()
