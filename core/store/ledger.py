"""The ledger of broadcasts: accepting, reading, steering, deleting. Deliveries: core/store/deliveries.py.

Keys: `ms:b:<broadcast>` (hash: content, times, counters) · `ms:a:<list>:<m>:<chunk>` (addresses, written before the
broadcast is accepted) · `ms:s:<broadcast>:<m>:<chunk>` (rows) · `ms:i:*` (indexes by time). <m> is the messenger's
letter. A chunk holds 100 rows, few enough for the store to keep them packed.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence, Set
from datetime import datetime, timedelta
from itertools import chain, compress, groupby
from operator import itemgetter
from typing import Final, TypeAlias, cast

from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError

from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, BroadcastStatus, Index, NewBroadcast, Steered, Verb
from core.domain.delivery import Delivery, DeliveryId, DeliveryState
from core.domain.errors import Conflict, StoreFull
from core.domain.messengers.traits import TRAITS, Messenger
from core.domain.page import Cursor
from core.domain.recipients import Recipient
from core.parsing.addresses import Account, account_of
from core.store.connection import read_many
from core.store.ids import new_id
from core.store.order_format import order_fields, place_in_series, quiet_hours_of
from core.store.portions import ahead, portions
from core.store.quiet_hours import QuietHoursStore
from core.store.row_format import CHUNK, address_in, addresses_in, pack_address, read_broadcast, read_delivery
from core.store.scripts import Argument, Scripts, Store
from core.store.times import to_ms

_ID_LENGTH: Final = 4
_ID_RESERVED: Final = 2 * 86_400
_CHUNKS_A_TRIP: Final = 50
_IDS_A_TRIP: Final = 200
_CHUNKS_A_LOOK: Final = 100
_TROUBLED: Final = frozenset({DeliveryState.FAILED, DeliveryState.UNKNOWN})
_MOST_TROUBLED: Final = 20_000
"""Failed and unknown deliveries that are read at once."""
_DELIVERIES_A_TRIP: Final = 500
# As few as keep a script below ten milliseconds.
_RESENDS_A_TRIP: Final = 80
_STAGING_LIFE_MS: Final = 3_600_000
_SENT_BEFORE: Final = "ms:sent_before"
_FIRST_LETTER: Final = itemgetter(slice(1))


Field: TypeAlias = "bytes | bytearray | memoryview[int] | str | int | float"  # as redis-py types it
Lists = dict[Messenger, list[Recipient]]


def _by_messenger(recipients: Sequence[Recipient]) -> Lists:
    lists: Lists = {}
    for recipient in recipients:
        lists.setdefault(recipient.messenger, []).append(recipient)
    return lists


def _address_chunks(list_id: str, lists: Lists) -> Iterator[tuple[str, Mapping[Field, Field]]]:
    for messenger, recipients in lists.items():
        for number, chunk in enumerate(portions(recipients, CHUNK)):
            key = f"ms:a:{list_id}:{messenger.traits.code}:{number}"
            yield key, {str(place): pack_address(recipient) for place, recipient in enumerate(chunk)}


class LedgerStore(Store):
    def __init__(self, client: Redis, scripts: Scripts) -> None:
        super().__init__(client, scripts)
        self._quiet = QuietHoursStore(client)

    async def reserve_id(self) -> str:
        """A new, unused broadcast id."""
        length = _ID_LENGTH
        while True:
            broadcast_id = new_id(length)
            free = not await self._client.exists(f"ms:b:{broadcast_id}")
            if free and await self._client.set(f"ms:id:{broadcast_id}", "", nx=True, ex=_ID_RESERVED):
                return broadcast_id
            length += 1

    async def accept(self, broadcast_id: str, order: NewBroadcast) -> Broadcast:
        """Store the order; durable on return. Idempotent: an id accepted before returns its broadcast unchanged.

        Raises Conflict and StoreFull.
        """
        if known := await self.accepted(broadcast_id):
            return known
        if not await self._write(order, "commit", broadcast_id, keys=place_in_series(order)):
            raise Conflict(
                "Writing the recipients took longer than an hour, so nothing was accepted. Order again."
            )
        broadcast = await self.get(broadcast_id)
        if broadcast is None:
            raise Conflict(f"#{broadcast_id} was deleted while it was being accepted.")
        return broadcast

    async def accepted(self, broadcast_id: str) -> Broadcast | None:
        """The broadcast if this id was accepted before, and a failover cannot lose it again."""
        known = await self.get(broadcast_id)
        if known is not None:
            # Read from this server alone: it may have been cut off from its replicas before they had it.
            await self._scripts.confirm()
        return known

    async def replace(self, broadcast_id: str, order: NewBroadcast, *, edition: int) -> bool:
        """Replace the order of a broadcast that waits for its time; durable on return.

        False, with nothing changed, when it no longer waits, can be undone, or has another edition. Raises StoreFull.
        """
        return await self._write(order, "replace", broadcast_id, edition)

    async def _write(
        self,
        order: NewBroadcast,
        script: str,
        broadcast_id: str,
        *arguments: Argument,
        keys: Sequence[Argument] = (),
    ) -> bool:
        """Write the addresses, then let the script take them over. False when it refuses."""
        list_id, lists = secrets.token_hex(6), _by_messenger(order.recipients)
        try:
            await self._write_addresses(list_id, lists)
            now = await self.now()
            await self._quiet.learn(quiet_hours_of(order))
            fields = order_fields(order, {messenger: len(some) for messenger, some in lists.items()}, now)
            pairs = [part for pair in fields.items() for part in pair]
            send_at = to_ms(order.send_at or now + order.undo_time)
            done = await self._scripts.run(
                script, broadcast_id, list_id, *arguments, send_at, *pairs, keys=keys
            )
        except OutOfMemoryError:
            await self._forget_staged(list_id, lists)
            raise StoreFull from None
        if not done:
            await self._forget_staged(list_id, lists)
        return bool(done)

    async def _write_addresses(self, list_id: str, lists: Lists) -> None:
        # Registered first: after a crash _drop_staged() finds the list.
        await self._client.zadd("ms:staging", {list_id: to_ms(await self.now())})
        pipe = self._client.pipeline(transaction=False)
        for key, chunk in _address_chunks(list_id, lists):
            pipe.hset(key, mapping=chunk)
            if len(pipe) >= _CHUNKS_A_TRIP:
                await pipe.execute()
        await pipe.execute()

    async def get(self, broadcast_id: str) -> Broadcast | None:
        """None for an unknown or deleted id, and for one that this version cannot read."""
        fields = cast("dict[str, str]", await self._client.hgetall(f"ms:b:{broadcast_id}"))
        return read_broadcast(broadcast_id, fields) if fields else None

    async def start(self, broadcast_id: str) -> BroadcastStatus | None:
        """scheduled -> sending, once and never early. Returns the status after; None = no such broadcast."""
        (status,) = await self._scripts.run("start", broadcast_id)
        return BroadcastStatus(status) if status else None

    async def steer(
        self, broadcast_id: str, verb: Verb, send_at: datetime | None = None, *, asker: Actor | None = None
    ) -> Steered:
        """`asker`: with RESCHEDULE and SEND_SOON, the person to ask for approval where the change needs it."""
        moment = to_ms(send_at) if send_at else 0
        asks = (asker.id, asker.name) if asker else ("", "")
        done, status, *more = await self._scripts.run("steer", broadcast_id, verb.value, moment, *asks)
        after = BroadcastStatus(status) if status else None
        return Steered(done=done == 1, status=after, same="same" in more)

    async def delete(self, broadcast_id: str) -> bool:
        """Delete an ended broadcast; False when it has not ended, has messages in flight or does not exist."""
        return bool(await self._scripts.run("delete", broadcast_id))

    async def count(self, index: Index, *, until: datetime | None = None) -> int:
        """`until`: count those up to that time; late ones that wait for an answer count only without it."""
        since, till = (0, to_ms(until)) if until else ("-inf", "+inf")
        return int(await self._client.zcount(f"ms:i:{index}", since, till))

    async def ids(self, index: Index, *, until: datetime | None = None) -> list[str]:
        """The ids in an index, oldest first."""
        return await self._ids(index, 0, -1, newest_first=False, until=until)

    async def _ids(
        self, index: Index, start: int, count: int, *, newest_first: bool, until: datetime | None
    ) -> list[str]:
        # Late broadcasts have scores below 0, and belong to the whole list only (place_scheduled in lua/lib.lua).
        since, till = (0, to_ms(until)) if until else ("-inf", "+inf")
        found = await self._client.zrange(
            f"ms:i:{index}",
            till if newest_first else since,
            since if newest_first else till,
            desc=newest_first,
            byscore=True,
            offset=start,
            num=count,
        )
        return [str(broadcast_id) for broadcast_id in found]

    async def page(
        self, index: Index, start: int, count: int, *, newest_first: bool, until: datetime | None = None
    ) -> list[Broadcast]:
        """At most `count` broadcasts from place `start` on, counted from 0; `count` -1 = no limit."""
        return await self._read(await self._ids(index, start, count, newest_first=newest_first, until=until))

    async def ended(self, start: int, count: int) -> list[Broadcast]:
        """As page() of the ended ones, newest first, without the answers to people."""
        found: list[str] = []
        looked = 0
        while len(found) < start + count and (
            ids := await self._ids(Index.ENDED, looked, _IDS_A_TRIP, newest_first=True, until=None)
        ):
            answers = await self._client.zmscore(f"ms:i:{Index.ANSWERS}", ids)
            found += [one for one, score in zip(ids, answers, strict=True) if score is None]
            looked += len(ids)
        return await self._read(found[start : start + count])

    async def count_ended(self) -> int:
        """Number of the ended ones, without the answers to people."""
        return max(0, await self.count(Index.ENDED) - await self.count(Index.ANSWERS))

    async def _read(self, ids: Sequence[str]) -> list[Broadcast]:
        """Broadcasts by id, without deleted ones, and those that this version cannot read."""
        found = zip(ids, await self._hashes(f"ms:b:{one}" for one in ids), strict=True)
        read = (read_broadcast(broadcast_id, fields) for broadcast_id, fields in found if fields)
        return [broadcast for broadcast in read if broadcast is not None]

    async def list_id(self, broadcast_id: str) -> str:
        """The id of its addresses, which is another one after they were edited."""
        return (await self._sizes(broadcast_id))[0]

    async def deliveries_to(
        self, broadcast_id: str, accounts: Set[Account]
    ) -> AsyncIterator[tuple[DeliveryId, str]]:
        """Deliveries of a broadcast to one of the accounts, each with its address."""
        list_id, sizes = await self._sizes(broadcast_id)
        for messenger, size in sizes:
            if any(one is messenger for one, _account in accounts):
                async for index, address in self._addresses(list_id, messenger, size):
                    if (messenger, account_of(messenger, address)) in accounts:
                        yield DeliveryId(broadcast_id, messenger, index), address

    async def _addresses(
        self, list_id: str, messenger: Messenger, size: int
    ) -> AsyncIterator[tuple[int, str]]:
        for chunks in portions(range(-(-size // CHUNK)), _CHUNKS_A_TRIP):
            read = await self._hashes(f"ms:a:{list_id}:{messenger.traits.code}:{chunk}" for chunk in chunks)
            for chunk, found in zip(chunks, read, strict=True):
                for place, packed in found.items():
                    yield chunk * CHUNK + int(place), address_in(packed)

    async def _sizes(self, broadcast_id: str) -> tuple[str, list[tuple[Messenger, int]]]:
        """The list id, and how many recipients there are on each messenger."""
        names = ["list", *(f"size:{traits.code}" for traits in TRAITS.values())]
        list_id, *sizes = await self._client.hmget(f"ms:b:{broadcast_id}", names)
        return str(list_id or ""), [(m, int(size)) for m, size in zip(TRAITS, sizes, strict=True) if size]

    async def addresses_in(
        self, broadcast_id: str, states: Collection[DeliveryState]
    ) -> AsyncIterator[tuple[Messenger, list[str]]]:
        """Addresses of its deliveries that are in one of these states, in portions.

        Read by plain commands: a script takes ten times as long to read a chunk.
        """
        list_id, sizes = await self._sizes(broadcast_id)
        for messenger, size in sizes:
            but = await self._others(broadcast_id, messenger, size, states)
            if but is not None and len(but) == size:
                continue
            code = messenger.traits.code
            listed, rows = f"ms:a:{list_id}:{code}", f"ms:s:{broadcast_id}:{code}"
            out = {chunk: list(places) for chunk, places in groupby(but or (), lambda place: place // CHUNK)}
            looks = (
                self._addresses_of(listed, rows, chunks, states)
                if but is None
                else self._addresses_but(listed, chunks, out)
                for chunks in portions(range(-(-size // CHUNK)), _CHUNKS_A_LOOK)
            )
            async for found in ahead(looks):
                yield messenger, found

    async def addresses_by_state(
        self, broadcast_id: str, states: Collection[DeliveryState]
    ) -> AsyncIterator[tuple[Messenger, Mapping[DeliveryState, list[str]]]]:
        """As addresses_in(), by state."""
        list_id, sizes = await self._sizes(broadcast_id)
        for messenger, size in sizes:
            code = messenger.traits.code
            listed, rows = f"ms:a:{list_id}:{code}", f"ms:s:{broadcast_id}:{code}"
            every = portions(range(-(-size // CHUNK)), _CHUNKS_A_LOOK)
            async for found in ahead(self._by_state(listed, rows, chunks, states) for chunks in every):
                yield messenger, found

    async def _by_state(
        self, listed: str, rows: str, chunks: Sequence[int], states: Collection[DeliveryState]
    ) -> dict[DeliveryState, list[str]]:
        keys = [f"{stem}:{chunk}" for chunk in chunks for stem in (listed, rows)]
        # As bytes, which takes half the time: most of it is not used.
        answers = iter(await read_many(self._client, [("HGETALL", key) for key in keys], decode=False))
        found: dict[DeliveryState, list[bytes]] = {state: [] for state in states}
        for entries, states_of in zip(answers, answers, strict=True):
            places, letters = states_of[::2], list(map(_FIRST_LETTER, states_of[1::2]))
            packed = entries[1::2]
            if entries[::2] != places:
                by_place = dict(zip(entries[::2], packed, strict=True))
                packed = [by_place.get(place, b"") for place in places]
            for state, some in found.items():
                some += compress(packed, map(state.code.encode().__eq__, letters))
        return {state: addresses_in(some) for state, some in found.items()}

    async def _addresses_of(
        self, listed: str, rows: str, chunks: Sequence[int], states: Collection[DeliveryState]
    ) -> list[str]:
        found = await self._by_state(listed, rows, chunks, states)
        return [address for some in found.values() for address in some]

    async def _addresses_but(
        self, listed: str, chunks: Sequence[int], out: Mapping[int, Sequence[int]]
    ) -> list[str]:
        """All addresses in some chunks, without those at these indexes."""
        reads = [("HGETALL" if chunk in out else "HVALS", f"{listed}:{chunk}") for chunk in chunks]
        found: list[bytes] = []
        for chunk, entries in zip(chunks, await read_many(self._client, reads, decode=False), strict=True):
            if chunk in out:
                packed = dict(zip(entries[::2], entries[1::2], strict=True))
                for index in out[chunk]:
                    packed.pop(b"%d" % (index % CHUNK), None)
                found += packed.values()
            else:
                found += entries
        return addresses_in(found)

    async def _others(
        self, broadcast_id: str, messenger: Messenger, size: int, states: Collection[DeliveryState]
    ) -> Sequence[int] | None:
        """The indexes of deliveries in other states, where kept apart, so that no states need to be read."""
        code = messenger.traits.code
        names = [f"n:{code}:{state.code}" for state in DeliveryState]
        counts = await self._client.hmget(f"ms:b:{broadcast_id}", names)
        count = {state: int(one or 0) for state, one in zip(DeliveryState, counts, strict=True)}
        others = size - sum(count[state] for state in states)
        if others in (0, size):
            return range(others)
        troubled = sum(count[state] for state in _TROUBLED.difference(states))
        if troubled == others <= min(size // 4, _MOST_TROUBLED):
            before = await self._client.lrange(f"ms:b:{broadcast_id}:trouble", 0, -1)
            texts = [*before, *await self._client.zrange(f"ms:b:{broadcast_id}:troubled", 0, -1)]
            ids = (DeliveryId.parse(str(text)) for text in texts)
            places = sorted(one.index for one in ids if one.messenger is messenger)
            if len(places) == others:
                return places
        return None

    async def deliveries(self, broadcast: Broadcast) -> AsyncIterator[Delivery]:
        """All deliveries, messenger by messenger, read in portions."""
        start = 0
        while found := await self.deliveries_at(broadcast, start, _DELIVERIES_A_TRIP):
            start += len(found)
            for delivery in found:
                yield delivery

    async def deliveries_at(self, broadcast: Broadcast, start: int, count: int) -> list[Delivery]:
        """In the same order, from place `start` on, counted from 0, at most `count`."""
        list_id, sizes = await self._sizes(broadcast.id)
        ids: list[DeliveryId] = []
        for messenger, size in sizes:
            span = range(max(0, start), min(size, start + count))
            ids += [DeliveryId(broadcast.id, messenger, index) for index in span]
            start -= size
        return await read_deliveries(self._client, list_id, ids, broadcast.status, broadcast.without)

    async def troubles(self, broadcast: Broadcast, start: int, count: int) -> tuple[list[Delivery], int]:
        """Failed and unknown deliveries in the order they came, and their total number."""
        numbered, listed = f"ms:b:{broadcast.id}:troubled", f"ms:b:{broadcast.id}:trouble"
        list_id, _ = await self._sizes(broadcast.id)
        before = await self._client.llen(listed)  # by an older version
        texts = [str(text) for text in await self._client.lrange(listed, start, start + count - 1)]
        rest, start = count - len(texts), max(0, start - before)
        if rest > 0:
            texts += [str(text) for text in await self._client.zrange(numbered, start, start + rest - 1)]
        ids = [DeliveryId.parse(text) for text in texts]
        found = await read_deliveries(self._client, list_id, ids, broadcast.status, broadcast.without)
        return found, before + await self._client.zcard(numbered)

    async def each_trouble(self, broadcast: Broadcast) -> AsyncIterator[Delivery]:
        """All failed and unknown deliveries, read in portions."""
        start = 0
        while found := (await self.troubles(broadcast, start, _DELIVERIES_A_TRIP))[0]:
            start += len(found)
            for delivery in found:
                yield delivery

    async def newest(self, index: Index, count: int, *, after: Cursor | None = None) -> list[Cursor]:
        """Up to `count`, newest first, from behind `after` on, which may be deleted by now."""
        key = f"ms:i:{index}"
        rank = -1 if after is None else await self._client.zrevrank(key, after.id)
        if after is not None and rank is None:
            # That one was deleted meanwhile: continue from its time.
            found = await self._client.zrevrangebyscore(
                key, f"({after.at}", "-inf", start=0, num=count, withscores=True
            )
        else:
            first = int(str(rank)) + 1
            found = await self._client.zrevrange(key, first, first + count - 1, withscores=True)
        return [Cursor(id=str(name), at=int(at)) for name, at in cast("list[tuple[str, float]]", found)]

    async def texts(self, broadcast_ids: Sequence[str]) -> list[str]:
        """The text of each broadcast; empty for a deleted one."""
        return [
            text or "" for text in await self._hash_fields((f"ms:b:{one}", "text") for one in broadcast_ids)
        ]

    async def approve(self, broadcast_id: str, number: int, by: Actor, undo_time: timedelta) -> str:
        """unapproved -> scheduled, once. Returns "done", "own", "author", "late", "old", or the present status."""
        return await self._decide("approve", broadcast_id, number, by, undo_time)

    async def refuse(self, broadcast_id: str, number: int, by: Actor) -> str:
        """unapproved -> cancelled, once. Returns as approve() does."""
        return await self._decide("refuse", broadcast_id, number, by, timedelta())

    async def _decide(
        self, verb: str, broadcast_id: str, number: int, by: Actor, undo_time: timedelta
    ) -> str:
        milliseconds = round(undo_time.total_seconds() * 1000)
        done, status, *why = await self._scripts.run(
            "steer", broadcast_id, verb, milliseconds, by.id, by.name, number
        )
        return "done" if done else str(why[0] if why else status)

    async def has_sent_before(self) -> bool:
        """True once any order was confirmed in the chat, or while there is one that was sent or planned."""
        return bool(await self._client.exists(_SENT_BEFORE, "ms:i:scheduled", "ms:i:running", "ms:i:ended"))

    async def remember_sent(self) -> None:
        await self._client.set(_SENT_BEFORE, "1")

    async def resend(self, broadcast_id: str, *, before: int) -> int | None:
        """Requeue unknown deliveries and return how many.

        None when that was asked for more than `before` times already, or the broadcast has not finished.
        """
        total, asked, begun, last, token = 0, str(before), 0, "0", secrets.token_hex(8)
        while last != "-1":
            done, moved, last, begun = await self._scripts.run(
                "resend", broadcast_id, asked, begun, last, _RESENDS_A_TRIP, token
            )
            if not done:
                return None if asked else total
            total, asked = int(moved), ""
        return total

    async def empty_trash(self) -> None:
        """Remove the rows of deleted broadcasts and of orders never accepted; safe to run concurrently."""
        while entry := await self._client.lindex("ms:trash", 0):
            broadcast_id, list_id, code, size = str(entry).split("|")
            await self._unlink(f"ms:s:{broadcast_id}:{code}", int(size))
            await self._unlink(f"ms:a:{list_id}:{code}", int(size))
            await self._client.lrem("ms:trash", 1, str(entry))
        await self._drop_staged()

    async def _unlink(self, stem: str, size: int) -> None:
        for chunks in portions(range(-(-size // CHUNK)), 1000):
            await self._client.unlink(*(f"{stem}:{chunk}" for chunk in chunks))

    async def _drop_staged(self) -> None:
        """Remove lists written more than an hour ago for orders that were never accepted."""
        before = to_ms(await self.now()) - _STAGING_LIFE_MS
        for list_id in map(str, await self._client.zrangebyscore("ms:staging", 0, before)):
            # From here on the list can no longer be accepted; after a crash it is still in "unstaged".
            await self._scripts.run("unstage", list_id)
        for list_id in map(str, await self._client.smembers("ms:unstaged")):
            for traits in TRAITS.values():
                chunk = 0
                while await self._client.unlink(f"ms:a:{list_id}:{traits.code}:{chunk}"):
                    chunk += 1
            await self._client.srem("ms:unstaged", list_id)

    async def _forget_staged(self, list_id: str, lists: Lists) -> None:
        """Remove a list that was perhaps written only in part."""
        await self._client.zrem("ms:staging", list_id)
        for messenger, recipients in lists.items():
            await self._unlink(f"ms:a:{list_id}:{messenger.traits.code}", len(recipients))


async def read_deliveries(
    client: Redis,
    list_id: str,
    ids: Sequence[DeliveryId],
    status: BroadcastStatus,
    without: Collection[Messenger] = (),
) -> list[Delivery]:
    """Deliveries of one broadcast in the order of their ids, in one round trip.

    `status` and `without`: of the broadcast.
    """
    pipe = client.pipeline(transaction=False)
    for stem, some in groupby(
        ids, lambda one: (one.broadcast_id, one.messenger.traits.code, one.index // CHUNK)
    ):
        broadcast_id, code, chunk = stem
        places = [str(one.index % CHUNK) for one in some]
        pipe.hmget(f"ms:a:{list_id}:{code}:{chunk}", places)
        pipe.hmget(f"ms:s:{broadcast_id}:{code}:{chunk}", places)
    found = await pipe.execute()
    addresses, rows = chain.from_iterable(found[::2]), chain.from_iterable(found[1::2])
    cancelled = status is BroadcastStatus.CANCELLED
    return [
        read_delivery(one, address, row, cancelled=cancelled or one.messenger in without)
        for one, address, row in zip(ids, addresses, rows, strict=True)
    ]
