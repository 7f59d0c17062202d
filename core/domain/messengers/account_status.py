"""What a messenger reports about our account, its templates and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.messengers.outcome import Reason


class Subject(StrEnum):
    """What an event is about."""

    ACCOUNT = "account"
    TEMPLATE = "template"
    NUMBER = "number"


class Issue(StrEnum):
    """What the messenger objects to."""

    BARRED = "barred"
    """The account may not send: the messenger halts until an admin resumes it."""
    BAN_AHEAD = "ban_ahead"
    PAUSED = "paused"
    DISABLED = "disabled"
    REJECTED = "rejected"
    COMPLAINTS = "complaints"
    """Recipients complain; a restriction may follow."""
    LOWERED = "lowered"
    """The daily limit of recipients was lowered."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountEvent:
    """One report. The one with the later time counts, in whatever order they arrive."""

    subject: Subject
    name: str = ""
    """Of the template or number."""
    issue: Issue | None
    """None: the issue is resolved."""
    at: datetime
    """By the messenger's clock."""

    @property
    def halts(self) -> Reason | None:
        """The reason to halt the messenger, if this is one."""
        return Reason.RESTRICTED if self.issue is Issue.BARRED else None


@dataclass(frozen=True, slots=True)
class Halt:
    """A pause of a whole messenger. `until` None = until an admin resumes it."""

    until: datetime | None
    reason: str
