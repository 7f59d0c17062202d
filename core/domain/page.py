"""One page of a long list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True, slots=True)
class Page(Generic[Item]):
    """`page` counts from 1 and is clamped to what there is; an empty list is one empty page."""

    items: tuple[Item, ...]
    page: int
    pages: int
    total: int


async def load_page(
    wanted: int, size: int, total: int, load: Callable[[int], Awaitable[Sequence[Item]]]
) -> Page[Item]:
    """The page nearest to the wanted one. `load`: read up to `size` items from a place counted from 0."""
    pages = max(1, -(-total // size))
    page = min(max(1, wanted), pages)
    return Page(items=tuple(await load((page - 1) * size)), page=page, pages=pages, total=total)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Position of a broadcast in an index. `at`: milliseconds since 1970."""

    id: str
    at: int
