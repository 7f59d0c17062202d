"""The people who work with the bot, and what each of them may do."""

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
    """Also purges, gives roles, and has the unknown sent to again."""

    def may(self, needed: Role) -> bool:
        """Whether who has this role may do what needs the other."""
        return self.rank >= needed.rank

    @property
    def rank(self) -> int:
        """Higher for who may do more."""
        return list(Role).index(self)


@dataclass(frozen=True, slots=True)
class TeamMember:
    """Somebody with a role. `name`: empty until the bot has heard of them."""

    id: int
    name: str
    role: Role

    @property
    def called(self) -> str:
        """The name, or the id where no name is known."""
        return self.name or str(self.id)


@dataclass(frozen=True, slots=True)
class Reader:
    """In which language, and by which clock."""

    language: str = ""
    """Empty for somebody who was never heard."""
    zone: str = ""
    """IANA, for example "Europe/Berlin"; empty for who has chosen none and keeps to the one of the settings."""
