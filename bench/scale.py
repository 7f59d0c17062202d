"""Cost by audience size, and bytes per recipient in the store: `python -m bench.scale`."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from redis.asyncio import Redis

from bench import rig, usage
from bench.results import Row, save
from core.app import Core, open_core
from core.domain.broadcast import Broadcast, BroadcastStatus

SIZES = (1_000, 10_000, 100_000, 1_000_000)
REPEATS = 5
SEND_SECONDS = 3_600.0


async def _seconds(act: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await act()
    return time.perf_counter() - began


async def _median_ms(act: Callable[[], Awaitable[object]]) -> float:
    return statistics.median([await _seconds(act) * 1000 for _ in range(REPEATS)])


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
        """Milliseconds of each action on a broadcast, which ends cancelled."""
        service, started = self._core.broadcasts, self._core.starter
        scheduled = {
            "schedule ms": lambda: started.start_at(broadcast.id, _tomorrow()),
            "reschedule ms": lambda: service.reschedule(broadcast.id, _tomorrow()),
            "list ms": lambda: service.scheduled(page=1),
            "last page ms": lambda: service.everyone(broadcast.id, page=self._count),
        }
        found = {name: await _median_ms(act) for name, act in scheduled.items()}
        found["start ms"] = 1000 * await _seconds(lambda: service.send_now(broadcast.id))
        found["pause ms"] = 1000 * await _seconds(lambda: service.pause(broadcast.id))
        found["resume ms"] = 1000 * await _seconds(lambda: service.resume(broadcast.id))
        found["cancel ms"] = 1000 * await _seconds(lambda: service.cancel(broadcast.id))
        return found


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
        await core.ledger.delete(broadcast.id)
        await core.ledger.empty_trash()
        sent = await _sent(core, store, count, store_url) if send else {}
        return {**accepted, **acts, **sent}


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
