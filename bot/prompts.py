"""Names of the questions whose answer is typed; the store keeps the one that an admin has open."""

from __future__ import annotations

from typing import Final

SEARCH: Final = "search"
"""The words to search for."""
NO_SUBJECT: Final = "-"
"""In the place of a draft's id, for a question about no draft."""
