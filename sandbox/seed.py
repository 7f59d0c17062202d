"""`python -m sandbox.seed`: stores the sandbox's contacts; may be repeated."""

from __future__ import annotations

import asyncio
import sys

from core.app import open_core
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact
from core.health import exit_code
from core.logging import configure_logging
from core.settings import Settings, load_settings
from sandbox.contacts import CONTACTS


async def seed(settings: Settings) -> None:
    """Store the contacts, replacing those with the same id."""
    async with open_core(settings) as core:
        for contact in CONTACTS:
            addresses = {Messenger(name): address for name, address in contact.addresses.items()}
            await core.contacts.put(Contact(id=contact.id, name=contact.name, addresses=addresses))


def main() -> None:
    """Read the settings and store the contacts."""
    settings = load_settings()
    configure_logging(settings, "seed")
    asyncio.run(seed(settings))


if __name__ == "__main__":
    sys.exit(exit_code(main))
