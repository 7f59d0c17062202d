"""People of a fresh sandbox: contacts, a list of friends, and subscribers of the bot."""

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
    SandboxContact(id="3", name="Carol", addresses={"viber": "Q2Fyb2w="}),
)
"""The recipients in the README's curl examples, and Carol."""

FRIENDS: Final = ("Friends", (("Alice", "telegram"), ("Bob", "whatsapp"), ("Carol", "viber")))
"""The name of a list, and on which messenger it reaches each of the contacts."""
SUBSCRIBERS: Final = ("Alice", "Bob")
"""Contacts who have pressed Start in the bot."""
