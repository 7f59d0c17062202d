"""Live programs, halts, problems, memory: the source of /status and health checks. Heartbeats: heartbeat.py."""

from __future__ import annotations

import json
import logging
import socket
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from redis import Redis as SyncRedis
from redis.exceptions import RedisError

from core.domain.messengers.account_status import Halt
from core.domain.messengers.events import ReceiptCounts
from core.domain.messengers.traits import BY_CODE, Messenger
from core.domain.sentence_format import pack_sentence, unpack_sentence
from core.domain.translatable import Sentence
from core.store.checks import outage, store_warnings
from core.store.connection import WritesRefused
from core.store.scripts import Store
from core.store.times import from_ms

log = logging.getLogger(__name__)

BEAT_LIFE_SECONDS: Final = 30
_REMEMBER_RESUMED_SECONDS: Final = 7 * 86_400

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


class HealthStore(Store):
    """Live programs, halts, problems and counters of the running system."""

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
        """End a halt; False when there is none. Earlier events no longer halt the messenger."""
        code, (seconds, microseconds) = messenger.traits.code, await self._client.time()
        now = 1000 * int(seconds) + int(microseconds) // 1000
        await self._client.set(f"ms:resumed:{code}", now, ex=_REMEMBER_RESUMED_SECONDS)
        halted = await self._client.exists(f"ms:halt:{code}")
        await self._client.unlink(f"ms:halt:{code}")
        return bool(halted)

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
        """Keep the seconds by which the store's clock is ahead of the messengers', for a few minutes; 0 = right."""
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
