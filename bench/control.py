"""Latency of pause, resume, cancel and a small broadcast under full load: `python -m bench.control`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from collections.abc import Awaitable

from bench import rig
from bench.results import Row, save
from bench.workload import FIRST_ADDRESS
from core.app import Core, open_core
from core.domain.broadcast import BroadcastStatus

LATENCY = 0.05
SMALL = 10
SETTLED_SECONDS = 2.0
UNDER_WAY = 1_000
"""Messages sent before the measurement starts."""


class Control:
    """The controls of a worker under full load."""

    def __init__(self, core: Core, sink: rig.Sink) -> None:
        self._core = core
        self._sink = sink
        self._first = FIRST_ADDRESS

    async def accept(self, count: int) -> str:
        broadcast = await rig.accept(self._core, rig.order(count, first=self._first))
        self._first += count
        return broadcast.id

    async def under_way(self) -> None:
        """Wait until another thousand messages have been sent."""
        await self._sink.reaches((await self._sink.tally()).count + UNDER_WAY)

    async def stop(self, act: Awaitable[object]) -> tuple[float, float]:
        """Call `act`, which stops sending. Returns seconds until its answer, and until the last POST."""
        asked = time.time()
        await act
        answered = time.time() - asked
        return answered, max(0.0, (await self._settled()).last - asked)

    async def _settled(self) -> rig.Tally:
        tally, since = await self._sink.tally(), time.monotonic()
        while time.monotonic() - since < SETTLED_SECONDS:
            await asyncio.sleep(0.1)
            now = await self._sink.tally()
            if now.count != tally.count:
                tally, since = now, time.monotonic()
        return tally

    async def resume(self, broadcast_id: str) -> float:
        """Resume. Returns seconds until the next POST."""
        before, asked = (await self._sink.tally()).count, time.time()
        await self._core.broadcasts.resume(broadcast_id)

        async def goes_on() -> bool:
            return (await self._sink.tally()).count > before

        await rig.until(goes_on, every=0.005)
        return time.time() - asked

    async def small_one(self) -> tuple[float, float]:
        """Order a small broadcast. Returns seconds until its first and its last POST."""
        mine, asked = range(self._first, self._first + SMALL), time.time()
        broadcast_id = await self.accept(SMALL)

        async def finished() -> bool:
            return (await self._core.broadcasts.get(broadcast_id)).status is BroadcastStatus.FINISHED

        await rig.until(finished)
        arrivals = await self._sink.arrivals()
        times = [arrivals[person] - asked for person in mine]
        return min(times), max(times)


async def _measure(count: int, concurrency: int, rate: float, store_url: str) -> list[Row]:
    async with contextlib.AsyncExitStack() as stack:
        sink = await stack.enter_async_context(rig.running_sink())
        await sink.rules(latency=LATENCY)
        variables = rig.environment(store_url, sink.url, worker_concurrency=concurrency, telegram_rate=rate)
        core = await stack.enter_async_context(open_core(rig.settings_of(variables)))
        control = Control(core, sink)
        huge = await control.accept(count)
        await stack.enter_async_context(rig.process(rig.program("workers"), variables))
        await control.under_way()
        first, last = await control.small_one()
        paused = await control.stop(core.broadcasts.pause(huge))
        resumed = await control.resume(huge)
        await control.under_way()
        cancelled = await control.stop(core.broadcasts.cancel(huge))
        left = (await core.broadcasts.get(huge)).progress.open
    load = f"{count:,} recipients, {concurrency} in flight, rate {rate:g}/s"
    return [
        {
            "what": f"small broadcast ({SMALL}) behind the huge one: first POST",
            "seconds": first,
            "under": load,
        },
        {"what": f"small broadcast ({SMALL}) behind the huge one: last POST", "seconds": last, "under": load},
        {"what": "pause: answered", "seconds": paused[0], "under": load},
        {"what": "pause: last POST", "seconds": paused[1], "under": load},
        {"what": "resume: next POST", "seconds": resumed, "under": load},
        {"what": "cancel: answered", "seconds": cancelled[0], "under": load},
        {"what": "cancel: last POST", "seconds": cancelled[1], "under": load},
        {"what": "cancel: deliveries left open", "seconds": left, "under": load},
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.control", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="recipients of the huge broadcast")
    parser.add_argument("--concurrency", type=int, default=200)
    parser.add_argument(
        "--rate", type=float, nargs="+", default=[rig.FASTEST, 300], help="messages/s allowed"
    )
    asked = parser.parse_args()
    rows: list[Row] = []
    for rate in asked.rate:
        with rig.fresh_store() as store_url:
            rows += asyncio.run(_measure(asked.count, asked.concurrency, rate, store_url))
    save("control", rows)


if __name__ == "__main__":
    main()
