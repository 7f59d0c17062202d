"""`python -m bot.tasks.chart_process`: reads a ChartData as JSON from stdin, writes a PNG to stdout.

A separate process keeps matplotlib's memory and its second of loading out of the bot.
"""

from __future__ import annotations

import sys
from typing import Final

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from bot.tasks.chart_data import ChartBar, ChartData

_WIDTH: Final = 4.2
"""Inches; small, so that the letters are readable on a phone."""
_DOTS: Final = 260
_HEAD: Final = 0.55
_BAR: Final = 0.85
_LEGEND: Final = 0.28
_TIME: Final = 2.9
_EDGE: Final = 0.25
_LABELS: Final = 0.5
"""Inches: the title, one messenger, a row of the legend, the part over time, a margin, the numbers beside an axis."""
_IN_A_ROW: Final = 2
_PAPER: Final = "#f8fafc"
"""Light with dark letters, as a card of its own: readable in a light and in a dark chat."""
_INK: Final = "#1f2937"
_GREY: Final = "#5b6472"
_SMALLEST_LABELLED: Final = 0.13
"""Of the bar: a percentage fits into it."""


def draw(chart: ChartData) -> Figure:
    """A bar of shares for each messenger, a legend, and below them the deliveries over time."""
    rows = -(-len(chart.states) // _IN_A_ROW)
    time = _TIME if chart.over_time else 0.0
    bars, legend = _BAR * len(chart.bars), _LEGEND * rows
    height = _HEAD + bars + legend + time + _EDGE
    figure = Figure(figsize=(_WIDTH, height), dpi=_DOTS, facecolor=_PAPER)
    FigureCanvasAgg(figure)

    def part(top: float, high: float, left: float = _EDGE) -> Axes:
        """Axes of this height in inches, `top` inches below the upper edge."""
        width = (_WIDTH - left - _EDGE) / _WIDTH
        return figure.add_axes((left / _WIDTH, 1 - (top + high) / height, width, high / height))

    figure.text(
        _EDGE / _WIDTH,
        1 - 0.35 / height,
        chart.title,
        fontsize=15,
        fontweight="bold",
        color=_INK,
        va="center",
    )
    _shares(part(_HEAD, bars), chart)
    _legend(part(_HEAD + bars, legend), chart)
    if chart.over_time:
        _over_time(part(_HEAD + bars + legend + 0.6, time - 0.85, _EDGE + _LABELS), chart)
    return figure


def _shares(axes: Axes, chart: ChartData) -> None:
    for place, bar in enumerate(reversed(chart.bars)):
        _bar(axes, chart, bar, place)
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.4, len(chart.bars) - 0.4)
    axes.axis("off")


def _legend(axes: Axes, chart: ChartData) -> None:
    axes.axis("off")
    patches = [Patch(color=one.colour, label=one.name) for one in chart.states]
    axes.legend(
        handles=patches,
        loc=2,  # the upper left corner
        bbox_to_anchor=(0, 1),
        borderpad=0,
        borderaxespad=0,
        ncols=min(_IN_A_ROW, len(patches)),
        frameon=False,
        fontsize=12,
        labelcolor=_INK,
        handlelength=1,
        handleheight=1,
        columnspacing=2,
    )


def _bar(axes: Axes, chart: ChartData, bar: ChartBar, place: int) -> None:
    left = 0.0
    for state, share in zip(chart.states, bar.shares, strict=True):
        axes.barh(place, share, 0.42, left, color=state.colour)
        if share >= _SMALLEST_LABELLED:
            axes.text(
                left + share / 2,
                place,
                f"{share:.0%}",
                ha="center",
                va="center",
                color="white",
                fontsize=12,
                fontweight="bold",
            )
        left += share
    axes.text(0, place + 0.3, bar.name, ha="left", va="bottom", color=_INK, fontsize=13, fontweight="bold")
    axes.text(1, place + 0.3, bar.people, ha="right", va="bottom", color=_GREY, fontsize=12)


def _over_time(axes: Axes, chart: ChartData) -> None:
    bottom = [0] * max(len(one.slices) for one in chart.states)
    for one in chart.states:
        if one.slices:
            axes.bar(range(len(bottom)), one.slices, 0.94, bottom, color=one.colour, align="edge")
            bottom = [below + count for below, count in zip(bottom, one.slices, strict=True)]
    edge = -_LABELS / (_WIDTH - 2 * _EDGE - _LABELS)
    axes.set_title(chart.over_time, fontsize=13, fontweight="bold", loc="left", x=edge, color=_INK)
    axes.set_facecolor(_PAPER)
    axes.margins(x=0.03)
    axes.set_ylabel(chart.per_slice, fontsize=12, color=_GREY)
    axes.set_xticks([at for at, _label in chart.ticks], [label for _at, label in chart.ticks])
    axes.tick_params(labelsize=12, colors=_GREY)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(_GREY)
    axes.grid(axis="y", color="#e2e6ec")
    axes.set_axisbelow(True)


def main() -> int:
    figure = draw(ChartData.from_json(sys.stdin.buffer.read()))
    figure.savefig(sys.stdout.buffer, format="png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
