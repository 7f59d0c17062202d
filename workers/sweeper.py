"""Repairs, in every worker, any number at once.

Lapsed claims become unknown, due broadcasts start, due occurrences of series are made, jobs that RQ lost are made
again, expired history is deleted.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from redis.exceptions import RedisError

from core.domain.messengers.traits import Messenger
from core.runtime import cancellable_sleep
from core.services.purge import Purge
from core.services.series import SeriesService
from core.store.bell import SAFETY_SECONDS, Bell, wait_for
from core.store.deliveries import DeliveryQueue
from core.store.ledger import LedgerStore
from core.store.quiet_hours import QuietHoursStore

log = logging.getLogger(__name__)

_PAUSE_SECONDS: Final = 1.0


class Sweeper:
    """Runs each repair at its own interval."""

    def __init__(
        self,
        ledger: LedgerStore,
        deliveries: DeliveryQueue,
        purge: Purge,
        series: SeriesService,
        quiet: QuietHoursStore,
        bell: Bell,
    ) -> None:
        self._ledger = ledger
        self._deliveries = deliveries
        self._purge = purge
        self._series = series
        self._quiet = quiet
        self._scheduled, self._planned = bell.start(), bell.start()

    async def run(self) -> None:
        """Run until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_every(0.0, self.start_due))
            tasks.create_task(_every(0.0, self.make_due))
            tasks.create_task(_every(5.0, self.reap))
            tasks.create_task(_every(15.0, self.refeed))
            tasks.create_task(_every(30.0, self._ledger.empty_trash))
            tasks.create_task(_every(60.0, self.forget_old))
            tasks.create_task(_every(600.0, self._quiet.refresh))

    async def start_due(self) -> None:
        """Start what is due, then wait for the next; a second way to start, beside rq-scheduler."""
        upcoming = await self._deliveries.start_due()
        await wait_for(self._scheduled, SAFETY_SECONDS if upcoming is None else min(upcoming, SAFETY_SECONDS))

    async def make_due(self) -> None:
        """Make the due broadcasts of series, then wait for the next; a second way to make them too."""
        upcoming = await self._series.make_all_due()
        seconds = SAFETY_SECONDS if upcoming is None else max(upcoming, _PAUSE_SECONDS)
        await wait_for(self._planned, min(seconds, SAFETY_SECONDS))

    async def reap(self) -> None:
        reaped = await self._deliveries.reap()
        if reaped:
            log.warning("%s deliveries were cut off while sending and are now unknown", reaped)

    async def refeed(self) -> None:
        for messenger in Messenger:
            again = await self._deliveries.refeed(messenger)
            if again:
                log.warning("RQ had lost %s jobs on queue %s; they were made again", again, messenger)

    async def forget_old(self) -> None:
        gone = await self._purge.expired()
        if gone:
            log.info("deleted %s expired broadcasts", gone)


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
            await cancellable_sleep(seconds)
        except RedisError as error:
            log.warning("skipped a sweep, the store does not answer: %s", error)
            await cancellable_sleep(max(seconds, _PAUSE_SECONDS))
        except Exception:
            # One unreadable broadcast must not end the worker and everything in flight.
            log.exception("a sweep failed")
            await cancellable_sleep(max(seconds, _PAUSE_SECONDS))
