"""How a person reads what is written to them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reader:
    """In which language, and by which clock."""

    language: str = ""
    """Empty for somebody who was never heard."""
    zone: str = ""
    """IANA, for example "Europe/Berlin"; empty for who has chosen none and keeps to the one of the settings."""
