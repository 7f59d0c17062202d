"""Applies the messengers' reports; runs in every worker, any number at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from redis.exceptions import RedisError

from core.domain.messengers.events import Report, Unreadable
from core.domain.messengers.traits import Messenger
from core.runtime import cancellable_sleep
from core.services.subscriptions import Subscriptions
from core.store.bell import SAFETY_SECONDS, Bell, wait_for
from core.store.receipt_inbox import ReceiptInboxStore

log = logging.getLogger(__name__)

# Reports that come one by one are gathered: a batch costs hardly more than a single one.
GATHER_SECONDS: Final = 0.1
MANY: Final = 300
_PAUSE_SECONDS: Final = 2.0

Parse = Callable[[str], Sequence[Report]]


@dataclass(frozen=True, slots=True)
class ReceiptProcessor:
    """Reads the inbox of each messenger and applies it to the ledger."""

    _inbox: ReceiptInboxStore
    _subscriptions: Subscriptions
    _parsers: Mapping[Messenger, Parse]
    _bell: Bell

    async def run(self) -> None:
        """Run until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for messenger in self._parsers:
                tasks.create_task(self._keep_applying(messenger))

    async def _keep_applying(self, messenger: Messenger) -> None:
        came = self._bell.inbox(messenger)
        while True:
            await cancellable_sleep(0)
            try:
                applied = await self.apply_some(messenger)
            except RedisError as error:
                log.warning("could not apply receipts of %s: %s", messenger, error)
                await cancellable_sleep(_PAUSE_SECONDS)
                continue
            if not applied:
                await wait_for(came, SAFETY_SECONDS)
            if applied < MANY:
                await cancellable_sleep(GATHER_SECONDS)

    async def apply_some(self, messenger: Messenger) -> int:
        """Apply the oldest bodies in the inbox. Returns how many webhook calls that were."""
        taken = await self._inbox.take(messenger)
        if taken is None:
            return 0
        reports = [report for body in taken.bodies for report in self._read(messenger, body)]
        await self._inbox.apply(messenger, reports)
        await self._subscriptions.follow(messenger, reports)
        await self._inbox.done(taken)
        return len(taken.bodies)

    def _read(self, messenger: Messenger, body: str) -> Sequence[Report]:
        try:
            reports = self._parsers[messenger](body)
        except Exception:
            # One unexpected body must not block those behind it.
            log.exception("could not read a report of %s", messenger)
            return [Unreadable("unforeseen")]
        for report in reports:
            if isinstance(report, Unreadable):
                log.warning("a report of %s is malformed: %s", messenger, report.detail)
        return reports
