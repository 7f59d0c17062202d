"""Timeline of a broadcast: deliveries per state in a bounded number of time slices."""

from __future__ import annotations

from datetime import datetime

from core.domain.delivery import OPEN, DeliveryState

MOST_SLICES = 64
_SHORTEST_SLICE = 0.125


class Timeline:
    """Counts deliveries by the time they entered their current state, from `start` on.

    Slices grow twice as long whenever there would be more than MOST_SLICES of them, so any span and any number of
    deliveries take the same small room.
    """

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.slice_seconds = _SHORTEST_SLICE
        self.slices: dict[DeliveryState, list[int]] = {}

    def add(self, state: DeliveryState, at: datetime | None) -> None:
        """Ignores open and untried deliveries."""
        if at is None or state in OPEN:
            return
        # The clocks of two machines may differ a little.
        passed = max(0.0, (at - self.start).total_seconds())
        while passed >= MOST_SLICES * self.slice_seconds:
            self._grow()
        self.slices.setdefault(state, [0] * MOST_SLICES)[int(passed / self.slice_seconds)] += 1

    def _grow(self) -> None:
        self.slice_seconds *= 2
        for state, counts in self.slices.items():
            halved = [counts[place] + counts[place + 1] for place in range(0, MOST_SLICES, 2)]
            self.slices[state] = halved + [0] * (MOST_SLICES - len(halved))

    @property
    def used(self) -> int:
        """Number of slices up to the last one that is not empty."""
        filled = (place for counts in self.slices.values() for place, count in enumerate(counts) if count)
        return max(filled, default=-1) + 1
