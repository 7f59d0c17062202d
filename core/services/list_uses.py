"""Count the broadcasts, series and segments that use a saved list."""

from __future__ import annotations

from dataclasses import dataclass

from core.services.broadcasts import Broadcasts
from core.store.audiences import AudienceStore
from core.store.series import SeriesStore


@dataclass(frozen=True, kw_only=True, slots=True)
class ListUses:
    """Numbers of each kind."""

    scheduled: int
    """Broadcasts that wait for their time. They go to those who were on it when they were ordered."""
    series: int
    """Open series, which read it anew each time."""
    segments: int
    """Saved segments of it."""


@dataclass(frozen=True, slots=True)
class ListUseService:
    _lists: AudienceStore
    _broadcasts: Broadcasts
    _series: SeriesStore

    async def of(self, list_id: str) -> ListUses:
        """Count uses of the list itself and of its segments."""
        saved = await self._lists.get_many(list((await self._lists.names()).values()))
        segments = {one.id for one in saved if one.rule is not None and one.rule.of == list_id}
        ids = segments | {list_id}
        waiting = [one async for one in self._broadcasts.each_scheduled()]
        series = await self._series.get_many([series_id for series_id, _at in await self._series.places()])
        return ListUses(
            scheduled=sum(one.lists is not None and not ids.isdisjoint(one.lists.ids) for one in waiting),
            series=sum(not ids.isdisjoint(chosen.id for chosen in one.order.audiences) for one in series),
            segments=len(segments),
        )
