"""Saved lists of recipients: create, change, find by typed names, export."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

from core.domain.audience import (
    EVERYBODY,
    Audience,
    AudienceChange,
    Chosen,
    LookedUp,
    folded,
    name_taken,
    read_name,
)
from core.domain.audit import Actor, AuditAction
from core.domain.broadcast import ChosenLists
from core.domain.errors import Conflict, NotFound
from core.domain.messengers.traits import BY_CODE, Messenger
from core.domain.page import Page, load_page
from core.domain.quiet_hours import QuietHours
from core.domain.recipients import (
    MESSENGER_ORDER,
    Contact,
    Recipient,
    full_name_in,
    own_person,
    people_in,
    put_first,
)
from core.domain.segment import Rule
from core.domain.translatable import one_of, sentence
from core.files.csv_export import as_file, files_of
from core.services.audit_log import AuditLog, current_actor
from core.services.recipients import RecipientService
from core.services.segments import Segments
from core.store.audiences import AudienceStore
from core.store.contacts import ContactStore
from core.store.subscribers import SubscriberStore

_MOST_NEAR: Final = 2
_MEAN_EVERYBODY: Final = frozenset({
    "everyone", "everybody", "all people", "all subscribers", "subscribers", "alle", "tous", "todos", "tutti",
    "wszyscy", "herkes", "всех", "подписчики", "всем подписчикам", "всім",
})  # fmt: skip
"""Offered to mean EVERYBODY, which none of them does at once."""
_MOST_LIKE: Final = 4
_MOST_MISSPELT: Final = 5
"""Unknown names of one message for which similar ones are looked for."""
_MOST_LOOKED_UP: Final = 100
"""Words of one list that are looked up among the names of people."""


@dataclass(frozen=True, slots=True)
class Audiences:
    _lists: AudienceStore
    _segments: Segments
    _recipients: RecipientService
    _contacts: ContactStore
    _subscribers: SubscriberStore
    _audit_log: AuditLog

    async def page(self, *, page: int = 1, size: int = 6) -> Page[Audience]:
        """Sorted by name. Segments are not counted: that takes time for each."""
        names = await self._lists.names()
        ids = [names[name] for name in sorted(names)]
        return await load_page(
            page, size, len(ids), lambda start: self._get_many(ids[start : start + size], counted=False)
        )

    async def get(self, list_id: str, *, counted: bool = True) -> Audience:
        """`counted`: with the counts of a segment, which take time. Raises NotFound."""
        return await self._segments.filled(await self._segments.stored(list_id), counted=counted)

    async def _get_many(self, ids: Sequence[str], *, counted: bool = True) -> list[Audience]:
        return [await self._segments.filled(one, counted=counted) for one in await self._lists.get_many(ids)]

    async def named(self, name: str) -> Audience:
        """Raises NotFound with similar names."""
        looked_up = await self.look_up([name])
        if name in looked_up.found and looked_up.found[name].id != EVERYBODY:
            return await self.get(looked_up.found[name].id)
        if near := tuple(one.title for one in looked_up.near.get(name, ())):
            raise NotFound(
                sentence(
                    "I don't know a list called “{name}”. Did you mean {near}?",
                    name=name[:60],
                    near=one_of(near),
                )
            )
        raise NotFound(
            sentence("I don't know a list called “{name}”. See all of your lists in /lists.", name=name[:60])
        )

    async def look_up(self, words: Iterable[str]) -> LookedUp:
        """Find audiences by the words as typed, EVERYBODY included, and similar names for the others."""
        wanted = list(dict.fromkeys(words))
        names = await self._lists.names() if wanted else {}
        close = {
            word: [EVERYBODY]
            if folded(word) in _MEAN_EVERYBODY
            else get_close_matches(folded(word), [*names, EVERYBODY], n=_MOST_NEAR, cutoff=0.7)
            for word in wanted
            if folded(word) not in names and folded(word) != EVERYBODY
        }
        keys = {folded(word) for word in wanted} | {name for found in close.values() for name in found}
        listed = await self._get_many([names[key] for key in keys if key in names])
        chosen = {folded(one.name): Chosen.of(one) for one in listed}
        if EVERYBODY in keys:
            chosen[EVERYBODY] = await self._recipients.everybody()
        people, like = await self._people(list(close)[:_MOST_LOOKED_UP])
        strange = [word for word in close if not close[word] and word not in people and word not in like]
        alike = {
            word: found
            for word in strange[:_MOST_MISSPELT]
            if (found := await self._contacts.spelt_like(word, most=_MOST_LIKE))
        }
        return LookedUp(
            found={word: chosen[folded(word)] for word in wanted if folded(word) in chosen},
            near={word: [chosen[name] for name in found if name in chosen] for word, found in close.items()},
            people=people,
            like=like,
            spelt_like=alike,
        )

    async def _people(self, words: Sequence[str]) -> tuple[dict[str, Contact], dict[str, list[Contact]]]:
        """The only person of a name, by word; and who may be meant by each of the other words."""
        people: dict[str, Contact] = {}
        like: dict[str, list[Contact]] = {}
        for word in words:
            match await self._contacts.named(word, most=_MOST_LIKE):
                case [one]:
                    people[word] = one
                case several:
                    found = several or await self._contacts.search(word, most=_MOST_LIKE)
                    if found:
                        like[word] = found
        return people, like

    async def choose(self, list_id: str) -> Chosen:
        """An audience, a list read from a file, or EVERYBODY. Raises NotFound."""
        return (
            await self._recipients.everybody() if list_id == EVERYBODY else Chosen.of(await self.get(list_id))
        )

    async def as_now(self, chosen: Sequence[Chosen]) -> dict[str, Chosen]:
        """The lists that still exist, by id, with names of now, and counts of now except those of segments."""
        found = {
            one.id: one
            for one in await self._lists.get_many([one.id for one in chosen if one.id != EVERYBODY])
        }
        now: dict[str, Chosen] = {}
        for one in chosen:
            if one.id == EVERYBODY:
                now[one.id] = await self._recipients.everybody()
            elif (there := found.get(one.id)) is not None:
                now[one.id] = one._replace(title=there.title) if there.rule else Chosen.of(there)
        return now

    async def choose_again(self, lists: ChosenLists) -> tuple[Chosen, ...]:
        """The lists of an order that still have people. Keeps unnamed ones for another day.

        Leaves out a segment by results: sending has changed who is in it.
        """
        there = {one.id: one for one in await self._get_many([one for one in lists.ids if one != EVERYBODY])}
        found = [
            await self._recipients.everybody() if list_id == EVERYBODY else Chosen.of(there[list_id])
            for list_id in lists.ids
            if list_id == EVERYBODY or (list_id in there and not _is_by_results(there[list_id]))
        ]
        kept = tuple(one for one in found if one.total)
        for one in kept:
            await self._lists.prolong(one.id)
        return kept

    async def stage(
        self,
        recipients: Sequence[Recipient],
        *,
        source: str,
        created_by: Actor,
        headings: Mapping[str, str] | None = None,
    ) -> Audience:
        """Keep an unnamed list for a day. `source`: the name of its file; `headings`: of its columns there."""
        list_id = await self._lists.create(expected=len(recipients), source=source, created_by=created_by)
        await self._lists.note_headings(list_id, headings or {})
        await self._counted(self._lists.put(list_id, recipients))
        if recipients:
            await self._lists.note_author(list_id, created_by)
        return await self.get(list_id)

    async def stage_segment(self, rule: Rule, *, source: str, created_by: Actor) -> Audience:
        """Keep a segment without a name for a day. `source`: its title until it has a name."""
        list_id = await self._lists.create(expected=0, source=source, created_by=created_by, rule=rule)
        await self._lists.note_author(list_id, created_by)
        return await self.get(list_id)

    async def create(self, name: str, *, created_by: Actor) -> Audience:
        """Create an empty audience. Raises ValidationError, Conflict when the name is taken."""
        wanted = read_name(name)
        if folded(wanted) in await self._lists.names():
            raise Conflict(name_taken(wanted))
        staged = await self.stage((), source=wanted, created_by=created_by)
        return await self.rename(staged.id, wanted)

    async def rename(self, list_id: str, name: str) -> Audience:
        """Name or rename a list, which keeps it for good. Raises ValidationError, Conflict, NotFound."""
        wanted = read_name(name)
        before = (await self._segments.stored(list_id)).name
        if await self._lists.name(list_id, wanted) is AudienceChange.TAKEN:
            raise Conflict(name_taken(wanted))
        named = await self.get(list_id)
        if not before and named.rule is None:
            # Together, as the addresses of one person come in several portions.
            await self.learn([one async for some in self._lists.recipients(list_id) for one in some])
        if before:
            await self._audit_log.note(AuditAction.LIST_RENAMED, name=wanted, before=before)
        else:
            await self._audit_log.note(AuditAction.LIST_MADE, name=wanted, people=named.total)
        return named

    async def add(
        self, list_id: str, recipients: Iterable[Recipient], headings: Mapping[str, str] | None = None
    ) -> int:
        """Returns how many of them are new. `headings`: of their values, in their file. Raises NotFound."""
        people = _as_on_a_list(recipients)
        await self._own(list_id)
        if headings and await self._lists.get(list_id):
            await self._lists.note_headings(list_id, headings)
        # Before, so that nobody on the list came without an author.
        await self._lists.note_author(list_id, current_actor())
        added = await self._changed(AuditAction.LIST_GREW, list_id, self._lists.put(list_id, people))
        await self.learn(people)
        return added

    async def learn(self, recipients: Sequence[Recipient]) -> None:
        """Remember the people of a list by their names."""
        await self._contacts.learn(_as_contact(one) for one in people_in(recipients) if _is_known(one))

    async def learn_once(self) -> None:
        """Remember the people of lists that were saved before names were kept."""

        async def everybody() -> AsyncIterator[Contact]:
            for list_id in (await self._lists.names()).values():
                everyone = [one async for some in self._lists.recipients(list_id) for one in some]
                for one in people_in(everyone):
                    if _is_known(one):
                        yield _as_contact(one)

        await self._contacts.learn_once(self._subscribers.people(), everybody())

    async def remove(self, list_id: str, recipients: Iterable[Recipient]) -> int:
        """Returns how many of them were on it. Raises NotFound, Conflict."""
        await self._own(list_id)
        return await self._changed(AuditAction.LIST_SHRANK, list_id, self._lists.take(list_id, recipients))

    async def _own(self, list_id: str) -> None:
        """Raises Conflict for a segment, which has no people of its own."""
        audience = await self._lists.get(list_id)
        if audience is not None and audience.rule is not None:
            raise Conflict(
                sentence("This list fills itself by a condition. Change the list it comes from instead.")
            )

    async def _changed(self, action: AuditAction, list_id: str, change: Awaitable[int | None]) -> int:
        count = await self._counted(change)
        if count:
            await self._audit_log.note(
                action, name=(await self._segments.stored(list_id)).title, people=count
            )
        return count

    async def _counted(self, change: Awaitable[int | None]) -> int:
        count = await change
        if count is None:
            raise NotFound(sentence("This list was deleted."))
        return count

    async def set_joinable(self, list_id: str, *, joinable: bool) -> Audience:
        """Open or close the link by which people join. Raises NotFound."""
        before = await self._segments.stored(list_id)
        if joinable and not before.joinable and not before.link_token:
            await self._lists.set_link(list_id, _new_token())
        fresh = await self._lists.set_joinable(list_id, joinable)
        changed = await self.get(list_id)
        if fresh:
            await self._audit_log.note(
                AuditAction.LIST_OPENED if joinable else AuditAction.LIST_CLOSED, name=changed.title
            )
        return changed

    async def renew_link(self, list_id: str) -> Audience:
        """Give it a new join link; the one before leads nowhere. Raises NotFound."""
        await self._segments.stored(list_id)
        await self._lists.set_link(list_id, _new_token())
        return await self.get(list_id)

    async def is_token(self, token: str) -> bool:
        """True for a token of a join link, open or closed."""
        return await self._lists.at_link(token) is not None

    async def join(self, token: str, recipient: Recipient) -> bool:
        """Add a person who followed a link. False when it is closed.

        Links that were made before there were tokens have the list's name or id in them. They lead there until the
        list gets a token, which cannot be guessed.
        """
        list_id = await self._lists.at_link(token)
        by_token = list_id is not None
        if list_id is None:
            list_id = (await self._lists.names()).get(folded(token), token)
        audience = await self._lists.get(list_id)
        if audience is None or not audience.joinable or (audience.link_token and not by_token):
            return False
        return await self._lists.put(audience.id, [recipient]) is not None

    async def delete(self, list_id: str, *, expected: int) -> None:
        """Delete an audience that has `expected` recipients. Raises Conflict, NotFound."""
        found = await self._lists.get(list_id)
        # A segment has nobody of its own.
        held = 0 if found and found.rule else expected
        match await self._lists.drop(list_id, held):
            case AudienceChange.DROPPED:
                name = found.title if found else ""
                await self._audit_log.note(AuditAction.LIST_DELETED, name=name, people=expected)
            case AudienceChange.CHANGED:
                raise Conflict(sentence("The list has changed. Please look again."))
            case AudienceChange.GONE:
                raise NotFound(sentence("It's already deleted."))

    async def put_first(self, list_id: str, messenger: Messenger) -> Audience:
        """Prefer a messenger for its people. Raises NotFound."""
        before = await self.get(list_id, counted=False)
        order = put_first(messenger, before.messenger_order)
        fresh = await self._lists.set_order(list_id, () if order == MESSENGER_ORDER else order)
        changed = await self.get(list_id)
        if fresh:
            await self._audit_log.note(
                AuditAction.SETTING, name=changed.title, order=", ".join(one.traits.title for one in order)
            )
        return changed

    async def set_quiet(self, list_id: str, hours: QuietHours | None) -> Audience:
        """Set quiet hours for its people; None = the general ones. Raises NotFound."""
        await self._segments.stored(list_id)
        fresh = await self._lists.set_quiet(list_id, hours)
        changed = await self.get(list_id)
        if fresh:
            await self._audit_log.note(
                AuditAction.SETTING, name=changed.title, quiet="" if hours is None else str(hours)
            )
        return changed

    async def keep_left_out(self, list_id: str, rows: str) -> None:
        """Keep the rejected rows of a list's file for a day, as CSV."""
        await self._lists.keep_left_out(list_id, rows)

    async def left_out(self, list_id: str) -> bytes:
        """The rejected rows as a file. Raises NotFound."""
        rows = await self._lists.left_out(list_id)
        if rows is None:
            raise NotFound(sentence("I only keep this for a day. Please send me the file again."))
        return as_file(rows)

    async def export(self, audience: Audience, *, say: Callable[[str], str] = str) -> AsyncIterator[bytes]:
        """An audience as CSV files small enough for Telegram; each can be uploaded again. Raises NotFound.

        `say` translates the heading of the column of addresses.
        """
        async for data in files_of(audience, self._recipients.of(audience.id), say):
            yield data
        await self._audit_log.note(AuditAction.LIST_EXPORTED, name=audience.title, people=audience.total)

    async def pin(
        self, chosen: Sequence[Chosen], others: Sequence[Recipient], *, source: str, created_by: Actor
    ) -> tuple[Chosen, ...]:
        """The same people as audiences kept until unpin(): the unnamed ones and `others` become one list.

        Raises NotFound when a list is gone.
        """
        named = [one for one in chosen if one.id == EVERYBODY or (await self._segments.stored(one.id)).name]
        unnamed = [one for one in chosen if one not in named]
        if not unnamed and not others:
            return tuple(named)
        people = await self._recipients.gather(unnamed, others)
        staged = await self.stage(people.recipients, source=source, created_by=created_by)
        if not await self._lists.keep(staged.id, for_good=True):
            raise NotFound(sentence("The list “{name}” was deleted.", name=source))
        return (*named, await self.choose(staged.id))

    async def unpin(self, chosen: Sequence[Chosen]) -> None:
        """Keep the unnamed lists among them for one more day only."""
        ids = [one.id for one in chosen if one.id != EVERYBODY]
        for audience in await self._lists.get_many(ids):
            if not audience.name:
                await self._lists.keep(audience.id, for_good=False)


def _is_by_results(audience: Audience) -> bool:
    rule = audience.rule
    return rule is not None and not all(one.condition.is_of_a_column for one in rule.clauses)


def _new_token() -> str:
    return secrets.token_urlsafe(12)


def _as_on_a_list(recipients: Iterable[Recipient]) -> list[Recipient]:
    """Name each known person by their first address, as rows of a file do."""
    found: list[Recipient] = []
    for addresses in people_in(recipients):
        first = addresses[0]
        if first.person and first.person[0] not in BY_CODE:
            person = own_person(first) if len(addresses) > 1 else ""
            found += [replace(one, person=person) for one in addresses]
        else:
            found += addresses
    return found


def _is_known(addresses: Sequence[Recipient]) -> bool:
    """True for people with a name, or with more than an address."""
    return len(addresses) > 1 or bool(full_name_in(addresses[0].variables))


def _as_contact(addresses: Sequence[Recipient]) -> Contact:
    values = addresses[0].variables
    return Contact(
        id="",
        name=full_name_in(values),
        addresses={one.messenger: one.address for one in addresses},
        values={name: value for name, value in values.items() if name != "name"},
    )
