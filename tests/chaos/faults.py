"""One run: orders are given, faults thrown, and everything is watched until all is over."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from redis.exceptions import RedisError

from core.domain.broadcast import ENDED, Broadcast
from core.domain.errors import Conflict
from core.domain.messengers import Messenger
from core.domain.recipients import Recipient
from tests.chaos.harness import SEED, WORKERS, Plan, System
from tests.core_on_store import order
from tests.crowds import crowd

LEASE: Final = 20.0
LOOK_EVERY: Final = 0.3
TERM_OR_KILL: Final = (signal.SIGTERM, signal.SIGKILL)


@dataclass(frozen=True, kw_only=True)
class Order:
    """`tenths` of all recipients. When it is given and for when, in thirds of the run; None = for at once."""

    messenger: Messenger
    tenths: int
    given: float = 0
    planned: float | None = None
    cancelled: float | None = None


ORDERS: Final = (
    Order(messenger=Messenger.TELEGRAM, tenths=3),
    Order(messenger=Messenger.WHATSAPP, tenths=3),
    Order(messenger=Messenger.VIBER, tenths=1, cancelled=0.5),
    Order(messenger=Messenger.TELEGRAM, tenths=2, given=0.5, planned=1),
    Order(messenger=Messenger.VIBER, tenths=1, given=1, planned=1.5),
)


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """An order that was accepted."""

    broadcast: Broadcast
    recipients: Sequence[Recipient]


class Run:
    """Throws faults at a system while it sends, and watches that no delivery is ever missing from the count."""

    def __init__(self, running: System, plan: Plan) -> None:
        self._system = running
        self._plan = plan
        self._third = plan.seconds / 3
        self._dice = random.Random(SEED)  # noqa: S311 - repeatable, no secret
        self._thrown = False
        self.accepted: list[Accepted] = []
        self.faults: Counter[str] = Counter()
        self.miscounted: list[str] = []
        self.unfinished: list[str] = []

    async def carry_out(self) -> None:
        """Returns when every broadcast has ended, or their time is up."""
        async with asyncio.TaskGroup() as tasks:
            for number, wanted in enumerate(ORDERS):
                tasks.create_task(self._order(number, wanted))
            tasks.create_task(self._throw_faults())
            tasks.create_task(self._watch())

    async def _order(self, number: int, wanted: Order) -> None:
        count = wanted.tenths * self._plan.recipients // 10
        recipients = await crowd(self._system.sandbox, wanted.messenger, count)
        await asyncio.sleep(wanted.given * self._third)
        wait = None if wanted.planned is None else timedelta(seconds=wanted.planned * self._third)
        send_at = None if wait is None else datetime.now(UTC) + wait
        new = order(recipients, text=f"text of order {number}", send_at=send_at)
        core, broadcast_id = self._system.core, f"WXYZ{number}"
        broadcast = await _insist(lambda: core.broadcasts.accept(new, broadcast_id=broadcast_id))
        self.accepted.append(Accepted(broadcast=broadcast, recipients=recipients))
        if wanted.cancelled is not None:
            await asyncio.sleep(wanted.cancelled * self._third)
            # Asked again after a lost answer, it finds the broadcast cancelled already.
            with contextlib.suppress(Conflict):
                await _insist(lambda: core.broadcasts.cancel(broadcast_id))

    async def _throw_faults(self) -> None:
        every = self._plan.hits // (self._plan.store_kills + 1)
        async with asyncio.TaskGroup() as freezing:
            for number in range(1, self._plan.hits + 1):
                victim = await self._working()
                await asyncio.sleep(self._plan.pause)
                self._send(victim, self._dice.choice((signal.SIGKILL, *TERM_OR_KILL)))
                if number % 4 == 0:
                    self._send("scheduler", self._dice.choice(TERM_OR_KILL))
                if number % every == 0 and self.faults["SIGKILL store"] < self._plan.store_kills:
                    self._send("store", signal.SIGKILL)
                if self._plan.freeze and number == self._plan.hits // 3:
                    freezing.create_task(self._freeze(await self._working()))
        self._thrown = True

    async def _working(self) -> str:
        """A worker that has come up: before that it has nothing in the air that could go wrong."""
        while True:
            for name in self._dice.sample(WORKERS, len(WORKERS)):
                program = self._system.programs[name]
                if program.runs and program.has_said("is ready"):
                    return name
            await asyncio.sleep(0.02)

    def _send(self, name: str, number: signal.Signals) -> None:
        if self._system.programs[name].runs:
            self._system.programs[name].signal(number)
            self.faults[f"{number.name} {name.split()[0]}"] += 1

    async def _freeze(self, name: str) -> None:
        frozen = self._system.programs[name].process
        self._send(name, signal.SIGSTOP)
        await asyncio.sleep(self._plan.freeze)
        with contextlib.suppress(ProcessLookupError):
            frozen.send_signal(signal.SIGCONT)

    async def _watch(self) -> None:
        """Looks at every broadcast again and again: nobody may be missing from its count, not for a moment."""
        loop = asyncio.get_running_loop()
        over_at = None
        found: list[Broadcast] = []
        # In the worst case nothing was sent while faults went on, so all of it takes its time afterwards.
        while over_at is None or loop.time() < over_at + self._plan.seconds + 2 * LEASE:
            await asyncio.sleep(LOOK_EVERY)
            over_at = over_at or (loop.time() if self._thrown else None)
            found = [
                await _insist(partial(self._system.core.broadcasts.get, one.broadcast.id))
                for one in self.accepted
            ]
            for one, broadcast in zip(self.accepted, found, strict=False):
                if broadcast.progress.total != len(one.recipients):
                    self.miscounted.append(f"#{broadcast.id}: {broadcast.progress} of {len(one.recipients)}")
            if len(found) == len(ORDERS) and all(b.status in ENDED and b.progress.open == 0 for b in found):
                return
        self.unfinished = [f"#{broadcast.id} {broadcast.status}: {broadcast.progress}" for broadcast in found]

    async def _look(self, one: Accepted) -> Broadcast:
        broadcast = await _insist(partial(self._system.core.broadcasts.get, one.broadcast.id))
        if broadcast.progress.total != len(one.recipients):
            self.miscounted.append(f"#{broadcast.id}: {broadcast.progress} of {len(one.recipients)}")
        return broadcast


async def _insist(ask: Callable[[], Awaitable[Broadcast]]) -> Broadcast:
    """Asks again for as long as the store is away, as any caller would."""
    while True:
        try:
            return await ask()
        except RedisError:
            await asyncio.sleep(0.1)
