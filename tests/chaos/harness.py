"""A whole system of real processes that are started again whenever they end, as a supervisor would.

The store, two workers and the scheduler; the messengers are the sandbox's, whose own books say what landed where.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.app import Core
from core.domain.messengers import Messenger
from core.store import embedded
from tests.core_on_store import core_at
from tests.programs import SCHEDULER, WORKER, Program
from tests.sandbox_server import Sandbox, sandbox_process

STORE: Final = ("-m", "core.store.embedded")
WORKERS: Final = ("worker 1", "worker 2")
SLOTS: Final = 10
"""Requests in the air for each messenger of each worker."""
SEED: Final = 20261123


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is sent, and what is done to the system meanwhile. Times in seconds."""

    recipients: int
    """In all; spread over several broadcasts on every messenger."""
    seconds: float
    """How long sending takes if nothing is done to it; the rates are made for that."""
    hits: int
    """How often a working worker is killed or told to stop; every fourth time the scheduler is too."""
    pause: float
    """How long a worker may work before it is hit."""
    store_kills: int
    freeze: float = 0.0
    """How long a worker is stopped by SIGSTOP, once; 0 = never."""


class System:
    """The processes, kept running, and a core that orders and looks."""

    def __init__(self, core: Core, sandbox: Sandbox, programs: dict[str, Program]) -> None:
        self.core = core
        self.sandbox = sandbox
        self.programs = programs
        self._keepers: dict[str, asyncio.Task[None]] = {}

    def start(self) -> None:
        self._keepers = {name: asyncio.create_task(_keep(one)) for name, one in self.programs.items()}

    async def quieten(self) -> None:
        """Ends everything but the store: from now on nothing changes any more."""
        await self._end([name for name in self.programs if name != "store"])

    async def stop(self) -> None:
        await self._end(list(self.programs))

    async def _end(self, names: list[str]) -> None:
        for name in names:
            self._keepers[name].cancel()
        await asyncio.gather(*(self._keepers[name] for name in names), return_exceptions=True)
        for name in names:
            await self.programs[name].kill()

    def tracebacks(self) -> list[str]:
        """What a program said of an error that nobody had foreseen."""
        said = {name: program.said.partition("Traceback")[2] for name, program in self.programs.items()}
        return [f"{name} said: Traceback{words[:1500]}" for name, words in said.items() if words]


async def _keep(program: Program) -> None:
    while True:
        await program.start()
        await program.process.wait()
        await asyncio.sleep(0.05)


@asynccontextmanager
async def system(folder: Path, plan: Plan) -> AsyncIterator[System]:
    """Everything running, with messengers that answer after 150 ms, drop some answers and are busy at times."""
    store = embedded.prepare(folder / "store")
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(sandbox_process(folder / "sandbox.json"))
        await _spoil(sandbox)
        rate = plan.recipients / plan.seconds
        variables = {
            **sandbox.environment(),
            "REDIS_URL": store.url,
            "DATA_DIR": str(store.data_dir),
            "WORKER_CONCURRENCY": str(SLOTS),
            "RETRY_INTERVAL": "1",
            "TELEGRAM_RATE": f"{rate * 0.6:.1f}",
            "WHATSAPP_RATE": f"{rate * 0.4:.1f}",
            "VIBER_RATE": f"{rate * 0.3:.1f}",
        }
        programs = {"store": Program(STORE, variables), "scheduler": Program(SCHEDULER, variables)}
        programs |= {name: Program(WORKER, variables) for name in WORKERS}
        keeping = asyncio.create_task(_keep(programs["store"]))
        core = await stack.enter_async_context(core_at(store.url))
        keeping.cancel()
        await programs["store"].kill()
        running = System(core, sandbox, programs)
        stack.push_async_callback(running.stop)
        running.start()
        yield running


async def _spoil(sandbox: Sandbox) -> None:
    for messenger in Messenger:
        await sandbox.fault(messenger, "delay", ms=150)
    await sandbox.fault("telegram", "drop_after", share=0.02, seed=SEED)
    await sandbox.fault("viber", "drop_before", share=0.02, seed=SEED)
    await sandbox.fault("whatsapp", "error", code=131016, status=503, share=0.05, seed=SEED)
