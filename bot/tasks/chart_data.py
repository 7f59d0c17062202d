"""The content of a chart of a broadcast, passed as JSON to the process that draws it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartState:
    """A delivery state of the legend. `slices`: people in each slice of time; empty where time is not drawn."""

    name: str
    colour: str
    slices: list[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartBar:
    """One messenger. `shares`: of each state, 0 to 1, in the order of the legend."""

    name: str
    people: str
    shares: list[float]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartData:
    title: str
    states: list[ChartState]
    bars: list[ChartBar]
    over_time: str
    """The heading of the part over time; "" where sending was too short for it."""
    per_slice: str
    ticks: list[tuple[float, str]]
    """Position in slices, and the time there."""

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, data: bytes) -> ChartData:
        fields = json.loads(data)
        return cls(
            **{
                **fields,
                "states": [ChartState(**one) for one in fields["states"]],
                "bars": [ChartBar(**one) for one in fields["bars"]],
            }
        )
