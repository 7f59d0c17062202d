"""`python -m bot.tasks.chart_process`: reads a ChartData as JSON from stdin, writes a PNG to stdout.

A separate process keeps matplotlib's memory and its second of loading out of the bot.
"""

from __future__ import annotations

import sys
from textwrap import fill
from typing import Final

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bot.tasks.chart_data import ChartData

_INCHES: Final = (6.0, 5.6)
"""Small, so that the letters are readable on a phone."""
_DOTS: Final = 160
_LINE: Final = 60
"""Characters in a line over the chart."""
_GREY: Final = "#5f6368"


def draw(chart: ChartData) -> Figure:
    """Stacked bars over time, and below them one bar for each state."""
    figure = Figure(figsize=_INCHES, dpi=_DOTS, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(chart.title, fontweight="bold")
    heights = (8, 2 + len(chart.series))
    above, below = figure.subplots(2, 1, height_ratios=heights)
    _over_time(above, chart)
    _by_state(below, chart)
    for axes in (above, below):
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _over_time(axes: Axes, chart: ChartData) -> None:
    minutes = chart.slice_seconds * max((len(one.counts) for one in chart.series), default=0) >= 300
    unit = 60 if minutes else 1
    width = chart.slice_seconds / unit
    bottom: list[int] = []
    for one in chart.series:
        bottom = bottom or [0] * len(one.counts)
        places = [place * width for place in range(len(one.counts))]
        axes.bar(places, one.counts, width * 0.94, bottom, color=one.colour, align="edge", label=one.name)
        bottom = [below + count for below, count in zip(bottom, one.counts, strict=True)]
    axes.set_title(fill(chart.over_time, _LINE), fontsize="medium", loc="left")
    axes.margins(x=0.01)
    axes.set_xlabel(chart.minutes if minutes else chart.seconds)
    axes.set_ylabel(chart.per_slice)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))


def _by_state(axes: Axes, chart: ChartData) -> None:
    series = chart.series[::-1]
    bars = axes.barh([one.name for one in series], [one.total for one in series])
    for bar, one in zip(bars, series, strict=True):
        bar.set_color(one.colour)
    axes.bar_label(bars, [one.label for one in series], padding=4, color=_GREY)
    axes.set_title(chart.by_state, fontsize="medium", loc="left")
    axes.margins(x=0.12)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)


def main() -> int:
    figure = draw(ChartData.from_json(sys.stdin.buffer.read()))
    figure.savefig(sys.stdout.buffer, format="png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
