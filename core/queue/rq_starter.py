"""Starts broadcasts: now through RQ's control queue, later through one rq-scheduler entry per broadcast.

A series has one entry too, for the time of its next broadcast.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from redis import Redis
from redis.exceptions import OutOfMemoryError
from rq.exceptions import DuplicateJobError

from core.queue.jobs import MAKE, START, JSONJob, control_queue, series_job_id, start_job_id
from core.queue.rq_schedule import CarefulScheduler

log = logging.getLogger(__name__)


class RqStarter:
    """Schedules `start_broadcast`. RQ and rq-scheduler are synchronous: every call runs in a thread."""

    def __init__(self, connection: Redis) -> None:
        self._connection = connection
        self._queue = control_queue(connection)
        self._scheduler = CarefulScheduler(connection)

    async def start_now(self, broadcast_id: str) -> None:
        await self._entrust(broadcast_id, lambda: self._start_now(broadcast_id))

    def _start_now(self, broadcast_id: str) -> None:
        # Exists already: a repeated call.
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
        """One entry per broadcast of any size; a later call replaces it."""
        job_id = start_job_id(broadcast_id)
        await self._entrust(broadcast_id, lambda: self._call_at(START, broadcast_id, job_id, moment))

    async def make_at(self, series_id: str, moment: datetime) -> None:
        """Schedule the next broadcast of a series; one entry per series, a later call replaces it."""
        job_id = series_job_id(series_id)
        await self._entrust(series_id, lambda: self._call_at(MAKE, series_id, job_id, moment))

    async def _entrust(self, broadcast_id: str, enqueue: Callable[[], None]) -> None:
        try:
            await asyncio.to_thread(enqueue)
        except OutOfMemoryError:
            # The broadcast is accepted, and the sweeper starts due ones without a job too.
            log.warning("broadcast=%s got no start job, the store is full", broadcast_id)

    def _call_at(self, function: str, argument: str, job_id: str, moment: datetime) -> None:
        # rq-scheduler truncates to seconds, which would start a broadcast up to a second early.
        whole = moment.astimezone(UTC)
        if whole.microsecond:
            whole = whole.replace(microsecond=0) + timedelta(seconds=1)
        self._scheduler.enqueue_at(
            whole,
            function,
            argument,
            job_id=job_id,
            job_result_ttl=0,
            job_description=job_id,
        )

    async def forget(self, broadcast_ids: Sequence[str]) -> None:
        await asyncio.to_thread(self._forget, [start_job_id(one) for one in broadcast_ids])

    async def forget_series(self, series_id: str) -> None:
        await asyncio.to_thread(self._forget, [series_job_id(series_id)])

    def _forget(self, job_ids: Sequence[str]) -> None:
        for job_id in job_ids:
            self._scheduler.cancel(job_id)
            # rq-scheduler leaves the job behind, and its id would block the next one.
            self._connection.unlink(JSONJob.key_for(job_id))
