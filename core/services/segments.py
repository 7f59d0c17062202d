"""Segments: the people of a list who fulfil a condition, counted and read."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import compress, product, repeat
from operator import not_
from typing import Final, TypeVar

from core.domain.audience import EVERYBODY, LIST_GONE, Audience
from core.domain.delivery import REACHED_MESSENGER, DeliveryState
from core.domain.errors import NotFound
from core.domain.messengers.traits import AddressKind, Messenger
from core.domain.recipients import Recipient, folded_name
from core.domain.segment import LAST, Clause, Condition, Rule
from core.domain.translatable import sentence
from core.parsing.numbering_plans import accounts_of
from core.services.name_order import NamedPortion
from core.services.people_count import PeopleCount
from core.store.audiences import AudienceStore
from core.store.contacts import ContactStore
from core.store.ledger import LedgerStore
from core.store.row_format import name_of_rest, persons_in, unpack_address, variables_json
from core.store.subscribers import SubscriberStore, name_and_tag

TAG: Final = "tag"
"""The only column of subscribers beside their names."""
_SAMPLE: Final = 5_000
"""Addresses whose values are offered."""

_MOST_LOOKED_AT: Final = 50
"""Broadcasts among which the last one is looked for."""
_One = TypeVar("_One")


@dataclass(slots=True)
class _Counts:
    addresses: Counter[Messenger] = field(default_factory=Counter)
    further: int = 0
    """Addresses whose person is counted by another one."""


@dataclass(frozen=True, slots=True)
class _Portion:
    """Some addresses of a list, in columns: a loop over a million of them takes longer than the store."""

    messenger: Messenger
    addresses: Sequence[str]
    rests: Sequence[str]
    """What else is stored with each; empty where only the addresses were read."""
    persons: Sequence[str] = ()
    """Equal for the addresses of one person."""

    def only(self, chosen: Iterable[bool]) -> _Portion:
        flags = list(chosen)
        return replace(
            self,
            addresses=list(compress(self.addresses, flags)),
            rests=list(compress(self.rests, flags)),
            persons=list(compress(self.persons, flags)),
        )

    def of(self, persons: Set[str], *, wanted: bool) -> _Portion:
        """Those of these people; not `wanted`: all others."""
        there = map(persons.__contains__, self.persons)
        return self.only(there if wanted else map(not_, there))

    def by_person(self, *, several: bool) -> _Portion:
        """`several`: people of this list have several addresses, and the rests name them."""
        if several:
            return replace(self, persons=persons_in(self.messenger, self.addresses, self.rests))
        return replace(self, persons=_as_accounts(self.messenger, self.addresses))


@dataclass(slots=True)
class _Result:
    """The people whose delivery of a broadcast is in one of some states."""

    broadcast_id: str
    states: Set[DeliveryState]
    wanted: bool
    """False for a condition that excludes them."""
    persons: dict[Messenger, set[str]] = field(default_factory=lambda: {one: set() for one in Messenger})
    """As in a portion: the accounts, where everybody has one address."""

    def name_persons(self, everyone: Iterable[_Portion]) -> None:
        """Replace accounts by persons: who got it at one address has got it."""
        found = set[str]()
        for some in everyone:
            if own := self.persons[some.messenger]:
                accounts = _as_accounts(some.messenger, some.addresses)
                found.update(compress(some.persons, map(own.__contains__, accounts)))
        self.persons = dict.fromkeys(Messenger, found)


@dataclass(frozen=True, slots=True)
class Segments:
    _lists: AudienceStore
    _contacts: ContactStore
    _subscribers: SubscriberStore
    _ledger: LedgerStore

    async def filled(self, audience: Audience, *, counted: bool = True) -> Audience:
        """A list as it is; a segment with the columns and authors of its list, and with the counts it has now."""
        rule = audience.rule
        if rule is None:
            return audience
        base = None if rule.of == EVERYBODY else await self._lists.get(rule.of)
        if base is None and rule.of != EVERYBODY:
            return audience
        try:
            counts = await self._count(rule) if counted else _Counts()
        except NotFound:
            counts = _Counts()
        return replace(
            audience,
            counts=counts.addresses,
            further=counts.further,
            variables=base.variables if base else (),
            headings=base.headings if base else {},
            authors=(*audience.authors, *base.authors) if base else audience.authors,
            quiet_hours=audience.quiet_hours or (base.quiet_hours if base else None),
            messenger_order=audience.messenger_order or (base.messenger_order if base else ()),
            base=base.title if base else "",
        )

    async def recipients(self, rule: Rule) -> AsyncIterator[Recipient]:
        """The people of its list who fulfil all its conditions. Raises NotFound."""
        rule, base = await self._resolved(rule)
        async for portion in self._fulfilling(rule, base, whole=True):
            for one in _recipients(rule.of, portion):
                yield one

    async def everyone_on(self, list_id: str) -> AsyncIterator[Iterator[Recipient]]:
        """The people of a list that is no segment, or of EVERYBODY, in portions."""
        async for portion in self._read(list_id, whole=True):
            yield _recipients(list_id, portion)

    async def accounts_on(
        self, list_id: str
    ) -> AsyncIterator[tuple[Messenger, Iterable[str], Iterable[str]]]:
        """The accounts of a list, a segment or EVERYBODY, in portions, and their persons. Raises NotFound."""
        _of, several, found = await self._opened(list_id, whole=False)
        async for some in found:
            accounts = _as_accounts(some.messenger, some.addresses)
            yield some.messenger, accounts, some.persons if several else repeat("")

    async def names_on(self, list_id: str) -> AsyncIterator[NamedPortion]:
        """As accounts_on(), with names."""
        of, several, found = await self._opened(list_id, whole=True)
        async for some in found:
            persons = some.persons
            if not several:
                persons = [f"{some.messenger.traits.code}{address}" for address in some.addresses]
            yield NamedPortion(some.messenger, some.addresses, persons, _names(of, some.rests))

    async def at(self, list_id: str, asked: Sequence[Recipient]) -> list[Recipient]:
        """The given addresses that are on a list, on the list of a segment, or subscribed. Raises NotFound."""
        base = None if list_id == EVERYBODY else await self._lists.get(list_id)
        if base is not None and base.rule is not None:
            list_id = (await self._resolved(base.rule))[0].of
        if list_id == EVERYBODY:
            return await self._subscribers.find(asked)
        return await self._lists.find(list_id, asked)

    async def _opened(self, list_id: str, *, whole: bool) -> tuple[str, bool, AsyncIterator[_Portion]]:
        """The list that people come from, whether it has people with several addresses, and the people.

        Raises NotFound.
        """
        base = None if list_id == EVERYBODY else await self.stored(list_id)
        if base is not None and base.rule is not None:
            rule, base = await self._resolved(base.rule)
            return rule.of, _has_several(base), self._fulfilling(rule, base, whole=whole)
        return list_id, _has_several(base), self._everyone(list_id, base, whole=whole)

    async def _everyone(self, list_id: str, base: Audience | None, *, whole: bool) -> AsyncIterator[_Portion]:
        several = _has_several(base)
        async for some in self._read(list_id, whole=whole or several):
            yield some.by_person(several=several)

    async def values(self, base: str, column: str, *, most: int) -> list[str]:
        """Values that many have in a column, the most frequent first."""
        counted: Counter[str] = Counter()
        looked = 0
        async for portion in self._read(base, whole=True):
            counted.update(one.variables.get(column, "") for one in _recipients(base, portion))
            looked += len(portion.addresses)
            if looked >= _SAMPLE:
                break
        del counted[""]
        return [value for value, _count in counted.most_common(most)]

    async def stored(self, list_id: str) -> Audience:
        """A list as it is stored, a segment without its counts. Raises NotFound."""
        if (found := await self._lists.get(list_id)) is None:
            raise NotFound(LIST_GONE)
        return found

    async def _resolved(self, rule: Rule) -> tuple[Rule, Audience | None]:
        """The rule as one about a list that is no segment itself, and that list; None: EVERYBODY. Raises NotFound."""
        if rule.of == EVERYBODY:
            return rule, None
        base = await self.stored(rule.of)
        return (rule, base) if base.rule is None else await self._resolved(base.rule.narrowed(rule))

    async def _count(self, rule: Rule) -> _Counts:
        """Raises NotFound."""
        rule, base = await self._resolved(rule)
        several = _has_several(base)
        counts, people, subscribers = _Counts(), set[str](), PeopleCount(self._contacts)
        async for portion in self._fulfilling(rule, base, whole=False):
            counts.addresses[portion.messenger] += len(portion.addresses)
            if several:
                people.update(portion.persons)
            elif base is None:
                subscribers.add(portion.messenger, portion.persons, repeat(""))
        if base is None:
            counts.further = counts.addresses.total() - (await subscribers.result()).people
        if several:
            counts.further = counts.addresses.total() - len(people)
        return counts

    async def _fulfilling(self, rule: Rule, base: Audience | None, *, whole: bool) -> AsyncIterator[_Portion]:
        """Those of its list who fulfil all conditions. `whole`: with the rests. Raises NotFound."""
        columns = [one for one in rule.clauses if one.condition.is_of_a_column]
        results = await self._asked([one for one in rule.clauses if one not in columns], base)
        several = _has_several(base)
        if not results:
            async for some in self._read(rule.of, whole=bool(whole or columns or several)):
                chosen = _with_columns(rule.of, some, columns)
                if chosen.addresses:
                    yield chosen.by_person(several=several)
            return
        read = self._chosen(rule.of, columns, whole=whole, several=several)
        listed, _read = await asyncio.gather(_collected(read), self._read_results(results))
        if several:
            for result in results:
                result.name_persons(everyone for everyone, _chosen in listed)
        together = {messenger: _together(results, messenger) for messenger in Messenger}
        for _everyone, chosen in listed:
            persons, wanted = together[chosen.messenger]
            fulfilling = chosen.of(persons, wanted=wanted)
            if fulfilling.addresses:
                yield fulfilling

    async def _chosen(
        self, list_id: str, columns: Sequence[Clause], *, whole: bool, several: bool
    ) -> AsyncIterator[tuple[_Portion, _Portion]]:
        """Everyone, and those who fulfil these conditions on columns, in portions.

        `several`: people have several addresses; otherwise everyone is not needed, and the chosen stand in for them.
        """
        async for everyone in self._read(list_id, whole=bool(whole or columns or several)):
            portion = everyone.by_person(several=several)
            chosen = _with_columns(list_id, portion, columns)
            if not whole:
                chosen = replace(chosen, rests=())
            yield replace(portion, rests=()) if several else chosen, chosen

    async def _read(self, list_id: str, *, whole: bool) -> AsyncIterator[_Portion]:
        """A list or EVERYBODY. `whole`: with the rests."""
        if list_id != EVERYBODY:
            async for messenger, addresses, rests in self._lists.entries(list_id, whole=whole):
                yield _Portion(messenger, addresses, rests)
            return
        for messenger in Messenger:
            async for entries in self._subscribers.entries(messenger):
                yield _Portion(messenger, list(entries), list(entries.values()))

    async def _asked(self, clauses: Sequence[Clause], base: Audience | None) -> list[_Result]:
        """What is to be read of broadcasts. Raises NotFound."""
        alone = not _has_several(base)
        return [
            _Result(await self._broadcast_id(subject), states, wanted)
            for subject, states, wanted in (_by_message(clauses) if alone else map(_of_clause, clauses))
        ]

    async def _read_results(self, results: Sequence[_Result]) -> None:
        for broadcast_id in {result.broadcast_id for result in results}:
            own = [result for result in results if result.broadcast_id == broadcast_id]
            states = set[DeliveryState]().union(*(result.states for result in own))
            if len(own) == 1:
                async for messenger, addresses in self._ledger.addresses_in(broadcast_id, states):
                    own[0].persons[messenger].update(_as_accounts(messenger, addresses))
                continue
            async for messenger, found in self._ledger.addresses_by_state(broadcast_id, states):
                for result, state in product(own, states):
                    if state in result.states:
                        result.persons[messenger].update(_as_accounts(messenger, found[state]))

    async def _broadcast_id(self, subject: str) -> str:
        if subject != LAST:
            if await self._ledger.get(subject) is None:
                raise NotFound(sentence("#{id} was deleted, so I can't tell who got it.", id=subject))
            return subject
        for sent in await self._ledger.ended(0, _MOST_LOOKED_AT):
            if sent.progress.reached:
                return sent.id
        raise NotFound(sentence("Nothing has been sent yet."))


def _has_several(base: Audience | None) -> bool:
    """True for a list with people at several addresses; None: EVERYBODY."""
    return base is not None and base.further > 0


async def _collected(portions: AsyncIterator[_One]) -> list[_One]:
    return [one async for one in portions]


def _together(results: Sequence[_Result], messenger: Messenger) -> tuple[Set[str], bool]:
    """The people who fulfil all conditions; with False, those who do not."""
    wanted = [one.persons[messenger] for one in results if one.wanted]
    unwanted = [one.persons[messenger] for one in results if not one.wanted]
    if len(results) == 1:
        return results[0].persons[messenger], results[0].wanted
    if wanted:
        return set.intersection(*wanted).difference(*unwanted), True
    return set[str]().union(*unwanted), False


def _with_columns(list_id: str, portion: _Portion, columns: Sequence[Clause]) -> _Portion:
    """Those who fulfil these conditions."""
    encode = json.dumps if list_id == EVERYBODY else variables_json
    for one in columns:
        pair, wanted = encode({one.subject: one.value})[1:-1], not one.condition.is_negative
        portion = portion.only([(pair in rest) is wanted for rest in portion.rests])
    return portion


def _recipients(list_id: str, portion: _Portion) -> Iterator[Recipient]:
    """The people of a portion of a list, or of EVERYBODY."""
    for address, rest in zip(portion.addresses, portion.rests, strict=True):
        if list_id == EVERYBODY:
            yield Recipient(messenger=portion.messenger, address=address, variables=name_and_tag(rest))
        else:
            yield unpack_address(portion.messenger, f"{address}{rest}")


def _names(list_id: str, rests: Iterable[str]) -> list[str]:
    """The names of people of a list, or of EVERYBODY, folded."""
    if list_id == EVERYBODY:
        return [folded_name(name_and_tag(rest).get("name", "")) for rest in rests]
    return [folded_name(name_of_rest(rest)) for rest in rests]


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


def _as_accounts(messenger: Messenger, addresses: Sequence[str]) -> Sequence[str]:
    """All forms of one number are one account; elsewhere the address is the account."""
    return accounts_of(addresses) if messenger.traits.address is AddressKind.PHONE else addresses
