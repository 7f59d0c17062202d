"""Quiet hours: a span of the wall clock in one time zone in which nothing is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_SPAN: Final = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*[-–—]\s*(\d{1,2})(?::(\d{2}))?")  # noqa: RUF001 - dashes as people type them
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end` in `zone` (IANA), past midnight when end comes first; equal = never."""

    start: time
    end: time
    zone: str

    @classmethod
    def parse(cls, text: str) -> QuietHours:
        """Read "22:00-08:00@Europe/Berlin", as str() writes it. Raises ValueError."""
        span, _, zone = text.partition("@")
        start, end = read_span(span)
        return cls(start, end, zone)

    @classmethod
    def never(cls) -> QuietHours:
        """No quiet hours, for a list that overrides the general ones."""
        return cls(time(), time(), "UTC")

    def __str__(self) -> str:
        return f"{self.span}@{self.zone}"

    @property
    def span(self) -> str:
        """For example "22:00-08:00"."""
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    @property
    def is_never(self) -> bool:
        return self.start == self.end

    def until(self, moment: datetime) -> datetime | None:
        """End of the quiet hours around `moment`, in UTC; None outside quiet hours."""
        for start, end in self.windows(moment, 2):
            if start <= moment:
                return end
        return None

    def windows(self, now: datetime, count: int) -> list[tuple[datetime, datetime]]:
        """The next `count` spans in UTC, beginning with the current one."""
        found: list[tuple[datetime, datetime]] = []
        for start, end in self._all(now):
            if len(found) == count:
                break
            if end > now and start < end:
                found.append((start, end))
        return found

    def _all(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        if self.is_never:
            return
        zone = ZoneInfo(self.zone)
        day = now.astimezone(zone).date() - _DAY
        while True:
            last = day + _DAY if self.end <= self.start else day
            # Where the clocks show a time twice, it is quiet from the first to the second.
            yield _moment(day, self.start, zone, fold=0), _moment(last, self.end, zone, fold=1)
            day += _DAY


def _moment(day: date, at: time, zone: ZoneInfo, *, fold: int) -> datetime:
    wall = datetime.combine(day, at, zone)
    twice = wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()
    exists = wall.replace(fold=0).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall.replace(
        tzinfo=None
    )
    return wall.replace(fold=fold if twice and exists else 0).astimezone(UTC)


def read_span(text: str) -> tuple[time, time]:
    """ "22:00-08:00" or "22-8". Raises ValueError."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'"{text}" is no span of hours')
    return time(int(match[1]), int(match[2] or 0)), time(int(match[3]), int(match[4] or 0))
