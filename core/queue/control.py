"""Taking jobs about whole broadcasts off RQ's control queue."""

from __future__ import annotations

import logging
import time
from typing import Final, cast

from redis.asyncio import Redis

from core.queue.jobs import CONTROL_QUEUE, ForeignJob, read_call

log = logging.getLogger(__name__)

_KEY: Final = f"rq:queue:{CONTROL_QUEUE}"
_FAILED: Final = f"rq:failed:{CONTROL_QUEUE}"
_FAILED_SECONDS: Final = 86_400


class ControlQueue:
    """A job taken and not carried out, because its worker died, is made good by the sweeper."""

    def __init__(self, client: Redis) -> None:
        """`client` must answer in bytes: RQ packs the job's data."""
        self._client = client

    async def next(self, *, wait: float) -> tuple[str, str] | None:
        """The next call: function and id; None when `wait` seconds brought none, or only a forged one."""
        popped = await self._client.blpop([_KEY], timeout=wait)
        if popped is None:
            return None
        job = cast("bytes", popped[1]).decode(errors="replace")
        data = await self._client.hget(f"rq:job:{job}", "data")
        if data is None:
            return None
        try:
            call = read_call(cast("bytes", data))
        except ForeignJob as error:
            await self._refuse(job, error)
            return None
        await self._client.delete(f"rq:job:{job}")
        return call

    async def _refuse(self, job: str, error: ForeignJob) -> None:
        log.error("refused job %s on the control queue: %s", job, error)
        await self._client.hset(f"rq:job:{job}", "status", "failed")
        await self._client.expire(f"rq:job:{job}", _FAILED_SECONDS)
        await self._client.zadd(_FAILED, {job: time.time() + _FAILED_SECONDS})

    async def suspended(self) -> bool:
        """Whether somebody said `rq suspend`."""
        return bool(await self._client.exists("rq:suspended"))
