"""The shared rate against a messenger that enforces it: `python -m bench.limits`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib

from bench import rig
from bench.results import Row, save
from core.app import open_core

LATENCY = 0.05


async def _measure(
    rate: float, share: float, workers: int, seconds: float, strict: bool, store_url: str
) -> Row:
    count = round(rate * seconds)
    async with contextlib.AsyncExitStack() as stack:
        sink = await stack.enter_async_context(rig.running_sink())
        await sink.rules(latency=LATENCY, rate=rate, strict=strict)
        variables = rig.environment(store_url, sink.url, telegram_rate=rate * share)
        core = await stack.enter_async_context(open_core(rig.settings_of(variables)))
        for _ in range(workers):
            await stack.enter_async_context(rig.process(rig.program("workers"), variables))

        async def ready() -> bool:
            return (await core.health.alive()).get("worker", 0) == workers

        await rig.until(ready)
        await rig.accept(core, rig.order(count))
        tally = await sink.reaches(count)
    return {
        "allowed/s": rate,
        "set/s": rate * share,
        "counted": "in any one second" if strict else "bucket of one second's worth",
        "workers": workers,
        "messages": tally.count,
        "429s": tally.refused,
        "% of the allowed rate": tally.per_second / rate * 100,
        "twice": tally.repeated,
        "lost": count - (tally.count - tally.repeated),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.limits", description=__doc__)
    parser.add_argument(
        "--rate", type=float, nargs="+", default=[30, 200], help="messages/s that the sink allows"
    )
    parser.add_argument(
        "--share", type=float, default=1.0, help="of the allowed rate that the workers are set to"
    )
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--seconds", type=float, default=8, help="of each run")
    asked = parser.parse_args()
    rows: list[Row] = []
    for strict in (False, True):
        for rate in asked.rate:
            for workers in asked.workers:
                with rig.fresh_store() as store_url:
                    rows.append(
                        asyncio.run(_measure(rate, asked.share, workers, asked.seconds, strict, store_url))
                    )
                    print(rows[-1], flush=True)
    save("limits", rows)


if __name__ == "__main__":
    main()
