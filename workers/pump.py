"""Keeps the slots of one messenger full, for as long as the engine runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Final, Protocol

from redis.exceptions import RedisError

from core.domain.messengers import Messenger
from core.store.moves import Claim, Claimed

log = logging.getLogger(__name__)

# A little patience between two claims makes batches of what would be single steps: at 4,000 messages a second about
# 20 claims in one round trip.
TICK_SECONDS: Final = 0.005
IDLE_SECONDS: Final = 0.1
LONGEST_WAIT_SECONDS: Final = 0.25
STORE_PAUSE_SECONDS: Final = 0.5
MOST_PER_CLAIM: Final = 300
# Where one request reaches many, it is worth waiting until there are some.
GATHER_SECONDS: Final = 0.5


class Slots(Protocol):
    """What a pump asks of the engine."""

    @property
    def stopping(self) -> bool: ...

    @property
    def concurrency(self) -> int: ...

    async def claim(self, messenger: Messenger, most: int) -> Claimed: ...

    def parted(self, messenger: Messenger, claims: Sequence[Claim]) -> Sequence[Sequence[Claim]]:
        """The claims in the groups that one request each can serve."""

    def begin(self, claims: Sequence[Claim], claimed_at: float) -> asyncio.Task[None]: ...

    async def wait_for_news(self, messenger: Messenger, seconds: float) -> None: ...


class Pump:
    """One messenger's share of the engine's work."""

    def __init__(self, slots: Slots, messenger: Messenger) -> None:
        self._slots = slots
        self._messenger = messenger
        self._busy = 0

    async def run(self) -> None:
        while not self._slots.stopping:
            try:
                await self._turn()
            except RedisError as error:
                log.warning("the store does not answer (%s); %s waits", error, self._messenger)
                await asyncio.sleep(STORE_PAUSE_SECONDS)

    async def _turn(self) -> None:
        free = min(MOST_PER_CLAIM, self._slots.concurrency - self._busy)
        if free == 0:
            await asyncio.sleep(TICK_SECONDS)
            return
        asked_at = asyncio.get_running_loop().time()
        claimed = await self._slots.claim(self._messenger, free)
        for group in self._slots.parted(self._messenger, claimed.claims):
            self._begin(group, asked_at)
        if claimed.claims:
            gathers = self._messenger.traits.block > 1 and len(claimed.claims) < free
            await asyncio.sleep(GATHER_SECONDS if gathers else TICK_SECONDS)
        else:
            wait = IDLE_SECONDS if claimed.wait is None else min(claimed.wait, LONGEST_WAIT_SECONDS)
            await self._slots.wait_for_news(self._messenger, wait)

    def _begin(self, group: Sequence[Claim], claimed_at: float) -> None:
        def freed(_task: asyncio.Task[None]) -> None:
            self._busy -= len(group)

        self._busy += len(group)
        self._slots.begin(group, claimed_at).add_done_callback(freed)
