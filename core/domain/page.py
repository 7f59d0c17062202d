"""One page of a long list."""

from __future__ import annotations

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


def page_of(wanted: int, size: int, total: int) -> tuple[int, int]:
    """The page that can be shown and how many there are."""
    pages = max(1, -(-total // size))
    return min(max(1, wanted), pages), pages


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a broadcast stands in an index. `at`: milliseconds since 1970."""

    id: str
    at: int
