"""Where a broadcast stands among others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a broadcast stands in an index. `at`: milliseconds since 1970."""

    id: str
    at: int
