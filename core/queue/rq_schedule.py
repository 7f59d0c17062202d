"""rq-scheduler that survives bad entries and writes heartbeats."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from redis import Redis, RedisError
from rq.job import Job
from rq_scheduler import Scheduler

from core.queue.jobs import OUR_JOBS, ForeignJob, JSONJob, control_queue, read_call
from core.runtime import stop_signals

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 1
BEAT_SECONDS: Final = 5.0
AT_ONCE: Final = 100
_SHARED_ENTRIES: Final = Scheduler.scheduled_jobs_key


class CarefulScheduler(Scheduler):  # type: ignore[misc] # rq-scheduler ships no types
    """Polls every second, and writes only when something is due.

    Drops and logs unreadable entries, which would end a stock rq-scheduler.

    Its keys are its own: other programs' rq-schedulers use the same database.
    """

    redis_scheduler_namespace_prefix = "ms:scheduler:instance:"
    scheduler_key = "ms:scheduler"
    scheduler_lock_key = "ms:scheduler:lock"
    scheduled_jobs_key = "ms:scheduler:entries"

    def __init__(
        self,
        connection: Redis,
        *,
        alive: Callable[[], None] = lambda: None,
        failed: Callable[[RedisError], None] = lambda _error: None,
    ) -> None:
        """`alive` is called every few seconds, `failed` when the store cannot be used; both may raise to end it."""
        super().__init__(
            queue=control_queue(connection), connection=connection, interval=POLL_SECONDS, job_class=JSONJob
        )
        self._alive = alive
        self._failed = failed
        self._worked = False
        self._beat_at = float("-inf")

    def run(self, burst: bool = False) -> None:
        """Poll until SIGTERM, through outages of the store once it has answered; they end a stock rq-scheduler."""
        while True:
            try:
                super().run(burst)
            except RedisError as error:
                if not self._worked:
                    raise
                log.warning("the store cannot be used, trying again: %s", error)
                self._failed(error)
                time.sleep(POLL_SECONDS)
            else:
                return

    def _install_signal_handlers(self) -> None:
        super()._install_signal_handlers()
        for number in stop_signals():
            signal.signal(number, signal.getsignal(signal.SIGTERM))

    def register_birth(self) -> None:
        self.connection.delete(self.key)
        super().register_birth()
        self._take_over()

    def _take_over(self) -> None:
        """Move our entries from the list that stock rq-schedulers share, which older versions used."""
        for raw, moment in self.connection.zscan_iter(_SHARED_ENTRIES, count=AT_ONCE):
            job_id = raw.decode(errors="replace")
            if job_id.startswith(OUR_JOBS) and self._is_ours(job_id):
                self.connection.zadd(self.scheduled_jobs_key, {job_id: moment}, nx=True)
                self.connection.zrem(_SHARED_ENTRIES, raw)

    def _is_ours(self, job_id: str) -> bool:
        try:
            read_call(self.connection.hget(JSONJob.key_for(job_id), "data") or b"")
        except ForeignJob:
            return False
        return True

    def remove_lock(self) -> None:
        with suppress(RedisError):  # it expires by itself
            super().remove_lock()

    def register_death(self) -> None:
        with suppress(RedisError):  # as above
            super().register_death()

    def heartbeat(self) -> None:
        if time.monotonic() - self._beat_at < BEAT_SECONDS:
            return
        super().heartbeat()
        self._alive()
        self._worked = True
        self._beat_at = time.monotonic()

    def acquire_lock(self) -> bool:
        """Taken only when something is due; without it, enqueue_jobs() does nothing."""
        pipe = self.connection.pipeline(transaction=False)
        (now, _), first = pipe.time().zrange(self.scheduled_jobs_key, 0, 0, withscores=True).execute()
        return not first or first[0][1] > now or bool(super().acquire_lock())

    def enqueue_jobs(self) -> list[Job]:
        if not self._lock_acquired:
            return []
        now, _ = self.connection.time()
        found = self.connection.zrangebyscore(self.scheduled_jobs_key, 0, now)
        due = [raw.decode(errors="replace") for raw in found]
        return [
            job
            for first in range(0, len(due), AT_ONCE)
            for job in self._move_some(due[first : first + AT_ONCE])
        ]

    def _move_some(self, job_ids: Sequence[str]) -> list[Job]:
        try:
            return self._move_together(job_ids)
        except RedisError:
            raise
        except Exception:
            log.info("looking at %s scheduled entries one by one", len(job_ids), exc_info=True)
            return [job for job_id in job_ids if (job := self._move(job_id)) is not None]

    def _move_together(self, job_ids: Sequence[str]) -> list[Job]:
        """In two round trips. Raises, with nothing moved, when any of them is not an entry of ours."""
        jobs = []
        for job in JSONJob.fetch_many(job_ids, connection=self.connection):
            if job is None or job.meta:
                raise ForeignJob("it comes back, or is gone")
            read_call(job.data)
            jobs.append(job)
        with self.connection.pipeline() as pipe:
            for job in jobs:
                self.get_queue_for_job(job).enqueue_job(job, pipeline=pipe)
            pipe.zrem(self.scheduled_jobs_key, *job_ids)
            pipe.execute()
        return jobs

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
            # RQ fails in many ways on foreign entries; one of them must not stop those behind it.
            log.exception("dropped scheduled entry %s", job_id)
        self.connection.zrem(self.scheduled_jobs_key, job_id)
        return None
