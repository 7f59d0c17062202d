"""Tells words of a message from names and addresses of people."""

from __future__ import annotations

import re
from typing import Final

_ADDRESS: Final = re.compile(
    r"(?:^|[,;\n|])\s*(?:[a-z]{2,10}\s*:\s*\S|@\w"
    r"|(?:[^\W\d][\w'.-]*\s+){0,3}\+?\(?\d[\d\s()./-]{5,}\s*(?:$|[,;\n|]))",
    re.IGNORECASE,
)
"""An address, or a phone number with up to three words of a name before it."""
_SENTENCE: Final = re.compile(r"[.!?…:](?:\s|$)")
_LONGEST_NAME: Final = 3
"""Words."""


def has_address(text: str) -> bool:
    """True if an entry of a list in the text looks like an address. Reads nothing."""
    return _ADDRESS.search(text) is not None


def is_prose(text: str) -> bool:
    """True for words that are part of a message rather than the names or addresses of people."""
    if has_address(text):
        return False
    longest = max((len(entry.split()) for entry in re.split(r"[,;\n]", text)), default=0)
    return longest > _LONGEST_NAME or bool(_SENTENCE.search(text))
