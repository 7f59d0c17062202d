"""How our account, its templates and numbers stand with a messenger, by the messenger's own word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.messengers.outcome import Reason


class Subject(StrEnum):
    """What the messenger speaks of."""

    ACCOUNT = "account"
    TEMPLATE = "template"
    NUMBER = "number"


class Issue(StrEnum):
    """What it has against it."""

    BARRED = "barred"
    """The account may not send: the messenger halts until somebody has looked."""
    BAN_AHEAD = "ban_ahead"
    PAUSED = "paused"
    DISABLED = "disabled"
    REJECTED = "rejected"
    COMPLAINTS = "complaints"
    """People complain; worse may follow."""
    LOWERED = "lowered"
    """Fewer people may be written to in a day."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountEvent:
    """One piece of such news. The later one counts, whichever comes first."""

    subject: Subject
    name: str = ""
    """Of the template or number, as people know it."""
    trouble: Issue | None
    """None: nothing, or nothing any more."""
    at: datetime
    """When, by the messenger's clock."""

    @property
    def halts(self) -> Reason | None:
        """Why nothing may be sent at all because of this."""
        return Reason.RESTRICTED if self.trouble is Issue.BARRED else None


@dataclass(frozen=True, slots=True)
class Halt:
    """A pause of a whole messenger. `until` None = until an admin resumes it."""

    until: datetime | None
    reason: str
