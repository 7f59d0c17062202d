"""Subscribers of WhatsApp and Viber: who writes, comes back or leaves there becomes one or ceases to be one.

Telegram's subscribe by the bot's Start. Everything follows from what the store knows, so repeating a call is harmless.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.inbound import InboundMessage
from core.domain.messengers.events import AddressChange, OptIn, OptOut, Report
from core.domain.messengers.traits import AddressKind, Messenger
from core.domain.recipients import Contact
from core.parsing.phone_numbers import forms_of
from core.store.contacts import ContactStore
from core.store.reachability import ReachabilityStore


@dataclass(frozen=True, slots=True)
class Subscriptions:
    _contacts: ContactStore
    _reachability: ReachabilityStore

    async def follow(self, messenger: Messenger, reports: Sequence[Report]) -> None:
        """Bring subscribers and known people in step with reports that were applied before."""
        wrote = [one for one in reports if isinstance(one, InboundMessage) and one.message_id]
        names = {one.address: one.name for one in wrote}
        if names:
            await self._contacts.learn(
                [Contact(id="", name=name, addresses={messenger: one}) for one, name in names.items()],
                firm=False,
            )
        for one in reports:
            if isinstance(one, AddressChange):
                await self._contacts.move_subscriber(messenger, one.address, one.new_address)
        named = {one.address: one.name for one in reports if isinstance(one, OptIn)} | names
        left = {one.address for one in reports if isinstance(one, OptOut)}
        addresses = list(named.keys() | left)
        out = await self._reachability.out_of_reach(messenger, addresses)
        for address in addresses:
            forms = _forms(messenger, address)
            if address in out:
                await self._contacts.remove_subscriber(messenger, forms)
            elif address in named:
                await self._contacts.add_subscriber(messenger, forms, named[address])


def _forms(messenger: Messenger, address: str) -> list[str]:
    """The address first, then other forms of the same number."""
    others = forms_of(address) if messenger.traits.address is AddressKind.PHONE else set()
    return [address, *sorted(others - {address})]
