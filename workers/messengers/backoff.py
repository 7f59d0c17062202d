"""Waits after a "too fast" without a time. Each process keeps its own."""

from __future__ import annotations

from typing import Final

_MOST_KEPT: Final = 10_000
_QUIET_SECONDS: Final = 5.0


class Backoff:
    """Waits that grow while the same refusal follows the last wait, and start over after a quiet time."""

    def __init__(self, *, factor: float, longest: float) -> None:
        """`longest`: seconds."""
        self._factor = factor
        self._longest = longest
        self._waits: dict[str, tuple[float, float]] = {}

    def wait(self, what: str, first: float, now: float) -> float:
        """Seconds to wait after this refusal of `what`. Refusals during a wait belong to it."""
        seconds, until = self._waits.get(what, (0.0, 0.0))
        if now < until:
            return seconds
        grown = seconds * self._factor if now < _forgotten(seconds, until) else 0.0
        seconds = min(self._longest, max(first, grown))
        if len(self._waits) >= _MOST_KEPT:
            self._waits = {known: one for known, one in self._waits.items() if now < _forgotten(*one)}
        self._waits[what] = (seconds, now + seconds)
        return seconds


def _forgotten(seconds: float, until: float) -> float:
    """Time from which a refusal no longer belongs to the wait before."""
    return until + 2 * seconds + _QUIET_SECONDS


class FloodDetector:
    """Detects refusals that name one person and mean everybody: many people got them within seconds."""

    def __init__(self, *, people: int, seconds: float) -> None:
        self._people = people
        self._seconds = seconds
        self._refused: dict[str, float] = {}

    def is_meant_for_all(self, address: str, now: float) -> bool:
        """Count this refusal. Returns True if it means everybody."""
        since = now - self._seconds
        self._refused = {one: at for one, at in self._refused.items() if at > since} | {address: now}
        return len(self._refused) >= self._people
