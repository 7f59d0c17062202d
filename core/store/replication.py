"""Wait until replicas have the writes of a script on disk: STORE_REPLICAS."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.commands.core import AsyncScript
from redis.exceptions import ConnectionError as StoreConnectionError
from redis.exceptions import NoScriptError, RedisError

from core.store.connection import NoLongerMasterError

_FENCE: Final = "ms:fence"
_PATIENCE_MS: Final = 1000
_NUDGE_SECONDS: Final = 0.003
_MOST_NUDGES: Final = 8
# More than any store has: this WAIT always asks the replicas, and ends after its millisecond.
_TOO_MANY: Final = 10_000


class NotReplicatedError(StoreConnectionError):
    """The script ran, but too few replicas have its writes: a failover now would lose them."""


class Replicas:
    """The `count` replicas whose acknowledgement is waited for."""

    def __init__(self, client: Redis, count: int) -> None:
        self.count = count
        self._client = client
        self._waiting = 0
        self._nudging: asyncio.Task[None] | None = None
        self._nudges: set[asyncio.Task[None]] = set()

    async def run(
        self, script: AsyncScript, keys: Sequence[str], arguments: Sequence[Any]
    ) -> tuple[Any, bool]:
        """The script's answer, and True when enough replicas have its writes on disk."""
        async with self._asking():
            answer, acknowledged = await self._run(script, keys, arguments)
            if isinstance(answer, NoScriptError):  # a restarted store, or another master
                await self._client.script_load(script.script)
                answer, acknowledged = await self._run(script, keys, arguments)
        if isinstance(answer, Exception):
            raise answer
        return answer, acknowledged

    async def confirm(self) -> bool:
        """True when enough replicas have on disk all that this server has."""
        async with self._asking():
            _, acknowledged = await self._execute(self._client.pipeline(transaction=False))
        return acknowledged

    async def _run(
        self, script: AsyncScript, keys: Sequence[str], arguments: Sequence[Any]
    ) -> tuple[Any, bool]:
        pipe = self._client.pipeline(transaction=False)
        pipe.evalsha(script.sha, len(keys), *keys, *arguments)
        return await self._execute(pipe)

    async def _execute(self, pipe: Pipeline) -> tuple[Any, bool]:
        # WAITAOF waits for the writes of its own connection, and for none when there were none: a repeated call may
        # change nothing, so a write of ours goes between.
        pipe.set(_FENCE, "")
        pipe.waitaof(1, self.count, _PATIENCE_MS)
        *answers, fenced, disks = await pipe.execute(raise_on_error=False)
        if isinstance(fenced, NoLongerMasterError):
            # A pipeline that raises nothing gives no connection up.
            await self._client.connection_pool.disconnect(inuse_connections=False)
        # An error instead of the figures: the store is being demoted.
        enough = isinstance(disks, list) and disks[0] >= 1 and disks[1] >= self.count
        return answers[0] if answers else None, enough

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        self._waiting += 1
        if self._nudging is None or self._nudging.done():
            self._nudging = asyncio.create_task(self._nudge())
        try:
            yield
        finally:
            self._waiting -= 1

    async def _nudge(self) -> None:
        """Ask the replicas again and again while a script waits.

        A replica acknowledges when it is asked, and once a second. WAITAOF asks at once, before the disk of the replica
        has the write; the answer to a later question says that it has.
        """
        while self._waiting:
            await asyncio.sleep(_NUDGE_SECONDS)
            if self._waiting and len(self._nudges) < _MOST_NUDGES:
                task = asyncio.create_task(self._ask())
                self._nudges.add(task)
                task.add_done_callback(self._nudges.discard)

    async def _ask(self) -> None:
        with contextlib.suppress(RedisError):
            await self._client.wait(_TOO_MANY, 1)
