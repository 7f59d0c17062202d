"""Applies what messengers reported, in every worker; any number of them may do so at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from redis.exceptions import RedisError

from core.domain.messengers.events import Report, Unreadable
from core.domain.messengers.traits import Messenger
from core.runtime import cancellable_sleep
from core.store.receipt_inbox import ReceiptInboxStore

log = logging.getLogger(__name__)

IDLE_SECONDS: Final = 0.2
# What comes one by one is worth gathering: a batch costs hardly more than a single one.
GATHER_SECONDS: Final = 0.1
MANY: Final = 300
STORE_PAUSE_SECONDS: Final = 1.0

Parse = Callable[[str], Sequence[Report]]


class ReceiptProcessor:
    """Run `run()` as a task for as long as the worker works."""

    def __init__(self, inbox: ReceiptInboxStore, parsers: Mapping[Messenger, Parse]) -> None:
        self._inbox = inbox
        self._parsers = parsers

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for messenger in self._parsers:
                tasks.create_task(self._keep_applying(messenger))

    async def _keep_applying(self, messenger: Messenger) -> None:
        while True:
            try:
                applied = await self.apply_some(messenger)
                pause = 0.0 if applied >= MANY else GATHER_SECONDS if applied else IDLE_SECONDS
            except RedisError as error:
                log.warning("receipts of %s wait, the store does not take them: %s", messenger, error)
                pause = STORE_PAUSE_SECONDS
            await cancellable_sleep(pause)

    async def apply_some(self, messenger: Messenger) -> int:
        """Applies the oldest of what waits; returns how many calls of the webhook that were."""
        taken = await self._inbox.take(messenger)
        if taken is None:
            return 0
        reports = [report for body in taken.bodies for report in self._read(messenger, body)]
        await self._inbox.apply(messenger, reports)
        await self._inbox.done(taken)
        return len(taken.bodies)

    def _read(self, messenger: Messenger, body: str) -> Sequence[Report]:
        try:
            reports = self._parsers[messenger](body)
        except Exception:
            # One body that nobody foresaw must not stand in the way of all that come after it.
            log.exception("a report of %s could not be read", messenger)
            return [Unreadable("unforeseen")]
        for report in reports:
            if isinstance(report, Unreadable):
                log.warning("a report of %s is not in its own form: %s", messenger, report.detail)
        return reports
