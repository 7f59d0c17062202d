"""rq-scheduler, made to live through bad entries and to say that it lives."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from redis import Redis, RedisError
from rq.job import Job
from rq_scheduler import Scheduler

from core.queue.jobs import ForeignJob, JSONJob, control_queue, read_call

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
        moved = []
        for raw in self.connection.zrangebyscore(self.scheduled_jobs_key, 0, now):
            job = self._read(raw.decode(errors="replace"))
            if job is None:
                self.connection.zrem(self.scheduled_jobs_key, raw)
                continue
            self.enqueue_job(job)
            moved.append(job)
        return moved

    def _read(self, job_id: str) -> Job | None:
        data = self.connection.hget(JSONJob.key_for(job_id), "data")
        if data is None:
            return None
        try:
            read_call(data)
            return JSONJob.fetch(job_id, connection=self.connection)
        except RedisError:
            raise
        except (ForeignJob, ValueError, TypeError, KeyError) as error:
            log.error("dropped scheduled entry %s: %s", job_id, error)
            return None
