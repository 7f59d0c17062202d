"""Faults: of programs, the store and the clocks."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from functools import partial
from itertools import cycle
from typing import Final

from core.domain.messengers.traits import Messenger
from tests.chaos.customers import Program as Customer
from tests.chaos.harness import (
    DEADLINE,
    OTHER_ACCOUNTS,
    SCHEDULERS,
    SEED,
    STRANGER,
    WORKERS,
    Plan,
    System,
    insist,
)
from tests.support.core import until

TERM_OR_KILL: Final = (signal.SIGTERM, signal.SIGKILL)
# An hour is longer than any lease, a month longer than history is kept.
STEPS: Final = (-31 * 86_400.0, -3600.0, 0.0, 3600.0, 31 * 86_400.0)
STEP_EVERY: Final = 1.5
DOWN: Final = 8.0
FULL: Final = 1.0
JOINED: Final = f"{STRANGER} joined"
STAY: Final = 3.0
"""Seconds that a worker of another account stays."""
CATCH_UP: Final = 3.0
"""Seconds in which a worker that has thawed, and has a store, writes the outcomes of what it held."""
LAND: Final = 0.5
"""Seconds until what a killed worker had asked of the store has arrived there."""


class Faults:
    """Injects the faults of a plan and counts them."""

    def __init__(self, running: System, plan: Plan, customer: Customer) -> None:
        """`customer`: tries to order while the store is full."""
        self._system = running
        self._plan = plan
        self._customer = customer
        self._dice = random.Random(SEED)  # noqa: S311 - repeatable, no secret
        self._frozen = ""
        self._thawed = (0, 0.0)
        """Process id of the worker that was frozen, and when it went on; Unix seconds."""
        self._held_frozen: dict[str, float] = {}
        """What it had claimed, and when it was frozen: its leases end meanwhile."""
        self.counts: Counter[str] = Counter()
        self.held: dict[str, float] = {}
        """When a worker was killed that had claimed this delivery; Unix seconds."""
        self.outages: list[tuple[float, float]] = []
        """When the store was away, from and until; Unix seconds."""
        self.stranger_broken: list[str] = []
        self.over = False

    async def throw(self) -> None:
        """Inject all faults, then set the clocks right."""
        stepping = asyncio.create_task(self._step_clocks())
        try:
            async with asyncio.TaskGroup() as beside:
                await self._hit_all(beside)
        finally:
            stepping.cancel()
        for name in self._system.programs:
            self._system.step_clock(name, 0.0)
        self._system.proxy.share = 0.0
        self.counts["answer of the store cut off"] = self._system.proxy.lost
        self.over = True

    async def _hit_all(self, beside: asyncio.TaskGroup) -> None:
        others = cycle(("scheduler", "api", "bot") if self._plan.chats else ("scheduler", "api"))
        every = self._plan.hits // (len(self._plan.store) + 1)
        swap_every = self._plan.hits // (self._plan.swaps + 1)
        left = list(self._plan.store)
        for number in range(1, self._plan.hits + 1):
            await self._hit_worker(beside)
            await self._hit_another(next(others))
            if number % every == 0 and left:
                await self._upset_store(left.pop(0), beside)
            if number % swap_every == 0 and self.counts[JOINED] < self._plan.swaps:
                self.counts[JOINED] += 1
                beside.create_task(self._swap_accounts())
            if self._plan.freeze and number == self._plan.hits // 3:
                await self._freeze()
                beside.create_task(self._thaw())

    async def _hit_worker(self, beside: asyncio.TaskGroup) -> None:
        """One that is at work and still runs after the pause: a worker may end in it by itself."""
        hit = False
        while not hit:
            victim = await self._working(WORKERS)
            await asyncio.sleep(self._plan.pause)
            pid = self._system.programs[victim].process.pid
            how = self._dice.choice((signal.SIGKILL, *TERM_OR_KILL))
            hit = self._send(victim, how)
            if hit and how is signal.SIGKILL:
                beside.create_task(self._note_held(pid))

    async def _note_held(self, pid: int) -> None:
        killed_at = time.time()
        await asyncio.sleep(LAND)
        held = dict.fromkeys(await insist(partial(self._system.held_by, pid)), killed_at)
        thawed, since = self._thawed
        if pid == thawed and self.store_was_there(since, killed_at) < CATCH_UP:
            held = self._held_frozen | held
        self.held |= held

    async def _swap_accounts(self) -> None:
        """A worker joins that has other accounts than the store belongs to, and leaves after a while."""
        await until(self._has_accounts, 2 * DEADLINE)
        joined = await self._system.hire(STRANGER, OTHER_ACCOUNTS)
        for messenger in ("Telegram", "WhatsApp"):
            if not joined.has_said(f"This storage belongs to the {messenger} account"):
                self.stranger_broken.append(f"it did not say that {messenger}'s account is another")
        await asyncio.sleep(STAY)
        await self._system.dismiss(STRANGER)

    async def _has_accounts(self) -> bool:
        return set(await insist(self._system.core.accounts.known)) >= {Messenger.TELEGRAM, Messenger.WHATSAPP}

    async def _hit_another(self, kind: str) -> None:
        """A program that is up; one that is still starting is skipped."""
        names = SCHEDULERS if kind == "scheduler" else (kind,)
        up = [name for name in names if await self._system.is_up(name)]
        if up:
            self._send(self._dice.choice(up), self._dice.choice(TERM_OR_KILL))

    async def _working(self, names: tuple[str, ...]) -> str:
        """A program that is up: before that it has nothing in flight."""
        while True:
            for name in self._dice.sample(names, len(names)):
                # What is frozen must outlive its lease.
                if name != self._frozen and await self._system.is_up(name):
                    return name
            await asyncio.sleep(0.02)

    async def _sending(self) -> str:
        """A worker with requests on their way."""
        while True:
            name = await self._working(WORKERS)
            of_it = f"-{self._system.programs[name].process.pid}-"
            for member in await insist(partial(self._system.store.zrange, "ms:sending", 0, -1)):
                job = str(member).partition("|")[0]
                if of_it in str(
                    await insist(partial(self._system.store.hget, f"rq:job:{job}", "worker_name"))
                ):
                    return name
            await asyncio.sleep(0.02)

    def _send(self, name: str, number: signal.Signals) -> bool:
        """Signal a program that runs, and count it. False if it has ended."""
        if not self._system.programs[name].runs:
            return False
        self._system.programs[name].signal(number)
        self.counts[f"{number.name} {name.split()[0]}"] += 1
        return True

    async def _freeze(self) -> None:
        while not self._frozen:
            name = await self._sending()
            if self._send(name, signal.SIGSTOP):
                self._frozen = name
        pid = self._system.programs[self._frozen].process.pid
        self._held_frozen = dict.fromkeys(await insist(partial(self._system.held_by, pid)), time.time())

    async def _thaw(self) -> None:
        await asyncio.sleep(self._plan.freeze)
        frozen = self._system.programs[self._frozen]
        frozen.signal(signal.SIGCONT)
        self._thawed = frozen.process.pid, time.time()
        self._frozen = ""

    async def _upset_store(self, how: str, beside: asyncio.TaskGroup) -> None:
        began = time.time()
        match how:
            case "kill":
                await self._system.kill_store()
                self.counts["store killed"] += 1
            case "power":
                await self._system.kill_store(torn=True)
                self.counts["store lost its power in the middle of a write"] += 1
            case "down":
                await self._system.kill_store(seconds=DOWN)
                self.counts[f"store killed and away for {DOWN:g} s"] += 1
            case "full":
                await self._fill_store()
                self.counts["store full"] += 1

        if how != "full":
            beside.create_task(self._note_outage(began))

    async def _note_outage(self, began: float) -> None:
        await insist(self._system.store.ping)
        self.outages.append((began, time.time()))

    def store_was_there(self, since: float, until: float) -> float:
        """For how many seconds of that time."""
        away = (min(until, end) - max(since, begin) for begin, end in self.outages)
        return until - since - sum(max(0.0, seconds) for seconds in away)

    async def _fill_store(self) -> None:
        """Fill the store while something is in flight. Orders meanwhile must be refused."""
        await self._working(WORKERS)
        room = int((await insist(partial(self._system.store.info, "memory")))["maxmemory"])
        await insist(partial(self._system.store.config_set, "maxmemory", 1))
        await self._customer.refused_for_room()
        await asyncio.sleep(FULL)
        await insist(partial(self._system.store.config_set, "maxmemory", room))

    async def _step_clocks(self) -> None:
        names = [name for name in self._system.programs if name != "store"]
        while True:
            name, step = self._dice.choice(names), self._dice.choice(STEPS)
            self._system.step_clock(name, step)
            self.counts["clock of a program stepped"] += 1
            await asyncio.sleep(STEP_EVERY)
