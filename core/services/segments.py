"""Segments: which people of a list fulfil a condition, counted and read."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Final, TypeVar

from core.domain.audience import EVERYBODY, Audience
from core.domain.broadcast import Broadcast, Index
from core.domain.delivery import REACHED_MESSENGER, DeliveryState
from core.domain.errors import NotFound
from core.domain.messengers.traits import AddressKind, Messenger
from core.domain.recipients import Recipient, own_person
from core.domain.segment import LAST, Clause, Condition, Rule
from core.domain.translatable import sentence
from core.parsing.addresses import account_of
from core.store.audiences import AudienceStore, Counts
from core.store.contacts import ContactStore
from core.store.ledger import LedgerStore

TAG: Final = "tag"
"""The only column of subscribers beside their names."""
_SAMPLE: Final = 5_000
"""Addresses whose values are offered."""

_MOST_LOOKED_AT: Final = 50
"""Broadcasts among which the last one is looked for."""

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
        return replace(
            audience,
            counts=counts.addresses,
            further=counts.further,
            variables=base.variables if base else (),
            authors=(*audience.authors, *base.authors) if base else audience.authors,
            quiet_hours=audience.quiet_hours or (base.quiet_hours if base else None),
            messenger_order=audience.messenger_order or (base.messenger_order if base else ()),
            base=base.title if base else "",
        )

    async def filter(self, rule: Rule) -> Callable[[Recipient], bool]:
        """True for the people of its list who fulfil all conditions. Raises NotFound."""
        fulfils = [await self._fulfils(rule.of, clause) for clause in rule.clauses]
        return lambda one: all(fulfil(one) for fulfil in fulfils)

    async def _fulfils(self, base: str, clause: Clause) -> Callable[[Recipient], bool]:
        if clause.condition.is_of_a_column:
            wanted = clause.condition is Condition.IS
            return lambda one: (one.variables.get(clause.subject, "") == clause.value) is wanted
        having, persons = await self._having(clause), set[str]()

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
        if rule.more or (base is not None and base.further and not rule.condition.is_of_a_column):
            return await self._count_people(rule)
        if rule.condition.is_of_a_column:
            if base is None:
                return await self._count_tagged(rule)
            having = await self._lists.count_where(base.id, rule.subject, rule.value)
            return _without(base, having) if rule.condition.is_negative else having
        having_it, wanted, counts = (
            await self._having(rule.clauses[0]),
            not rule.condition.is_negative,
            Counts(),
        )
        if base is not None:
            async for messenger, addresses in _ahead(self._lists.addresses(base.id)):
                counts.add(messenger, _matching(messenger, addresses, having_it, wanted=wanted))
            return counts
        for messenger in Messenger:
            async for addresses in self._contacts.subscriber_addresses(messenger):
                counts.add(messenger, _matching(messenger, addresses, having_it, wanted=wanted))
        return counts

    async def _count_tagged(self, rule: Rule) -> Counts:
        counts, everyone = Counts(), await self._contacts.count_subscribers()
        for messenger, total in everyone.items():
            having = await self._contacts.count_tagged(messenger, rule.value)
            counts.add(messenger, total - having if rule.condition.is_negative else having)
        return counts

    async def _count_people(self, rule: Rule) -> Counts:
        """By reading everybody."""
        keep, counts = await self.filter(rule), Counts()
        async for some in self._portions(rule.of):
            for one in filter(keep, some):
                counts.add(one.messenger, 1, int(one.person not in ("", own_person(one))))
        return counts

    async def _having(self, clause: Clause) -> Accounts:
        """The accounts that got, or read, the broadcast of the condition. Raises NotFound."""
        broadcast_id = await self._broadcast_id(clause.subject)
        reading = clause.condition in (Condition.READ, Condition.UNREAD)
        states = {DeliveryState.READ} if reading else REACHED_MESSENGER
        found: Accounts = {messenger: set() for messenger in Messenger}
        async for messenger, addresses in _ahead(self._ledger.addresses_in(broadcast_id, states)):
            found[messenger].update(_accounts(messenger, addresses))
        return found

    async def _broadcast_id(self, subject: str) -> str:
        if subject != LAST:
            if await self._ledger.get(subject) is None:
                raise NotFound(sentence("#{id} was deleted, so I can't tell who got it.", id=subject))
            return subject
        for place in await self._ledger.newest(Index.ENDED, _MOST_LOOKED_AT):
            sent = await self._ledger.get(place.id)
            if sent and sent.progress.reached and not _is_answer(sent):
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
            await asyncio.sleep(0)  # lets the task ask the store
            yield found[0]
    finally:
        coming.cancel()
        with suppress(asyncio.CancelledError):
            await coming


def _is_answer(sent: Broadcast) -> bool:
    """True for what one person got as an answer, by an admin or automatically."""
    return sent.content.verbatim and sent.ignore_quiet_hours and sent.progress.total == 1


def _without(base: Audience, having: Counts) -> Counts:
    """All the others."""
    counts = Counts(further=base.further - having.further)
    for messenger, count in base.counts.items():
        counts.add(messenger, count - having.addresses.get(messenger, 0))
    return counts


def _accounts(messenger: Messenger, addresses: list[str]) -> Iterable[str]:
    """All forms of one number are one account; elsewhere the address is the account."""
    if messenger.traits.address is not AddressKind.PHONE:
        return addresses
    return (account_of(messenger, one) for one in addresses)


def _matching(messenger: Messenger, addresses: list[str], having: Accounts, *, wanted: bool) -> int:
    count = len(having[messenger].intersection(_accounts(messenger, addresses)))
    return count if wanted else len(addresses) - count
