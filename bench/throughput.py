"""Messages per second of several engines, on the same sink and kind of store: `python -m bench.throughput`."""

from __future__ import annotations

import argparse
import asyncio
import os
from dataclasses import dataclass
from typing import Final

from redis.asyncio import Redis

from bench import rig, usage
from bench.engines import ENGINES, Engine, install_peers
from bench.results import Row, save
from core.app import Core, open_core
from core.domain.broadcast import BroadcastStatus

PERSISTENCE: Final = "AOF always"
LEAST: Final = 100
START_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Spent:
    """Resources that a worker had used when the sink had seen `count` messages."""

    count: int
    usage: usage.Usage
    store_cpu: float
    """Seconds."""


class Run:
    """One engine's run: `count` messages on an empty store."""

    def __init__(self, engine: Engine, count: int, latency: float, sink: rig.Sink, store_url: str) -> None:
        self._engine = engine
        self._count = count
        self._latency = latency
        self._sink = sink
        self._variables = {
            **rig.environment(store_url, sink.url, worker_concurrency=engine.in_flight),
            **{"BENCH_STORE": store_url, "BENCH_SINK": sink.url},
        }

    async def row(self, core: Core, store: Redis) -> Row:
        await self._sink.rules(latency=self._latency)
        await rig.warm_up(core)
        empty = await rig.held(store)
        broadcast_id = await self._accept(core)
        waiting = await rig.held(store) - empty
        async with rig.process(self._engine.work, self._variables) as pid:
            before = await self._first(pid, store)
            tally = await self._sink.reaches(self._count)
            if broadcast_id:
                await rig.until(lambda: _finished(core, broadcast_id))
            after = Spent(tally.count, usage.usage_of(pid), await rig.store_cpu(store))
        finished = await rig.held(store) - empty
        messages = max(1, after.count - before.count)
        return {
            "engine": self._engine.name,
            "latency ms": round(self._latency * 1000),
            "in flight": self._engine.in_flight,
            "messages": self._count,
            "messages/s": tally.per_second,
            "CPU s per 1,000": (after.usage.cpu - before.usage.cpu) / messages * 1000,
            "store CPU s per 1,000": (after.store_cpu - before.store_cpu) / messages * 1000,
            "peak RSS MB": after.usage.peak_rss / 1e6,
            "processes": after.usage.processes,
            "bytes waiting": round(waiting / self._count),
            "bytes finished": round(finished / self._count),
            "twice": tally.repeated,
            "lost": self._count - (tally.count - tally.repeated),
            "persistence": PERSISTENCE,
        }

    async def _accept(self, core: Core) -> str | None:
        """Enqueue everything before the worker starts. Returns the broadcast's id for our engine."""
        if self._engine.ours:
            return (await rig.accept(core, rig.order(self._count))).id
        command = [*self._engine.enqueue, str(self._count)]
        enqueue = await asyncio.create_subprocess_exec(
            *command, cwd=rig.ROOT, env={**os.environ, **self._variables}
        )
        if await enqueue.wait() != 0:
            raise RuntimeError(f"{self._engine.name} could not enqueue")
        return None

    async def _first(self, pid: int, store: Redis) -> Spent:
        """Usage after a tenth of the messages: start-up and imports are not counted."""

        async def begun() -> bool:
            return (await self._sink.tally()).count >= self._count / 10

        await rig.until(begun, seconds=START_SECONDS)
        return Spent((await self._sink.tally()).count, usage.usage_of(pid), await rig.store_cpu(store))


async def _finished(core: Core, broadcast_id: str) -> bool:
    return (await core.broadcasts.get(broadcast_id)).status is BroadcastStatus.FINISHED


async def _measure(engine: Engine, count: int, latency: float, store_url: str) -> Row:
    async with rig.running_sink() as sink, Redis.from_url(store_url) as store:
        settings = rig.settings_of(rig.environment(store_url, sink.url))
        async with open_core(settings) as core:
            return await Run(engine, count, latency, sink, store_url).row(core, store)


def _runs(engine: Engine, count: int, latency: float, repeat: int) -> list[Row]:
    runs = []
    for _ in range(repeat):
        with rig.fresh_store() as store_url:
            mine = max(LEAST, round(count * engine.share))
            runs.append(asyncio.run(_measure(engine, mine, latency, store_url)))
        print(runs[-1], flush=True)
    return runs


def _middle(runs: list[Row]) -> Row:
    """The run of median speed, with the slowest and fastest, and the sum of doubles and losses."""

    def of(column: str) -> list[float]:
        return [float(str(run[column])) for run in runs]

    middle = sorted(runs, key=lambda run: float(str(run["messages/s"])))[len(runs) // 2]
    spread = {"runs": len(runs), "slowest": min(of("messages/s")), "fastest": max(of("messages/s"))}
    return {**middle, **spread, "twice": sum(of("twice")), "lost": sum(of("lost"))}


def _ratios(rows: list[Row]) -> dict[str, object]:
    """Ratios of our messages/s to the others', at each latency, with 200 in flight."""
    speed = {(row["engine"], row["latency ms"]): float(str(row["messages/s"])) for row in rows}
    return {
        f"{ours} : {other} at {latency} ms": round(speed[ours, latency] / value, 2)
        for ours in (engine.name for engine in ENGINES if engine.ours)
        for (other, latency), value in speed.items()
        if (ours, latency) in speed and not str(other).startswith("message-sender") and value
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.throughput", description=__doc__)
    parser.add_argument(
        "--latency", type=float, nargs="+", default=[50, 0], metavar="MS", help="the sink's, in ms"
    )
    parser.add_argument(
        "--count", type=int, default=20_000, help="messages for ours; slower engines get a share"
    )
    parser.add_argument("--only", nargs="+", choices=[engine.name for engine in ENGINES], metavar="ENGINE")
    parser.add_argument("--repeat", type=int, default=3, help="runs of ours, of which the middle one counts")
    asked = parser.parse_args()
    engines = [engine for engine in ENGINES if asked.only is None or engine.name in asked.only]
    if any(engine.name in ("saq-100", "arq-100", "taskiq-100") for engine in engines):
        install_peers()
    for engine in engines:
        if not engine.installed:
            print(f"{engine.name} is not installed and left out")
    rows = [
        _middle(_runs(engine, asked.count, latency / 1000, asked.repeat if engine.ours else 1))
        for latency in asked.latency
        for engine in engines
        if engine.installed
    ]
    ratios = _ratios(rows)
    save("throughput", rows, ratios=ratios)
    for what, ratio in ratios.items():
        print(f"{what}: {ratio:g}" if isinstance(ratio, float) else what)


if __name__ == "__main__":
    main()
