"""Saved lists of recipients.

Keys: `ms:aud:names` (hash: folded name -> list id) · `ms:aud:links` (hash: token of a join link -> list id) ·
`ms:aud:<list>` (hash: name, counters) · `ms:aud:<list>:<m>:<bucket>` (hash: address -> contact's id and variables) ·
`ms:aud:<list>:left` (rows of a file that were left out, as CSV) · `ms:aud:trash` (dropped lists whose recipients are
not yet removed) · `ms:aud:keeping` (see audience.lua). The address decides the bucket, so each recipient is on a list
once; buckets are small enough for the store to keep them packed.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from operator import itemgetter
from typing import Final
from zlib import crc32

from pydantic import TypeAdapter

from core.domain.audience import Audience, AudienceChange, folded
from core.domain.audit import Actor
from core.domain.messengers.traits import BY_CODE, TRAITS, Messenger
from core.domain.quiet_hours import QuietHours
from core.domain.recipients import Recipient, own_person
from core.domain.segment import Rule
from core.store.connection import read_many
from core.store.ids import new_id
from core.store.portions import ahead, portions
from core.store.row_format import pack_address, unpack_address
from core.store.scripts import Store
from core.store.times import moment, to_ms

LIFE_SECONDS: Final = 86_400
"""Of a list without a name: as long as the draft of an order that names it."""

_NAMES: Final = "ms:aud:names"
_LINKS: Final = "ms:aud:links"
_TRASH: Final = "ms:aud:trash"
_KEEPING: Final = "ms:aud:keeping"
_ID_LENGTH: Final = 6
_PER_BUCKET: Final = 100
# A small list may grow to a million: more in one bucket would keep the store busy for longer than 20 ms.
_FEWEST_BUCKETS: Final = 256
_MOST_BUCKETS: Final = 4_096
_A_TRIP: Final = 500
_SORTED_AT_ONCE: Final = 20_000
_ENTRIES_A_TRIP: Final = 10_000
_KEPT_A_STEP: Final = 500
_CODES: Final = "".join(BY_CODE)
_LIST_KEY: Final = re.compile(r"ms:aud:([A-Z0-9]{6,12})")
_MOST_LEFT: Final = 2_000_000


def _buckets_for(expected: int) -> int:
    buckets = _FEWEST_BUCKETS
    while buckets < _MOST_BUCKETS and buckets * _PER_BUCKET < expected:
        buckets *= 2
    return buckets


def _read(list_id: str, fields: dict[str, str]) -> Audience:
    counts = {messenger: int(fields.get(f"n:{traits.code}", 0)) for messenger, traits in TRAITS.items()}
    return Audience(
        id=list_id,
        name=fields.get("name", ""),
        counts={messenger: count for messenger, count in counts.items() if count},
        further=int(fields.get("further", 0)),
        variables=tuple(name[2:] for name in fields if name.startswith("v:")),
        headings={name[2:]: heading for name, heading in fields.items() if name.startswith("h:")},
        source=fields.get("source", ""),
        joinable=fields.get("joinable") == "1",
        link_token=fields.get("link", ""),
        created_by=Actor(fields.get("created_by", ""), fields.get("creator_name", "")),
        authors=tuple(Actor(field[3:], name) for field, name in fields.items() if field.startswith("by:")),
        created_at=moment(fields["created_at"]),
        quiet_hours=QuietHours.parse(fields["quiet"]) if fields.get("quiet") else None,
        messenger_order=tuple(BY_CODE[code] for code in fields.get("order", "")),
        rule=_RULE.validate_json(rule) if (rule := fields.get("rules") or fields.get("rule")) else None,
    )


_RULE: Final = TypeAdapter(Rule)


def _rule_fields(rule: Rule) -> dict[str, str]:
    """A rule of several clauses has a field of its own: a version that knows one clause sees a list of nobody."""
    if rule.more:
        return {"rules": _RULE.dump_json(rule).decode()}
    return {"rule": _RULE.dump_json(rule, exclude={"more"}).decode()}


class AudienceStore(Store):
    """Lists of recipients by id, and which of them have which name."""

    async def names(self) -> dict[str, str]:
        """The ids of all audiences, by their folded names."""
        return {str(name): str(list_id) for name, list_id in (await self._client.hgetall(_NAMES)).items()}

    async def ids(self) -> list[str]:
        """Ids of all lists, also of those without a name."""
        return [found[1] async for key in self._keys("ms:aud:*") if (found := _LIST_KEY.fullmatch(key))]

    async def get(self, list_id: str) -> Audience | None:
        return next(iter(await self.get_many([list_id])), None)

    async def get_many(self, list_ids: Sequence[str]) -> list[Audience]:
        found = await self._hashes(f"ms:aud:{list_id}" for list_id in list_ids)
        return [_read(list_id, fields) for list_id, fields in zip(list_ids, found, strict=True) if fields]

    async def create(self, *, expected: int, source: str, created_by: Actor, rule: Rule | None = None) -> str:
        """Create a list without a name, kept for a day; returns its id.

        `expected`: recipients to size it for; 0 = not known.
        """
        await self.empty_trash()
        list_id = new_id(_ID_LENGTH)
        fields: dict[str, str | int] = {
            "source": source,
            "buckets": _buckets_for(expected),
            "created_by": created_by.id,
            "creator_name": created_by.name,
            "created_at": to_ms(await self.now()),
            **(_rule_fields(rule) if rule else {}),
        }
        pipe = self._client.pipeline(transaction=True)
        pipe.hset(f"ms:aud:{list_id}", mapping=fields)  # type: ignore[arg-type]  # redis-py's dict is invariant
        pipe.expire(f"ms:aud:{list_id}", LIFE_SECONDS)
        await pipe.execute()
        return list_id

    async def _buckets(self, list_id: str) -> int:
        """0 for a list that is gone."""
        return int(await self._client.hget(f"ms:aud:{list_id}", "buckets") or 0)

    async def put(self, list_id: str, recipients: Iterable[Recipient]) -> int | None:
        """Add recipients; returns how many are new, None when the list is gone. New variables replace the old ones."""
        buckets, added = await self._buckets(list_id), 0
        for many in portions(recipients, _SORTED_AT_ONCE) if buckets else ():
            names = list(dict.fromkeys(name for one in many for name in one.variables))
            # Those of one bucket together, as each bucket costs the script a few commands.
            entries = sorted((_entry(one, buckets) for one in many), key=itemgetter(0, 1))
            for some in portions(entries, _A_TRIP):
                packed = [part for entry in some for part in entry]
                new = int(await self._scripts.run("audience", "put", list_id, len(names), *names, *packed))
                if new < 0:
                    return None
                added += new
        return added if buckets else None

    async def note_headings(self, list_id: str, headings: Mapping[str, str]) -> None:
        """Remember how a file calls its columns. The list must exist."""
        if headings:
            await self._client.hset(
                f"ms:aud:{list_id}", mapping={f"h:{name}": heading for name, heading in headings.items()}
            )

    async def note_author(self, list_id: str, author: Actor) -> None:
        """Remember who put people on it."""
        await self._scripts.run("audience", "author", list_id, author.id, author.name)

    async def take(self, list_id: str, recipients: Iterable[Recipient]) -> int | None:
        """Remove recipients; returns how many were on the list, None when it is gone."""
        buckets, gone = await self._buckets(list_id), 0
        for some in portions(recipients, _A_TRIP) if buckets else ():
            entries = [part for one in some for part in _entry(one, buckets)[:3]]
            gone += int(await self._scripts.run("audience", "take", list_id, *entries))
        return gone if buckets else None

    async def move(self, messenger: Messenger, address: str, new_address: str) -> int:
        """Replace a person's old address on every audience; returns the number of these audiences.

        Where the new one is on the list already, it keeps its own values. Repeating it does no harm.
        """
        old, moved = Recipient(messenger=messenger, address=address), 0
        new = replace(old, address=new_address)
        for list_id in (await self.names()).values():
            buckets = await self._buckets(list_id)
            code, bucket, *_ = _entry(old, max(buckets, 1))
            rest = await self._client.hget(f"ms:aud:{list_id}:{code}:{bucket}", address)
            if rest is None:
                continue
            entry = unpack_address(messenger, new_address + str(rest))
            if entry.person == own_person(old):
                await self._rename_person(list_id, own_person(old), own_person(new))
                entry = replace(entry, person=own_person(new))
            if not await self._has(list_id, new, buckets):
                await self.put(list_id, [entry])
            await self.take(list_id, [old])
            moved += 1
        return moved

    async def _has(self, list_id: str, one: Recipient, buckets: int) -> bool:
        code, bucket, *_ = _entry(one, buckets)
        return bool(await self._client.hexists(f"ms:aud:{list_id}:{code}:{bucket}", one.address))

    async def _rename_person(self, list_id: str, before: str, after: str) -> None:
        async for portion in self.recipients(list_id):
            await self.put(list_id, [replace(one, person=after) for one in portion if one.person == before])

    async def name(self, list_id: str, name: str) -> AudienceChange:
        """NAMED, TAKEN or GONE."""
        unnamed = await self._client.ttl(f"ms:aud:{list_id}") >= 0
        if unnamed:
            await self._keep_buckets(list_id, 0)
        done = AudienceChange(await self._scripts.run("audience", "name", list_id, name, folded(name)))
        if unnamed and done is AudienceChange.TAKEN:
            await self.keep(list_id, for_good=False)
        return done

    async def _keep_buckets(self, list_id: str, life: int) -> None:
        buckets = await self._buckets(list_id)
        for first in range(0, buckets, _KEPT_A_STEP):
            last = min(buckets, first + _KEPT_A_STEP) - 1
            await self._scripts.run("audience", "keep_buckets", list_id, life, first, last, _CODES)

    async def at_link(self, token: str) -> str | None:
        """The list whose join link has this token."""
        found = await self._client.hget(_LINKS, token)
        return None if found is None else str(found)

    async def set_link(self, list_id: str, token: str) -> None:
        """Give it a new join link; the one before leads nowhere. The list must exist."""
        before = await self._client.hget(f"ms:aud:{list_id}", "link")
        pipe = self._client.pipeline(transaction=True)
        pipe.hset(_LINKS, token, list_id)
        pipe.hset(f"ms:aud:{list_id}", "link", token)
        if before:
            pipe.hdel(_LINKS, before)
        await pipe.execute()

    async def set_joinable(self, list_id: str, joinable: bool) -> bool:
        """False when nothing changed. The list must exist."""
        return await self._changed(list_id, "joinable", str(int(joinable)), default="0")

    async def set_quiet(self, list_id: str, hours: QuietHours | None) -> bool:
        """False when nothing changed. The list must exist."""
        return await self._changed(list_id, "quiet", "" if hours is None else str(hours), default="")

    async def set_order(self, list_id: str, order: Sequence[Messenger]) -> bool:
        """False when nothing changed. The list must exist."""
        codes = "".join(messenger.traits.code for messenger in order)
        return await self._changed(list_id, "order", codes, default="")

    async def _changed(self, list_id: str, field: str, value: str, *, default: str) -> bool:
        pipe = self._client.pipeline(transaction=True)
        pipe.hget(f"ms:aud:{list_id}", field)
        pipe.hset(f"ms:aud:{list_id}", field, value)
        before, _ = await pipe.execute()
        return (before or default) != value

    async def keep(self, list_id: str, *, for_good: bool) -> bool:
        """Keep a list without a name for good, or for another day; False when it is gone."""
        if for_good:
            await self._keep_buckets(list_id, 0)
            return bool(await self._scripts.run("audience", "keep", list_id, 0))
        there = bool(await self._scripts.run("audience", "keep", list_id, LIFE_SECONDS))
        await self._keep_buckets(list_id, LIFE_SECONDS)
        await self._client.srem(_KEEPING, f"{list_id}|{await self._buckets(list_id)}")
        return there

    async def prolong(self, list_id: str) -> None:
        """Keep a list that ends by itself for another day from now."""
        if await self._client.ttl(f"ms:aud:{list_id}") >= 0:
            await self.keep(list_id, for_good=False)

    async def drop(self, list_id: str, expected: int) -> AudienceChange:
        """DROPPED, CHANGED (the number of recipients is not `expected`) or GONE."""
        dropped = AudienceChange(await self._scripts.run("audience", "drop", list_id, expected))
        await self.empty_trash()
        return dropped

    async def recipients(self, list_id: str) -> AsyncIterator[list[Recipient]]:
        """All recipients in portions, messenger by messenger; those added meanwhile may be missing."""
        async for messenger, addresses, rests in self.entries(list_id):
            both = zip(addresses, rests, strict=True)
            yield [unpack_address(messenger, f"{address}{rest}") for address, rest in both]

    async def entries(
        self, list_id: str, *, whole: bool = True
    ) -> AsyncIterator[tuple[Messenger, list[str], list[str]]]:
        """Like recipients(), in the stored form: addresses and their rests; no rests if not `whole`."""
        buckets = await self._buckets(list_id)
        for code, messenger in BY_CODE.items():
            there = int(await self._client.hget(f"ms:aud:{list_id}", f"n:{code}") or 0)
            keys = (f"ms:aud:{list_id}:{code}:{bucket}" for bucket in range(buckets if there else 0))
            # Buckets of a list that has grown hold more than those of one that was made at its size.
            size = max(1, buckets * _ENTRIES_A_TRIP // max(there, buckets, 1))
            async for addresses, rests in ahead(
                self._read_buckets(some, whole) for some in portions(keys, size)
            ):
                yield messenger, addresses, rests

    async def _read_buckets(self, keys: Sequence[str], whole: bool) -> tuple[list[str], list[str]]:
        command = "HGETALL" if whole else "HKEYS"
        found = list(chain.from_iterable(await read_many(self._client, [(command, key) for key in keys])))
        return (found[::2], found[1::2]) if whole else (found, [])

    async def find(self, list_id: str, recipients: Iterable[Recipient]) -> list[Recipient]:
        """The given addresses that are on it, as stored there."""
        buckets, found = await self._buckets(list_id), []
        for some in portions(recipients, _A_TRIP) if buckets else ():
            entries = (_entry(one, buckets) for one in some)
            there = await self._hash_fields(
                (f"ms:aud:{list_id}:{code}:{bucket}", address) for code, bucket, address, _rest in entries
            )
            found += [
                unpack_address(one.messenger, f"{one.address}{rest}")
                for one, rest in zip(some, there, strict=True)
                if rest is not None
            ]
        return found

    async def keep_left_out(self, list_id: str, rows: str) -> None:
        await self._client.set(f"ms:aud:{list_id}:left", rows[:_MOST_LEFT], ex=LIFE_SECONDS)

    async def left_out(self, list_id: str) -> str | None:
        found = await self._client.get(f"ms:aud:{list_id}:left")
        return None if found is None else str(found)

    async def empty_trash(self) -> None:
        """Remove the recipients of dropped lists; safe to run concurrently."""
        for half_kept in map(str, await self._client.smembers(_KEEPING)):
            # Its day was over before all of it was kept.
            if not await self._client.exists(f"ms:aud:{half_kept.partition('|')[0]}"):
                await self._client.rpush(_TRASH, half_kept)
                await self._client.srem(_KEEPING, half_kept)
        while entry := await self._client.lindex(_TRASH, 0):
            list_id, buckets = str(entry).split("|")
            for code in BY_CODE:
                keys = [f"ms:aud:{list_id}:{code}:{bucket}" for bucket in range(int(buckets))]
                await self._client.unlink(*keys)
            await self._client.unlink(f"ms:aud:{list_id}:left")
            await self._client.lrem(_TRASH, 1, str(entry))


def _entry(recipient: Recipient, buckets: int) -> tuple[str, int, str, str]:
    rest = pack_address(recipient)[len(recipient.address) :]
    bucket = crc32(recipient.address.encode()) % buckets
    return recipient.messenger.traits.code, bucket, recipient.address, rest
