"""Contacts of a fresh sandbox: the recipients in the README's curl examples."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class SandboxContact:
    """A contact: its id, its name, and its address on each messenger (messenger name -> address)."""

    id: str
    name: str
    addresses: dict[str, str]


CONTACTS: Final = (
    SandboxContact(
        id="1",
        name="Alice",
        addresses={"telegram": "1001", "whatsapp": "+12025550123", "viber": "alice"},
    ),
    SandboxContact(
        id="2",
        name="Bob",
        addresses={"telegram": "1002", "whatsapp": "+12025550124", "viber": "bob"},
    ),
)
