"""Number of people at the addresses of several lists, counted in columns: a million objects take too long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from core.domain.messengers.traits import Messenger
from core.domain.recipients import Headcount, PersonAliases
from core.store.contacts import ContactStore

_MOST_LOOKED_UP: Final = 200_000
"""Accounts that are looked up among contacts."""


class PeopleCount:
    """Counts each person once. Whose addresses belong together is taken from the lists and from contacts."""

    def __init__(self, contacts: ContactStore) -> None:
        self._contacts = contacts
        self._persons: dict[Messenger, dict[str, str]] = {}
        """The person of each account, as the first list names them."""
        self._same = PersonAliases()

    def add(self, messenger: Messenger, accounts: Iterable[str], persons: Iterable[str]) -> None:
        """`persons`: of each account; may be empty for an address by itself."""
        there = self._persons.setdefault(messenger, {})
        for account, person in zip(accounts, persons, strict=False):
            before = there.setdefault(account, person)
            if before != person and person:
                there[account] = before or person
                self._same.join(there[account], person)

    async def result(self) -> Headcount:
        """Two addresses on one messenger are never one person."""
        accounts = sum(map(len, self._persons.values()))
        if len(self._persons) < 2:
            return Headcount(accounts)
        linked = await self._contacts.count_linked() > 0
        exact = not linked or accounts <= _MOST_LOOKED_UP
        people = accounts - self._further(await self._known(look=linked and exact))
        return Headcount(people, exact)

    def _further(self, known: Sequence[Sequence[str]]) -> int:
        """Number of accounts whose person is counted at another one."""
        named = self._named()
        known_as: dict[str, str] = {}
        for persons, ids in zip(named, known, strict=True):
            for person, known_id in zip(persons, ids, strict=True):
                if person and known_id and known_as.setdefault(person, known_id) != known_id:
                    self._same.join(known_as[person], known_id)
        for person, known_id in known_as.items() if self._same else ():
            self._same.join(known_id, person)
        on_each = [
            {known_id or known_as.get(person, person) for person, known_id in zip(*both, strict=True)} - {""}
            for both in zip(named, known, strict=True)
        ]
        if self._same:
            on_each = [set(map(self._same.first, persons)) for persons in on_each]
        return sum(map(len, on_each)) - len(set[str]().union(*on_each))

    def _named(self) -> list[list[str]]:
        """The persons of the accounts on each messenger; one by itself may be the person of others."""
        names = {person for there in self._persons.values() for person in there.values()} - {""}
        if not names:
            return [list(there.values()) for there in self._persons.values()]
        return [
            [
                person or (own if (own := messenger.traits.code + account) in names else "")
                for account, person in there.items()
            ]
            for messenger, there in self._persons.items()
        ]

    async def _known(self, *, look: bool) -> list[list[str]]:
        """The ids of the known people at the accounts on each messenger; "" for those of nobody known."""
        if not look:
            return [[""] * len(there) for there in self._persons.values()]
        return [
            await self._contacts.ids_on(messenger, list(there)) for messenger, there in self._persons.items()
        ]
