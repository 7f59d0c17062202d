"""`python -m workers.scheduler`: rq-scheduler, which puts each broadcast's start job on the control queue in time."""

from __future__ import annotations

import sys

from redis.exceptions import RedisError

from core.domain.errors import ConfigurationError
from core.logs import configure_logging
from core.queue.rq_schedule import CarefulScheduler
from core.settings import load_settings
from core.store.connection import connect_sync
from core.store.embedded import store_url
from core.store.gauges import beat_sync


def main() -> int:
    """Works until SIGTERM; ends with 1 when the store goes away, to be started again by whoever supervises it."""
    try:
        settings = load_settings()
        configure_logging(settings, "scheduler")
        connection = connect_sync(store_url(settings))
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    scheduler = CarefulScheduler(connection, alive=lambda: beat_sync(connection, "scheduler"))
    try:
        scheduler.run()
    except RedisError as error:
        sys.stderr.write(f"the store does not answer: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
