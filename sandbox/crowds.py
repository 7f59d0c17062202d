"""Crowds: any number of healthy recipients, kept as ranges so that 100,000 of them cost nothing."""

import re
from typing import Final

from sandbox.people import MESSENGERS, TELEGRAM, VIBER, WEBHOOK, WHATSAPP

FIRST: Final = {TELEGRAM: 1_000_000, WHATSAPP: 12_025_600_000, VIBER: 1, WEBHOOK: 1}
_SHAPES: Final = {
    TELEGRAM: re.compile(r"([0-9]{1,15})"),
    WHATSAPP: re.compile(r"\+([0-9]{7,15})"),
    **dict.fromkeys((VIBER, WEBHOOK), re.compile(r"crowd-([0-9]{1,9})")),
}
_FORMS: Final = {TELEGRAM: "{}", WHATSAPP: "+{}", VIBER: "crowd-{}", WEBHOOK: "crowd-{}"}


class Crowds:
    """Ranges of numbered recipients per messenger."""

    def __init__(self) -> None:
        self._ranges: dict[str, list[range]] = {messenger: [] for messenger in MESSENGERS}

    def add(self, messenger: str, count: int, first: int | None = None) -> list[str]:
        """Makes `count` recipients from number `first` on; returns their first and their last address."""
        start = FIRST[messenger] if first is None else first
        numbers = range(start, start + count)
        if numbers not in self._ranges[messenger]:
            self._ranges[messenger].append(numbers)
        form = _FORMS[messenger]
        return [form.format(numbers[0]), form.format(numbers[-1])]

    def has(self, messenger: str, address: str) -> bool:
        """Whether `address`, written as the messenger writes it, belongs to a crowd."""
        match = _SHAPES[messenger].fullmatch(address)
        if match is None:
            return False
        number = int(match[1])
        return any(number in numbers for numbers in self._ranges[messenger])

    def to_json(self) -> dict[str, list[list[int]]]:
        """Messenger -> list of [first number, count]."""
        return {m: [[r.start, len(r)] for r in ranges] for m, ranges in self._ranges.items()}

    def load(self, saved: dict[str, list[list[int]]]) -> None:
        """Takes over what `to_json` gave."""
        for messenger, ranges in saved.items():
            for first, count in ranges:
                self.add(messenger, count, first)
