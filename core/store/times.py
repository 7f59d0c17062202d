"""Times as the store keeps them: milliseconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime


def from_ms(text: str | None) -> datetime | None:
    """Milliseconds since 1970 as an aware moment; None for nothing or 0."""
    return datetime.fromtimestamp(int(text) / 1000, UTC) if text and text != "0" else None


def moment(text: str) -> datetime:
    """As from_ms(), for a required time. Raises ValueError."""
    if (at := from_ms(text)) is None:
        raise ValueError("a time is missing")
    return at


def to_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
