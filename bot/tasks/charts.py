"""Draws charts of broadcasts; each runs bot/tasks/chart_process.py once."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.tasks.chart_data import ChartBar, ChartData, ChartState
from bot.text import formatting
from bot.text.translation import _
from core.child_process import run_module
from core.domain.broadcast import Broadcast
from core.domain.delivery import DeliveryState
from core.domain.timeline import Timeline

log = logging.getLogger(__name__)

_SECONDS: Final = 30.0
_MOST_WAITING: Final = 4
_COLOURS: Final = {
    DeliveryState.READ: "#2b5fb8",
    DeliveryState.DELIVERED: "#2a8fb0",
    DeliveryState.SENT: "#3aa06f",
    DeliveryState.UNKNOWN: "#d9902f",
    DeliveryState.FAILED: "#cf4436",
    DeliveryState.CANCELLED: "#8b929c",
}
_LONG: Final = timedelta(minutes=1)
"""Sending that took longer is drawn over time."""
_TICKS: Final = 4


def chart_of(broadcast: Broadcast, timeline: Timeline, zone: ZoneInfo) -> ChartData:
    """Shares of the states on each messenger; over time where sending took longer than a minute."""
    progress, used = broadcast.progress, timeline.used
    present = [state for state in _COLOURS if progress.of(state)]
    over_time = _took(broadcast, timeline) > _LONG and used > 1
    names = formatting.state_names()
    empty = [0] * used
    return ChartData(
        title=formatting.people_and_messages(broadcast.people, progress.total),
        states=[
            ChartState(
                name=names[state],
                colour=_COLOURS[state],
                slices=(timeline.slices.get(state, empty)[:used] if over_time else []),
            )
            for state in present
        ],
        bars=[
            ChartBar(
                name=messenger.traits.title,
                people=formatting.people(progress.total_on(messenger)),
                shares=[counts.get(state, 0) / progress.total_on(messenger) for state in present],
            )
            for messenger, counts in progress.counts.items()
            if progress.total_on(messenger)
        ],
        over_time=_("Deliveries over time") if over_time else "",
        per_slice=_("people"),
        ticks=_ticks(timeline, zone) if over_time else [],
    )


def _took(broadcast: Broadcast, timeline: Timeline) -> timedelta:
    if broadcast.started_at is None:
        return timedelta()
    return (broadcast.finished_at or timeline.start + _length(timeline)) - broadcast.started_at


def _length(timeline: Timeline) -> timedelta:
    return timedelta(seconds=timeline.slice_seconds * timeline.used)


def _ticks(timeline: Timeline, zone: ZoneInfo) -> list[tuple[float, str]]:
    """A few places on the axis of time, with the day where it spans days."""
    length = _length(timeline)
    found = []
    for number in range(_TICKS):
        share = number / (_TICKS - 1)
        at = timeline.start + length * share
        local = at.astimezone(zone)
        day = formatting.short_moment(at, zone)
        found.append((share * timeline.used, f"{local:%H:%M}" if length < timedelta(hours=20) else day))
    return found


class Charts:
    """Draws one chart at a time, so that many broadcasts that end together leave the machine to the workers."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def draw(self, chart: ChartData) -> bytes | None:
        """A PNG; None when too many charts wait, or drawing fails."""
        if self._waiting >= _MOST_WAITING:
            return None
        self._waiting += 1
        try:
            async with self._turn, asyncio.timeout(_SECONDS):
                return await run_module("bot.tasks.chart_process", chart.to_json())
        except (OSError, TimeoutError) as error:
            log.warning("no chart: %s", type(error).__name__)
            return None
        finally:
            self._waiting -= 1
