"""Finding ended broadcasts by words of their text. One call looks at a bounded number, however many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.domain.broadcast import Broadcast, Index
from core.domain.page import Place
from core.services.broadcasts import FINISHED_INDEX, FinishedFilter
from core.store.ledger import LedgerStore

MOST_LOOKED_AT: Final = 1_000
_A_TRIP: Final = 200
_WITH_DOTS, _WITHOUT = "\N{CYRILLIC SMALL LETTER IO}", "\N{CYRILLIC SMALL LETTER IE}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What one look found, newest first."""

    items: tuple[Broadcast, ...]
    looked_at: int
    """How many broadcasts were read for it."""
    older: Place | None
    """Where the next look begins; None when there is nothing older."""


class SearchService:
    """Words are found inside of longer words too, in upper and lower case alike, in any script."""

    def __init__(self, ledger: LedgerStore) -> None:
        self._ledger = ledger

    async def search(
        self, words: str, *, which: FinishedFilter = FinishedFilter.ALL, size: int, after: Place | None = None
    ) -> Found:
        """At most `size` broadcasts that have all of the words in their text, from `after` on."""
        wanted = tuple(folded(words).split())
        places: list[Place] = []
        looked_at, older = 0, after
        async for place, text in _Texts(self._ledger, FINISHED_INDEX[which], after):
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


class _Texts:
    """The texts of an index, newest first, read in portions as they are asked for."""

    def __init__(self, ledger: LedgerStore, index: Index, after: Place | None) -> None:
        self._ledger = ledger
        self._index = index
        self._after = after
        self._read: list[tuple[Place, str]] = []

    def __aiter__(self) -> _Texts:
        return self

    async def __anext__(self) -> tuple[Place, str]:
        if not self._read:
            places = await self._ledger.newest(self._index, _A_TRIP, after=self._after)
            if not places:
                raise StopAsyncIteration
            texts = await self._ledger.texts([place.id for place in places])
            self._read = list(zip(places, texts, strict=True))[::-1]
            self._after = places[-1]
        return self._read.pop()


def folded(text: str) -> str:
    """Without what people do not tell apart when they search: case, and the two dots of a Russian letter."""
    return text.casefold().replace(_WITH_DOTS, _WITHOUT)
