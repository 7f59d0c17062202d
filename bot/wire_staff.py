"""What the buttons about people carry: the log, roles, and approvals. Read as strictly as those of wire.py."""

from __future__ import annotations

import re
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


def read_staff_tap(data: str) -> StaffTaps | None:
    """None for what is none of these."""
    if (log := _LOG.fullmatch(data)) is not None:
        return LogTap(int(log[1]), log[2])
    if (staff := _STAFF.fullmatch(data)) is not None:
        return StaffTap(int(staff[1] or staff[3]), staff[2] or staff[4])
    if (asked := _APPROVAL.fullmatch(data)) is not None:
        return ApprovalTap(asked[1] or asked[4], int(asked[2] or asked[5]), asked[3] or asked[6])
    return None
