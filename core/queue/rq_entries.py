"""Jobs of RQ and entries of rq-scheduler that start broadcasts and make those of series. Every call blocks."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from redis import Redis
from rq.exceptions import DuplicateJobError

from core.queue.jobs import MAKE, START, JSONJob, control_queue, series_job_id, start_job_id
from core.queue.rq_schedule import CarefulScheduler


class RqEntries:
    def __init__(self, connection: Redis) -> None:
        self._connection = connection
        self._queue = control_queue(connection)
        self._scheduler = CarefulScheduler(connection)

    def start_now(self, broadcast_id: str) -> None:
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

    def start_at(self, broadcast_id: str, moment: datetime) -> None:
        self._call_at(START, broadcast_id, start_job_id(broadcast_id), moment)

    def make_at(self, series_id: str, moment: datetime) -> None:
        self._call_at(MAKE, series_id, series_job_id(series_id), moment)

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

    def forget(self, broadcast_ids: Sequence[str]) -> None:
        self._forget([start_job_id(one) for one in broadcast_ids])

    def forget_series(self, series_id: str) -> None:
        self._forget([series_job_id(series_id)])

    def _forget(self, job_ids: Sequence[str]) -> None:
        for job_id in job_ids:
            self._scheduler.cancel(job_id)
            # rq-scheduler leaves the job behind, and its id would block the next one.
            self._connection.unlink(JSONJob.key_for(job_id))
