"""Output that costs its writer no time: a full or closed pipe, or a full disk, costs lines and nothing else."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections import deque
from typing import Final

_MOST_WAITING: Final = 4 * 1024 * 1024  # bytes
_LAST_SECONDS: Final = 1.0
_GAP: Final = b"(lines are missing here: they could not be written)\n"


class Output:
    """Writes to a file descriptor from a thread of its own, in order. At exit it takes a second at most."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._waiting: deque[bytes] = deque()
        self._size, self._lost = 0, False
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name=f"output {descriptor}", daemon=True).start()
        atexit.register(self.drain)

    def write(self, text: str) -> None:
        """Never blocks. Where lines were lost the output says so, once it takes lines again."""
        data = text.encode(errors="replace")
        with self._changed:
            if self._size + len(data) > _MOST_WAITING:
                self._lost = True
                return
            if self._lost:
                data, self._lost = _GAP + data, False
            self._waiting.append(data)
            self._size += len(data)
            self._changed.notify_all()

    def flush(self) -> None:
        """For logging, which calls it after each line: the thread writes at once."""

    def drain(self) -> None:
        """Wait until everything is written, for a second at most."""
        end = time.monotonic() + _LAST_SECONDS
        with self._changed:
            while self._size and (left := end - time.monotonic()) > 0:
                self._changed.wait(left)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                data = b"".join(self._waiting)
                self._waiting.clear()
            written = self._write(data)
            with self._changed:
                self._size -= len(data)
                self._lost = self._lost or not written
                self._changed.notify_all()

    def _write(self, data: bytes) -> bool:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            return False
        return True
