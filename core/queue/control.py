"""Takes jobs about whole broadcasts off RQ's control queue."""

from __future__ import annotations

import logging
from typing import Final, cast

from redis.asyncio import Redis

from core.queue.jobs import CONTROL_QUEUE, ForeignJob, read_call

log = logging.getLogger(__name__)

_KEY: Final = f"rq:queue:{CONTROL_QUEUE}"
_FAILED: Final = f"rq:failed:{CONTROL_QUEUE}"
_FAILED_SECONDS: Final = 86_400


class ControlQueue:
    """Jobs that start broadcasts and make those of series. What a dying worker leaves, the sweeper does."""

    def __init__(self, client: Redis) -> None:
        """`client` must answer in bytes: RQ compresses job data."""
        self._client = client

    async def take(self, *, wait: float, most: int = 1) -> list[tuple[str, str]]:
        """Up to `most` calls: function and id. Empty when `wait` seconds brought no job, or only forged ones."""
        first = await self._client.blpop([_KEY], timeout=wait)
        if first is None:
            return []
        more = await self._client.lpop(_KEY, most - 1) if most > 1 else None
        jobs = [cast("bytes", job).decode(errors="replace") for job in (first[1], *(more or ()))]
        pipe = self._client.pipeline(transaction=False)
        for job in jobs:
            pipe.hget(f"rq:job:{job}", "data")
        taken = zip(jobs, await pipe.execute(), strict=True)
        read = {job: await self._read(job, data) for job, data in taken if data is not None}
        calls = {job: call for job, call in read.items() if call is not None}
        if calls:
            await self._client.unlink(*(f"rq:job:{job}" for job in calls))
        return list(calls.values())

    async def _read(self, job: str, data: bytes) -> tuple[str, str] | None:
        try:
            return read_call(data)
        except ForeignJob as error:
            log.error("refused job %s on the control queue: %s", job, error)
            await self._client.hset(f"rq:job:{job}", "status", "failed")
            await self._client.expire(f"rq:job:{job}", _FAILED_SECONDS)
            now, _ = await self._client.time()
            await self._client.zadd(_FAILED, {job: int(now) + _FAILED_SECONDS})
            return None

    async def suspended(self) -> bool:
        """True after `rq suspend`."""
        return bool(await self._client.exists("rq:suspended"))
