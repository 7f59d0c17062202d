"""The content of a chart of a broadcast, passed as JSON to the process that draws it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartLine:
    """One delivery state: its count in each slice of time, and in total."""

    name: str
    colour: str
    counts: list[int]
    total: int
    label: str
    """The total as text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartData:
    title: str
    over_time: str
    per_slice: str
    by_state: str
    minutes: str
    seconds: str
    slice_seconds: float
    series: list[ChartLine]

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, data: bytes) -> ChartData:
        fields = json.loads(data)
        return cls(**{**fields, "series": [ChartLine(**one) for one in fields["series"]]})
