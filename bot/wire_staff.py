"""What the buttons about people carry: the log, roles, and approvals."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

CSV: Final = 0
"""The page of the log that stands for all of it as a file."""
EVERYBODY: Final = "-"
"""The log of all, not of one broadcast or one person."""


@dataclass(frozen=True, slots=True)
class LogTap:
    """A page of the log. `of`: EVERYBODY, b<broadcast>, p<person's id>, or "a" for what came in over HTTP."""

    page: int
    of: str

    def __str__(self) -> str:
        return f"g:{self.page}:{self.of}"


@dataclass(frozen=True, slots=True)
class StaffTap:
    """A tap on the list of people (`person` 0) or on the card of one."""

    person: int
    verb: str

    def __str__(self) -> str:
        return f"u:{self.person}:{self.verb}"


@dataclass(frozen=True, slots=True)
class ApprovalTap:
    """A tap on a question for approval. `number`: which question about this broadcast it was."""

    broadcast_id: str
    number: int
    verb: str

    def __str__(self) -> str:
        return f"w:{self.broadcast_id}:{self.number}:{self.verb}"


StaffTaps = LogTap | StaffTap | ApprovalTap

_LOG: Final = re.compile(r"g:(\d{1,5}):(-|a|b[A-Z0-9]{3,12}|p[1-9]\d{0,17})")
_STAFF: Final = re.compile(r"u:(?:(0):(list|add)|([1-9]\d{0,17}):(view|viewer|editor|owner|remove|removed))")
_APPROVAL: Final = re.compile(r"w:(?:(-):(0):(list)|([A-Z0-9]{3,12}):(\d{1,6}):(yes|no|refused|view|back))")


def _staff(found: re.Match[str]) -> StaffTap:
    return StaffTap(int(found[1] or found[3]), found[2] or found[4])


def _approval(found: re.Match[str]) -> ApprovalTap:
    return ApprovalTap(found[1] or found[4], int(found[2] or found[5]), found[3] or found[6])


GRAMMAR: Final[Mapping[str, tuple[re.Pattern[str], Callable[[re.Match[str]], StaffTaps]]]] = {
    "g": (_LOG, lambda found: LogTap(int(found[1]), found[2])),
    "u": (_STAFF, _staff),
    "w": (_APPROVAL, _approval),
}
"""Their part of that of wire.py."""
