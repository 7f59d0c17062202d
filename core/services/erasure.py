"""Forget a person: remove all data about them. docs/privacy.md lists the places."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Final

from core.domain.audit import AuditAction
from core.domain.broadcast import Index
from core.domain.delivery import DeliveryId
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact, Recipient
from core.parsing.addresses import Account, account, account_of
from core.services.audit_log import AuditLog
from core.store.audiences import AudienceStore
from core.store.chat.drafts import Draft, DraftStore
from core.store.contacts import ContactStore, is_known_id
from core.store.erasure import ErasureStore
from core.store.ledger import LedgerStore
from core.store.reachability import ReachabilityStore
from core.store.subscribers import SubscriberStore

_REMEMBERED: Final = 600.0
"""Seconds for which it is remembered where a person was found."""
_MOST_REMEMBERED: Final = 4
_INDEXES = (Index.UNAPPROVED, Index.SCHEDULED, Index.RUNNING, Index.ENDED)


@dataclass(kw_only=True, slots=True)
class KnownOfPerson:
    """Data kept of a person. The numbers count lists, drafts and messages with this person."""

    accounts: set[Account]
    addresses: set[tuple[Messenger, str]]
    """As they are stored: an account can have several forms of address."""
    names: list[str] = field(default_factory=list)
    contacts: set[str] = field(default_factory=set)
    subscribed: bool = False
    lists: int = 0
    drafts: int = 0
    messages: int = 0
    written: int = 0
    """Number of their messages to us."""
    kept_out: bool = False
    """They opted out, or cannot be reached."""

    @property
    def contact_count(self) -> int:
        """Number of contacts: one with a given id has a second entry as a known person."""
        known = sum(is_known_id(one) for one in self.contacts)
        return max(known, len(self.contacts) - known)

    @property
    def is_nothing(self) -> bool:
        counts = self.lists + self.drafts + self.messages + self.written
        return not (self.contacts or self.subscribed or self.kept_out or counts)

    def add(self, messenger: Messenger, address: str) -> None:
        self.accounts.add((messenger, account_of(messenger, address)))
        self.addresses.add((messenger, address))

    def add_contact(self, contact: Contact) -> None:
        self.contacts.add(contact.id)
        self.note_name(contact.name)
        for messenger, address in contact.addresses.items():
            self.add(messenger, address)

    def is_about(self, recipient: Recipient) -> bool:
        return account(recipient) in self.accounts

    def is_labelled(self, label: str) -> bool:
        """True for a recipient as typed: "telegram:1001"."""
        messenger, _colon, address = label.partition(":")
        return any(one == messenger and account_of(one, address) == known for one, known in self.accounts)

    def note_name(self, name: str) -> None:
        if name and name not in self.names:
            self.names.append(name)


@dataclass(kw_only=True, slots=True)
class _History:
    """Deliveries to some accounts in the history, kept so that forgetting them need not read it again."""

    accounts: frozenset[Account]
    until: float
    """On the monotonic clock."""
    lists: dict[str, str] = field(default_factory=dict)
    """The id of the addresses of each broadcast that was read."""
    deliveries: dict[str, list[tuple[DeliveryId, str]]] = field(default_factory=dict)
    """By broadcast."""


@dataclass(frozen=True, slots=True)
class Erasure:
    _store: ErasureStore
    _ledger: LedgerStore
    _lists: AudienceStore
    _drafts: DraftStore
    _contacts: ContactStore
    _subscribers: SubscriberStore
    _reachability: ReachabilityStore
    _audit_log: AuditLog
    _histories: list[_History] = field(default_factory=list)

    async def look_up(self, one: Recipient) -> KnownOfPerson:
        """All addresses of the person with this one, and how much is kept of them. Reads the whole history."""
        person = await self._person(one)
        async for _list_id, _recipients in self._on_lists(person):
            person.lists += 1
        async for _draft in self._in_drafts(person):
            person.drafts += 1
        history = _History(accounts=frozenset(person.accounts), until=monotonic() + _REMEMBERED)
        async for _delivery in self._deliveries(person, history):
            person.messages += 1
        self._histories[:] = [history, *self._histories[: _MOST_REMEMBERED - 1]]
        return person

    async def forget(self, one: Recipient) -> KnownOfPerson:
        """Remove the person; returns what was removed. An opt-out stays, as a keyed hash."""
        person = await self._person(one)
        # Drafts and lists before broadcasts, so that none of them makes another broadcast with this person.
        async for draft in self._in_drafts(person):
            person.drafts += await self._without(draft, person)
        async for list_id, recipients in self._on_lists(person):
            await self._lists.take(list_id, recipients)
            person.lists += 1
        async for delivery, address in self._deliveries(person, self._remembered(person)):
            person.addresses.add((delivery.messenger, address))
            person.messages += await self._store.forget_delivery(delivery, address)
        for messenger, address in person.addresses:
            person.subscribed |= await self._store.forget_address(messenger, address)
        self._histories.clear()
        await self._contacts.forget(person.contacts)
        await self._ledger.empty_trash()
        await self._store.rewrite_log()
        await self._audit_log.note(AuditAction.FORGOTTEN, lists=person.lists, messages=person.messages)
        return person

    async def _person(self, one: Recipient) -> KnownOfPerson:
        """The addresses of the same contact, and those from which or to which they moved."""
        person = KnownOfPerson(accounts=set(), addresses=set())
        person.add(one.messenger, one.address)
        async for contact in self._contacts.each():
            there = [Recipient(messenger=m, address=address) for m, address in contact.addresses.items()]
            if any(person.is_about(address) for address in there):
                person.add_contact(contact)
        for known in (await self._contacts.at(list(person.addresses))).values():
            person.add_contact(known)
        for messenger in Messenger:
            for old, new in (await self._reachability.moved(messenger)).items():
                if (messenger, old) in person.addresses or (messenger, new) in person.addresses:
                    person.add(messenger, old)
                    person.add(messenger, new)
        for messenger, text in person.addresses:
            person.written += await self._store.written(messenger, text)
            person.kept_out |= bool(await self._reachability.out_of_reach(messenger, [text]))
            person.subscribed |= await self._subscribers.is_subscribed(messenger, text)
            if messenger is Messenger.TELEGRAM and text.isdecimal():
                name = await self._subscribers.name_of(int(text))
                person.subscribed |= name is not None
                person.note_name(name or "")
        return person

    async def _on_lists(self, person: KnownOfPerson) -> AsyncIterator[tuple[str, list[Recipient]]]:
        """Lists with the person on them, with the entries that are theirs."""
        for list_id in await self._lists.ids():
            theirs = [
                one async for some in self._lists.recipients(list_id) for one in some if person.is_about(one)
            ]
            for one in theirs:
                person.addresses.add(one.key)
                person.note_name(one.name)
            if theirs:
                yield list_id, theirs

    async def _in_drafts(self, person: KnownOfPerson) -> AsyncIterator[Draft]:
        for draft_id in await self._drafts.ids():
            draft = await self._drafts.get(draft_id)
            if draft is not None and (
                any(map(person.is_about, draft.recipients)) or any(map(person.is_labelled, draft.filled))
            ):
                yield draft

    async def _without(self, draft: Draft, person: KnownOfPerson) -> bool:
        """Take the person off a draft, which an admin may be changing meanwhile."""
        found: Draft | None = draft
        while found is not None:
            others = tuple(one for one in found.recipients if not person.is_about(one))
            filled = {
                label: values for label, values in found.filled.items() if not person.is_labelled(label)
            }
            changed = replace(found, recipients=others, filled=filled, revision=found.revision + 1)
            if await self._drafts.save(changed, expected_revision=found.revision):
                return True
            found = await self._drafts.get(draft.id)
        return False

    def _remembered(self, person: KnownOfPerson) -> _History:
        """The history that look_up() read for the same accounts a short while ago; else an empty one."""
        for one in self._histories:
            if one.accounts == person.accounts and one.until > monotonic():
                return one
        return _History(accounts=frozenset(person.accounts), until=0)

    async def _deliveries(
        self, person: KnownOfPerson, history: _History
    ) -> AsyncIterator[tuple[DeliveryId, str]]:
        """Deliveries to the person. Reads broadcasts that the history does not have, or that were edited since."""
        for index in _INDEXES:
            for broadcast_id in await self._ledger.ids(index):
                list_id = await self._ledger.list_id(broadcast_id)
                if history.lists.get(broadcast_id) != list_id:
                    accounts = person.accounts
                    found = [one async for one in self._ledger.deliveries_to(broadcast_id, accounts)]
                    history.lists[broadcast_id], history.deliveries[broadcast_id] = list_id, found
                for one in history.deliveries[broadcast_id]:
                    yield one
