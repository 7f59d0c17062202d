"""The team: people with roles."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Reader:
    language: str = ""
    """Empty until the person writes to the bot."""
    zone: str = ""
    """IANA, for example "Europe/Berlin"; empty = the zone of the settings."""
