"""A whole system of real processes that are started again whenever they end, as a supervisor would.

The store, two workers, two schedulers, the API and, if the plan wants it, the bot. All of them reach the store through
a proxy that loses answers, and each has a clock of its own. The messengers are the sandbox's, whose own books say what
landed where.
"""

from __future__ import annotations

import asyncio
import signal
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.app import Core
from core.health import page_status
from core.store import embedded
from tests.chaos.powerloss import tear
from tests.support.core import core_at, store_at, until
from tests.support.launcher import free_port
from tests.support.lossy_proxy import LossyProxy, lossy_proxy
from tests.support.processes import ROOT, SCHEDULER, WORKER, Program
from tests.support.sandbox_server import Sandbox, sandbox_process

STORE: Final = ("-m", "core.store.embedded")
API: Final = ("-m", "api")
BOT: Final = ("-m", "bot")
WORKERS: Final = ("worker 1", "worker 2")
SCHEDULERS: Final = ("scheduler 1", "scheduler 2")
SLOTS: Final = 10
"""Requests in the air for each messenger of each worker."""
SEED: Final = 20261123
API_USER: Final = "chaos"
API_PASSWORD: Final = "password-for-chaos"
READY: Final = {"store": "", "worker": "is ready", "scheduler": "", "api": "", "bot": "polling as"}
"""What a program says when it has come up."""
DEADLINE: Final = 60.0
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is sent, and what is done to the system meanwhile. Times in seconds."""

    recipients: int
    """In all; spread over several broadcasts on every messenger."""
    seconds: float
    """How long sending takes if nothing is done to it; the rates are made for that."""
    hits: int
    """How often a working worker is killed or told to stop; other programs are in between."""
    pause: float
    """How long a worker may work before it is hit."""
    store: tuple[str, ...]
    """What is done to the store, one after the other between the hits: "kill", "power", "down", "full"."""
    freeze: float = 0.0
    """How long a worker is stopped by SIGSTOP, once; 0 = never."""
    small: bool = False
    """Whether small orders come in all the time, beside the large ones."""
    chats: int = 0
    """How many orders are given in the chat; 0 = there is no bot."""


class System:
    """The processes, kept running, and a core that looks."""

    def __init__(
        self, core: Core, store: Redis, sandbox: Sandbox, folder: Path, proxy: LossyProxy, api_port: int
    ) -> None:
        """`core`, `store`: straight to the store."""
        self.core = core
        self.store = store
        self.sandbox = sandbox
        self.proxy = proxy
        self.api = f"http://127.0.0.1:{api_port}"
        self._api_port = api_port
        self.programs: dict[str, Program] = {}
        self._folder = folder
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._store_may_run = asyncio.Event()
        self._store_may_run.set()

    def add(self, name: str, arguments: tuple[str, ...], variables: dict[str, str]) -> None:
        """A program, with a clock of its own."""
        self.step_clock(name, 0.0)
        clock = {"CLOCK_STEP": str(self._clock(name)), "PYTHONPATH": str(ROOT / "tests/chaos/clock")}
        self.programs[name] = Program(arguments, variables | (clock if name != "store" else {}))

    def _clock(self, name: str) -> Path:
        return self._folder / f"{name}.clock"

    def step_clock(self, name: str, seconds: float) -> None:
        """From now on the program's clock is wrong by that."""
        path = self._clock(name)
        if not path.exists():
            path.write_bytes(bytes(8))
        with path.open("r+b") as file:
            file.write(struct.pack("d", seconds))

    def start(self) -> None:
        self._keepers = {name: asyncio.create_task(self._keep(name)) for name in self.programs}

    async def all_up(self) -> None:
        """Waits until every program has come up. Raises AssertionError with what it says if one does not."""
        for name, program in self.programs.items():
            try:
                await until(partial(self.is_up, name), DEADLINE)
            except TimeoutError:
                raise AssertionError(f"{name} does not come up; it said: {program.said[-1500:]}") from None

    async def _keep(self, name: str) -> None:
        while True:
            if name == "store":
                await self._store_may_run.wait()
            await self.programs[name].start()
            await self.programs[name].process.wait()
            await asyncio.sleep(0.05)

    async def kill_store(self, *, seconds: float = 0.0, torn: bool = False) -> None:
        """SIGKILL; it stays away so long. `torn`: the power went in the middle of its last write."""
        self._store_may_run.clear()
        await self.programs["store"].kill()
        if torn:
            tear(self._folder / "store")
        await asyncio.sleep(seconds)
        self._store_may_run.set()

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
            self.programs[name].signal(signal.SIGCONT)
            await self.programs[name].kill()

    async def is_up(self, name: str) -> bool:
        """Whether it has come up: before that there is nothing in it that could go wrong."""
        program = self.programs[name]
        if not (program.runs and program.has_said(READY[name.split()[0]])):
            return False
        if name != "api":
            return True
        return await asyncio.to_thread(page_status, "127.0.0.1", self._api_port, "/health") == 200

    def tracebacks(self) -> list[str]:
        """What a program said of an error that nobody had foreseen."""
        said = {name: program.said.partition("Traceback")[2] for name, program in self.programs.items()}
        return [f"{name} said: Traceback{words[:6000]}" for name, words in said.items() if words]


@asynccontextmanager
async def system(folder: Path, plan: Plan) -> AsyncIterator[System]:
    """Everything running, with messengers that answer after 150 ms, drop some answers and are busy at times."""
    store = embedded.prepare(folder / "store")
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(sandbox_process(folder / "sandbox.json"))
        await _spoil(sandbox)
        proxy = await stack.enter_async_context(lossy_proxy(store.url))
        proxy.dice.seed(SEED)
        proxy.share = 0.01
        first = Program(STORE, {"DATA_DIR": str(store.data_dir)})
        await first.start()
        core = await stack.enter_async_context(core_at(store.url))
        await first.kill()
        straight = await stack.enter_async_context(store_at(store.url))
        port = free_port()
        running = System(core, straight, sandbox, folder, proxy, port)
        variables = _variables(sandbox, plan) | {"REDIS_URL": proxy.url, "API_PORT": str(port)}
        running.add("store", STORE, {"DATA_DIR": str(store.data_dir)})
        for name in WORKERS:
            running.add(name, WORKER, variables)
        for name in SCHEDULERS:
            running.add(name, SCHEDULER, variables)
        running.add("api", API, variables)
        if plan.chats:
            running.add("bot", BOT, variables)
        stack.push_async_callback(running.stop)
        running.start()
        await running.all_up()
        yield running


def _variables(sandbox: Sandbox, plan: Plan) -> dict[str, str]:
    rate = plan.recipients / plan.seconds
    return {
        **sandbox.environment(),
        "WORKER_CONCURRENCY": str(SLOTS),
        "RETRY_INTERVAL": "1",
        "UNDO_SECONDS": "0",
        "LOG_LEVEL": "INFO",
        "API_USER": API_USER,
        "API_PASSWORD": API_PASSWORD,
        "TELEGRAM_RATE": f"{rate * 0.6:.1f}",
        "WHATSAPP_RATE": f"{rate * 0.4:.1f}",
        "VIBER_RATE": f"{rate * 0.3:.1f}",
    }


async def _spoil(sandbox: Sandbox) -> None:
    for messenger, method in (("telegram", "sendMessage"), ("whatsapp", ""), ("viber", "")):
        await sandbox.fault(messenger, "delay", ms=150, method=method)
    await sandbox.fault("telegram", "drop_after", share=0.02, seed=SEED, method="sendMessage")
    await sandbox.fault("viber", "drop_before", share=0.02, seed=SEED)
    await sandbox.fault("whatsapp", "error", code=131016, status=503, share=0.05, seed=SEED)
    await sandbox.hand_out_updates(2)


async def insist(ask: Callable[[], Awaitable[T]]) -> T:
    """Asks again for as long as the store is away, as any caller would."""
    while True:
        try:
            return await ask()
        except RedisError:
            await asyncio.sleep(0.1)
