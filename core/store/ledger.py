"""The ledger of broadcasts: accepting, reading, steering, deleting. Deliveries: core/store/deliveries.py.

Keys: `ms:b:<broadcast>` (hash: content, times, counters) · `ms:a:<list>:<m>:<chunk>` (addresses, written before the
broadcast is accepted) · `ms:s:<broadcast>:<m>:<chunk>` (rows) · `ms:i:*` (indexes by time). <m> is the messenger's
letter. A chunk holds 100 rows, few enough for the store to keep them packed.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias, cast

from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError

from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, BroadcastStatus, Index, NewBroadcast, Occurrence, Steered, Verb
from core.domain.delivery import Delivery, DeliveryId
from core.domain.errors import Conflict, StoreFull
from core.domain.messengers.traits import TRAITS, Messenger
from core.domain.page import Place
from core.domain.quiet_hours import QuietHours
from core.domain.recipients import Recipient
from core.store.quiet_hours import QuietHoursStore
from core.store.row_format import CHUNK, pack_address, read_broadcast, read_delivery, to_ms
from core.store.scripts import Scripts
from core.store.serialization import pack_content

# No letters and digits that are taken for one another, nor vowels that could spell something.
_LETTERS: Final = "BCDFGHJKMNPQRSTVWXZ23456789"
_ID_LENGTH: Final = 4
_ID_RESERVED: Final = 2 * 86_400
_CHUNKS_A_TRIP: Final = 50
_TROUBLES_A_TRIP: Final = 500
_RESENDS_A_TRIP: Final = 5000
_STAGING_LIFE_MS: Final = 3_600_000

# Also when the store is full: what lies there makes room.
_UNSTAGE: Final = """#!lua flags=allow-oom
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[1], ARGV[1])
"""

Field: TypeAlias = "bytes | bytearray | memoryview[int] | str | int | float"  # as redis-py types it
Lists = dict[Messenger, list[Recipient]]


def _by_messenger(recipients: Sequence[Recipient]) -> Lists:
    lists: Lists = {}
    for recipient in recipients:
        lists.setdefault(recipient.messenger, []).append(recipient)
    return lists


def _address_chunks(list_id: str, lists: Lists) -> Iterator[tuple[str, Mapping[Field, Field]]]:
    for messenger, recipients in lists.items():
        for start in range(0, len(recipients), CHUNK):
            chunk = recipients[start : start + CHUNK]
            key = f"ms:a:{list_id}:{messenger.traits.code}:{start // CHUNK}"
            yield key, {str(place): pack_address(recipient) for place, recipient in enumerate(chunk)}


class LedgerStore:
    """Broadcasts and their deliveries."""

    def __init__(self, client: Redis, scripts: Scripts) -> None:
        self._client = client
        self._scripts = scripts
        self._quiet = QuietHoursStore(client)

    async def reserve_id(self) -> str:
        """A new, unused broadcast id."""
        length = _ID_LENGTH
        while True:
            broadcast_id = "".join(secrets.choice(_LETTERS) for _ in range(length))
            free = not await self._client.exists(f"ms:b:{broadcast_id}")
            if free and await self._client.set(f"ms:id:{broadcast_id}", "", nx=True, ex=_ID_RESERVED):
                return broadcast_id
            length += 1

    async def accept(self, broadcast_id: str, order: NewBroadcast) -> Broadcast:
        """Store the order; durable on return. Idempotent: an id accepted before returns its broadcast unchanged.

        Raises Conflict and StoreFull.
        """
        standing = await self.get(broadcast_id)
        if standing is not None:
            return standing
        list_id = secrets.token_hex(6)
        lists = _by_messenger(order.recipients)
        try:
            await self._write_addresses(list_id, lists)
            return await self._commit(broadcast_id, list_id, lists, order)
        except OutOfMemoryError:
            await self._forget_staged(list_id, lists)
            raise StoreFull from None

    async def replace(self, broadcast_id: str, order: NewBroadcast, *, edition: int) -> bool:
        """Replace the order of a broadcast that waits for its time; durable on return.

        False, with nothing changed, when it no longer waits, is held, or has another edition. Raises StoreFull.
        """
        list_id = secrets.token_hex(6)
        lists = _by_messenger(order.recipients)
        try:
            await self._write_addresses(list_id, lists)
            send_at, pairs = await self._fields(lists, order)
            done = await self._scripts.run("replace", broadcast_id, list_id, edition, send_at, *pairs)
        except OutOfMemoryError:
            await self._forget_staged(list_id, lists)
            raise StoreFull from None
        if not done:
            await self._forget_staged(list_id, lists)
        return bool(done)

    async def _fields(self, lists: Lists, order: NewBroadcast) -> tuple[int, list[str | int]]:
        """When it starts in milliseconds, and the fields of the broadcast with their values behind each."""
        now = await self.now()
        await self._quiet.learn(hours_of(order))
        fields = fields_of(order, {messenger: len(some) for messenger, some in lists.items()}, now)
        return to_ms(order.send_at or now + order.hold), [part for pair in fields.items() for part in pair]

    async def _commit(self, broadcast_id: str, list_id: str, lists: Lists, order: NewBroadcast) -> Broadcast:
        send_at, pairs = await self._fields(lists, order)
        keys = place_of(order.occurrence) if order.occurrence else ()
        stands = await self._scripts.run("commit", broadcast_id, list_id, send_at, *pairs, keys=keys)
        if not stands:
            await self._forget_staged(list_id, lists)
            raise Conflict(
                "Writing the recipients took longer than an hour, so nothing was accepted. Order again."
            )
        broadcast = await self.get(broadcast_id)
        if broadcast is None:
            raise Conflict(f"#{broadcast_id} was deleted while it was being accepted.")
        return broadcast

    async def _write_addresses(self, list_id: str, lists: Lists) -> None:
        # Registered first, so that a crash in between leaves nothing behind that nobody would clear away.
        await self._client.zadd("ms:staging", {list_id: to_ms(await self.now())})
        pipe = self._client.pipeline(transaction=False)
        for key, chunk in _address_chunks(list_id, lists):
            pipe.hset(key, mapping=chunk)
            if len(pipe) >= _CHUNKS_A_TRIP:
                await pipe.execute()
        await pipe.execute()

    async def now(self) -> datetime:
        """The store's clock, the same for all programs."""
        seconds, microseconds = await self._client.time()
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)

    async def get(self, broadcast_id: str) -> Broadcast | None:
        """None for an unknown or deleted id."""
        fields = cast("dict[str, str]", await self._client.hgetall(f"ms:b:{broadcast_id}"))
        return read_broadcast(broadcast_id, fields) if fields else None

    async def start(self, broadcast_id: str, *, whatever_the_time: bool = False) -> BroadcastStatus | None:
        """scheduled -> sending, once and never early. Returns the status after; None = no such broadcast."""
        (status,) = await self._scripts.run("start", int(whatever_the_time), broadcast_id)
        return BroadcastStatus(status) if status else None

    async def steer(
        self, broadcast_id: str, verb: Verb, send_at: datetime | None = None, *, asker: Actor | None = None
    ) -> Steered:
        """`asker`: with RESCHEDULE and HOLD, the person to ask for approval where the change needs it."""
        moment = to_ms(send_at) if send_at else 0
        asks = (asker.id, asker.name) if asker else ("", "")
        done, status, *more = await self._scripts.run("steer", broadcast_id, verb.value, moment, *asks)
        stands = BroadcastStatus(status) if status else None
        return Steered(done=done == 1, status=stands, same="same" in more)

    async def delete(self, broadcast_id: str) -> bool:
        """Delete an ended broadcast; False when it has not ended or does not exist."""
        return bool(await self._scripts.run("delete", broadcast_id))

    async def count(self, index: Index, *, until: datetime | None = None) -> int:
        """`until`: count those up to that time; late ones that wait for an answer count only without it."""
        since, till = (0, to_ms(until)) if until else ("-inf", "+inf")
        return int(await self._client.zcount(f"ms:i:{index}", since, till))

    async def ids(self, index: Index, *, until: datetime | None = None, most: int | None = None) -> list[str]:
        """The ids in an index, oldest first, at most `most`."""
        return await self._ids(index, 0, -1 if most is None else most, newest_first=False, until=until)

    async def _ids(
        self, index: Index, start: int, count: int, *, newest_first: bool, until: datetime | None
    ) -> list[str]:
        # What is late stands before 0, and belongs to the whole list alone (place_scheduled in lua/lib.lua).
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
        """From place `start` on, counted from 0, at most `count`; -1 = no limit."""
        ids = await self._ids(index, start, count, newest_first=newest_first, until=until)
        pipe = self._client.pipeline(transaction=False)
        for broadcast_id in ids:
            pipe.hgetall(f"ms:b:{broadcast_id}")
        found = zip(ids, await pipe.execute(), strict=True)
        return [read_broadcast(broadcast_id, fields) for broadcast_id, fields in found if fields]

    async def _sizes(self, broadcast_id: str) -> tuple[str, list[tuple[Messenger, int]]]:
        """The list id, and how many recipients there are on each messenger."""
        names = ["list", *(f"size:{traits.code}" for traits in TRAITS.values())]
        list_id, *sizes = await self._client.hmget(f"ms:b:{broadcast_id}", names)
        return str(list_id or ""), [(m, int(size)) for m, size in zip(TRAITS, sizes, strict=True) if size]

    async def deliveries(self, broadcast: Broadcast) -> AsyncIterator[Delivery]:
        """All deliveries, messenger by messenger, read in chunks."""
        list_id, sizes = await self._sizes(broadcast.id)
        for messenger, size in sizes:
            for start in range(0, size, CHUNK):
                span = range(start, min(start + CHUNK, size))
                for delivery in await self._read(broadcast, list_id, messenger, span):
                    yield delivery

    async def deliveries_at(self, broadcast: Broadcast, start: int, count: int) -> list[Delivery]:
        """In the same order, from place `start` on, counted from 0, at most `count`."""
        list_id, sizes = await self._sizes(broadcast.id)
        found: list[Delivery] = []
        for messenger, size in sizes:
            first, last = max(0, start), min(size, start + count)
            while first < last:
                end = min(last, (first // CHUNK + 1) * CHUNK)
                found += await self._read(broadcast, list_id, messenger, range(first, end))
                first = end
            start -= size
        return found

    async def _read(
        self, broadcast: Broadcast, list_id: str, messenger: Messenger, span: range
    ) -> list[Delivery]:
        """Deliveries of one chunk, by their place among the messenger's recipients."""
        if not span:
            return []
        code, chunk = messenger.traits.code, span.start // CHUNK
        places = [str(index % CHUNK) for index in span]
        pipe = self._client.pipeline(transaction=False)
        pipe.hmget(f"ms:a:{list_id}:{code}:{chunk}", places)
        pipe.hmget(f"ms:s:{broadcast.id}:{code}:{chunk}", places)
        addresses, rows = await pipe.execute()
        cancelled = broadcast.status is BroadcastStatus.CANCELLED
        return [
            read_delivery(DeliveryId(broadcast.id, messenger, index), address, row, cancelled=cancelled)
            for index, address, row in zip(span, addresses, rows, strict=True)
        ]

    async def troubles(self, broadcast: Broadcast, start: int, count: int) -> tuple[list[Delivery], int]:
        """Failed and unknown deliveries in the order they came, and their total number."""
        key = f"ms:b:{broadcast.id}:trouble"
        list_id, _ = await self._sizes(broadcast.id)
        texts = await self._client.lrange(key, start, start + count - 1)
        ids = [DeliveryId.parse(str(text)) for text in texts]
        return await self._read_each(broadcast, list_id, ids), await self._client.llen(key)

    async def each_trouble(self, broadcast: Broadcast) -> AsyncIterator[Delivery]:
        """All failed and unknown deliveries, read in chunks."""
        start = 0
        while found := (await self.troubles(broadcast, start, _TROUBLES_A_TRIP))[0]:
            start += len(found)
            for delivery in found:
                yield delivery

    async def _read_each(
        self, broadcast: Broadcast, list_id: str, ids: Sequence[DeliveryId]
    ) -> list[Delivery]:
        """Deliveries that lie anywhere, in one trip."""
        pipe = self._client.pipeline(transaction=False)
        for one in ids:
            chunk, place = divmod(one.index, CHUNK)
            pipe.hget(f"ms:a:{list_id}:{one.messenger.traits.code}:{chunk}", str(place))
            pipe.hget(f"ms:s:{broadcast.id}:{one.messenger.traits.code}:{chunk}", str(place))
        values = await pipe.execute()
        cancelled = broadcast.status is BroadcastStatus.CANCELLED
        return [
            read_delivery(one, address, row, cancelled=cancelled)
            for one, address, row in zip(ids, values[::2], values[1::2], strict=True)
        ]

    async def newest(self, index: Index, count: int, *, after: Place | None = None) -> list[Place]:
        """Up to `count`, newest first, from behind `after` on, which may be deleted by now."""
        key = f"ms:i:{index}"
        rank = -1 if after is None else await self._client.zrevrank(key, after.id)
        if after is not None and rank is None:
            # What stood there is deleted meanwhile: on from its moment.
            found = await self._client.zrevrangebyscore(
                key, f"({after.at}", "-inf", start=0, num=count, withscores=True
            )
        else:
            first = int(str(rank)) + 1
            found = await self._client.zrevrange(key, first, first + count - 1, withscores=True)
        return [Place(id=str(name), at=int(at)) for name, at in cast("list[tuple[str, float]]", found)]

    async def texts(self, broadcast_ids: Sequence[str]) -> list[str]:
        """The text of each broadcast; empty for a deleted one."""
        pipe = self._client.pipeline(transaction=False)
        for broadcast_id in broadcast_ids:
            pipe.hget(f"ms:b:{broadcast_id}", "text")
        return [str(text or "") for text in await pipe.execute()]

    async def approve(self, broadcast_id: str, number: int, by: Actor, hold: timedelta) -> str:
        """unapproved -> scheduled, once. Returns "done", "own", "late", "old", or the present status."""
        return await self._decide("approve", broadcast_id, number, by, hold)

    async def refuse(self, broadcast_id: str, number: int, by: Actor) -> str:
        """unapproved -> cancelled, once. Returns as approve() does."""
        return await self._decide("refuse", broadcast_id, number, by, timedelta())

    async def _decide(self, verb: str, broadcast_id: str, number: int, by: Actor, hold: timedelta) -> str:
        milliseconds = round(hold.total_seconds() * 1000)
        done, status, *why = await self._scripts.run(
            "steer", broadcast_id, verb, milliseconds, by.id, by.name, number
        )
        return "done" if done else str(why[0] if why else status)

    async def resend(self, broadcast_id: str, *, before: int) -> int | None:
        """Requeue unknown deliveries and return how many.

        None when that was asked for more than `before` times already, or the broadcast has not finished.
        """
        total, asked, begun, left = 0, str(before), 0, -1
        while left:
            done, moved, left, begun = await self._scripts.run(
                "resend", broadcast_id, asked, begun, left, _RESENDS_A_TRIP
            )
            if not done:
                return None if asked else total
            total, asked = total + int(moved), ""
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
        keys = [f"{stem}:{chunk}" for chunk in range((size + CHUNK - 1) // CHUNK)]
        for start in range(0, len(keys), 1000):
            await self._client.unlink(*keys[start : start + 1000])

    async def _drop_staged(self) -> None:
        """Lists that were written an hour ago for an order that was never accepted."""
        before = to_ms(await self.now()) - _STAGING_LIFE_MS
        for list_id in map(str, await self._client.zrangebyscore("ms:staging", 0, before)):
            # From here on the list cannot be accepted any more; a crash before its end leaves it in "unstaged".
            await self._client.eval(_UNSTAGE, 2, "ms:staging", "ms:unstaged", list_id)
        for list_id in map(str, await self._client.smembers("ms:unstaged")):
            for traits in TRAITS.values():
                chunk = 0
                while await self._client.unlink(f"ms:a:{list_id}:{traits.code}:{chunk}"):
                    chunk += 1
            await self._client.srem("ms:unstaged", list_id)

    async def _forget_staged(self, list_id: str, lists: Lists) -> None:
        """A list of which a store that takes nothing any more has taken a part, in any order."""
        await self._client.zrem("ms:staging", list_id)
        for messenger, recipients in lists.items():
            await self._unlink(f"ms:a:{list_id}:{messenger.traits.code}", len(recipients))


def fields_of(order: NewBroadcast, sizes: Mapping[Messenger, int], now: datetime) -> dict[str, str | int]:
    """`sizes`: how many recipients on which messenger; `now`: by the store's clock."""
    fields: dict[str, str | int] = {
        "text": order.content.text,
        "created_by": order.created_by.id,
        "creator_name": order.created_by.name,
        "accepted_at": to_ms(now),
        "planned": int(order.send_at is not None),
        "held": int(order.send_at is None and bool(order.hold)),
        "codes": "".join(messenger.traits.code for messenger in sizes),
        "open": len(order.recipients),
    }
    if packed := pack_content(order.content):
        fields["content"] = packed
    if order.again_of:
        fields["again_of"] = order.again_of
    if order.once:
        fields["once"] = order.once
    for messenger, size in sizes.items():
        fields[f"size:{messenger.traits.code}"] = size
        fields[f"n:{messenger.traits.code}:q"] = size
    for messenger, reasons in order.left_out.items():
        code = messenger.traits.code
        fields |= {f"left:{code}:{reason}": count for reason, count in reasons.items()}
    asked = question(order, now) if order.needs_approval else {}
    return fields | _timing(order) | asked


def _timing(order: NewBroadcast) -> dict[str, str | int]:
    """What is to be known when its time has come."""
    fields: dict[str, str | int] = {"loud": 1} if order.ignore_quiet_hours else {}
    if order.quiet_hours is not None:
        fields["quiet"] = str(order.quiet_hours)
    if order.send_at is not None and order.late is not None and order.late_after:
        fields |= {"late": order.late.value, "late_after": round(order.late_after.total_seconds() * 1000)}
    if order.occurrence is not None:
        fields["series"] = order.occurrence.series_id
    return fields


def place_of(occurrence: Occurrence) -> tuple[str | int, ...]:
    """What moves its series on: commit.lua tells."""
    following = to_ms(occurrence.following) if occurrence.following else ""
    return occurrence.series_id, to_ms(occurrence.due), following, occurrence.following_id


def hours_of(order: NewBroadcast) -> set[QuietHours]:
    """All quiet hours that somebody on the list has."""
    own = {one.quiet_hours for one in order.recipients if one.quiet_hours is not None}
    return own if order.quiet_hours is None else own | {order.quiet_hours}


LIFE: Final = timedelta(days=1)


def question(order: NewBroadcast, now: datetime) -> dict[str, str | int]:
    """What a broadcast that waits for approval says of it. An occurrence of a series may be approved after its time."""
    until = now + LIFE
    if order.send_at is not None and order.occurrence is None:
        until = min(until, order.send_at)
    return {
        "status": BroadcastStatus.UNAPPROVED.value,
        "held": 0,
        "asks": 1,
        "asked_by": order.created_by.id,
        "asked_name": order.created_by.name,
        "asked_at": to_ms(now),
        "asked_until": to_ms(until),
    }
