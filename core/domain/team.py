"""The team: people with roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Each includes those before it."""

    VIEWER = "viewer"
    """Sees everything, changes nothing."""
    EDITOR = "editor"
    """Makes and steers broadcasts and audiences."""
    OWNER = "owner"
    """Also purges, gives roles, and resends to unknown recipients."""

    def may(self, needed: Role) -> bool:
        return self.rank >= needed.rank

    @property
    def rank(self) -> int:
        """Higher for who may do more."""
        return list(Role).index(self)


@dataclass(frozen=True, slots=True)
class TeamMember:
    """A person with a role. `name`: empty until they write to the bot."""

    id: int
    name: str
    role: Role

    @property
    def called(self) -> str:
        """The name, or the id where no name is known."""
        return self.name or str(self.id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Invitation:
    """A link by which one person asks for a role. An owner still has to let them in."""

    id: str
    role: Role
    by: int
    """The owner who made it."""
    until: datetime
    """The link ends then; once a person has opened it, their question."""
    person: int | None = None
    """The person who opened the link; None while nobody has."""
    name: str = ""
    username: str = ""
    language: str = ""
    """As in Reader, of the person."""
    asked: bool = False
    """The owner has been asked."""

    @property
    def called(self) -> str:
        return self.name or str(self.person)


@dataclass(frozen=True, slots=True)
class Reader:
    language: str = ""
    """Empty until the person writes to the bot."""
    zone: str = ""
    """IANA, for example "Europe/Berlin"; empty = the zone of the settings."""
