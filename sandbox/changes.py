"""Notifies the page's event stream and the writer of the state file of changes."""

import asyncio


class Changes:
    """A counter of changes that can be waited for."""

    def __init__(self) -> None:
        self.count = 0
        self.closed = False
        self._notified = asyncio.Event()

    def notify(self) -> None:
        """Count a change and wake all that wait."""
        self.count += 1
        if not self._notified.is_set():
            self._notified.set()

    def close(self) -> None:
        """Wake all that wait, for good."""
        self.closed = True
        self._notified.set()

    async def wait_past(self, seen: int) -> int:
        """Wait until there are more than `seen` changes, or close(); return the count."""
        while self.count <= seen and not self.closed:
            self._notified.clear()
            await self._notified.wait()
        return self.count
