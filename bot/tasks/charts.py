"""Draws charts of broadcasts; each runs bot/tasks/chart_process.py once."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from bot.tasks.chart_data import ChartData, ChartLine
from bot.text import formatting
from bot.text.translation import _, amount
from core.domain.broadcast import Broadcast
from core.domain.delivery import DeliveryState
from core.domain.timeline import Timeline

log = logging.getLogger(__name__)

_SECONDS: Final = 30.0
_MOST_WAITING: Final = 4
_ROOT: Final = Path(__file__).parents[2]
_PASSED_ON: Final = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT")
"""All variables that the drawing process gets: it needs no secret."""
_COLOURS: Final = {
    DeliveryState.SENT: "#4c9f70",
    DeliveryState.DELIVERED: "#2a7f8f",
    DeliveryState.READ: "#3565b5",
    DeliveryState.FAILED: "#cc4b37",
    DeliveryState.UNKNOWN: "#e0a030",
    DeliveryState.CANCELLED: "#b8bcc2",
}


def chart_of(broadcast: Broadcast, timeline: Timeline, zone: ZoneInfo) -> ChartData:
    total, used = broadcast.progress.total, timeline.used
    empty, names = [0] * used, formatting.state_names()
    return ChartData(
        title=f"#{broadcast.id} · {formatting.people(total)}",
        over_time=_("Over time, each in its latest state, from {moment}").format(
            moment=formatting.full_moment(timeline.start, zone)
        ),
        per_slice=_("people in {seconds} s").format(seconds=amount(timeline.slice_seconds)),
        by_state=_("In the end"),
        minutes=_("min"),
        seconds=_("s"),
        slice_seconds=timeline.slice_seconds,
        series=[
            ChartLine(
                name=names[state],
                colour=colour,
                counts=timeline.slices[state][:used] if state in timeline.slices else empty,
                total=broadcast.progress.of(state),
                label=amount(broadcast.progress.of(state)),
            )
            for state, colour in _COLOURS.items()
            if broadcast.progress.of(state)
        ],
    )


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
                return await _run_process(chart)
        except (OSError, TimeoutError) as error:
            log.warning("no chart: %s", type(error).__name__)
            return None
        finally:
            self._waiting -= 1


async def _run_process(chart: ChartData) -> bytes | None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.tasks.chart_process", cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
    )  # fmt: skip
    try:
        picture, complaint = await process.communicate(chart.to_json())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        log.warning("no chart: %s", complaint.decode(errors="replace")[-500:])
        return None
    return picture
