"""How fast messages go out, learned by looking at how far the running broadcasts are."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from core.domain.broadcast import Broadcast, BroadcastStatus
from core.domain.delivery import DeliveryState
from core.domain.messengers import Messenger

Leg = tuple[str, Messenger]
"""One broadcast on one messenger."""

_WINDOW_SECONDS: Final = 10.0
_BETWEEN_LOOKS: Final = 0.5
_OPEN: Final = (DeliveryState.QUEUED, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class _Look:
    at: float
    done: Mapping[Leg, int]


class Pace:
    """Keeps the looks of the last few seconds; the more often somebody looks, the better it knows."""

    def __init__(self) -> None:
        self._looks: deque[_Look] = deque()

    def look(self, running: Iterable[Broadcast], at: float) -> Mapping[Leg, float]:
        """Messages a second; nothing for what was not seen twice. `at`: seconds of a clock that never goes back."""
        if not self._looks or at - self._looks[-1].at >= _BETWEEN_LOOKS:
            self._looks.append(_Look(at, _done(running)))
        while len(self._looks) > 1 and self._looks[0].at < at - _WINDOW_SECONDS:
            self._looks.popleft()
        latest = self._looks[-1]
        return {
            leg: speed for leg, done in latest.done.items() if (speed := self._speed(leg, done, latest.at))
        }

    def _speed(self, leg: Leg, done: int, at: float) -> float:
        # What rested for a while and goes on is as fast as it has been since.
        *_rest, first = takewhile(lambda one: leg in one.done, reversed(self._looks))
        return max(0.0, (done - first.done[leg]) / (at - first.at)) if at > first.at else 0.0


def _done(running: Iterable[Broadcast]) -> dict[Leg, int]:
    return {
        (broadcast.id, messenger): sum(counts.values()) - sum(counts.get(state, 0) for state in _OPEN)
        for broadcast in running
        if broadcast.status is BroadcastStatus.SENDING
        for messenger, counts in broadcast.progress.counts.items()
    }
