"""Segments: the people of a list who fulfil a condition, counted and read."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Final

from core.domain.audience import EVERYBODY, LIST_GONE, Audience
from core.domain.delivery import REACHED_MESSENGER, DeliveryState
from core.domain.errors import NotFound
from core.domain.messengers.traits import AddressKind, Messenger
from core.domain.recipients import Recipient, same_people
from core.domain.segment import LAST, Clause, Condition, Rule
from core.domain.translatable import sentence
from core.parsing.numbering_plans import account_of as account_of_number
from core.store.audiences import AudienceStore
from core.store.contacts import ContactStore
from core.store.ledger import LedgerStore
from core.store.row_format import person_in, unpack_address
from core.store.subscribers import SubscriberStore, name_and_tag

TAG: Final = "tag"
"""The only column of subscribers beside their names."""
_SAMPLE: Final = 5_000
"""Addresses whose values are offered."""

_MOST_LOOKED_AT: Final = 50
"""Broadcasts among which the last one is looked for."""

_MOST_COMPARED: Final = 20_000
"""Subscribers among whom people on several messengers are looked for."""

Entries = dict[str, str]
"""Address -> what else is stored with it."""


@dataclass(slots=True)
class _Counts:
    addresses: Counter[Messenger] = field(default_factory=Counter)
    further: int = 0
    """Addresses whose person is counted by another one."""


@dataclass(slots=True)
class _Result:
    """To whom a broadcast got in one of some states."""

    broadcast_id: str
    states: Set[DeliveryState]
    wanted: bool
    """False for a condition that excludes them."""
    accounts: dict[Messenger, set[str]] = field(default_factory=lambda: {one: set() for one in Messenger})
    persons: set[str] = field(default_factory=set)
    """The people of a list with one of these accounts, where people have several."""

    def among(self, messenger: Messenger, entries: Entries) -> Entries:
        """Entries that fulfil the condition."""
        accounts, persons, wanted = self.accounts[messenger], self.persons, self.wanted
        pairs = zip(_as_accounts(messenger, entries), entries.items(), strict=True)
        if not persons:
            return {address: rest for account, (address, rest) in pairs if (account in accounts) is wanted}
        return {
            address: rest
            for account, (address, rest) in pairs
            if (account in accounts or person_in(rest) in persons) is wanted
        }


class Segments:
    def __init__(
        self, lists: AudienceStore, contacts: ContactStore, subscribers: SubscriberStore, ledger: LedgerStore
    ) -> None:
        self._lists = lists
        self._contacts = contacts
        self._subscribers = subscribers
        self._ledger = ledger

    async def filled(self, audience: Audience, *, counted: bool = True) -> Audience:
        """A list as it is; a segment with the columns and authors of its list, and with the counts it has now."""
        rule = audience.rule
        if rule is None:
            return audience
        base = None if rule.of == EVERYBODY else await self._base(rule.of)
        if base is None and rule.of != EVERYBODY:
            return audience
        try:
            counts = await self._count(rule) if counted else _Counts()
        except NotFound:
            counts = _Counts()
        further = counts.further
        if base is None and len(counts.addresses) > 1:
            further = await self._further_subscriptions(rule)
        return replace(
            audience,
            counts=counts.addresses,
            further=further,
            variables=base.variables if base else (),
            headings=base.headings if base else {},
            authors=(*audience.authors, *base.authors) if base else audience.authors,
            quiet_hours=audience.quiet_hours or (base.quiet_hours if base else None),
            messenger_order=audience.messenger_order or (base.messenger_order if base else ()),
            base=base.title if base else "",
        )

    async def _further_subscriptions(self, rule: Rule) -> int:
        """Subscriptions of a segment whose person is counted by one on another messenger; 0 where there are many."""
        subscribed = sum((await self._subscribers.count()).values())
        if subscribed > _MOST_COMPARED or not await self._contacts.count_linked():
            return 0
        found = [one async for one in self.recipients(rule)]
        known = await self._contacts.ids_at((one.messenger, one.address) for one in found)
        return len(found) - len(same_people(found, known))

    async def recipients(self, rule: Rule) -> AsyncIterator[Recipient]:
        """The people of its list who fulfil all its conditions. Raises NotFound."""
        rule, base = await self._resolved(rule)
        async for messenger, entries in self._fulfilling(rule, base, whole=True):
            for one in _recipients(rule.of, messenger, entries):
                yield one

    async def everyone_on(self, list_id: str) -> AsyncIterator[Iterator[Recipient]]:
        """The people of a list that is no segment, or of EVERYBODY, in portions."""
        async for messenger, entries in self._entries(list_id):
            yield _recipients(list_id, messenger, entries)

    async def values(self, base: str, column: str, *, most: int) -> list[str]:
        """Values that many have in a column, the most frequent first."""
        counted: Counter[str] = Counter()
        looked = 0
        async for messenger, entries in self._entries(base):
            counted.update(one.variables.get(column, "") for one in _recipients(base, messenger, entries))
            looked += len(entries)
            if looked >= _SAMPLE:
                break
        del counted[""]
        return [value for value, _count in counted.most_common(most)]

    async def _base(self, list_id: str) -> Audience | None:
        return next(iter(await self._lists.get_many([list_id])), None)

    async def _resolved(self, rule: Rule) -> tuple[Rule, Audience | None]:
        """The rule as one about a list that is no segment itself, and that list; None: EVERYBODY. Raises NotFound."""
        if rule.of == EVERYBODY:
            return rule, None
        if (base := await self._base(rule.of)) is None:
            raise NotFound(LIST_GONE)
        return (rule, base) if base.rule is None else await self._resolved(base.rule.narrowed(rule))

    async def _count(self, rule: Rule) -> _Counts:
        """Raises NotFound."""
        rule, base = await self._resolved(rule)
        has_further, people = base is not None and base.further > 0, set[str]()
        counts = _Counts()
        async for messenger, entries in self._fulfilling(rule, base, whole=has_further):
            counts.addresses[messenger] += len(entries)
            if has_further:
                code = messenger.traits.code
                people.update(person_in(rest) or f"{code}{address}" for address, rest in entries.items())
        if has_further:
            counts.further = counts.addresses.total() - len(people)
        return counts

    async def _fulfilling(
        self, rule: Rule, base: Audience | None, *, whole: bool
    ) -> AsyncIterator[tuple[Messenger, Entries]]:
        """Entries of its list, of those who fulfil all conditions, in portions. Raises NotFound.

        `whole`: with what is stored beside the addresses.
        """
        columns = [one for one in rule.clauses if one.condition.is_of_a_column]
        results = await self._asked([one for one in rule.clauses if one not in columns], base)
        if not results:
            async for messenger, entries in self._entries(rule.of, columns, whole=whole):
                if entries:
                    yield messenger, entries
            return
        # Together, as the store does most of the one, and this program most of the other.
        listed, _read = await asyncio.gather(
            self._collected(rule.of, columns, whole), self._read_results(results)
        )
        if base is not None and base.further:
            await self._add_persons(base.id, results)
        for messenger, entries in listed:
            fulfilling = entries
            for result in results:
                fulfilling = result.among(messenger, fulfilling)
            if fulfilling:
                yield messenger, fulfilling

    async def _collected(
        self, list_id: str, columns: Sequence[Clause], whole: bool
    ) -> list[tuple[Messenger, Entries]]:
        read = self._entries(list_id, columns, whole=whole)
        return [(messenger, entries) async for messenger, entries in read if entries]

    async def _entries(
        self, list_id: str, columns: Sequence[Clause] = (), *, whole: bool = True
    ) -> AsyncIterator[tuple[Messenger, Entries]]:
        """Of a list or of EVERYBODY, of those who fulfil these conditions on columns."""
        if list_id != EVERYBODY:
            async for messenger, entries in self._lists.entries(list_id, columns, whole=whole):
                yield messenger, entries
            return
        for messenger in Messenger:
            async for entries in self._subscribers.entries(messenger, columns):
                yield messenger, entries

    async def _asked(self, clauses: Sequence[Clause], base: Audience | None) -> list[_Result]:
        """What is to be read of broadcasts. Raises NotFound."""
        alone = base is None or not base.further
        return [
            _Result(await self._broadcast_id(subject), states, wanted)
            for subject, states, wanted in (_by_message(clauses) if alone else map(_of_clause, clauses))
        ]

    async def _read_results(self, results: Sequence[_Result]) -> None:
        for result in results:
            async for messenger, addresses in self._ledger.addresses_in(result.broadcast_id, result.states):
                result.accounts[messenger].update(_as_accounts(messenger, addresses))

    async def _add_persons(self, list_id: str, results: Sequence[_Result]) -> None:
        """Somebody who got it at one of their addresses has got it."""
        async for messenger, entries in self._entries(list_id):
            for account, rest in zip(_as_accounts(messenger, entries), entries.values(), strict=True):
                if person := person_in(rest):
                    for result in results:
                        if account in result.accounts[messenger]:
                            result.persons.add(person)

    async def _broadcast_id(self, subject: str) -> str:
        if subject != LAST:
            if await self._ledger.get(subject) is None:
                raise NotFound(sentence("#{id} was deleted, so I can't tell who got it.", id=subject))
            return subject
        for sent in await self._ledger.ended(0, _MOST_LOOKED_AT):
            if sent.progress.reached:
                return sent.id
        raise NotFound(sentence("Nothing has been sent yet."))


def _recipients(list_id: str, messenger: Messenger, entries: Entries) -> Iterator[Recipient]:
    """The people of entries of a list, or of EVERYBODY."""
    for address, entry in entries.items():
        if list_id == EVERYBODY:
            yield Recipient(messenger=messenger, address=address, variables=name_and_tag(entry))
        else:
            yield unpack_address(messenger, f"{address}{entry}")


def _states(clause: Clause) -> Set[DeliveryState]:
    """The states of a delivery that the condition asks for, or excludes."""
    reading = clause.condition in (Condition.READ, Condition.UNREAD)
    return {DeliveryState.READ} if reading else REACHED_MESSENGER


def _of_clause(clause: Clause) -> tuple[str, Set[DeliveryState], bool]:
    return clause.subject, _states(clause), not clause.condition.is_negative


def _by_message(results: Sequence[Clause]) -> list[tuple[str, Set[DeliveryState], bool]]:
    """For each broadcast the states that it has to be in, or must not be in: False."""
    found: list[tuple[str, Set[DeliveryState], bool]] = []
    for subject in dict.fromkeys(one.subject for one in results):
        own = [one for one in results if one.subject == subject]
        wanted = [_states(one) for one in own if not one.condition.is_negative]
        unwanted = set[DeliveryState]().union(*(_states(one) for one in own if one.condition.is_negative))
        if wanted:
            found.append((subject, set(wanted[0]).intersection(*wanted) - unwanted, True))
        else:
            found.append((subject, unwanted, False))
    return found


def _as_accounts(messenger: Messenger, addresses: Iterable[str]) -> Iterable[str]:
    """All forms of one number are one account; elsewhere the address is the account."""
    return map(account_of_number, addresses) if messenger.traits.address is AddressKind.PHONE else addresses
