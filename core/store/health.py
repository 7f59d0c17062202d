"""Heartbeats, halts, problems, memory: the source of /status and health checks."""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from redis import Redis as SyncRedis
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as StoreConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as StoreTimeoutError

from core.domain.errors import ConfigurationError
from core.domain.messengers.account_status import Halt
from core.domain.messengers.events import ReceiptCounts
from core.domain.messengers.traits import BY_CODE, Messenger
from core.domain.sentence_format import pack_sentence, unpack_sentence
from core.domain.translatable import Sentence
from core.domain.version import VERSION
from core.runtime import cancellable_sleep
from core.store.checks import outage, store_warnings
from core.store.claim_memory import ClaimMemory, KeptClaim, lane_seconds
from core.store.clock import StoreClock
from core.store.connection import DemotedError, NoLongerMasterError, WritesRefused
from core.store.prefix import prefix_of
from core.store.schema import SCHEMA_VERSION, check_version
from core.store.scripts import Scripts, script_text
from core.store.times import from_ms, moment

log = logging.getLogger(__name__)

BEAT_LIFE_SECONDS: Final = 30
_BEAT_SECONDS: Final = 5.0
_FORGET_SECONDS: Final = 86_400
_REMEMBER_RESUMED_SECONDS: Final = 7 * 86_400
_SHORTEST_GAP_SECONDS: Final = 60
_DEMOTED_SECONDS: Final = 60


_ALIVE: Final = "ms:alive"
_FAILED_LOGINS: Final = "ms:logins:failed"
_PROBLEMS: Final = "ms:complaints"
_CLOCK: Final = "ms:clock:ahead"
_WATCH_SECONDS: Final = 240
_BOT: Final = "ms:bot:username"


@dataclass(frozen=True, slots=True)
class Living:
    """The live programs."""

    programs: Mapping[str, int]
    """The number of processes of each: "bot", "worker", "scheduler", "api"."""
    versions: tuple[str, ...]
    """Of all of them, in order; heartbeats of older versions have none."""


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
    """The heartbeat of a program without an event loop; see HealthStore.beat. Raises RedisError too."""
    script = client.register_script(script_text("beat", prefix_of(client)))
    _, layout, _ = script(args=_beat(program, late_after, origin))
    check_version(layout.decode(errors="replace"))


def alive_here(client: SyncRedis, program: str) -> bool:
    """True when a copy of the program on this machine has a recent heartbeat."""
    seconds, _ = client.time()
    names = client.zrangebyscore(_ALIVE, seconds - BEAT_LIFE_SECONDS, "+inf")
    prefix = f"{program}:{socket.gethostname()}:".encode()
    return any(isinstance(name, bytes) and name.startswith(prefix) for name in names)


def bot_here(client: SyncRedis) -> str:
    """The name of the bot that polled last, without its @; empty if none has."""
    username = client.get(_BOT)
    return username.decode() if isinstance(username, bytes) else ""


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


class HealthStore:
    """Heartbeats, halts, problems and counters of the running system."""

    def __init__(
        self,
        client: Redis,
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
        self._client = client
        self._scripts = scripts
        self._late_after = late_after
        self._origin = origin
        self._clock = clock
        self._memory = memory
        self._kept = memory.kept() if memory is not None else None
        self._last: dict[str, int] = {}
        """Of each program's last heartbeat, Unix seconds by the store's clock."""
        self._ended_by: ConfigurationError | DemotedError | None = None

    async def remember_bot(self, username: str) -> None:
        """Keep the name of the bot, without its @, for those who tell people where to find it."""
        await self._client.set(_BOT, username)

    async def living(self) -> Living:
        """All programs with a recent heartbeat."""
        seconds, _ = await self._client.time()
        names = await self._client.zrangebyscore(_ALIVE, seconds - BEAT_LIFE_SECONDS, "+inf")
        signs = [str(name).split(":") for name in names]
        return Living(
            programs=Counter(sign[0] for sign in signs),
            versions=tuple(sorted({sign[3] for sign in signs if len(sign) > 3})),
        )

    async def alive(self) -> dict[str, int]:
        """The number of live processes per program ("bot", "worker", "scheduler", "api")."""
        return dict((await self.living()).programs)

    async def halt(self, messenger: Messenger) -> Halt | None:
        """None when nothing halts the messenger."""
        fields = ["until", "reason", "words"]
        until, reason, words = await self._client.hmget(f"ms:halt:{messenger.traits.code}", fields)
        return None if until is None else Halt(from_ms(str(until)), str(reason or ""), str(words or ""))

    async def resume(self, messenger: Messenger) -> bool:
        """End a halt; False when there is none. What the messenger said before no longer halts it."""
        code, (seconds, microseconds) = messenger.traits.code, await self._client.time()
        now = 1000 * int(seconds) + int(microseconds) // 1000
        await self._client.set(f"ms:resumed:{code}", now, ex=_REMEMBER_RESUMED_SECONDS)
        return bool(await self._client.unlink(f"ms:halt:{code}"))

    async def count_failed_logins(self, count: int) -> None:
        """Calls of the API with a wrong user or password; forgotten after a day without any."""
        pipe = self._client.pipeline(transaction=True)
        pipe.incrby(_FAILED_LOGINS, count)
        pipe.expire(_FAILED_LOGINS, 86_400)
        await pipe.execute()

    async def failed_logins(self) -> int:
        return int(await self._client.get(_FAILED_LOGINS) or 0)

    async def report_problem(self, messenger: Messenger, problem: str | None) -> None:
        """Keep why a messenger failed its check; None: it passed."""
        code = messenger.traits.code
        try:
            if problem is None:
                await self._client.hdel(_PROBLEMS, code)
            else:
                await self._client.hset(_PROBLEMS, code, json.dumps(pack_sentence(problem)))
        except RedisError as error:
            # The log has it too, and sending does not depend on it.
            log.warning("the state of %s could not be written: %s", messenger.traits.title, error)

    async def problems(self) -> Mapping[Messenger, str]:
        found = await self._client.hgetall(_PROBLEMS)
        return {
            BY_CODE[code]: unpack_sentence(json.loads(text))
            for code, text in found.items()
            if code in BY_CODE
        }

    async def may_watch(self, messenger: Messenger, watcher: str) -> bool:
        """True for one program at a time, until it has not asked for a few minutes."""
        key = f"ms:watch:{messenger.traits.code}"
        if await self._client.set(key, watcher, nx=True, ex=_WATCH_SECONDS):
            return True
        if str(await self._client.get(key)) != watcher:
            return False
        return bool(await self._client.expire(key, _WATCH_SECONDS))

    async def report_clock(self, seconds_ahead: int) -> None:
        """Keep how far the store's clock is ahead of the messengers', for a few minutes; 0: it is right."""
        if seconds_ahead:
            await self._client.set(_CLOCK, seconds_ahead, ex=_WATCH_SECONDS)
        else:
            await self._client.unlink(_CLOCK)

    async def clock_ahead(self) -> int:
        return int(await self._client.get(_CLOCK) or 0)

    async def receipts(self, messenger: Messenger) -> ReceiptCounts:
        code, kinds = messenger.traits.code, ("refused", "malformed", "unmatched")
        pipe = self._client.pipeline(transaction=False)
        pipe.llen(f"ms:inbox:{code}")
        pipe.hmget("ms:receipts", [f"{code}:{kind}" for kind in kinds])
        waiting, counts = await pipe.execute()
        refused, malformed, unmatched = (int(count or 0) for count in counts)
        return ReceiptCounts(waiting=waiting, refused=refused, malformed=malformed, unmatched=unmatched)

    async def refused_jobs(self) -> int:
        """Jobs on our queues that were refused as forged, or failed in a foreign worker."""
        seconds, _ = await self._client.time()
        pipe = self._client.pipeline(transaction=False)
        for queue in (*Messenger, "control"):
            pipe.zcount(f"rq:failed:{queue}", seconds, "+inf")
        return sum(await pipe.execute())

    async def quarantined(self) -> int:
        """Unreadable rows of the ledger, kept for a week, at most the last hundred."""
        return int(await self._client.llen("ms:corrupt"))

    async def memory(self) -> tuple[int, int | None]:
        """Bytes used, and the store's limit (None = no limit)."""
        info = await self._client.info("memory")
        return int(info["used_memory"]), int(info["maxmemory"]) or None

    async def warnings(self) -> tuple[str, ...]:
        """One sentence for each store setting that weakens the promise."""
        return await store_warnings(self._client, self._scripts.replicas.count)

    async def outage(self) -> Sentence | None:
        """The problem, never an error, if the store does not answer or takes no writes."""
        return await outage(self._client)

    async def ping(self) -> bool:
        """False, never an error, when the store does not answer."""
        try:
            return bool(await self._client.ping())
        except WritesRefused:
            return True
        except RedisError:
            return False

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
