"""`python -m sandbox.seed`: stores whom a fresh sandbox knows; may be repeated."""

from __future__ import annotations

import asyncio
import sys

from core.app import Core, open_core
from core.domain.audit import PROGRAM
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact, Recipient
from core.health import exit_code
from core.logging import configure_logging
from core.settings import Settings, load_settings
from sandbox.contacts import CONTACTS, FRIENDS, SUBSCRIBERS


async def seed(settings: Settings) -> None:
    """Store the contacts, replacing those with the same id; the first time also the list and the subscribers."""
    async with open_core(settings) as core:
        fresh = await core.contacts.get(CONTACTS[0].id) is None
        for contact in CONTACTS:
            addresses = {Messenger(name): address for name, address in contact.addresses.items()}
            await core.contacts.put(Contact(id=contact.id, name=contact.name, addresses=addresses))
        if fresh:
            await _seed_people(core)


async def _seed_people(core: Core) -> None:
    addresses = {contact.name: contact.addresses for contact in CONTACTS}
    name, members = FRIENDS
    friends = await core.audiences.create(name, created_by=PROGRAM)
    recipients = [
        Recipient(messenger=Messenger(on), address=addresses[who][on], variables={"name": who})
        for who, on in members
    ]
    await core.audiences.add(friends.id, recipients)
    for who in SUBSCRIBERS:
        await core.contacts.subscribe(int(addresses[who][Messenger.TELEGRAM]), who)


def main() -> None:
    """Read the settings and store the contacts."""
    settings = load_settings()
    configure_logging(settings, "seed")
    asyncio.run(seed(settings))


if __name__ == "__main__":
    sys.exit(exit_code(main))
