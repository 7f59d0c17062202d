"""The names of known people, searched by the beginnings of their words.

Keys: `ms:person:names:<text>` (lines of a number and a name, for a thousand people each: see contact.lua) ·
`ms:person:index:<bucket>` (bitmap of the texts that may have a part of a name) · `ms:person:indexed` (hash: text -> how
much of it, in bytes, is in the bitmaps). What is not is looked through, so that the index may lag behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha1
from itertools import combinations, pairwise
from typing import Final, cast
from zlib import crc32

from core.store.scripts import Store

UNIT: Final = "\x1f"
PER_TEXT: Final = 1000
_INDEXED: Final = "ms:person:indexed"
_BUCKETS: Final = 65_536
_TEXTS_A_TRIP: Final = 50
_BUCKETS_A_TRIP: Final = 400
_STARTS: Final = (1, 2, 4, 8)
"""Lengths of the beginnings of words that are indexed."""
_PAIRED: Final = 4
"""Letters of two words of one name that are indexed together."""


def _starts(word: str) -> list[str]:
    return [word[:length] for length in _STARTS if length <= len(word)]


def _pairs(words: Sequence[str]) -> Iterator[str]:
    """Two beginnings that are in two words of one name."""
    starts = sorted({word[:_PAIRED] for word in words if len(word) >= _PAIRED})
    return (f"{one}&{other}" for one, other in combinations(starts, 2))


def _parts(words: Sequence[str]) -> set[str]:
    """All index entries of a name with these words."""
    found = {start for word in words for start in _starts(word)}
    found.update(f"{word} {start}" for word, following in pairwise(words) for start in _starts(following))
    return found.union(_pairs(words))


def _buckets(parts: Iterable[str]) -> list[int]:
    return sorted({crc32(part.encode()) % _BUCKETS for part in parts})


class NameIndex(Store):
    async def lines(
        self, phrase: str, needles: Sequence[str], words: Sequence[str], *, people: int, most: int
    ) -> tuple[list[str], list[str]]:
        """Lines with all needles: at most `most` in which they are this phrase, and at most `most` others.

        `words`: the words of the phrase, of which the last may be a beginning. `people`: how many to look through.
        """
        any_order = _buckets([*(_starts(word)[-1] for word in words), *_pairs(words)])
        in_order = _buckets(f"{word} {_starts(last)[-1]}" for word, last in pairwise(words))
        last, phrased, scattered = people // PER_TEXT, list[str](), list[str]()
        for first in range(0, last + 1, _TEXTS_A_TRIP):
            until = min(last, first + _TEXTS_A_TRIP - 1)
            lists = (needles, any_order, in_order)
            asked = [part for some in lists for part in (len(some), *some)]
            more = await self._scripts.run(
                "contact", "find", first, until, most - len(phrased), phrase, *asked
            )
            phrased += more[0]
            scattered += more[1]
            if len(phrased) >= most:
                break
        return phrased, scattered[:most]

    async def existing(self, starts: Iterable[str]) -> list[str]:
        """The beginnings of words that names have, perhaps with a few more; those in the most texts first."""
        asked = list(dict.fromkeys(starts))
        pipe = self._client.pipeline(transaction=False)
        for start in asked:
            pipe.bitcount(f"ms:person:index:{_buckets([_starts(start)[-1]])[0]}")
        counts = dict(zip(asked, await pipe.execute(), strict=True))
        return sorted((start for start in asked if counts[start]), key=lambda start: -counts[start])

    async def index(self, texts: Iterable[int]) -> None:
        """Bring the bitmaps in step with these texts; repeating it does no harm."""
        for text in sorted(set(texts)):
            key = f"ms:person:names:{text}"
            start = int(await self._client.hget(_INDEXED, str(text)) or 0)
            added = str(await self._client.getrange(key, start, -1))
            if not added:
                continue
            names = (line.partition(UNIT)[2].split() for line in added.split("\n") if line)
            buckets = _buckets({part for words in names for part in _parts(words)})
            packed = added.encode()
            seal = sha1(packed, usedforsecurity=False).hexdigest()
            for first in range(0, len(buckets), _BUCKETS_A_TRIP):
                some = buckets[first : first + _BUCKETS_A_TRIP]
                ends = int(first + _BUCKETS_A_TRIP >= len(buckets))
                await self._scripts.run(
                    "contact", "index", text, start, start + len(packed), seal, ends, *some
                )

    async def index_all(self, people: int) -> None:
        """Index what an earlier version, or a program that was stopped, has left."""
        indexed = cast("dict[str, str]", await self._client.hgetall(_INDEXED))
        for first in range(0, people // PER_TEXT + 1, _TEXTS_A_TRIP):
            texts = range(first, min(people // PER_TEXT + 1, first + _TEXTS_A_TRIP))
            pipe = self._client.pipeline(transaction=False)
            for text in texts:
                pipe.strlen(f"ms:person:names:{text}")
            lengths = dict(zip(texts, await pipe.execute(), strict=True))
            await self.index(one for one in texts if int(indexed.get(str(one), 0)) != lengths[one])
