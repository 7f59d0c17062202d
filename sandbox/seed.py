"""`python -m sandbox.seed`: store the people of a fresh sandbox; may be repeated."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from core.app import Core, open_core
from core.domain.audit import PROGRAM
from core.domain.errors import ConfigurationError
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact, Recipient
from core.health import exit_code
from core.logging import configure_logging
from core.settings import Settings, load_settings
from sandbox.contacts import CONTACTS, FRIENDS, SUBSCRIBERS


async def seed(settings: Settings) -> None:
    """Store the contacts, replacing those with the same id; the first time also the list and the subscribers.

    Raises ConfigurationError for a store that is neither empty nor the sandbox's.
    """
    contacts = [
        Contact(
            id=one.id,
            name=one.name,
            addresses={Messenger(name): address for name, address in one.addresses.items()},
        )
        for one in CONTACTS
    ]
    async with open_core(settings) as core:
        if not await _is_ours(core, contacts):
            raise ConfigurationError(
                "REDIS_URL: this store holds data that are not the sandbox's. Unset REDIS_URL, so that the sandbox"
                " has a store of its own, or set TELEGRAM_BOT_TOKEN to send for real."
            )
        await core.account_store.mark_as_sandbox()
        fresh = await core.contacts.get(contacts[0].id) is None
        for contact in contacts:
            await core.contacts.put(contact)
        if fresh:
            await _seed_people(core)


async def _is_ours(core: Core, contacts: Sequence[Contact]) -> bool:
    """True for a store that is empty, or the sandbox's by its mark or, from before there was one, by its contacts."""
    known = await core.contacts.get_many([one.id for one in contacts])
    return (
        await core.account_store.is_sandbox()
        or any(known.get(one.id) == one for one in contacts)
        or await core.account_store.is_empty()
    )


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
        await core.subscribers.subscribe(int(addresses[who][Messenger.TELEGRAM]), who)


def main() -> None:
    """Read the settings and store the contacts."""
    settings = load_settings()
    configure_logging(settings, "seed")
    asyncio.run(seed(settings))


if __name__ == "__main__":
    sys.exit(exit_code(main))
