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
_NOTE: Final = re.compile(
    r"\w\?\s+\w|\b(?:questions?|quer(?:y|ies)|[ei]nquir(?:y|ies)|contact(?!\s*\d)|emergenc(?:y|ies)|hotline"
    r"|for info(?:rmation)?|(?:rück)?fragen|kontakt(?!\s*\d)|ansprechpartner(?:in)?|notf[aä]ll\w*"
    r"|вопрос\w*|справк\w+|звон\w+|позвон\w+|контакт\w*)\b",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"[.!?…:](?:\s|$)")
_LONGEST_NAME: Final = 3
"""Words."""


def has_address(text: str) -> bool:
    """True if an entry of a list in the text looks like an address. Reads nothing."""
    return _ADDRESS.search(text) is not None


def is_note(text: str) -> bool:
    """True for words like "Questions? Mrs. Smith", which people put beside a number below a list."""
    return _NOTE.search(text) is not None


def is_prose(text: str) -> bool:
    """True for words that are part of a message rather than the names or addresses of people."""
    if has_address(text):
        return False
    longest = max((len(entry.split()) for entry in re.split(r"[,;\n]", text)), default=0)
    return longest > _LONGEST_NAME or bool(_SENTENCE.search(text))
