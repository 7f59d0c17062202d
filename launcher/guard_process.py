"""Stops the programs when the launcher itself is killed: `python -m launcher.guard_process`.

Reads "+<pid>" and "-<pid>" lines from stdin. The input ends when the launcher is gone, for whatever reason; then
every listed process gets SIGTERM. It lives as long as the launcher, and imports little.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterable


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
