"""Charging of a message, as the messenger reports it. Never a price, which depends on country and contract."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_UNUSABLE: Final = re.compile(r"[^\w.-]")
_LONGEST: Final = 40


@dataclass(frozen=True, slots=True)
class Bill:
    """Charging of one message."""

    billable: bool
    category: str = ""
    """By the messenger's own name, in lower case: "marketing"."""
    model: str = ""
    """Pricing model: "PMP" for per message."""

    def pack(self) -> str:
        """As the store keeps it."""
        words = (_UNUSABLE.sub("", part)[:_LONGEST] for part in (self.category, self.model))
        return ":".join((str(int(self.billable)), *words))

    @classmethod
    def parse(cls, packed: str) -> Bill:
        """Parse the output of pack()."""
        billable, category, model = packed.split(":")
        return cls(billable == "1", category, model)
