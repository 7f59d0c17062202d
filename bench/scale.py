"""Cost by audience size, and bytes per recipient in the store: `python -m bench.scale`."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import cast

from redis.asyncio import Redis

from bench import rig, usage
from bench.results import Row, save
from core.app import Core, open_core
from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, BroadcastStatus
from core.domain.delivery import DeliveryState
from core.domain.messengers.events import Receipt
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Again, Move, Unknown
from core.domain.messengers.traits import Messenger
from core.store.deliveries import RecordedOutcome
from workers.engine import MOST_PER_FEED, MOST_PER_STEP

SIZES = (1_000, 10_000, 100_000, 1_000_000)
REPEATS = 5
MESSENGER = Messenger.TELEGRAM
MOST_TRIED = 200_000
"""Recipients of which an outcome is recorded."""
MOST_IN_THE_AIR = 1_000
"""Claims of workers that were killed."""
SEND_SECONDS = 3_600.0
_SLOW_US = 2_000
_MOST_SLOW = 50_000


class Watch:
    """Times acts, and the scripts that the store ran for each."""

    def __init__(self, store: Redis) -> None:
        """`store`: answers in bytes."""
        self._store = store
        self.row: Row = {}

    async def start(self) -> None:
        await self._store.config_set("slowlog-log-slower-than", _SLOW_US)
        await self._store.config_set("slowlog-max-len", _MOST_SLOW)
        await self._forget()

    async def act(self, name: str, act: Callable[[], Awaitable[object]], repeats: int = 1) -> None:
        """Note the median, and of its scripts the 99th of a hundred and the longest, all in ms."""
        await self._forget()
        took = statistics.median([await _seconds(act) * 1000 for _ in range(repeats)])
        self.row = {
            **self.row,
            f"{name} ms": took,
            f"{name} script p99 ms": await self.usual(),
            f"{name} script ms": await self.longest(),
        }

    async def _forget(self) -> None:
        await self._store.slowlog_reset()
        await self._store.config_resetstat()

    async def usual(self) -> float:
        """The 99th of a hundred scripts since the start or the act, in ms; 0 if there was none.

        Of thousands, the longest is often one during which the machine did something else.
        """
        found = (await self._store.info("latencystats")).get("latency_percentiles_usec_evalsha")
        return float(found["p99"]) / 1000 if found else 0.0

    async def longest(self) -> float:
        """The longest script since the start or the act, in ms; 0 if none took 2 ms."""
        slow = await self._store.slowlog_get(_MOST_SLOW)
        scripts = [
            entry["duration"] / 1000 for entry in slow if bytes(entry["command"]).startswith(b"EVALSHA")
        ]
        return max(scripts, default=0.0)


async def _seconds(act: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await act()
    return time.perf_counter() - began


def _tomorrow() -> datetime:
    return datetime.now(UTC) + timedelta(days=1)


class Scale:
    """One size of audience, on an empty store."""

    def __init__(self, core: Core, store: Redis, count: int) -> None:
        self._core = core
        self._store = store
        self._count = count

    async def accepted(self) -> tuple[Broadcast, Row]:
        """Accept a scheduled broadcast of this size. Returns it and the seconds that it took."""
        order = rig.order(self._count, send_at=_tomorrow())
        await rig.warm_up(self._core)
        empty = await rig.held(self._store)
        began = time.perf_counter()
        order = await self._core.broadcasts.prepare(order)
        broadcast = await self._core.ledger.accept(await self._core.ledger.reserve_id(), order)
        seconds = time.perf_counter() - began
        waiting = (await rig.held(self._store) - empty) / self._count
        return broadcast, {"recipients": self._count, "accept s": seconds, "bytes waiting": waiting}

    async def acts(self, broadcast: Broadcast) -> Row:
        """Each action on a broadcast, which ends deleted."""
        core, service, watch = self._core, self._core.broadcasts, Watch(self._store)
        await watch.start()
        await watch.act("schedule", lambda: core.starter.start_at(broadcast.id, _tomorrow()), REPEATS)
        await watch.act("reschedule", lambda: service.reschedule(broadcast.id, _tomorrow()), REPEATS)
        await watch.act("list", lambda: service.scheduled(page=1), REPEATS)
        await watch.act("last page", lambda: service.everyone(broadcast.id, page=self._count), REPEATS)
        await watch.act("start", lambda: service.send_now(broadcast.id))
        tried = min(self._count, MOST_TRIED)
        await watch.act("put off", lambda: self._attempt(tried, Again(0, Reason.BUSY, False)))
        await watch.act("pause", lambda: service.pause(broadcast.id))
        await watch.act("park", self._park)
        await watch.act("resume", lambda: service.resume(broadcast.id))
        await watch.act("unpark", self._unpark)
        await watch.act("panic", lambda: core.panic.stop(Actor("bench")))
        stop = await core.panic.current()
        assert stop is not None
        await watch.act("release", lambda: core.panic.release(stop))
        await watch.act("cancel", lambda: service.cancel(broadcast.id))
        await watch.act("delete", lambda: core.ledger.delete(broadcast.id))
        await watch.act("clear away", core.ledger.empty_trash)
        return watch.row

    async def acts_on_unknown(self) -> Row:
        """Each action on a broadcast of which all are unknown."""
        core, watch, tried = self._core, Watch(self._store), min(self._count, MOST_TRIED)
        broadcast = await rig.accept(core, rig.order(tried))
        await core.ledger.start(broadcast.id)
        await watch.act("unknown", lambda: self._attempt(tried, Unknown(Reason.CUT_OFF)))
        await watch.act("list unknown", lambda: self._addresses_of_unknown(broadcast))
        await watch.act("receipts", lambda: self._report(broadcast, tried))
        await watch.act("send again", lambda: core.ledger.resend(broadcast.id, before=0))
        await self._claim_all(min(tried, MOST_IN_THE_AIR))
        await watch.act("reap", self._core.deliveries.reap)
        await core.broadcasts.cancel(broadcast.id)
        await core.ledger.delete(broadcast.id)
        await core.ledger.empty_trash()
        return watch.row

    async def acts_on_list(self) -> Row:
        """Each action on a list of this size, which ends deleted."""
        lists, watch, by = self._core.audiences, Watch(self._store), Actor("bench")
        people = rig.order(self._count).recipients
        await watch.act("save list", lambda: lists.stage(people, source="bench", created_by=by))
        list_id = (await lists.stage(people, source="bench", created_by=by)).id
        await watch.act("rename list", lambda: lists.rename(list_id, "Bench"))
        await watch.act("shorten list", lambda: lists.remove(list_id, people[:1000]))
        await watch.act("last page of list", lambda: self._core.members.page(list_id, self._count, size=6))
        await watch.act("delete list", lambda: lists.delete(list_id, expected=self._count - 1000))
        small = (await lists.stage(people[:1], source="bench", created_by=by)).id
        await watch.act("grow list", lambda: lists.add(small, people))
        await watch.act(
            "last page of grown list", lambda: self._core.members.page(small, self._count, size=6)
        )
        await watch.act("name grown list", lambda: lists.rename(small, "Grown"))
        await lists.delete(small, expected=self._count)
        return watch.row

    async def _claim_all(self, count: int) -> None:
        """Leave so many in the air, with leases that are over."""
        while await self._store.zcard("ms:sending") < count:
            await self._core.deliveries.feed(MESSENGER, most=MOST_PER_FEED)
            await self._core.deliveries.claim(MESSENGER, 200, worker="bench")
        claims = cast("list[bytes]", await self._store.zrange("ms:sending", 0, -1))
        await self._store.zadd("ms:sending", dict.fromkeys(claims, 1))

    async def _attempt(self, count: int, move: Move) -> None:
        deliveries, left = self._core.deliveries, count
        while left > 0:
            await deliveries.feed(MESSENGER, most=MOST_PER_FEED)
            claims = (await deliveries.claim(MESSENGER, min(left, MOST_PER_STEP), worker="bench")).claims
            await deliveries.record([RecordedOutcome(claim, move) for claim in claims])
            left -= len(claims)

    async def _park(self) -> None:
        while await self._store.exists("ms:due:t", "rq:queue:telegram"):
            await self._core.deliveries.feed(MESSENGER, most=MOST_PER_FEED)
            await self._core.deliveries.claim(MESSENGER, 200, worker="bench")

    async def _unpark(self) -> None:
        while await self._store.exists("ms:unparking:t"):
            await self._core.deliveries.feed(MESSENGER, most=MOST_PER_FEED)

    async def _addresses_of_unknown(self, broadcast: Broadcast) -> None:
        async for _ in self._core.ledger.addresses_in(broadcast.id, {DeliveryState.UNKNOWN}):
            pass

    async def _report(self, broadcast: Broadcast, unknown: int) -> None:
        last = range(max(0, unknown - 500), unknown)
        receipts = [
            Receipt(
                reference=f"d-{broadcast.id}-t{number}-0",
                state=DeliveryState.DELIVERED,
                at=datetime.now(UTC),
            )
            for number in last
        ]
        await self._core.receipt_inbox.apply(MESSENGER, receipts)


async def _sent(core: Core, store: Redis, count: int, store_url: str) -> Row:
    """Send the broadcast with a real worker. Returns bytes in the store after it, and the peak."""
    empty = await rig.held(store)
    async with rig.running_sink() as sink:
        broadcast = await rig.accept(core, rig.order(count))

        async def ended() -> bool:
            return (await core.broadcasts.get(broadcast.id)).status is BroadcastStatus.FINISHED

        async with rig.process(rig.program("workers"), rig.environment(store_url, sink.url)) as pid:
            began = time.monotonic()
            await rig.until(ended, seconds=SEND_SECONDS, every=0.2)
            seconds, worker = time.monotonic() - began, usage.usage_of(pid)
        tally = await sink.tally()
    peak = (await store.info("memory"))["used_memory_peak"]
    return {
        "sent in s": seconds,
        "bytes finished": (await rig.held(store) - empty) / count,
        "store peak MB": peak / 1e6,
        "worker peak RSS MB": worker.peak_rss / 1e6,
        "twice": tally.repeated,
        "lost": count - (tally.count - tally.repeated),
    }


async def _measure(count: int, send: bool, store_url: str) -> Row:
    settings = rig.settings_of(rig.environment(store_url, "http://127.0.0.1:9"))
    async with Redis.from_url(store_url) as store, open_core(settings) as core:
        scale = Scale(core, store, count)
        broadcast, accepted = await scale.accepted()
        acts = await scale.acts(broadcast)
        unknown = await scale.acts_on_unknown()
        listed = await scale.acts_on_list()
        sent = await _sent(core, store, count, store_url) if send else {}
        return {**accepted, **acts, **unknown, **listed, **sent}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="RECIPIENTS")
    parser.add_argument("--send-up-to", type=int, default=100_000, help="larger ones are accepted, not sent")
    parser.add_argument(
        "--save-as", choices=("scale", "million"), default="scale", help="name of the results"
    )
    asked = parser.parse_args()
    rows: list[Row] = []
    for count in asked.sizes:
        with rig.fresh_store() as store_url:
            rows.append(asyncio.run(_measure(count, count <= asked.send_up_to, store_url)))
            print(rows[-1], flush=True)
    save(asked.save_as, rows)


if __name__ == "__main__":
    main()
