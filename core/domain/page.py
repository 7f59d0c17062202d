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
    page, pages = _nearest(wanted, size, total)
    return Page(items=tuple(await load((page - 1) * size)), page=page, pages=pages, total=total)


def cut_page(wanted: int, size: int, items: Sequence[Item]) -> Page[Item]:
    """A page of items that are in memory."""
    page, pages = _nearest(wanted, size, len(items))
    start = (page - 1) * size
    return Page(items=tuple(items[start : start + size]), page=page, pages=pages, total=len(items))


def _nearest(wanted: int, size: int, total: int) -> tuple[int, int]:
    """The page nearest to the wanted one, and how many there are."""
    pages = max(1, -(-total // size))
    return min(max(1, wanted), pages), pages


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """Position of a broadcast in an index. `at`: milliseconds since 1970."""

    id: str
    at: int
