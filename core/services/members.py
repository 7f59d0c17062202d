"""The people of a saved list: pages, search, and corrections one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Final

from core.domain.audience import Audience
from core.domain.errors import Conflict, NotFound
from core.domain.messengers.traits import Messenger
from core.domain.page import Page, cut_page, load_page
from core.domain.recipients import Contact, Recipient, folded_name, full_name_in, own_person, people_in
from core.domain.translatable import sentence
from core.parsing.addresses import account, read_address
from core.parsing.recipients import read_recipient
from core.services.audiences import Audiences
from core.services.name_order import NameOrder
from core.services.recipients import RecipientService
from core.services.segments import Segments
from core.store.audiences import AudienceStore
from core.store.contacts import ContactStore
from core.store.subscribers import SubscriberStore

_MOST_SORTED: Final = 2_000
"""Addresses of a list that is read whole: sorted by name, searched in all values."""
_MOST_FOUND: Final = 2_000
"""People of a name who are looked up in a longer list."""

_MOST_ORDERS: Final = 4
"""Long lists whose order is kept in memory: 16 MB for a million people."""
_ORDER_LASTS: Final = 3_600.0
"""Seconds."""

Member = tuple[Recipient, ...]
"""All addresses of one person on a list; never empty."""


@dataclass(frozen=True, slots=True)
class Members:
    _lists: AudienceStore
    _audiences: Audiences
    _recipients: RecipientService
    _segments: Segments
    _contacts: ContactStore
    _subscribers: SubscriberStore
    _orders: dict[str, tuple[float, NameOrder]] = field(default_factory=dict, init=False)
    """By list: when it was made (seconds of a monotonic clock), and the order."""

    async def page(self, list_id: str, page: int, *, size: int) -> Page[Member]:
        """A page of people sorted by name. Raises NotFound.

        Further pages of a segment or a long list keep the order of its first page: nobody is skipped or shown twice
        while others come and go.
        """
        audience = await self._audiences.get(list_id, counted=False)
        if audience.rule is None and _is_read_whole(audience):
            return cut_page(page, size, sorted(await self._all(list_id), key=_by_name))
        order = await self._order(list_id, afresh=page <= 1)

        async def load(start: int) -> Sequence[Member]:
            return [(one,) for one in await self._segments.at(list_id, order.slice(start, size))]

        return await load_page(page, size, len(order), load)

    async def _order(self, list_id: str, *, afresh: bool) -> NameOrder:
        made, order = self._orders.pop(list_id, (0.0, None))
        if order is None or afresh or monotonic() - made > _ORDER_LASTS:
            made, order = monotonic(), await NameOrder.of(self._segments.names_on(list_id))
        self._orders[list_id] = made, order
        while len(self._orders) > _MOST_ORDERS:
            del self._orders[next(iter(self._orders))]
        return order

    async def search(self, list_id: str, query: str, *, most: int) -> list[Member]:
        """People on it by a part of their name, of another value, or by an address. Raises NotFound."""
        audience = await self._audiences.get(list_id, counted=False)
        order = None if audience.rule is None else await self._order(list_id, afresh=True)
        if _is_read_whole(audience) if order is None else len(order) <= _MOST_SORTED:
            words = folded_name(query).split()
            found = [one for one in await self._all(list_id) if _has(one, words)]
            return sorted(found, key=_by_name)[:most]
        typed = _as_addresses(query, audience.counts or Messenger)
        known = await self._contacts.search(query, most=_MOST_FOUND)
        addresses = [*typed, *(one for person in known for one in person.recipients)]
        there = await self._segments.at(list_id, addresses)
        if order is not None:
            there = order.those_in(there)
        return [tuple(one) for one in people_in(there)][:most]

    async def get(self, list_id: str, messenger: Messenger, address: str) -> Member:
        """The person at this address. Raises NotFound."""
        audience = await self._audiences.get(list_id, counted=False)
        asked = Recipient(messenger=messenger, address=address)
        if _is_read_whole(audience):
            for member in await self._all(list_id):
                if any(account(one) == account(asked) for one in member):
                    return member
            raise _gone()
        known = await self._contacts.at([(messenger, address)])
        others = [one for person in known.values() for one in person.recipients if one.address != address]
        found = await self._lists.find(list_id, [asked])
        if not found:
            raise _gone()
        person = found[0].person
        more = (
            [one for one in await self._lists.find(list_id, others) if one.person == person] if person else []
        )
        return (*found, *more)

    async def whole(self, list_id: str, recipients: Sequence[Recipient]) -> list[Member]:
        """The people on it who have one of these addresses. Raises NotFound."""
        audience = await self._audiences.get(list_id)
        if audience.rule is None and not audience.further:
            return [(one,) for one in await self._lists.find(list_id, recipients)]
        if _is_read_whole(audience):
            wanted = set(map(account, recipients))
            return [one for one in await self._all(list_id) if any(account(at) in wanted for at in one)]
        found = await self._lists.find(list_id, recipients)
        members = [await self.get(list_id, one.messenger, one.address) for one in found[:_MOST_FOUND]]
        return list(dict.fromkeys(members))

    async def has(self, list_id: str, person: Contact) -> bool:
        """True if one of their addresses is on the list."""
        return bool(await self._lists.find(list_id, person.recipients))

    async def set_values(self, list_id: str, member: Member, values: Mapping[str, str]) -> Member:
        """Change some values of a person; an empty one is taken out. Raises NotFound."""
        kept = {name: value for name, value in {**member[0].variables, **values}.items() if value}
        changed = tuple(replace(one, variables=kept) for one in member)
        if not kept:
            # An address without values leaves those on the list as they are.
            await self._audiences.remove(list_id, member)
        await self._audiences.add(list_id, changed)
        return changed

    async def set_address(self, list_id: str, member: Member, old: Recipient, new: Recipient) -> Member:
        """Give a person another address in place of `old`. Raises Conflict if another person has it, NotFound."""
        if await self._lists.find(list_id, [new]):
            raise Conflict(sentence("Someone on this list already has this address."))
        placed = [
            replace(one, messenger=new.messenger, address=new.address) if one == old else one
            for one in member
        ]
        person = own_person(placed[0]) if len(placed) > 1 else ""
        changed = tuple(replace(one, person=person) for one in placed)
        await self._audiences.add(list_id, changed)
        await self._audiences.remove(list_id, [old])
        await self._forget_alone(old)
        return changed

    async def elsewhere(self, list_id: str, old: Recipient) -> list[Audience]:
        """The other saved lists that this address is on."""
        saved = await self._lists.get_many(list((await self._lists.names()).values()))
        others = [one for one in saved if one.rule is None and one.id != list_id]
        return [one for one in others if await self._lists.find(one.id, [old])]

    async def set_address_elsewhere(self, list_id: str, old: Recipient, new: Recipient) -> int:
        """Change the address on all other saved lists; returns on how many. A person with the new one there keeps it,
        and the old one goes."""
        lists = await self.elsewhere(list_id, old)
        for one in lists:
            member = await self.get(one.id, old.messenger, old.address)
            there = next(at for at in member if account(at) == account(old))
            try:
                await self.set_address(one.id, member, there, new)
            except Conflict:
                await self._audiences.remove(one.id, [there])
        return len(lists)

    async def _forget_alone(self, old: Recipient) -> None:
        """Forget a mistyped address, so that no search finds a person there."""
        at = old.key
        known = (await self._contacts.at([at])).get(at)
        if known and len(known.addresses) == 1 and not await self._subscribers.is_subscribed(*at):
            await self._contacts.forget([known.id])

    async def _all(self, list_id: str) -> list[Member]:
        return people_in([one async for one in self._recipients.of(list_id)])


def _as_addresses(text: str, messengers: Iterable[Messenger]) -> list[Recipient]:
    """Addresses that a typed text may be: on the messenger it names, or on one of these."""
    found = []
    with suppress(ValueError):
        found.append(read_recipient(text))
    for messenger in messengers:
        with suppress(ValueError):
            found.append(Recipient(messenger=messenger, address=read_address(messenger, text)))
    return found


def _addresses(audience: Audience) -> int:
    return sum(audience.counts.values())


def _is_read_whole(audience: Audience) -> bool:
    """True for a short list, and for a segment, which cannot be read from a place on."""
    return audience.rule is not None or _addresses(audience) <= _MOST_SORTED


def _gone() -> NotFound:
    return NotFound(sentence("This person is no longer on the list."))


def _by_name(member: Member) -> tuple[bool, str, str]:
    """Sort key; people without a name come last."""
    name = folded_name(full_name_in(member[0].variables))
    return (not name, name, member[0].label)


def _has(member: Member, words: Sequence[str]) -> bool:
    text = folded_name(" ".join([*member[0].variables.values(), *(one.label for one in member)]))
    return all(word in text for word in words)
