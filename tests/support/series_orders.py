"""Orders of series: every day at nine in Berlin, by Ann."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from redis.asyncio import Redis

from core.app import Core
from core.domain.audience import Chosen
from core.domain.audit import Actor
from core.domain.broadcast import Late
from core.domain.content.content import Content
from core.domain.recurrence import Recurrence
from core.domain.series import NewSeries, Repeat, Series
from core.store.scripts import Scripts
from core.store.series import SeriesStore

ENTRIES = "ms:scheduler:entries"
"""The schedule of rq-scheduler."""
DAILY = Repeat(rule=Recurrence.at(9, 0), zone="Europe/Berlin")
AUTHOR = Actor("telegram:100", "Ann")


def to(*audiences: Chosen, repeat: Repeat = DAILY, late: Late | None = None) -> NewSeries:
    return NewSeries(
        content=Content(text="Hello"), audiences=audiences, repeat=repeat, late=late, created_by=AUTHOR
    )


async def accepted(core: Core, new: NewSeries) -> Series:
    return await core.series.accept(await core.ledger.reserve_id(), new)


async def due(core: Core, store: Redis, new: NewSeries, since: timedelta = timedelta(seconds=1)) -> Series:
    """A series whose next time has passed by `since`."""
    series_id, next_id = [await core.ledger.reserve_id() for _ in range(2)]
    now = datetime.now(UTC)
    book = SeriesStore(store, Scripts(store))
    assert await book.create(series_id, new, next_at=now - since, next_id=next_id, now=now)
    return await core.series.get(series_id)
