"""Search ended broadcasts by words of their text. One call reads a bounded number of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from core.domain.broadcast import Broadcast, Index
from core.domain.page import Cursor
from core.store.ledger import LedgerStore

MOST_LOOKED_AT: Final = 1_000
_A_TRIP: Final = 200
_WITH_DOTS, _WITHOUT = "\N{CYRILLIC SMALL LETTER IO}", "\N{CYRILLIC SMALL LETTER IE}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    items: tuple[Broadcast, ...]
    """Newest first."""
    looked_at: int
    """Number of broadcasts read."""
    older: Cursor | None
    """Start of the next search; None if there is nothing older."""


class Search:
    """Finds words, also inside longer ones and in any case and script."""

    def __init__(self, ledger: LedgerStore) -> None:
        self._ledger = ledger

    async def search(
        self, words: str, *, which: Index = Index.ENDED, size: int, after: Cursor | None = None
    ) -> Found:
        """Up to `size` broadcasts that have all of the words in their text, from `after` on."""
        wanted = tuple(folded(words).split())
        places: list[Cursor] = []
        looked_at, older = 0, after
        async for place, text in self._texts(which, after):
            if looked_at == MOST_LOOKED_AT:
                break
            hit = all(word in folded(text) for word in wanted)
            if hit and len(places) == size:
                break
            looked_at, older = looked_at + 1, place
            if hit:
                places.append(place)
        else:
            older = None
        items = [await self._ledger.get(place.id) for place in places]
        return Found(items=tuple(one for one in items if one is not None), looked_at=looked_at, older=older)

    async def _texts(self, index: Index, after: Cursor | None) -> AsyncIterator[tuple[Cursor, str]]:
        """The texts of an index, newest first, read in portions."""
        while places := await self._ledger.newest(index, _A_TRIP, after=after):
            for found in zip(places, await self._ledger.texts([one.id for one in places]), strict=True):
                yield found
            after = places[-1]


def folded(text: str) -> str:
    """Ignore case and the two dots of the Russian letter yo, as people do when they search."""
    return text.casefold().replace(_WITH_DOTS, _WITHOUT)
