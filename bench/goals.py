"""Goals and measured values: the first table of docs/performance.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench.results import Row, load

Rows = Sequence[dict[str, Any]]

COLUMNS: Final = ("what", "goal", "measured", "reached")


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal. `read` takes the rows of a benchmark; `at_least`: true if more is better."""

    what: str
    benchmark: str
    goal: float
    unit: str
    read: Callable[[Rows], list[float]]
    at_least: bool = False

    def row(self) -> Row | None:
        """The measured value, None if the benchmark, or this part of it, has no result."""
        found = load(self.benchmark)
        values = self.read(found["rows"]) if found else []
        if not values:
            return None
        worst = min(values) if self.at_least else max(values)
        reached = worst >= self.goal if self.at_least else worst <= self.goal
        return {
            "what": self.what,
            "goal": f"{'>=' if self.at_least else '<='} {self.goal:,g} {self.unit}".rstrip(),
            "measured": f"{worst:,.0f}" if abs(worst) >= 100 else f"{worst:.3g}",
            "reached": "yes" if reached else "no",
        }


def _throughput(in_flight: int, latency: int, column: str) -> Callable[[Rows], list[float]]:
    def read(rows: Rows) -> list[float]:
        return [
            row[column]
            for row in rows
            if row["engine"] == f"message-sender-{in_flight}" and row["latency ms"] == latency
        ]

    return read


def _times(other: str) -> Callable[[Rows], list[float]]:
    """Ratio of our messages/s to another engine's, at 50 ms with 200 in flight."""

    def read(rows: Rows) -> list[float]:
        ours = _throughput(200, 50, "messages/s")(rows)
        theirs = [row["messages/s"] for row in rows if row["engine"] == other and row["latency ms"] == 50]
        return [min(ours) / max(theirs)] if ours and theirs and max(theirs) else []

    return read


def _ours(*columns: str) -> Callable[[Rows], list[float]]:
    def read(rows: Rows) -> list[float]:
        ours = [row for row in rows if row["engine"].startswith("message-sender")]
        return [float(sum(row[column] for row in ours for column in columns))] if ours else []

    return read


def _column(*columns: str, **where: object) -> Callable[[Rows], list[float]]:
    """Values of the columns in the rows that match; underscores in names stand for blanks."""

    def read(rows: Rows) -> list[float]:
        wanted = {name.replace("_", " "): value for name, value in where.items()}
        fitting = [row for row in rows if all(row.get(name) == value for name, value in wanted.items())]
        return [row[column] for row in fitting for column in columns if column in row]

    return read


def _scripts(column: str) -> Callable[[Rows], list[float]]:
    """Of each act at each size, in ms."""

    def read(rows: Rows) -> list[float]:
        return [value for row in rows for name, value in row.items() if name.endswith(column)]

    return read


def _segments(rows: Rows) -> list[float]:
    return [row["s"] for row in rows if row["step"].startswith("count a segment")]


def _last_post(rows: Rows) -> list[float]:
    return [row["seconds"] for row in rows if row["what"] in ("pause: last POST", "cancel: last POST")]


def _small(rows: Rows) -> list[float]:
    return [row["seconds"] for row in rows if row["what"].startswith("small broadcast")]


def _saturated(rows: Rows) -> list[float]:
    return [row["p95 ms"] for row in rows if row["under"] != "nothing else"]


_BUCKET: Final = {"counted": "bucket of one second's worth"}
_ACTS: Final = ("schedule ms", "reschedule ms", "list ms", "cancel ms")

GOALS: Final = (
    Goal("messages/s at 50 ms, 200 in flight", "throughput", 2500, "", _throughput(200, 50, "messages/s"), True),
    Goal("messages/s at 50 ms, 500 in flight", "throughput", 4000, "", _throughput(500, 50, "messages/s"), True),
    Goal("messages/s at 0 ms", "throughput", 4000, "", _throughput(200, 0, "messages/s"), True),
    Goal("times RQ's WorkerPool of 8, at 50 ms", "throughput", 15, "", _times("rq-pool-8"), True),
    Goal("times saq, at 50 ms", "throughput", 1.5, "", _times("saq-100"), True),
    Goal("CPU of the worker per 1,000, at 50 ms", "throughput", 0.3, "s", _throughput(200, 50, "CPU s per 1,000")),
    Goal("sent twice or lost", "throughput", 0, "", _ours("twice", "lost")),
    Goal("bytes waiting per recipient", "scale", 150, "", _column("bytes waiting", recipients=100_000)),
    Goal("bytes finished per recipient", "scale", 150, "", _column("bytes finished", recipients=100_000)),
    Goal("accepting 100,000 recipients", "scale", 5, "s", _column("accept s", recipients=100_000)),
    Goal("schedule, reschedule, list, cancel at any size", "scale", 50, "ms", _column(*_ACTS)),
    Goal("scripts of any act with a million recipients, p99", "million", 20, "ms", _scripts("script p99 ms")),
    Goal("the longest script of any act with a million recipients", "million", 20, "ms", _scripts("script ms")),
    Goal("scripts about a million people and segments, p99", "contacts", 20, "ms", _column("script p99, ms")),
    Goal("counting a segment of a million", "contacts", 2, "s", _segments),
    Goal("the longest script about people and segments", "contacts", 20, "ms", _column("script, ms")),
    Goal("the store's memory, a million sent through", "million", 512, "MB", _column("store peak MB")),
    Goal("of the million: sent twice or lost", "million", 0, "", _column("twice", "lost")),
    Goal("set second to first POST, p99, 1,000 due at once", "lateness", 1.5, "s", _column("p99 s")),
    Goal("pause or cancel to the last POST", "control", 1, "s", _last_post),
    Goal("10 recipients behind 100,000: all sent", "control", 5, "s", _small),
    Goal("the bot's answer while a worker is saturated, p95", "answers", 200, "ms", _saturated),
    Goal("CPU of an idle product", "idle", 1, "% of a core", _column("CPU % of a core", program="together")),
    Goal("its memory without the store", "idle", 220, "MB", _column("PSS MB", program="together without the store")),
    Goal("429s with 1, 2 and 4 workers", "limits", 0, "", _column("429s", **_BUCKET)),
    Goal("share of the allowed rate used", "limits", 95, "%", _column("% of the allowed rate", **_BUCKET), True),
)  # fmt: skip
