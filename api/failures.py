"""Refused requests: counted in memory, stored once a second, logged once a minute."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from time import monotonic
from typing import Final

from core.app import Core
from core.domain.messengers.traits import Messenger
from core.store.connection import STORE_ERRORS, STORE_IS_FULL

log = logging.getLogger(__name__)

BURST: Final = 30
"""Wrong passwords in a row before everybody has to wait."""
PER_SECOND: Final = 1.0
"""Wrong passwords forgotten in a second."""
_FLUSH_SECONDS: Final = 1.0
_LOG_SECONDS: Final = 60.0


class Failures:
    """Wrong passwords, and receipts that are forged, too large or unreadable."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._receipts: Counter[tuple[Messenger, str]] = Counter()
        self._logins = self._unlogged = 0
        self._full_at = 0.0
        self._logged_at = float("-inf")
        self._counted = asyncio.Event()

    def count_receipt(self, messenger: Messenger, what: str) -> None:
        """`what`: "refused" or "malformed"."""
        self._receipts[messenger, what] += 1
        self._counted.set()

    def may_try(self) -> bool:
        """False after too many wrong passwords, from whatever address."""
        return self._full_at - monotonic() <= (BURST - 1) / PER_SECOND

    def count_login(self) -> None:
        """Count a wrong password."""
        self._full_at = max(self._full_at, monotonic()) + 1 / PER_SECOND
        self._logins += 1
        self._unlogged += 1
        self._counted.set()

    async def run(self) -> None:
        """Store and log until cancelled."""
        while True:
            await self._counted.wait()
            await asyncio.sleep(_FLUSH_SECONDS)
            self._log()
            await self.flush()
            if not (self._unlogged or self._receipts or self._logins):
                self._counted.clear()

    async def flush(self) -> None:
        """Store what was counted; kept for the next time while the store does not answer."""
        receipts, self._receipts = self._receipts, Counter()
        logins, self._logins = self._logins, 0
        try:
            while receipts:
                (messenger, what), count = next(iter(receipts.items()))
                await self._core.receipt_inbox.note(messenger, what, count)
                del receipts[messenger, what]
            if logins:
                await self._core.health.count_failed_logins(logins)
                logins = 0
        except (*STORE_ERRORS, STORE_IS_FULL):
            self._receipts += receipts
            self._logins += logins

    def _log(self) -> None:
        if self._unlogged and monotonic() - self._logged_at >= _LOG_SECONDS:
            log.warning("%d calls with a wrong user or password", self._unlogged)
            self._logged_at, self._unlogged = monotonic(), 0
