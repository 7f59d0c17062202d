"""Getting `start_broadcast` run: now through RQ's control queue, later through one rq-scheduler entry a broadcast."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from redis import Redis
from redis.exceptions import OutOfMemoryError
from rq.exceptions import DuplicateJobError

from core.queue.jobs import START, JSONJob, control_queue, start_job_id
from core.queue.rq_schedule import CarefulScheduler

log = logging.getLogger(__name__)


class RqStarter:
    """The Starter port. RQ and rq-scheduler are synchronous: every call runs in a thread."""

    def __init__(self, connection: Redis) -> None:
        self._connection = connection
        self._queue = control_queue(connection)
        self._scheduler = CarefulScheduler(connection)

    async def start_now(self, broadcast_id: str) -> None:
        await self._entrust(broadcast_id, lambda: self._start_now(broadcast_id))

    def _start_now(self, broadcast_id: str) -> None:
        # There already: a repeated call, or one whose answer was lost and that was asked for again.
        with contextlib.suppress(DuplicateJobError):
            self._queue.enqueue_call(
                START,
                args=(broadcast_id,),
                job_id=start_job_id(broadcast_id),
                unique=True,
                result_ttl=0,
                failure_ttl=86_400,
                description=start_job_id(broadcast_id),
            )

    async def start_at(self, broadcast_id: str, moment: datetime) -> None:
        await self._entrust(broadcast_id, lambda: self._start_at(broadcast_id, moment))

    async def _entrust(self, broadcast_id: str, enqueue: Callable[[], None]) -> None:
        try:
            await asyncio.to_thread(enqueue)
        except OutOfMemoryError:
            # It has been accepted, and the sweeper starts what is due without a job too.
            log.warning("broadcast=%s got no start job, the store is full", broadcast_id)

    def _start_at(self, broadcast_id: str, moment: datetime) -> None:
        # rq-scheduler cuts the fraction off, which would start a broadcast up to a second early.
        whole = moment.astimezone(UTC)
        if whole.microsecond:
            whole = whole.replace(microsecond=0) + timedelta(seconds=1)
        self._scheduler.enqueue_at(
            whole,
            START,
            broadcast_id,
            job_id=start_job_id(broadcast_id),
            job_result_ttl=0,
            job_description=start_job_id(broadcast_id),
        )

    async def forget(self, broadcast_ids: Sequence[str]) -> None:
        await asyncio.to_thread(self._forget, broadcast_ids)

    def _forget(self, broadcast_ids: Sequence[str]) -> None:
        for broadcast_id in broadcast_ids:
            self._scheduler.cancel(start_job_id(broadcast_id))
            # rq-scheduler leaves the job behind, and its id would stand in the way of the next one.
            self._connection.delete(JSONJob.key_for(start_job_id(broadcast_id)))
