"""Stock RQ: `enqueue COUNT`, `work` (one SimpleWorker) or `pool` (WorkerPool of 8)."""

from __future__ import annotations

import logging
import os
import sys

from redis import Redis
from rq import Queue, SimpleWorker
from rq.worker_pool import WorkerPool

from bench.peers.rq_job import deliver
from bench.workload import FIRST_ADDRESS, TEXT

POOL = 8


def enqueue(queue: Queue, count: int) -> None:
    people = range(FIRST_ADDRESS, FIRST_ADDRESS + count)
    for start in range(0, count, 500):
        queue.enqueue_many(
            [Queue.prepare_data(deliver, (person, TEXT)) for person in people[start : start + 500]]
        )


def main(verb: str, *arguments: str) -> None:
    logging.basicConfig(level=logging.WARNING)
    connection = Redis.from_url(os.environ["BENCH_STORE"])
    queue = Queue(connection=connection)
    if verb == "enqueue":
        enqueue(queue, int(arguments[0]))
    elif verb == "work":
        SimpleWorker([queue], connection=connection).work(logging_level="WARNING")
    else:
        WorkerPool([queue], connection=connection, num_workers=POOL).start(logging_level="WARNING")


if __name__ == "__main__":
    main(*sys.argv[1:])
