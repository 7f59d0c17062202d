"""Heartbeats: each program says every few seconds that it lives, and ends where the store is no longer its own."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import time
from collections.abc import Callable
from typing import Final

from redis import Redis as SyncRedis
from redis.exceptions import ConnectionError as StoreConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as StoreTimeoutError

from core.domain.errors import ConfigurationError
from core.domain.version import VERSION
from core.runtime import cancellable_sleep
from core.store.claim_memory import ClaimMemory, KeptClaim, lane_seconds
from core.store.clock import StoreClock
from core.store.connection import DemotedError, NoLongerMasterError
from core.store.prefix import prefix_of
from core.store.schema import SCHEMA_VERSION, check_version
from core.store.scripts import Scripts, script_text
from core.store.times import moment

log = logging.getLogger(__name__)

_BEAT_SECONDS: Final = 5.0
_FORGET_SECONDS: Final = 86_400
_SHORTEST_GAP_SECONDS: Final = 60
_DEMOTED_SECONDS: Final = 60


def _me(program: str) -> str:
    return f"{program}:{socket.gethostname()}:{os.getpid()}:{VERSION}"


def _beat(
    program: str, late_after: int, origin: str, last: int | None = None, claim: KeptClaim | None = None
) -> tuple[str | int, ...]:
    """`last`: Unix seconds of the last heartbeat of this process, and `claim`: one that the store must have."""
    gap = max(late_after, _SHORTEST_GAP_SECONDS)
    sign = "" if last is None else last
    life = lane_seconds(late_after) * 1000
    kept = (claim.store, claim.lane, claim.number, claim.at, life) if claim else ()
    fresh_id = secrets.token_hex(8)
    return _me(program), _FORGET_SECONDS, gap, origin, SCHEMA_VERSION, sign, fresh_id, *kept


def beat_sync(client: SyncRedis, program: str, late_after: int, origin: str = "") -> None:
    """The heartbeat of a program without an event loop; see Heartbeat.beat. Raises RedisError too."""
    script = client.register_script(script_text("beat", prefix_of(client)))
    _, layout, _ = script(args=_beat(program, late_after, origin))
    check_version(layout.decode(errors="replace"))


class DemotionWatch:
    """Ends a program whose every write was refused for a minute because the store is a replica now.

    Each connection is given up at its first such refusal, and the address is looked up for the next one: usually that
    leads to the new master in time.
    """

    def __init__(self, seconds: float = _DEMOTED_SECONDS) -> None:
        self._seconds = seconds
        self._since: float | None = None

    def wrote(self) -> None:
        self._since = None

    def failed(self, error: RedisError) -> None:
        """A write failed. Raises DemotedError if all have failed for `seconds`, and only a replica has answered."""
        if not isinstance(error, NoLongerMasterError):
            if not isinstance(error, (StoreConnectionError, StoreTimeoutError)):
                self._since = None
            return
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        if now - self._since >= self._seconds:
            raise DemotedError(
                f"The store at REDIS_URL has been a replica for {self._seconds:g} s and takes no writes."
            )


class Heartbeat:
    """The heartbeat of a program with an event loop."""

    def __init__(
        self,
        scripts: Scripts,
        late_after: int = _SHORTEST_GAP_SECONDS,
        origin: str = "",
        clock: StoreClock | None = None,
        memory: ClaimMemory | None = None,
    ) -> None:
        """`late_after`: seconds without any heartbeat after which a heartbeat stops everything; at least a minute.

        `origin`: see core.store.embedded.origin(). `clock`: set by each heartbeat. `memory`: the first heartbeat looks
        for its claim.
        """
        self._scripts = scripts
        self._late_after = late_after
        self._origin = origin
        self._clock = clock
        self._memory = memory
        self._kept = memory.kept() if memory is not None else None
        self._last: dict[str, int] = {}
        """Of each program's last heartbeat, Unix seconds by the store's clock."""
        self._ended_by: ConfigurationError | DemotedError | None = None

    async def beat(self, program: str) -> bool:
        """Write a heartbeat of this process, valid for half a minute. Returns False in a store outage.

        The first one after a long gap stops everything, and the admins are asked, if something would be sent: nothing
        ran for long, or an older copy of the store was put back. So does one in a store that has lost the one before,
        or the latest claim of this machine. In a store of another layout it writes nothing, and raises
        ConfigurationError.
        """
        try:
            await self._beat(program)
        except RedisError as error:
            log.warning("no sign of life could be written: %s", error)
            return False
        return True

    async def _beat(self, program: str) -> None:
        # One that replicas did not acknowledge may be lost with its master, and nothing else with it.
        last = None if self._scripts.replicas.count else self._last.get(program)
        sign = _beat(program, self._late_after, self._origin, last, self._kept)
        now, layout, store = await self._scripts.run("beat", *sign)
        self._last[program], self._kept = int(now) // 1000, None
        if self._memory is not None:
            self._memory.store = str(store)
        if self._clock is not None:
            self._clock.set(moment(str(now)))
        check_version(layout)

    async def keep_beating(self, program: str, stop: Callable[[], None]) -> None:
        """Write a heartbeat every few seconds, until cancelled, or until the program has to end: then call `stop`.

        That is so once a newer version has changed the store's layout, or the store has been a replica for a minute.
        """
        demotion = DemotionWatch()
        try:
            while True:
                try:
                    await self._beat(program)
                    demotion.wrote()
                except RedisError as error:
                    log.warning("no sign of life could be written: %s", error)
                    demotion.failed(error)
                await cancellable_sleep(_BEAT_SECONDS)
        except (ConfigurationError, DemotedError) as error:
            log.error("%s %s ends.", error, program)
            self._ended_by = error
            stop()

    def raise_end(self) -> None:
        """Raise the error for which keep_beating() had to stop the program, if there was one."""
        if self._ended_by is not None:
            raise self._ended_by
