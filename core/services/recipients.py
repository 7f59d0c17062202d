"""Recipients of an order: the people on its lists now, each once, with all known values."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from core.domain.audience import EVERYBODY, Chosen, Gathered, list_deleted, nobody_in
from core.domain.audit import Actor
from core.domain.content.content import Content
from core.domain.content.variables import needed, placeholders
from core.domain.errors import NotFound
from core.domain.messengers.traits import Messenger
from core.domain.recipients import (
    MESSENGER_ORDER,
    Contact,
    Headcount,
    PersonAliases,
    Recipient,
    count_people,
    group_people,
    name_in,
    own_person,
)
from core.parsing.addresses import account
from core.services.people_count import PeopleCount
from core.services.reachability import Reachability
from core.services.segments import Segments
from core.store.contacts import ContactStore
from core.store.subscribers import SubscriberStore

_MOST_COMPLETED: Final = 20_000
"""Recipients whose values are looked up among contacts."""
_MOST_UNITED: Final = 2_000_000
"""People in several audiences up to whom each is counted once."""


@dataclass(frozen=True, slots=True)
class RecipientService:
    _segments: Segments
    _contacts: ContactStore
    _subscribers: SubscriberStore
    _reachability: Reachability

    async def of(self, list_id: str) -> AsyncIterator[Recipient]:
        """The recipients of a list or of EVERYBODY. Raises NotFound."""
        rule = None if list_id == EVERYBODY else (await self._segments.stored(list_id)).rule
        if rule is not None:
            async for one in self._segments.recipients(rule):
                yield one
            return
        async for some in self._segments.everyone_on(list_id):
            for one in some:
                yield one

    async def everybody(self) -> Chosen:
        counts = await self._subscribers.count()
        if not any(counts.values()):
            # So that people read by which messengers somebody can subscribe.
            counts = dict.fromkeys(self._reachability.set_up, 0)
        further = await self._subscribers.count_further()
        return Chosen(id=EVERYBODY, title=EVERYBODY, counts=counts, further=further)

    async def gather(self, chosen: Sequence[Chosen], others: Sequence[Recipient]) -> Gathered:
        """The people in the audiences now, and the others, each once.

        People get the quiet hours of the first audience they are in, where that has its own.
        """
        everybody: dict[tuple[Messenger, str], Recipient] = {}
        problems: list[str] = []
        authors: dict[str, Actor] = {}
        orders: dict[tuple[Messenger, str], tuple[Messenger, ...]] = {}
        same, read = PersonAliases(), 0
        for one in chosen:
            before = read
            try:
                audience = None
                if one.id != EVERYBODY:
                    audience = await self._segments.filled(await self._segments.stored(one.id), counted=False)
                hours = audience.quiet_hours if audience else None
                order = audience.messenger_order if audience else ()
                authors |= {by.id: by for by in (audience.authors if audience else ())}
                async for recipient in self.of(one.id):
                    own = recipient if hours is None else replace(recipient, quiet_hours=hours)
                    _join(everybody, own, same)
                    if order:
                        orders.setdefault(account(recipient), order)
                    read += 1
            except NotFound:
                problems.append(list_deleted(one.title))
            else:
                problems += [] if read > before else [nobody_in(one)]
        for recipient in others:
            _join(everybody, recipient, same)
        everyone: Iterable[Recipient] = everybody.values()
        if same:
            everyone = [replace(one, person=same.first(one.person)) for one in everyone]
        return Gathered(
            recipients=tuple(everyone),
            duplicates=read + len(others) - len(everybody),
            problems=tuple(problems),
            authors=tuple(authors.values()),
            orders=orders,
        )

    async def reach(
        self,
        chosen: Sequence[Chosen],
        others: Sequence[Recipient],
        *,
        everywhere: bool = False,
        order: Sequence[Messenger] = (),
        without: Collection[Messenger] = (),
    ) -> Gathered:
        """As gather(), with each person at one of their addresses; `everywhere`: at all of them. `without`: at
        none of theirs there.

        The first messenger counts at which a message is not certain to fail: in this order, else in that of their list.
        An address that was typed is taken as it is.
        """
        found = await self.gather(chosen, others)
        each: Sequence[Recipient] = found.recipients
        passed_on: Sequence[tuple[Messenger, Recipient]] = ()
        if not everywhere:
            typed = {account(one) for one in others if not one.person}
            each, passed_on = await self._one_address_each(found, typed, order, without)
            each = [replace(one, person="") if one.person else one for one in each]
        else:
            each = [one for person in await self._people(each) for one in _as_one(person)]
        return replace(
            found,
            recipients=tuple(one for one in each if one.messenger not in without),
            shut_out=tuple(one for one in each if one.messenger in without),
            passed_on=tuple(passed_on),
        )

    async def _one_address_each(
        self,
        found: Gathered,
        typed: Set[tuple[Messenger, str]],
        order: Sequence[Messenger],
        without: Collection[Messenger],
    ) -> tuple[Sequence[Recipient], Sequence[tuple[Messenger, Recipient]]]:
        """Of people who are only on messengers of `without`, one of those. Then those whose first messenger cannot
        reach them, and that one.
        """
        recipients = found.recipients
        people = await self._people(recipients)
        if len(people) == len(recipients):
            return recipients, ()
        several = [one for addresses in people if len(addresses) > 1 for one in addresses]
        failing = await self._reachability.certain_to_fail(several)
        each: list[Recipient] = []
        passed_on: list[tuple[Messenger, Recipient]] = []
        for addresses in people:
            allowed = [one for one in addresses if one.messenger not in without] or addresses
            if named := [one for one in allowed if account(one) in typed]:
                each += named
                continue
            own = next((found.orders[key] for key in map(account, allowed) if key in found.orders), ())
            first, *rest = _in_order(allowed, order or own)
            able = (one for one in (first, *rest) if one.key not in failing)
            chosen = next(able, first)
            if chosen.messenger is not first.messenger:
                passed_on.append((first.messenger, chosen))
            each.append(chosen)
        return each, passed_on

    async def _people(self, recipients: Sequence[Recipient]) -> Sequence[tuple[Recipient, ...]]:
        """Each person's addresses together."""
        known: Sequence[str] = ()
        if len(recipients) > 1 and await self._contacts.count_linked():
            known = await self._contacts.ids_at(one.key for one in recipients)
        if not known and not any(one.person for one in recipients):
            return [(one,) for one in recipients]
        return group_people(recipients, known)

    async def count_people(self, chosen: Sequence[Chosen], others: Sequence[Recipient]) -> Headcount:
        """Number of people in the audiences and others, each once."""
        most, alone = sum(one.total for one in chosen) + count_people(others), len(chosen) + bool(others) < 2
        if alone or most > _MOST_UNITED:
            return Headcount(most, exact=alone)
        counted = PeopleCount(self._contacts)
        for one in chosen:
            with suppress(NotFound):
                async for messenger, accounts, persons in self._segments.accounts_on(one.id):
                    counted.add(messenger, accounts, persons)
        for recipient in others:
            messenger, address = account(recipient)
            counted.add(messenger, [address], [recipient.person])
        return await counted.result()

    async def completed(
        self, content: Content, recipients: Sequence[Recipient]
    ) -> tuple[tuple[Recipient, ...], Mapping[str, tuple[Recipient, ...]]]:
        """The recipients with values that are known elsewhere: of columns with first names, and of contacts.

        Then those who still have none for a gap without a default, by gap.
        """
        names = placeholders(content)
        lacking = [one for one in recipients if not all(name in one.variables for name in names)]
        if not names or not lacking:
            return tuple(recipients), {}
        known: Mapping[tuple[Messenger, str], Contact] = {}
        if len(lacking) <= _MOST_COMPLETED:
            known = await self._contacts.at(one.key for one in lacking)
        full = tuple(_with_values(one, names, known.get(one.key)) for one in recipients)
        without = {name: tuple(one for one in full if name not in one.variables) for name in needed(content)}
        return full, {name: some for name, some in without.items() if some}


def _as_one(addresses: Sequence[Recipient]) -> list[Recipient]:
    """Mark several addresses as those of one person."""
    person = own_person(addresses[0]) if len(addresses) > 1 else ""
    return [one if one.person == person else replace(one, person=person) for one in addresses]


def _in_order(addresses: Sequence[Recipient], order: Sequence[Messenger]) -> list[Recipient]:
    # A messenger that is newer than the choice comes last.
    wanted = dict.fromkeys((*order, *MESSENGER_ORDER))
    places = {messenger: place for place, messenger in enumerate(wanted)}
    return sorted(addresses, key=lambda one: places[one.messenger])


def _join(
    everybody: dict[tuple[Messenger, str], Recipient], recipient: Recipient, same: PersonAliases
) -> None:
    """Add a recipient if its address is new; else note that both persons are one."""
    key = account(recipient)
    there = everybody.setdefault(key, recipient)
    if recipient.person and not there.person:
        everybody[key] = replace(there, person=recipient.person)
    elif recipient.person:
        same.join(there.person, recipient.person)


def _with_values(recipient: Recipient, names: Sequence[str], contact: Contact | None) -> Recipient:
    own = recipient.variables
    if all(name in own for name in names):
        return recipient
    elsewhere = {} if contact is None else {**contact.values, "name": contact.name}
    if name := name_in(own):
        elsewhere["name"] = name
    added = {name: elsewhere[name] for name in names if name not in own and elsewhere.get(name)}
    return replace(recipient, variables={**own, **added}) if added else recipient
