"""What a chart of a broadcast shows, as it goes from the bot to the process that draws it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartLine:
    """One state: how many in each slice of time, and in all."""

    name: str
    colour: str
    counts: list[int]
    total: int
    label: str
    """The total, as it is written."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartData:
    """Everything that is drawn, in words and numbers."""

    title: str
    over_time: str
    per_slice: str
    by_state: str
    minutes: str
    seconds: str
    slice_seconds: float
    series: list[ChartLine]

    def packed(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def read(cls, packed: bytes) -> ChartData:
        fields = json.loads(packed)
        return cls(**{**fields, "series": [ChartLine(**one) for one in fields["series"]]})
