"""Crowds: any number of reachable recipients, kept as ranges."""

import re
from typing import Final

from sandbox.people import PROFILES

_PATTERNS: Final = {
    messenger: re.compile("([0-9]{1,15})".join(map(re.escape, profile.crowd_address.split("{}"))))
    for messenger, profile in PROFILES.items()
}


class Crowds:
    """Ranges of numbered recipients per messenger."""

    def __init__(self) -> None:
        self._ranges: dict[str, list[range]] = {messenger: [] for messenger in PROFILES}

    def add(self, messenger: str, count: int, first: int | None = None) -> list[str]:
        """Add `count` recipients from number `first` on; return the first and the last address."""
        start = PROFILES[messenger].crowd_start if first is None else first
        numbers = range(start, start + count)
        if numbers not in self._ranges[messenger]:
            self._ranges[messenger].append(numbers)
        form = PROFILES[messenger].crowd_address
        return [form.format(numbers[0]), form.format(numbers[-1])]

    def has(self, messenger: str, address: str) -> bool:
        """True if `address` belongs to a crowd."""
        match = _PATTERNS[messenger].fullmatch(address)
        if match is None:
            return False
        number = int(match[1])
        return any(number in numbers for numbers in self._ranges[messenger])

    def to_json(self) -> dict[str, list[list[int]]]:
        """Messenger -> list of [first number, count]."""
        return {m: [[r.start, len(r)] for r in ranges] for m, ranges in self._ranges.items()}

    def load(self, saved: dict[str, list[list[int]]]) -> None:
        """Restore what `to_json` returned."""
        for messenger, ranges in saved.items():
            for first, count in ranges:
                self.add(messenger, count, first)
