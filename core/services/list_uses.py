"""The broadcasts, series and segments that use a saved list."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.broadcast import Broadcast
from core.services.broadcasts import Broadcasts
from core.store.audiences import AudienceStore
from core.store.series import SeriesStore


@dataclass(frozen=True, kw_only=True, slots=True)
class ListUses:
    scheduled: tuple[Broadcast, ...]
    """Those that wait for their time. They go to those who were on it when they were ordered."""
    series: int
    """Number of open series, which read it anew each time."""
    segments: int
    """Number of saved segments of it."""


@dataclass(frozen=True, slots=True)
class ListUseService:
    _lists: AudienceStore
    _broadcasts: Broadcasts
    _series: SeriesStore

    async def of(self, list_id: str) -> ListUses:
        """Uses of the list itself and of its segments."""
        saved = await self._lists.get_many(list((await self._lists.names()).values()))
        segments = {one.id for one in saved if one.rule is not None and one.rule.of == list_id}
        ids = segments | {list_id}
        waiting = [one async for one in self._broadcasts.each_scheduled()]
        series = await self._series.get_many([series_id for series_id, _at in await self._series.places()])
        return ListUses(
            scheduled=tuple(one for one in waiting if one.lists and not ids.isdisjoint(one.lists.ids)),
            series=sum(not ids.isdisjoint(chosen.id for chosen in one.order.audiences) for one in series),
            segments=len(segments),
        )
