"""Recipients and contacts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from core.domain.messengers.traits import Messenger
from core.domain.quiet_hours import QuietHours

FORGOTTEN: Final = "\u2014"
"""In place of the address of a person who was forgotten."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """An address on a messenger, already in the form that the messenger takes."""

    messenger: Messenger
    address: str
    contact_id: str | None = None
    """The contact by whose id the order named this recipient, if it did."""
    variables: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Values for the variables of the content, by name."""
    quiet_hours: QuietHours | None = None
    """Their own quiet hours; None = the general ones."""

    @property
    def label(self) -> str:
        """The recipient as typed: "telegram:1001"."""
        return f"{self.messenger}:{self.address}"

    @property
    def is_forgotten(self) -> bool:
        return self.address == FORGOTTEN

    @property
    def name(self) -> str:
        """The person's name, if the list had one, else ""."""
        given = self.variables
        full = f"{given.get('first_name', '')} {given.get('last_name', '')}"
        return " ".join((given.get("name") or full).split())

    @property
    def uuid(self) -> str:
        """The contact's id if the order used one, else the address."""
        return self.contact_id or self.address


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """A known person and the addresses where they can be reached."""

    id: str
    name: str
    addresses: Mapping[Messenger, str]
