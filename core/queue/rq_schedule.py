"""rq-scheduler, made to live through bad entries and to say that it lives."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from redis import Redis, RedisError
from rq.job import Job
from rq_scheduler import Scheduler

from core.queue.jobs import JSONJob, control_queue, read_call

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 1


class CarefulScheduler(Scheduler):  # type: ignore[misc] # rq-scheduler ships no types
    """Polls every second. An entry that cannot be read is dropped and told; stock rq-scheduler would die of it."""

    def __init__(self, connection: Redis, *, alive: Callable[[], None] = lambda: None) -> None:
        """`alive` is called at every poll."""
        super().__init__(
            queue=control_queue(connection), connection=connection, interval=POLL_SECONDS, job_class=JSONJob
        )
        self._alive = alive

    def heartbeat(self) -> None:
        super().heartbeat()
        self._alive()

    def enqueue_jobs(self) -> list[Job]:
        now = datetime.now(UTC).timestamp()
        due = self.connection.zrangebyscore(self.scheduled_jobs_key, 0, now)
        moved = [self._move(raw.decode(errors="replace")) for raw in due]
        return [job for job in moved if job is not None]

    def _move(self, job_id: str) -> Job | None:
        try:
            data = self.connection.hget(JSONJob.key_for(job_id), "data")
            if data is not None:
                read_call(data)
                job = JSONJob.fetch(job_id, connection=self.connection)
                self.enqueue_job(job)
                return job
        except RedisError:
            raise
        except Exception:
            # RQ fails in many ways on what it did not write itself; one such entry must not stop those behind it.
            log.exception("dropped scheduled entry %s", job_id)
        self.connection.zrem(self.scheduled_jobs_key, job_id)
        return None
