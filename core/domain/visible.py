"""Text that only looks empty."""

from __future__ import annotations

import unicodedata
from typing import Final

_BLANKS: Final = frozenset("\u2800\u3164\u115f\u1160\uffa0")
_INVISIBLE: Final = frozenset({"Cf", "Cc", "Zs", "Mn"})


def looks_empty(text: str) -> bool:
    """True if nothing of the text can be seen."""
    if text.isascii():
        return not text.strip()
    return all(one.isspace() or one in _BLANKS or unicodedata.category(one) in _INVISIBLE for one in text)
