"""The audit log: who did what. An entry holds ids, names of people and numbers; never a text or an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

Detail = str | int


class Channel(StrEnum):
    CHAT = "chat"
    API = "api"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or program that acts. `id`: "telegram:100", "api:admin", or "program" for automatic actions."""

    id: str
    name: str = ""

    @property
    def channel(self) -> Channel:
        return _CHANNELS.get(self.id.partition(":")[0], Channel.PROGRAM)

    @property
    def telegram_id(self) -> int | None:
        """None for programs."""
        kind, _, number = self.id.partition(":")
        return int(number) if kind == "telegram" and number.isdecimal() else None


_CHANNELS = {"telegram": Channel.CHAT, "api": Channel.API}
PROGRAM = Actor("program")


class AuditAction(StrEnum):
    """Stored by value."""

    ORDERED = "ordered"
    SCHEDULED = "scheduled"
    SENT_NOW = "sent_now"
    MOVED = "moved"
    UNDONE = "undone"
    PAUSED = "paused"
    RESUMED = "resumed"
    CANCELLED = "cancelled"
    EDITED = "edited"
    RESENT = "resent"
    PHONES_CLEARED = "phones_cleared"
    PHONES_CHANGED = "phones_changed"
    PHONES_STOPPED = "phones_stopped"
    EXPORTED = "exported"
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    SERIES_MADE = "series_made"
    SERIES_CHANGED = "series_changed"
    SERIES_SKIPPED = "series_skipped"
    SERIES_UNSKIPPED = "series_unskipped"
    SERIES_PAUSED = "series_paused"
    SERIES_RESUMED = "series_resumed"
    SERIES_STOPPED = "series_stopped"
    PURGED = "purged"
    STOPPED_ALL = "stopped_all"
    RELEASED = "released"
    MESSENGER_RESUMED = "messenger_resumed"
    TRIED_AGAIN = "tried_again"
    LEFT_OUT = "left_out"
    LIST_MADE = "list_made"
    LIST_RENAMED = "list_renamed"
    LIST_GREW = "list_grew"
    LIST_SHRANK = "list_shrank"
    LIST_OPENED = "list_opened"
    LIST_CLOSED = "list_closed"
    LIST_DELETED = "list_deleted"
    LIST_EXPORTED = "list_exported"
    LOG_EXPORTED = "log_exported"
    ROLE_GIVEN = "role_given"
    INVITED = "invited"
    INVITATION_OPENED = "invitation_opened"
    INVITATION_DECLINED = "invitation_declined"
    INVITATION_REVOKED = "invitation_revoked"
    SETTING = "setting"
    FORGOTTEN = "forgotten"


_IMPORTANT: Final = frozenset(
    {
        AuditAction.ROLE_GIVEN,
        AuditAction.INVITED,
        AuditAction.INVITATION_OPENED,
        AuditAction.INVITATION_DECLINED,
        AuditAction.INVITATION_REVOKED,
        AuditAction.APPROVED,
        AuditAction.REFUSED,
        AuditAction.STOPPED_ALL,
        AuditAction.RELEASED,
        AuditAction.PURGED,
        AuditAction.FORGOTTEN,
        AuditAction.LIST_DELETED,
        AuditAction.EXPORTED,
        AuditAction.LIST_EXPORTED,
        AuditAction.LOG_EXPORTED,
    }
)


def is_important(action: AuditAction, details: Mapping[str, Detail]) -> bool:
    """True where it concerns who may do what, or data that left or is gone. Kept apart from all other entries."""
    purged_nothing = action is AuditAction.PURGED and details.get("broadcasts") == 0
    return action in _IMPORTANT and not purged_nothing


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEntry:
    at: datetime
    actor: Actor
    channel: Channel
    """PROGRAM with a person as the actor: done automatically on their order."""
    action: AuditAction
    broadcast_id: str = ""
    """Of a broadcast or series; empty when it is about neither."""
    details: Mapping[str, Detail] = field(default_factory=dict)
    """For example {"people": 5310}."""


@dataclass(frozen=True, slots=True)
class LastAction:
    name: str
    at: datetime
