"""Events that a messenger reports about our account, its templates and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.messengers.outcome import Reason


class Subject(StrEnum):
    """The subject of an event."""

    ACCOUNT = "account"
    TEMPLATE = "template"
    NUMBER = "number"
    PERSON = "person"
    """Somebody we write to."""


class Issue(StrEnum):
    """The messenger's objection."""

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
    MOVED = "moved"
    """Has another address."""


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
        barred = self.issue is Issue.BARRED
        flagged = self.subject is Subject.NUMBER and self.issue is Issue.COMPLAINTS
        return Reason.RESTRICTED if barred or flagged else None

    @property
    def reaches_nobody(self) -> bool:
        """True for a template that is of no use until the messenger gives it back."""
        useless = (Issue.PAUSED, Issue.DISABLED, Issue.REJECTED)
        return self.subject is Subject.TEMPLATE and self.issue in useless


@dataclass(frozen=True, slots=True)
class Halt:
    """A pause of a whole messenger. `until` None = until an admin resumes it."""

    until: datetime | None
    reason: str
    words: str = ""
    """The messenger's own."""


@dataclass(frozen=True, slots=True)
class AccountTrouble:
    """The messenger said with a message that the account may not send. `words`: its own."""

    reason: Reason
    words: str
    at: datetime
    """When, by the messenger's clock."""


@dataclass(frozen=True, slots=True)
class Hold:
    """One messenger's part of a broadcast waits for an admin's decision after repeated refusals."""

    reason: Reason
    words: str
    """The messenger's own."""
