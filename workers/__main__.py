"""`python -m workers`: one worker process. Any number may run, on any number of machines."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import secrets
import socket
import sys
from collections.abc import Coroutine, Mapping

import uvloop
from redis.exceptions import RedisError

from core.app import Core, open_core
from core.domain.messengers.traits import Messenger
from core.health import exit_code
from core.logging import configure_logging
from core.queue.control import ControlQueue
from core.queue.jobs import MAKE, START
from core.queue.rq_worker import BEAT_SECONDS, Registration
from core.runtime import cancellable_sleep, stop_signals
from core.settings import Settings, load_settings
from core.store.claim_memory import ClaimMemory
from core.store.connection import connect_bytes, connect_sync
from core.store.embedded import store_url
from workers.amendments import AmendmentWorker
from workers.engine import Engine
from workers.jobs import retry_policy
from workers.messengers import build_messengers, report_parsers
from workers.messengers.transport import Transport, open_session
from workers.preflight import preflight
from workers.receipt_processor import ReceiptProcessor
from workers.sweeper import Sweeper
from workers.templates import TemplateFetcher

log = logging.getLogger("workers")

CONTROL_WAIT_SECONDS = 5.0
CONTROL_PAUSE_SECONDS = 1.0
CONTROL_AT_ONCE = 100
FIRST_SIGN_PAUSE_SECONDS = 1.0


async def control(core: Core, queue: ControlQueue) -> None:
    """Run the jobs about whole broadcasts, until cancelled."""
    while True:
        await cancellable_sleep(0)
        try:
            if await queue.suspended():
                await cancellable_sleep(CONTROL_PAUSE_SECONDS)
                continue
            calls = await queue.take(wait=CONTROL_WAIT_SECONDS, most=CONTROL_AT_ONCE)
            to_start = [one for function, one in calls if function == START]
            for one, status in zip(to_start, await core.deliveries.start(to_start), strict=True):
                log.info("broadcast=%s start: %s", one, status or "gone")
            for function, one in calls:
                if function == MAKE:
                    await core.series.make_due(one)
        except RedisError as error:
            log.warning("the store does not answer: %s", error)
            await cancellable_sleep(CONTROL_PAUSE_SECONDS)
        except Exception:
            # One that fails, as on a full store, must not end the worker and everything in flight.
            log.exception("a job about a whole broadcast failed; the sweeper will retry it")
            await cancellable_sleep(CONTROL_PAUSE_SECONDS)


async def keep_registered(registration: Registration) -> None:
    """Keep this worker in RQ's registry, until cancelled."""
    while True:
        await cancellable_sleep(BEAT_SECONDS)
        try:
            await registration.beat()
        except RedisError as error:
            log.warning("could not renew this worker in RQ's registry: %s", error)


def _spare_garbage_collector() -> None:
    """Keep it from scanning all objects so far, which live as long as the worker, and from running often."""
    gc.collect()
    gc.freeze()
    # Messages leave almost no cycles behind.
    gc.set_threshold(20_000)


class Worker:
    """The engine and what runs beside it, on the messengers whose accounts are the store's."""

    def __init__(
        self,
        core: Core,
        settings: Settings,
        transport: Transport,
        refused: Mapping[Messenger, str],
        *,
        name: str,
    ) -> None:
        """`refused`: messengers with another account, and why; `name`: this worker in RQ's registry."""
        self._core = core
        self._refused = refused
        self._transport = transport
        self._policy = retry_policy(settings)
        self._parsers = report_parsers(settings)
        built = build_messengers(settings, transport)
        self.messengers = {messenger: port for messenger, port in built.items() if messenger not in refused}
        self._engine = Engine(
            core, self.messengers, self._policy, name=name, concurrency=settings.worker_concurrency
        )

    def stop(self) -> None:
        """Claim nothing more, and finish what is in flight."""
        self._engine.stop()

    async def run(self, queue: ControlQueue, registration: Registration) -> None:
        """Work until stopped and every outcome is written."""
        async with asyncio.TaskGroup() as tasks:
            helpers = [tasks.create_task(one) for one in self._helpers(queue, registration)]
            await self._engine.run()
            for helper in helpers:
                helper.cancel()

    def _helpers(
        self, queue: ControlQueue, registration: Registration
    ) -> tuple[Coroutine[None, None, None], ...]:
        """Tasks that run until the engine has ended."""
        core, bell = self._core, self._core.bell
        sweeper = Sweeper(core.ledger, core.deliveries, core.purge, core.series, core.quiet, bell)
        receipts = ReceiptProcessor(core.receipt_inbox, core.subscriptions, self._parsers, bell)
        amendments = AmendmentWorker(
            core.amendment_store, core.deliveries, self.messengers, self._policy, bell
        )
        return (
            core.heartbeat.keep_beating("worker", self.stop),
            keep_registered(registration),
            bell.run(),
            control(core, queue),
            sweeper.run(),
            receipts.run(),
            TemplateFetcher(core.templates, self.messengers, bell).run(),
            preflight(self.messengers, self._refused, core, self._transport.their_time),
            amendments.run(),
        )


async def _first_sign(core: Core) -> None:
    """Before anything is claimed: a store that has lost something, or a long gap, stops everything."""
    while not await core.heartbeat.beat("worker"):
        await cancellable_sleep(FIRST_SIGN_PAUSE_SECONDS)


async def work(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then finish what is in flight."""
    # In a container a worker has the host name and pid of its killed predecessor, and RQ refuses a name twice.
    name = f"engine-{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
    async with contextlib.AsyncExitStack() as stack:
        memory = stack.enter_context(contextlib.closing(ClaimMemory(settings.data_dir)))
        core = await stack.enter_async_context(open_core(settings, memory))
        raw, books = connect_bytes(store_url(settings)), connect_sync(store_url(settings))
        stack.push_async_callback(raw.aclose)
        stack.callback(books.close)
        session = await stack.enter_async_context(open_session())
        refused = await core.accounts.refused()
        for trouble in refused.values():
            log.error("%s", trouble)
        worker = Worker(core, settings, Transport(session), refused, name=name)
        await _first_sign(core)
        for number in stop_signals():
            asyncio.get_running_loop().add_signal_handler(number, worker.stop)
        registration = await stack.enter_async_context(Registration(books, name))
        _spare_garbage_collector()
        log.info("worker %s is ready; messengers: %s", name, ", ".join(worker.messengers) or "none set up")
        await worker.run(ControlQueue(raw), registration)
        core.heartbeat.raise_end()
    log.info("worker %s has stopped", name)


def main() -> None:
    """Read the settings and work."""
    settings = load_settings()
    configure_logging(settings, "worker")
    # On few cores, the store, the API and the bot go first.
    os.nice(5)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work(settings))


if __name__ == "__main__":
    sys.exit(exit_code(main))
