"""`python -m bot.tasks.chart_process`: draws one chart of a broadcast and ends; bot/tasks/charts.py starts it.

A process of its own, because matplotlib takes a second to load and a lot of memory, which a bot that answers people
should not. Reads a Drawing as JSON from its input and writes a PNG to its output.
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
"""Small, so that the letters are large enough to read on a phone."""
_DOTS: Final = 160
_LINE: Final = 60
"""Letters that stand beside each other over the chart, whatever the language."""
_GREY: Final = "#5f6368"


def draw(drawing: ChartData) -> Figure:
    """Stacked bars over time, and the states with their numbers below."""
    figure = Figure(figsize=_INCHES, dpi=_DOTS, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(drawing.title, fontweight="bold")
    heights = (8, 2 + len(drawing.series))
    above, below = figure.subplots(2, 1, height_ratios=heights)
    _over_time(above, drawing)
    _by_state(below, drawing)
    for axes in (above, below):
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _over_time(axes: Axes, drawing: ChartData) -> None:
    minutes = drawing.slice_seconds * max((len(one.counts) for one in drawing.series), default=0) >= 300
    unit = 60 if minutes else 1
    width = drawing.slice_seconds / unit
    bottom: list[int] = []
    for one in drawing.series:
        bottom = bottom or [0] * len(one.counts)
        places = [place * width for place in range(len(one.counts))]
        axes.bar(places, one.counts, width * 0.94, bottom, color=one.colour, align="edge", label=one.name)
        bottom = [below + count for below, count in zip(bottom, one.counts, strict=True)]
    axes.set_title(fill(drawing.over_time, _LINE), fontsize="medium", loc="left")
    axes.margins(x=0.01)
    axes.set_xlabel(drawing.minutes if minutes else drawing.seconds)
    axes.set_ylabel(drawing.per_slice)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))


def _by_state(axes: Axes, drawing: ChartData) -> None:
    series = drawing.series[::-1]
    bars = axes.barh([one.name for one in series], [one.total for one in series])
    for bar, one in zip(bars, series, strict=True):
        bar.set_color(one.colour)
    axes.bar_label(bars, [one.label for one in series], padding=4, color=_GREY)
    axes.set_title(drawing.by_state, fontsize="medium", loc="left")
    axes.margins(x=0.12)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)


def main() -> int:
    figure = draw(ChartData.read(sys.stdin.buffer.read()))
    figure.savefig(sys.stdout.buffer, format="png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
