"""Every error a user may see.

SenderError
├── ConfigurationError      a setting is missing or wrong (no retry can cure it)
├── ValidationError         an order cannot be carried out as given; carries every problem found
├── NotFound                no broadcast, contact or draft of that id
├── Denied                  the user lacks the role for it
├── Conflict                the thing has moved on: started, cancelled, changed by somebody else
└── StoreFull               there is no room for more; nothing was accepted

The text of each is a sentence for the user: what was read, what is wrong, what would be right.
"""

from __future__ import annotations

from collections.abc import Sequence


class SenderError(Exception):
    """Root of all errors whose text may be shown to a user."""


class ConfigurationError(SenderError):
    """A setting is missing or makes no sense. Names the variable, never its secret value."""


class NotFound(SenderError):
    """There is nothing of that id."""


class Conflict(SenderError):
    """The thing is in another state than the caller believed; nothing was changed."""


class StoreFull(SenderError):
    """The store is full; nothing was kept."""

    def __init__(self) -> None:
        super().__init__(
            "The store is full, so nothing was accepted. Clear away history with /purge in the chat, or give the "
            "store more memory (maxmemory), then order again."
        )


class Denied(SenderError):
    """The user lacks the role for it. Names those who have it."""


class ValidationError(SenderError):
    """An order is wrong in one or more places; nothing of it was carried out.

    `problems`: one sentence each, in the order of the input.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))
