"""Segments: the people of a list who fulfil a condition, counted and read."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence, Set
from contextlib import suppress
from dataclasses import replace
from typing import Final, TypeVar

from core.domain.audience import EVERYBODY, Audience
from core.domain.delivery import REACHED_MESSENGER, DeliveryState
from core.domain.errors import NotFound
from core.domain.messengers.traits import AddressKind, Messenger
from core.domain.recipients import Recipient, same_people
from core.domain.segment import LAST, Clause, Condition, Rule
from core.domain.translatable import sentence
from core.parsing.addresses import account_of
from core.parsing.numbering_plans import account_of as account_of_number
from core.store.audiences import BEFORE_PERSON, AudienceStore, Counts
from core.store.contacts import ContactStore
from core.store.ledger import LedgerStore

TAG: Final = "tag"
"""The only column of subscribers beside their names."""
_SAMPLE: Final = 5_000
"""Addresses whose values are offered."""

_TURNS: Final = 6
"""Of the event loop, in which a task gets a connection and asks the store."""
_MOST_LOOKED_AT: Final = 50
"""Broadcasts among which the last one is looked for."""

_MOST_COMPARED: Final = 20_000
"""Subscribers among whom people on several messengers are looked for."""

Accounts = dict[Messenger, set[str]]
_Portion = TypeVar("_Portion")


class Segments:
    def __init__(self, lists: AudienceStore, contacts: ContactStore, ledger: LedgerStore) -> None:
        self._lists = lists
        self._contacts = contacts
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
            counts = await self._count(rule, base) if counted else Counts()
        except NotFound:
            counts = Counts()
        further = counts.further
        if base is None and len(counts.addresses) > 1:
            further = await self._further_subscriptions(rule)
        return replace(
            audience,
            counts=counts.addresses,
            further=further,
            variables=base.variables if base else (),
            authors=(*audience.authors, *base.authors) if base else audience.authors,
            quiet_hours=audience.quiet_hours or (base.quiet_hours if base else None),
            messenger_order=audience.messenger_order or (base.messenger_order if base else ()),
            base=base.title if base else "",
        )

    async def _further_subscriptions(self, rule: Rule) -> int:
        """Subscriptions of a segment whose person is counted by one on another messenger; 0 where there are many."""
        subscribed = sum((await self._contacts.count_subscribers()).values())
        if subscribed > _MOST_COMPARED or not await self._contacts.has_linked():
            return 0
        keep = await self.filter(rule)
        found = [one async for some in self._portions(EVERYBODY) for one in some if keep(one)]
        known = await self._contacts.ids_at((one.messenger, one.address) for one in found)
        return len(found) - len(same_people(found, known))

    async def filter(self, rule: Rule) -> Callable[[Recipient], bool]:
        """True for the people of its list who fulfil all conditions. Raises NotFound."""
        fulfils = [await self._fulfils(rule.of, clause) for clause in rule.clauses]
        return lambda one: all(fulfil(one) for fulfil in fulfils)

    async def _fulfils(self, base: str, clause: Clause) -> Callable[[Recipient], bool]:
        if clause.condition.is_of_a_column:
            wanted = clause.condition is Condition.IS
            return lambda one: (one.variables.get(clause.subject, "") == clause.value) is wanted
        having, persons = await self._having(clause.subject, _states(clause)), set[str]()

        def got(one: Recipient) -> bool:
            return account_of(one.messenger, one.address) in having[one.messenger]

        if base != EVERYBODY:
            # Somebody who got it at one of their addresses has got it.
            async for some in self._lists.recipients(base):
                persons |= {one.person for one in some if one.person and got(one)}
        wanted = not clause.condition.is_negative
        return lambda one: (got(one) or one.person in persons) is wanted

    async def values(self, base: str, column: str, *, most: int) -> list[str]:
        """Values that many have in a column, the most frequent first."""
        counted: Counter[str] = Counter()
        looked = 0
        async for some in self._portions(base):
            counted.update(one.variables.get(column, "") for one in some)
            looked += len(some)
            if looked >= _SAMPLE:
                break
        del counted[""]
        return [value for value, _count in counted.most_common(most)]

    async def _portions(self, base: str) -> AsyncIterator[list[Recipient]]:
        if base != EVERYBODY:
            async for some in self._lists.recipients(base):
                yield some
            return
        for messenger in Messenger:
            async for portion in self._contacts.subscribers(messenger):
                yield [
                    Recipient(messenger=messenger, address=address, variables=known)
                    for address, known in portion.items()
                ]

    async def _base(self, list_id: str) -> Audience | None:
        return next(iter(await self._lists.get_many([list_id])), None)

    async def _count(self, rule: Rule, base: Audience | None) -> Counts:
        """By the columns first, which the store looks through by itself; then the results of each message in turn."""
        columns = [one for one in rule.clauses if one.condition.is_of_a_column]
        results = [one for one in rule.clauses if not one.condition.is_of_a_column]
        if not results:
            return await self._count_where(base, columns)
        if base is not None and base.further:
            return await self._count_people(base, columns, results)
        # Few have the value of a column: results are read for them alone. Else the list is read last, and not kept.
        first = any(not one.condition.is_negative for one in columns)
        left = await self._accounts(base, columns) if first else None
        but: Accounts = {messenger: set() for messenger in Messenger}
        for subject, states, wanted in _by_message(results):
            having = await self._having(subject, states, left)
            if wanted:
                left = having
                continue
            for messenger, accounts in having.items():
                (but[messenger].update if left is None else left[messenger].difference_update)(accounts)
        counts = Counts()
        if first:
            for messenger, accounts in (left or {}).items():
                counts.add(messenger, len(accounts))
            return counts
        async for messenger, addresses in _ahead(self._addresses(base, columns)):
            there = (but if left is None else left)[messenger].intersection(
                _as_accounts(messenger, addresses)
            )
            counts.add(messenger, len(addresses) - len(there) if left is None else len(there))
        return counts

    async def _count_where(self, base: Audience | None, columns: Sequence[Clause]) -> Counts:
        if base is not None:
            return await self._lists.count_where(base.id, columns)
        counts = Counts()
        for messenger in Messenger:
            counts.add(messenger, await self._contacts.count_where(messenger, columns))
        return counts

    async def _accounts(self, base: Audience | None, columns: Sequence[Clause]) -> Accounts:
        """The accounts of a list or of all subscribers that fulfil these conditions."""
        found: Accounts = {messenger: set() for messenger in Messenger}
        async for messenger, addresses in _ahead(self._addresses(base, columns)):
            found[messenger].update(_as_accounts(messenger, addresses))
        return found

    async def _addresses(
        self, base: Audience | None, columns: Sequence[Clause]
    ) -> AsyncIterator[tuple[Messenger, list[str]]]:
        if base is not None:
            async for messenger, addresses in self._lists.addresses(base.id, columns):
                yield messenger, addresses
            return
        for messenger in Messenger:
            async for addresses in self._contacts.subscriber_addresses(messenger, columns):
                yield messenger, addresses

    async def _count_people(
        self, base: Audience, columns: Sequence[Clause], results: Sequence[Clause]
    ) -> Counts:
        """Of a list on which people have several addresses: somebody who got it at one of them has got it."""
        wanted = [(await self._persons(base, one), not one.condition.is_negative) for one in results]
        counts = Counts()
        async for messenger, lines in _ahead(self._lists.addresses(base.id, columns)):
            code = messenger.traits.code
            for line in lines:
                address, _, person = line.partition(BEFORE_PERSON)
                if all(((person or code + address) in persons) is got for persons, got in wanted):
                    counts.add(messenger, 1, int(bool(person)))
        return counts

    async def _persons(self, base: Audience, clause: Clause) -> set[str]:
        """The people of a list who got, or read, the broadcast of the condition; each by own_person()."""
        having, persons = await self._having(clause.subject, _states(clause)), set[str]()
        async for messenger, lines in _ahead(self._lists.addresses(base.id)):
            code, accounts = messenger.traits.code, having[messenger]
            for line in lines:
                address, _, person = line.partition(BEFORE_PERSON)
                if account_of(messenger, address) in accounts:
                    persons.add(person or code + address)
        return persons

    async def _having(
        self, subject: str, states: Set[DeliveryState], among: Accounts | None = None
    ) -> Accounts:
        """The accounts, perhaps among these, to which the broadcast is in one of these states. Raises NotFound."""
        broadcast_id = await self._broadcast_id(subject)
        on = [messenger for messenger in Messenger if among is None or among[messenger]]
        found: Accounts = {messenger: set() for messenger in Messenger}
        async for messenger, addresses in _ahead(self._ledger.addresses_in(broadcast_id, states, on)):
            accounts = _as_accounts(messenger, addresses)
            found[messenger].update(accounts if among is None else among[messenger].intersection(accounts))
        return found

    async def _broadcast_id(self, subject: str) -> str:
        if subject != LAST:
            if await self._ledger.get(subject) is None:
                raise NotFound(sentence("#{id} was deleted, so I can't tell who got it.", id=subject))
            return subject
        for sent in await self._ledger.ended(0, _MOST_LOOKED_AT):
            if sent.progress.reached:
                return sent.id
        raise NotFound(sentence("Nothing has been sent yet."))


async def _ahead(portions: AsyncIterator[_Portion]) -> AsyncIterator[_Portion]:
    """The same portions; the store reads the next one while one is used."""

    async def read() -> tuple[_Portion] | None:
        async for portion in portions:
            return (portion,)
        return None

    coming = asyncio.create_task(read())
    try:
        while found := await coming:
            coming = asyncio.create_task(read())
            for _turn in range(_TURNS):
                await asyncio.sleep(0)
            yield found[0]
    finally:
        coming.cancel()
        with suppress(asyncio.CancelledError):
            await coming


def _states(clause: Clause) -> Set[DeliveryState]:
    """The states of a delivery that the condition asks for, or excludes."""
    reading = clause.condition in (Condition.READ, Condition.UNREAD)
    return {DeliveryState.READ} if reading else REACHED_MESSENGER


def _by_message(results: Sequence[Clause]) -> list[tuple[str, Set[DeliveryState], bool]]:
    """For each broadcast the states that it has to be in, or must not be in: False. The first ones exclude most."""
    found: list[tuple[str, Set[DeliveryState], bool]] = []
    for subject in dict.fromkeys(one.subject for one in results):
        own = [one for one in results if one.subject == subject]
        wanted = [_states(one) for one in own if not one.condition.is_negative]
        unwanted = set[DeliveryState]().union(*(_states(one) for one in own if one.condition.is_negative))
        if wanted:
            found.append((subject, set(wanted[0]).intersection(*wanted) - unwanted, True))
        else:
            found.append((subject, unwanted, False))
    return sorted(found, key=lambda one: not one[2])


def _as_accounts(messenger: Messenger, addresses: list[str]) -> Iterable[str]:
    """All forms of one number are one account; elsewhere the address is the account."""
    return map(account_of_number, addresses) if messenger.traits.address is AddressKind.PHONE else addresses
