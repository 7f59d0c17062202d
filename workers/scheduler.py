"""`python -m workers.scheduler`: rq-scheduler, which puts each broadcast's start job on the control queue in time."""

from __future__ import annotations

import sys

from core.health import exit_code
from core.logging import configure_logging
from core.queue.rq_schedule import CarefulScheduler
from core.settings import load_settings
from core.store.connection import connect_sync
from core.store.embedded import origin, store_url
from core.store.heartbeat import DemotionWatch, beat_sync
from core.store.schema import check_schema_sync


def main() -> None:
    """Run until SIGTERM."""
    settings = load_settings()
    configure_logging(settings, "scheduler")
    connection = connect_sync(store_url(settings))
    check_schema_sync(connection)
    files, demotion = origin(settings), DemotionWatch()

    def alive() -> None:
        beat_sync(connection, "scheduler", settings.late_after, files)
        demotion.wrote()

    CarefulScheduler(connection, alive=alive, failed=demotion.failed).run()


if __name__ == "__main__":
    sys.exit(exit_code(main))
