"""The bell: rung at every change, heard by the page's event stream and by the writer of the state file."""

import asyncio


class Bell:
    """Counts changes; whoever waits hears that there were some, not how many."""

    def __init__(self) -> None:
        self.changes = 0
        self.closed = False
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Something changed."""
        self.changes += 1
        if not self._rung.is_set():
            self._rung.set()

    def close(self) -> None:
        """Lets everybody who waits go."""
        self.closed = True
        self._rung.set()

    async def wait_past(self, seen: int) -> int:
        """Waits until there are more than `seen` changes (or the bell is closed); returns how many."""
        while self.changes <= seen and not self.closed:
            self._rung.clear()
            await self._rung.wait()
        return self.changes
