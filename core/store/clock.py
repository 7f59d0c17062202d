"""The clock of the store, which decides everything: clocks of programs may be wrong."""

from __future__ import annotations

import time
from datetime import datetime, timedelta


class StoreClock:
    """The store's clock without asking it: as last read, and the seconds since. Every heartbeat reads it."""

    def __init__(self, moment: datetime) -> None:
        """`moment`: the store's time now."""
        self.set(moment)

    def set(self, moment: datetime) -> None:
        self._moment, self._read_at = moment, time.monotonic()

    def now(self) -> datetime:
        return self._moment + timedelta(seconds=time.monotonic() - self._read_at)
