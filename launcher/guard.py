"""The launcher's end of the pipe to the process that stops the programs when the launcher itself is killed."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Final

_SCRIPT: Final = Path(__file__).with_name("guard.sh")


class Guard:
    """Tells guard.sh what to stop."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls) -> Guard:
        """Start the guard in its own session, out of Ctrl-C's reach."""
        argv = ("/bin/sh", str(_SCRIPT))
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
