"""Cuts sequences into portions, and asks the store for the next answer while one is used."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator
from itertools import islice
from typing import Any, Final, TypeVar

_AHEAD: Final = 1

_One = TypeVar("_One")


def portions(source: Iterable[_One], size: int) -> Iterator[list[_One]]:
    rest = iter(source)
    while some := list(islice(rest, size)):
        yield some


async def ahead(calls: Iterable[Coroutine[Any, Any, _One]]) -> AsyncIterator[_One]:
    """The answers to calls of the store, in order; the next call runs while an answer is used."""
    coming = deque[asyncio.Task[_One]]()
    try:
        for call in calls:
            coming.append(asyncio.create_task(call))
            if len(coming) > _AHEAD:
                yield await coming.popleft()
        while coming:
            yield await coming.popleft()
    finally:
        for task in coming:
            task.cancel()
        await asyncio.gather(*coming, return_exceptions=True)
