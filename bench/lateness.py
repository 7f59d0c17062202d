"""Seconds from the due time to the first POST, with many broadcasts due at once: `python -m bench.lateness`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from datetime import UTC, datetime, timedelta

from bench import rig
from bench.results import Row, save
from bench.workload import FIRST_ADDRESS
from core.app import Core, open_core

READY_SECONDS = 10
TRIAL = 20
"""Broadcasts for tomorrow, accepted first to measure how long accepting takes: the due time must be after it."""


async def _accept(core: Core, broadcasts: int, recipients: int, due: datetime) -> None:
    for number in range(broadcasts):
        first = FIRST_ADDRESS + number * recipients
        await rig.accept(core, rig.order(recipients, first=first, send_at=due))


async def _due(core: Core, broadcasts: int, recipients: int) -> datetime:
    began = time.monotonic()
    await _accept(core, TRIAL, recipients, datetime.now(UTC) + timedelta(days=1))
    each = (time.monotonic() - began) / TRIAL
    moment = datetime.now(UTC) + timedelta(seconds=READY_SECONDS + 2 * broadcasts * each)
    return moment.replace(microsecond=0)


def _late(arrivals: dict[int, float], recipients: int, due: datetime) -> list[float]:
    """Seconds from `due` to each broadcast's first POST, the smallest first."""
    earliest: dict[int, float] = {}
    for address, at in arrivals.items():
        broadcast = (address - FIRST_ADDRESS) // recipients
        earliest[broadcast] = min(at, earliest.get(broadcast, at))
    return sorted(at - due.timestamp() for at in earliest.values())


async def _measure(broadcasts: int, recipients: int, scheduler: bool, store_url: str) -> Row:
    async with contextlib.AsyncExitStack() as stack:
        sink = await stack.enter_async_context(rig.running_sink())
        await sink.rules(latency=0.05)
        variables = rig.environment(store_url, sink.url)
        core = await stack.enter_async_context(open_core(rig.settings_of(variables)))
        due = await _due(core, broadcasts, recipients)
        await _accept(core, broadcasts, recipients, due)
        spare = due.timestamp() - time.time()
        for name in ("workers", "workers.scheduler") if scheduler else ("workers",):
            await stack.enter_async_context(rig.process(rig.program(name), variables))
        await asyncio.sleep(max(0.0, spare))
        await sink.reaches(broadcasts * recipients)
        late = _late(await sink.arrivals(), recipients, due)
    return {
        "broadcasts due at once": broadcasts,
        "recipients of each": recipients,
        "started by": "scheduler and worker" if scheduler else "worker alone",
        "ready before, s": spare,
        "began": len(late),
        "too early": sum(seconds < 0 for seconds in late),
        "p50 s": late[len(late) // 2],
        "p99 s": late[min(len(late) - 1, len(late) * 99 // 100)],
        "max s": late[-1],
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.lateness", description=__doc__)
    parser.add_argument("--broadcasts", type=int, default=1_000)
    parser.add_argument("--recipients", type=int, default=1, help="of each broadcast")
    asked = parser.parse_args()
    rows: list[Row] = []
    for scheduler in (True, False):
        with rig.fresh_store() as store_url:
            rows.append(asyncio.run(_measure(asked.broadcasts, asked.recipients, scheduler, store_url)))
    save("lateness", rows)


if __name__ == "__main__":
    main()
