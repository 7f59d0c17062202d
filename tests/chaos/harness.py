"""The whole system as real processes, each restarted when it ends, as a supervisor does.

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
from core.domain.errors import StoreFull
from core.health import page_status
from core.store import embedded
from sandbox.whatsapp_api import OTHER_NUMBER_ID
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
STRANGER: Final = "worker of another account"
OTHER_ACCOUNTS: Final = {
    "TELEGRAM_BOT_TOKEN": "777000777:token-of-another-bot-that-is-long-enough",
    "WHATSAPP_PHONE_NUMBER_ID": OTHER_NUMBER_ID,
}
SLOTS: Final = 10
"""Requests in flight per messenger of each worker."""
SEED: Final = 20261123
API_USER: Final = "chaos"
API_PASSWORD: Final = "password-for-chaos"
READY: Final = {"store": "", "worker": "is ready", "scheduler": "", "api": "", "bot": "polling as"}
"""Log text of a program that is up."""
DEADLINE: Final = 60.0
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Messages and faults of a run. Times in seconds."""

    recipients: int
    """Total, spread over several broadcasts on every messenger."""
    seconds: float
    """Duration of sending without faults; sets the rates."""
    hits: int
    """Times that a worker is killed or stopped; other programs in between."""
    pause: float
    """Time that a worker may work before the next hit."""
    store: tuple[str, ...]
    """Faults of the store, in turn between the hits: "kill", "power", "down", "full"."""
    freeze: float = 0.0
    """Duration of the SIGSTOP of one worker; 0 = none."""
    swaps: int = 0
    """Times that a worker with other accounts on Telegram and WhatsApp joins for a while."""
    small: bool = False
    """True: small orders come in all the time, beside the large ones."""
    chats: int = 0
    """Orders given in the chat; 0 = no bot."""


class System:
    """The processes, kept running, and a core that observes."""

    def __init__(
        self, core: Core, store: Redis, sandbox: Sandbox, folder: Path, proxy: LossyProxy, api_port: int
    ) -> None:
        """`core`, `store`: connected directly to the store."""
        self.core = core
        self.store = store
        self.sandbox = sandbox
        self.proxy = proxy
        self.api = f"http://127.0.0.1:{api_port}"
        self._api_port = api_port
        self.programs: dict[str, Program] = {}
        self.variables: dict[str, str] = {}
        """The settings of all programs but the store."""
        self._folder = folder
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._store_may_run = asyncio.Event()
        self._store_may_run.set()

    def add(self, name: str, arguments: tuple[str, ...], variables: dict[str, str]) -> None:
        """Start a program with a clock of its own."""
        self.step_clock(name, 0.0)
        clock = {"CLOCK_STEP": str(self._clock(name)), "PYTHONPATH": str(ROOT / "tests/chaos/clock")}
        self.programs[name] = Program(arguments, variables | (clock if name != "store" else {}))

    def _clock(self, name: str) -> Path:
        return self._folder / f"{name}.clock"

    def step_clock(self, name: str, seconds: float) -> None:
        """Set the error of the program's clock."""
        path = self._clock(name)
        if not path.exists():
            path.write_bytes(bytes(8))
        with path.open("r+b") as file:
            file.write(struct.pack("d", seconds))

    async def hire(self, name: str, variables: dict[str, str]) -> Program:
        """Keep one more worker running, with other settings. It is up on return."""
        if name not in self.programs:
            self.add(name, WORKER, {**self.variables, **variables})
        self._keepers[name] = asyncio.create_task(self._keep(name))
        await until(partial(self.is_up, name), DEADLINE)
        return self.programs[name]

    async def dismiss(self, name: str) -> None:
        """SIGTERM; it finishes what it has in flight."""
        self._keepers[name].cancel()
        self.programs[name].signal(signal.SIGTERM)
        await self.programs[name].ended(DEADLINE)

    async def settle(self) -> None:
        """Stop the workers that run, and let others start: what they had in hand is written on return."""
        running = [self.programs[name].process for name in WORKERS]
        for process in running:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(DEADLINE):
            await asyncio.gather(*(process.wait() for process in running))

    async def held_by(self, pid: int) -> set[str]:
        """Deliveries that a worker with this process id has claimed, and not written the outcome of."""
        jobs = [str(one).partition("|")[0] for one in await self.store.zrange("ms:sending", 0, -1)]
        pipe = self.store.pipeline(transaction=False)
        for job in jobs:
            pipe.hget(f"rq:job:{job}", "worker_name")
        owners = zip(jobs, await pipe.execute(), strict=True)
        return {
            job.removeprefix("d-").rpartition("-")[0] for job, owner in owners if f"-{pid}-" in str(owner)
        }

    def start(self) -> None:
        self._keepers = {name: asyncio.create_task(self._keep(name)) for name in self.programs}

    async def all_up(self) -> None:
        """Wait until every program is up. Raises AssertionError with its output if one is not."""
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
        """SIGKILL; it stays down so long. `torn`: power is lost in the middle of its last write."""
        self._store_may_run.clear()
        await self.programs["store"].kill()
        if torn:
            tear(self._folder / "store")
        await asyncio.sleep(seconds)
        self._store_may_run.set()

    async def quieten(self) -> None:
        """End everything but the store, so that nothing changes."""
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
        """True if it is up: before that it has nothing in flight."""
        program = self.programs[name]
        if not (program.runs and program.has_said(READY[name.split()[0]])):
            return False
        if name != "api":
            return True
        return await asyncio.to_thread(page_status, "127.0.0.1", self._api_port, "/health") == 200

    def tracebacks(self) -> list[str]:
        """Output of a program about an unexpected error."""
        said = {name: program.said.partition("Traceback")[2] for name, program in self.programs.items()}
        return [f"{name} said: Traceback{words[:6000]}" for name, words in said.items() if words]


@asynccontextmanager
async def system(folder: Path, plan: Plan) -> AsyncIterator[System]:
    """Run everything, with messengers that answer after 150 ms, drop some answers and are busy at times."""
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
        running.variables = variables
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
    """Repeat the call for as long as the store is down or full, as any caller would."""
    while True:
        try:
            return await ask()
        except (RedisError, StoreFull):
            await asyncio.sleep(0.1)
