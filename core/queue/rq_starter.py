"""Starts broadcasts: now through RQ's control queue, later through one rq-scheduler entry per broadcast.

A series has one entry too, for the time of its next broadcast.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from redis import Redis
from redis.exceptions import OutOfMemoryError

if TYPE_CHECKING:
    from core.queue.rq_entries import RqEntries

log = logging.getLogger(__name__)


class RqStarter:
    """Schedules `start_broadcast`. RQ and rq-scheduler are synchronous: every call runs in a thread."""

    def __init__(self, connection: Redis) -> None:
        self._connection = connection

    @cached_property
    def _entries(self) -> RqEntries:
        from core.queue.rq_entries import RqEntries  # RQ is large, and only orders need it

        return RqEntries(self._connection)

    async def start_now(self, broadcast_id: str) -> None:
        await self._entrust(broadcast_id, lambda: self._entries.start_now(broadcast_id))

    async def start_at(self, broadcast_id: str, moment: datetime) -> None:
        """One entry per broadcast of any size; a later call replaces it."""
        await self._entrust(broadcast_id, lambda: self._entries.start_at(broadcast_id, moment))

    async def make_at(self, series_id: str, moment: datetime) -> None:
        """Schedule the next broadcast of a series; one entry per series, a later call replaces it."""
        await self._entrust(series_id, lambda: self._entries.make_at(series_id, moment))

    async def _entrust(self, broadcast_id: str, enqueue: Callable[[], None]) -> None:
        try:
            await asyncio.to_thread(enqueue)
        except OutOfMemoryError:
            # The broadcast is accepted, and the sweeper starts due ones without a job too.
            log.warning("broadcast=%s got no start job, the store is full", broadcast_id)

    async def forget(self, broadcast_ids: Sequence[str]) -> None:
        await asyncio.to_thread(lambda: self._entries.forget(broadcast_ids))

    async def forget_series(self, series_id: str) -> None:
        await asyncio.to_thread(lambda: self._entries.forget_series(series_id))
