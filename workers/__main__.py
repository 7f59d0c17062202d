"""`python -m workers`: one worker process. Any number of them may run, on any number of machines."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import secrets
import signal
import socket
import sys

import uvloop
from redis.exceptions import RedisError

from core.app import Core, open_core
from core.health import exit_code
from core.logging import configure_logging
from core.queue.control import ControlQueue
from core.queue.jobs import MAKE, START
from core.queue.rq_worker import BEAT_SECONDS, Registration
from core.runtime import cancellable_sleep
from core.settings import Settings, load_settings
from core.store.connection import connect_bytes, connect_sync
from core.store.embedded import store_url
from workers.amendments import AmendmentWorker
from workers.engine import Engine
from workers.jobs import retry_policy
from workers.messengers import REPORT_PARSERS, build_messengers
from workers.messengers.transport import Transport, open_session
from workers.preflight import preflight
from workers.receipt_processor import ReceiptProcessor
from workers.sweeper import Sweeper
from workers.uploads import Uploads

log = logging.getLogger("workers")

CONTROL_WAIT_SECONDS = 1.0
CONTROL_AT_ONCE = 100


async def control(core: Core, queue: ControlQueue) -> None:
    """Carries out the jobs about whole broadcasts, until cancelled."""
    while True:
        await cancellable_sleep(0)
        try:
            if await queue.suspended():
                await cancellable_sleep(CONTROL_WAIT_SECONDS)
                continue
            calls = await queue.take(wait=CONTROL_WAIT_SECONDS, most=CONTROL_AT_ONCE)
            to_start = [one for function, one in calls if function == START]
            for one, status in zip(to_start, await core.moves.start(to_start), strict=True):
                log.info("broadcast=%s start: %s", one, status or "gone")
            for function, one in calls:
                if function == MAKE:
                    await core.recurring.make_due(one)
        except RedisError as error:
            log.warning("the store does not answer: %s", error)
            await cancellable_sleep(CONTROL_WAIT_SECONDS)
        except Exception:
            # One that cannot be made, as the store is full, must not take the worker and what is in the air with it.
            log.exception("a job about a whole broadcast failed; the sweeper tries again")
            await cancellable_sleep(CONTROL_WAIT_SECONDS)


async def keep_registered(registration: Registration) -> None:
    """Tells RQ that this worker lives, until cancelled."""
    while True:
        await cancellable_sleep(BEAT_SECONDS)
        try:
            await registration.beat()
        except RedisError as error:
            log.warning("RQ could not be told that this worker lives: %s", error)


async def work(settings: Settings) -> None:
    """Until SIGTERM or SIGINT; what is in the air is finished first."""
    # In a container the host and the number of a killed worker are those of the next, and RQ refuses a name twice.
    name = f"engine-{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
    async with contextlib.AsyncExitStack() as stack:
        core = await stack.enter_async_context(open_core(settings))
        raw, books = connect_bytes(store_url(settings)), connect_sync(store_url(settings))
        stack.push_async_callback(raw.aclose)
        stack.callback(books.close)
        session = await stack.enter_async_context(open_session(3 * settings.worker_concurrency))
        messengers = build_messengers(settings, Transport(session))
        engine = Engine(
            core.moves,
            messengers,
            retry_policy(settings),
            Uploads(core.uploads, messengers),
            name=name,
            concurrency=settings.worker_concurrency,
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, engine.stop)
        registration = await stack.enter_async_context(Registration(books, name))
        # What stands by now lives as long as the worker: it is not looked through again and again for garbage.
        gc.collect()
        gc.freeze()
        # What a message leaves behind goes by itself, so the search for the rest need not be frequent.
        gc.set_threshold(20_000)
        log.info("worker %s is ready; messengers: %s", name, ", ".join(messengers) or "none set up")
        async with asyncio.TaskGroup() as tasks:
            helpers = [
                tasks.create_task(core.gauges.keep_beating("worker")),
                tasks.create_task(keep_registered(registration)),
                tasks.create_task(control(core, ControlQueue(raw))),
                tasks.create_task(
                    Sweeper(core.ledger, core.moves, core.purge, core.recurring, core.quiet).run()
                ),
                tasks.create_task(ReceiptProcessor(core.inbox, REPORT_PARSERS).run()),
                tasks.create_task(preflight(messengers, core.gauges)),
                tasks.create_task(
                    AmendmentWorker(core.amendments, core.moves, messengers, retry_policy(settings)).run()
                ),
            ]
            await engine.run()
            for helper in helpers:
                helper.cancel()
    log.info("worker %s has stopped", name)


def main() -> None:
    """Read the settings and work."""
    settings = load_settings()
    configure_logging(settings, "worker")
    # Where cores are few, the store, the messengers' reports and an admin's taps go first.
    os.nice(5)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work(settings))


if __name__ == "__main__":
    sys.exit(exit_code(main))
