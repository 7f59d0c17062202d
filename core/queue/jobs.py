"""RQ jobs of this product: JSON, ids only, our own functions only."""

from __future__ import annotations

import json
import zlib
from typing import Any, Final

from redis import Redis
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

CONTROL_QUEUE: Final = "control"
DELIVER: Final = "workers.jobs.deliver"
START: Final = "workers.jobs.start_broadcast"
MAKE: Final = "workers.jobs.make_occurrence"
OUR_JOBS: Final = ("start-", "series-")
"""Prefix of the ids of jobs on the control queue."""
ALLOWED: Final = (DELIVER, START, MAKE)


class ForeignJob(Exception):
    """A job with another function than ours, or other arguments than one id."""


class JSONJob(Job):
    """rq-scheduler gives its jobs no serializer and would fall back to pickle."""

    def __init__(
        self,
        id: str | None = None,
        connection: Redis | None = None,
        serializer: Any = None,  # noqa: ANN401 - RQ's own type of it is a union of class, module and name
    ) -> None:
        super().__init__(id, connection, serializer or JSONSerializer)


def control_queue(connection: Redis) -> Queue:
    return Queue(CONTROL_QUEUE, connection=connection, serializer=JSONSerializer, job_class=JSONJob)


def start_job_id(broadcast_id: str) -> str:
    return f"start-{broadcast_id}"


def series_job_id(series_id: str) -> str:
    return f"series-{series_id}"


def read_call(data: bytes) -> tuple[str, str]:
    """The function and the id of a stored job. Raises ForeignJob for any job that we did not make."""
    try:
        text = zlib.decompress(data)
    except zlib.error:  # RQ packs what it enqueues; others may not
        text = data
    try:
        function, instance, arguments, options = json.loads(text)
        (only,) = arguments
    except (ValueError, TypeError) as error:
        raise ForeignJob("its data cannot be read") from error
    if function not in ALLOWED or instance is not None or options or not isinstance(only, str):
        raise ForeignJob("it asks for something else than one of our functions with one id")
    return str(function), only
