"""Repairs what fell between, in every worker; any number of copies may run at once.

Claims whose holder died become unknown, broadcasts that are due and were not started are started, those of series that
are due and were not made are made, jobs that RQ lost are made again, history past its time is deleted.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from redis.exceptions import RedisError

from core.domain.messengers.traits import Messenger
from core.runtime import cancellable_sleep
from core.services.purge import Purge
from core.services.series import SeriesService
from core.store.deliveries import DeliveryQueue
from core.store.ledger import LedgerStore
from core.store.quiet_hours import QuietHoursStore

log = logging.getLogger(__name__)


class Sweeper:
    """Run `run()` as a task for as long as the worker works."""

    def __init__(
        self,
        ledger: LedgerStore,
        moves: DeliveryQueue,
        purge: Purge,
        recurring: SeriesService,
        quiet: QuietHoursStore,
    ) -> None:
        self._ledger = ledger
        self._moves = moves
        self._purge = purge
        self._recurring = recurring
        self._quiet = quiet

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_every(0.5, self.start_due))
            tasks.create_task(_every(1.0, self._recurring.make_all_due))
            tasks.create_task(_every(1.0, self.reap))
            tasks.create_task(_every(5.0, self.refeed))
            tasks.create_task(_every(10.0, self._ledger.empty_trash))
            tasks.create_task(_every(60.0, self.forget_old))
            tasks.create_task(_every(600.0, self._quiet.refresh))

    async def start_due(self) -> None:
        """Starts what is due: the second pair of hands behind rq-scheduler."""
        await self._moves.start_due()

    async def reap(self) -> None:
        reaped = await self._moves.reap()
        if reaped:
            log.warning("%s deliveries were cut off while sending and are unknown now", reaped)

    async def refeed(self) -> None:
        for messenger in Messenger:
            again = await self._moves.refeed(messenger)
            if again:
                log.warning("%s jobs had been lost on queue %s and were made again", again, messenger)

    async def forget_old(self) -> None:
        gone = await self._purge.expired()
        if gone:
            log.info("%s broadcasts were past their time and are deleted", gone)


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except RedisError as error:
            log.warning("a sweep had to be left out, the store does not answer: %s", error)
        except Exception:
            # One broadcast that cannot be read must not take the worker and all that is in the air with it.
            log.exception("a sweep failed")
        await cancellable_sleep(seconds)
