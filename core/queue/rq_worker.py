"""Our engine in RQ's own books, so that `rq info` and every RQ dashboard show it."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from redis import Redis, RedisError
from redis.exceptions import OutOfMemoryError
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus

from core.domain.messengers.traits import Messenger
from core.queue.jobs import CONTROL_QUEUE

log = logging.getLogger(__name__)

BEAT_SECONDS: Final = 10
_TTL: Final = 60


class Registration:
    """One worker's entry in RQ. RQ's own worker writes it; it never runs a job here."""

    def __init__(self, connection: Redis, name: str) -> None:
        self._connection = connection
        queues = [*(messenger.value for messenger in Messenger), CONTROL_QUEUE]
        self._worker = SimpleWorker(
            queues, name=name, connection=connection, serializer=JSONSerializer, worker_ttl=_TTL
        )

    async def __aenter__(self) -> Registration:
        try:
            await asyncio.to_thread(self._enter)
        except OutOfMemoryError:
            # What is in the ledger can still be worked off, which is what the store waits for.
            log.warning("RQ could not be told that this worker lives: the store is full")
        return self

    def _enter(self) -> None:
        self._connection.sadd("rq:queues", *(queue.key for queue in self._worker.queues))
        self._worker.register_birth()  # type: ignore[no-untyped-call] # RQ leaves it untyped
        self._worker.set_state(WorkerStatus.BUSY)

    async def beat(self) -> None:
        await asyncio.to_thread(self._worker.heartbeat)

    async def __aexit__(self, *_: object) -> None:
        try:
            await asyncio.to_thread(self._worker.register_death)
        except RedisError as error:
            log.warning("RQ could not be told that this worker ends: %s", error)
