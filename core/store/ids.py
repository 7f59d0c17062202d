"""Ids that people read and type."""

from __future__ import annotations

import secrets

# Without letters and digits that look alike, and without vowels, which could spell something.
_LETTERS = "BCDFGHJKMNPQRSTVWXZ23456789"


def new_id(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
