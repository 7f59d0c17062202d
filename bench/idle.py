"""CPU and memory of an idle product, per program: `python -m bench.idle`.

What `./run.sh` starts, on the sandbox, with all messengers set up, one broadcast for tomorrow and nothing to send.
"""

from __future__ import annotations

import argparse
import asyncio
import compileall
import contextlib
import socket
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from redis.asyncio import Redis

from bench import rig, usage
from bench.results import Row, save
from core.app import Core, open_core
from launcher.plan import sandbox_variables

PROGRAMS: Final = ("bot", "workers", "workers.scheduler", "api")
REPORTING: Final = {"bot", "worker", "scheduler", "api"}
ONLY_IN_TESTS: Final = ("rich", "pygments", "greenlet")
"""Not in requirements.txt, and libraries of ours import them where they are."""
SETTLED_SECONDS: Final = 15.0
"""After the first heartbeats: the launcher waits for them, and the menus of the chat are set."""


async def _measure(seconds: float, store_url: str, folder: Path) -> list[Row]:
    async with contextlib.AsyncExitStack() as stack:
        state = str(folder / "sandbox.json")
        sandbox = await stack.enter_async_context(rig.listening("sandbox", "--port", "0", "--state", state))
        variables = rig.environment(
            store_url, sandbox, **_lower(sandbox_variables(sandbox)), api_port=_free_port()
        )
        core = await stack.enter_async_context(open_core(rig.settings_of(variables)))
        await rig.warm_up(core)
        _compile_all()
        variables |= {"PYTHONPATH": _without(folder, ONLY_IN_TESTS)}
        launcher = await stack.enter_async_context(rig.process(rig.program("launcher"), variables))
        await rig.until(lambda: _all_report(core))
        await asyncio.sleep(SETTLED_SECONDS)
        store = await stack.enter_async_context(Redis.from_url(store_url))
        server = int((await store.info("server"))["process_id"])
        pids = {name: usage.child_of(launcher, f" -m {name}") for name in PROGRAMS}
        before, commands = _of_each(launcher, pids, server, _cpu), await _commands(store)
        await asyncio.sleep(seconds)
        after, commands = _of_each(launcher, pids, server, _cpu), await _commands(store) - commands
        memory = _of_each(launcher, pids, server, usage.pss_of)
    rows: list[Row] = [
        {
            "program": name,
            "CPU % of a core": (after[name] - before[name]) / seconds * 100,
            "PSS MB": memory[name] / 1e6,
            "commands/s": round(commands / seconds, 1) if name == "store" else "",
        }
        for name in memory
    ]
    programs = [row for row in rows if row["program"] != "store"]
    return [*rows, _total("together", rows), _total("together without the store", programs)]


def _compile_all() -> None:
    """As after a first start. Where no compiled files are kept, each program compiles all and its memory grows."""
    for name in ("api", "bot", "core", "launcher", "workers"):
        compileall.compile_dir(rig.ROOT / name, quiet=1)


def _without(folder: Path, libraries: Iterable[str]) -> str:
    """A folder for PYTHONPATH: with it, a program starts as if these libraries were not installed."""
    (folder / "sitecustomize.py").write_text(
        f"import sys\nsys.modules.update(dict.fromkeys({[*libraries]}))\n"
    )
    return str(folder)


async def _all_report(core: Core) -> bool:
    return (await core.health.alive()).keys() >= REPORTING


def _of_each(
    launcher: int, pids: Mapping[str, int], server: int, measure: Callable[[int], float]
) -> dict[str, float]:
    """By program; the rest of the launcher's tree is its own, with its guard."""
    found = {name: measure(pid) for name, pid in pids.items()}
    return {**found, "launcher": measure(launcher) - sum(found.values()), "store": measure(server)}


def _cpu(pid: int) -> float:
    return usage.usage_of(pid).cpu


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _lower(variables: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in variables.items()}


async def _commands(store: Redis) -> int:
    return int((await store.info("stats"))["total_commands_processed"])


def _total(name: str, rows: list[Row]) -> Row:
    columns = ("CPU % of a core", "PSS MB")
    return {"program": name, **{column: sum(float(str(row[column])) for row in rows) for column in columns}}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.idle", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="duration of the measurement")
    asked = parser.parse_args()
    with rig.fresh_store() as store_url, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        rows = asyncio.run(_measure(asked.seconds, store_url, Path(folder)))
    save("idle", rows)


if __name__ == "__main__":
    main()
