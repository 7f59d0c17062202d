"""CPU and memory of an idle product, per program: `python -m bench.idle`.

The real programs on the sandbox, with all messengers set up, one broadcast planned for tomorrow and nothing to send.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import socket
import tempfile
from pathlib import Path
from typing import Final

from redis.asyncio import Redis

from bench import rig, usage
from bench.results import Row, save
from core.app import open_core
from launcher.plan import sandbox_variables

PROGRAMS: Final = ("bot", "workers", "workers.scheduler", "api")
SETTLED_SECONDS: Final = 10.0


async def _measure(seconds: float, store_url: str, folder: Path) -> list[Row]:
    async with contextlib.AsyncExitStack() as stack:
        state = str(folder / "sandbox.json")
        sandbox = await stack.enter_async_context(rig.listening("sandbox", "--port", "0", "--state", state))
        variables = rig.environment(
            store_url, sandbox, **_lower(sandbox_variables(sandbox)), api_port=_free_port()
        )
        core = await stack.enter_async_context(open_core(rig.settings_of(variables)))
        await rig.warm_up(core)
        pids = {
            name: await stack.enter_async_context(rig.process(rig.program(name), variables))
            for name in PROGRAMS
        }
        store = await stack.enter_async_context(Redis.from_url(store_url))
        pids["store"] = int((await store.info("server"))["process_id"])
        await asyncio.sleep(SETTLED_SECONDS)
        before, commands = _cpu(pids), await _commands(store)
        await asyncio.sleep(seconds)
        after, commands = _cpu(pids), await _commands(store) - commands
        rows: list[Row] = [
            {
                "program": name,
                "CPU % of a core": (after[name] - before[name]) / seconds * 100,
                "PSS MB": usage.pss_of(pid) / 1e6,
                "commands/s": round(commands / seconds, 1) if name == "store" else "",
            }
            for name, pid in pids.items()
        ]
    return [*rows, _total(rows)]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _lower(variables: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in variables.items()}


def _cpu(pids: dict[str, int]) -> dict[str, float]:
    return {name: usage.usage_of(pid).cpu for name, pid in pids.items()}


async def _commands(store: Redis) -> int:
    return int((await store.info("stats"))["total_commands_processed"])


def _total(rows: list[Row]) -> Row:
    columns = ("CPU % of a core", "PSS MB")
    return {"program": "together", **{name: sum(float(str(row[name])) for row in rows) for name in columns}}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.idle", description=__doc__)
    parser.add_argument("--seconds", type=float, default=30, help="duration of the measurement")
    asked = parser.parse_args()
    with rig.fresh_store() as store_url, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        rows = asyncio.run(_measure(asked.seconds, store_url, Path(folder)))
    save("idle", rows)


if __name__ == "__main__":
    main()
