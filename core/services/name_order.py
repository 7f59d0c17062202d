"""The people of a long list by name, as its pages show them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from itertools import islice
from typing import Final, NamedTuple

from core.domain.messengers.traits import BY_CODE, Messenger
from core.domain.recipients import Recipient
from core.store.portions import portions

_IN_ONE: Final = 1_000
_LAST: Final = "\U0010ffff"
"""In place of a missing name: those people come last."""


class NamedPortion(NamedTuple):
    """Some addresses of a list, in columns. `persons`: equal for those of one person; `names`: folded."""

    messenger: Messenger
    addresses: Iterable[str]
    persons: Iterable[str]
    names: Iterable[str]


class NameOrder:
    """One address of each person, by name; packed, as a list has up to millions of them."""

    def __init__(self, sorted_keys: Iterable[str], count: int) -> None:
        codes = (key.rpartition("\0")[2] for key in sorted_keys)
        self._texts = ["\n".join(some) for some in portions(codes, _IN_ONE)]
        self._count = count

    @classmethod
    async def of(cls, people: AsyncIterator[NamedPortion]) -> NameOrder:
        keys, seen = list[str](), set[str]()
        async for messenger, addresses, persons, names in people:
            code, before = messenger.traits.code, len(keys)
            for address, person, name in zip(addresses, persons, names, strict=True):
                if person not in seen:
                    seen.add(person)
                    keys.append(f"{name or _LAST}\0{code}{address}")
            # Sorted runs are merged quickly in the end, and other tasks take turns with the sorting.
            keys[before:] = sorted(keys[before:])
        keys.sort()
        return cls(keys, len(keys))

    def __len__(self) -> int:
        return self._count

    def those_in(self, asked: Iterable[Recipient]) -> list[Recipient]:
        """The asked addresses that are in it."""
        by_code = {f"{one.messenger.traits.code}{one.address}": one for one in asked}
        found = set[str]().union(*(by_code.keys() & text.split("\n") for text in self._texts))
        return [one for code, one in by_code.items() if code in found]

    def slice(self, start: int, count: int) -> list[Recipient]:
        """One address of each of `count` people, from place `start` on."""
        first, skipped = divmod(start, _IN_ONE)
        codes = (code for text in islice(self._texts, first, None) for code in text.split("\n"))
        return [
            Recipient(messenger=BY_CODE[code[0]], address=code[1:])
            for code in islice(codes, skipped, skipped + count)
        ]
