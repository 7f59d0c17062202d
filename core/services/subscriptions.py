"""Subscribers of WhatsApp and Viber: people who write or return are subscribed, people who leave are not.

Telegram's subscribe by the bot's Start. Everything follows from what the store knows, so repeating a call is harmless.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.audit import Actor
from core.domain.auto_text import AutoText
from core.domain.broadcast import Index, NewBroadcast
from core.domain.content.content import Content
from core.domain.errors import ValidationError
from core.domain.inbound import InboundMessage
from core.domain.messengers.events import AddressChange, OptIn, OptOut, Report
from core.domain.messengers.traits import AddressKind, Messenger
from core.domain.recipients import Contact, Recipient
from core.parsing.addresses import Account, account_of
from core.parsing.numbering_plans import forms_of
from core.services.broadcasts import Broadcasts
from core.store.audiences import AudienceStore
from core.store.auto_texts import AutoTextStore
from core.store.contacts import ContactStore
from core.store.deliveries import DeliveryQueue
from core.store.ledger import LedgerStore
from core.store.reachability import ReachabilityStore
from core.store.subscribers import SubscriberStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Subscriptions:
    _contacts: ContactStore
    _subscribers: SubscriberStore
    _reachability: ReachabilityStore
    _texts: AutoTextStore
    _ledger: LedgerStore
    _broadcasts: Broadcasts
    _lists: AudienceStore
    _deliveries: DeliveryQueue

    async def follow(self, messenger: Messenger, reports: Sequence[Report]) -> None:
        """Update subscribers and known people from applied reports."""
        wrote = [one for one in reports if isinstance(one, InboundMessage) and one.message_id]
        names = {one.address: one.name for one in wrote}
        if names:
            await self._contacts.learn(
                [Contact(id="", name=name, addresses={messenger: one}) for one, name in names.items()],
                firm=False,
            )
        moves = [one for one in reports if isinstance(one, AddressChange)]
        for one in moves:
            for form in _forms(messenger, one.address):
                await self._contacts.move(messenger, form, one.new_address)
                await self._subscribers.move(messenger, form, one.new_address)
                await self._lists.move(messenger, form, one.new_address)
        await self._follow_moves(messenger, moves)
        named = {one.address: one.name for one in reports if isinstance(one, OptIn)} | names
        left = {one.address for one in reports if isinstance(one, OptOut)}
        addresses = list(named.keys() | left)
        out = await self._reachability.out_of_reach(messenger, addresses)
        for address in addresses:
            forms = _forms(messenger, address)
            if address in out:
                await self._subscribers.remove(messenger, forms)
            elif address in named:
                known = [await self._subscribers.is_subscribed(messenger, form) for form in forms]
                which = AutoText.AWAY if any(known) else AutoText.WELCOME
                if which is AutoText.WELCOME or address in names:
                    # Before they count as subscribed: the welcome is not lost by a crash in between.
                    await self._send_text(messenger, which, address)
                await self._subscribers.add(messenger, forms, named[address])

    async def _follow_moves(self, messenger: Messenger, moves: Sequence[AddressChange]) -> None:
        """Replace old addresses by new ones in all deliveries that wait."""
        new: dict[Account, str] = {}
        for move in reversed(moves):
            # A later move may lead from this new address to another one.
            last = new.get((messenger, account_of(messenger, move.new_address)), move.new_address)
            for form in _forms(messenger, move.address):
                new[messenger, account_of(messenger, form)] = last
        if not new:
            return
        for index in (Index.UNAPPROVED, Index.SCHEDULED, Index.RUNNING):
            for broadcast_id in await self._ledger.ids(index):
                async for one, old in self._ledger.deliveries_to(broadcast_id, new.keys()):
                    await self._deliveries.follow_move(one, old, new[messenger, account_of(messenger, old)])

    async def _send_text(self, messenger: Messenger, which: AutoText, address: str) -> None:
        """Send the welcome or the away text as a broadcast, at most once in 12 hours per person."""
        text = await self._texts.get(messenger, which)
        if not text:
            return
        reserved = await self._ledger.reserve_id()
        broadcast_id = await self._texts.claim(messenger, which, address, reserved)
        order = NewBroadcast(
            content=Content(text=text, verbatim=True),
            recipients=(Recipient(messenger=messenger, address=address),),
            send_at=None,
            created_by=Actor("auto", "Message Sender"),
            ignore_quiet_hours=True,
            answer=True,
        )
        try:
            prepared = await self._broadcasts.prepare(order)
        except ValidationError as error:
            log.warning("the %s text for %s is not sent: %s", which, messenger, error)
            return
        await self._broadcasts.accept(prepared, broadcast_id=broadcast_id)


def _forms(messenger: Messenger, address: str) -> list[str]:
    """The address first, then other forms of the same number."""
    others = forms_of(address) if messenger.traits.address is AddressKind.PHONE else set()
    return [address, *sorted(others - {address})]
