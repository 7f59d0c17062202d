"""Recurrence: the wall clock times that a cron line names, and the moments at which a zone has them.

A series keeps to the wall clock: 09:00 stays 09:00 when the clocks change. A time that the clocks skip comes as much
later as they skip; one that they show twice counts the first time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

LAST_DAY: Final = 32
"""Among days of the month: the last one, whichever it is."""
MOST_A_DAY: Final = 24
_EVERY_DAY: Final = frozenset(range(1, 32))
_EVERY_MONTH: Final = frozenset(range(1, 13))
_EVERY_WEEKDAY: Final = frozenset(range(7))
_YEARS_AHEAD: Final = 9  # 29 February may be as far away as eight years
_DAY: Final = timedelta(days=1)

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_PART: Final = re.compile(r"(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:/([0-9]{1,2}))?")


class NotCron(ValueError):
    """Not a cron line. `field`: the wrong one of the five, from 1; 0 = not five fields."""

    def __init__(self, field: int) -> None:
        self.field = field
        super().__init__(f"field {field} of the cron line cannot be read")


@dataclass(frozen=True, slots=True)
class Recurrence:
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int] = _EVERY_DAY
    """Of the month, LAST_DAY among them."""
    months: frozenset[int] = _EVERY_MONTH
    weekdays: frozenset[int] = _EVERY_WEEKDAY
    """0 = Monday."""

    @classmethod
    def at(
        cls, hour: int, minute: int, *, weekdays: frozenset[int] = _EVERY_WEEKDAY, day: int | None = None
    ) -> Recurrence:
        """Once on each of its days. `day`: of the month, or LAST_DAY."""
        days = _EVERY_DAY if day is None else frozenset({day})
        return cls(frozenset({minute}), frozenset({hour}), days=days, weekdays=weekdays)

    @classmethod
    def parse(cls, line: str) -> Recurrence:
        """Read five cron fields: minute, hour, day of the month (L = the last), month, weekday. Raises NotCron."""
        fields = line.lower().split()
        if len(fields) != 5:
            raise NotCron(0)
        weekdays = _field(fields[4], 5, 0, 7, _WEEKDAYS, first_name=0)
        return cls(
            _field(fields[0], 1, 0, 59),
            _field(fields[1], 2, 0, 23),
            _field(re.sub(r"(?<![a-z0-9])l(?![a-z0-9])", str(LAST_DAY), fields[2]), 3, 1, LAST_DAY),
            _field(fields[3], 4, 1, 12, _MONTHS),
            frozenset((number - 1) % 7 for number in weekdays),
        )

    def __str__(self) -> str:
        """As a cron line; parse() reads it back."""
        weekdays = {(number + 1) % 7 for number in self.weekdays}
        return " ".join(
            [
                _written(self.minutes, frozenset(range(60))),
                _written(self.hours, frozenset(range(24))),
                _written(self.days, _EVERY_DAY).replace(str(LAST_DAY), "L"),
                _written(self.months, _EVERY_MONTH),
                _written(frozenset(weekdays), _EVERY_WEEKDAY),
            ]
        )

    @property
    def times(self) -> tuple[time, ...]:
        return tuple(time(hour, minute) for hour in sorted(self.hours) for minute in sorted(self.minutes))

    @property
    def every_day_of_month(self) -> bool:
        return self.days >= _EVERY_DAY

    @property
    def every_month(self) -> bool:
        return self.months == _EVERY_MONTH

    @property
    def every_weekday(self) -> bool:
        return self.weekdays == _EVERY_WEEKDAY

    def includes(self, day: date) -> bool:
        """As cron does: where days of the month and weekdays are both chosen, either is enough."""
        if day.month not in self.months:
            return False
        by_date = day.day in self.days or (LAST_DAY in self.days and (day + _DAY).day == 1)
        by_weekday = day.weekday() in self.weekdays
        if self.every_day_of_month or self.every_weekday:
            return by_date and by_weekday
        return by_date or by_weekday

    def following(self, after: datetime, zone: ZoneInfo) -> datetime | None:
        """The first moment later than `after`, in UTC; None when there is none in the next years."""
        after = after.astimezone(UTC)
        # From the day before: what the clocks skip may have been moved past midnight.
        first = after.astimezone(zone).date() - _DAY
        for day in self._days(first):
            ahead = [moment for moment in self._moments(day, zone) if moment > after]
            if ahead:
                next_day = self._moments(day + _DAY, zone) if self.includes(day + _DAY) else []
                return min([*ahead, *(moment for moment in next_day if moment > after)])
        return None

    def preceding(self, until: datetime, zone: ZoneInfo) -> datetime | None:
        """The last moment up to `until`, in UTC; None when there was none in the years before."""
        until = until.astimezone(UTC)
        for day in self._days_back(until.astimezone(zone).date()):
            past = [moment for moment in self._moments(day, zone) if moment <= until]
            if past:
                # What the clocks skipped the day before may have been moved past midnight, behind these.
                day_before = self._moments(day - _DAY, zone) if self.includes(day - _DAY) else []
                return max([*past, *(moment for moment in day_before if moment <= until)])
        return None

    def _days_back(self, last: date) -> Iterator[date]:
        day, end = last, date(last.year - _YEARS_AHEAD, 1, 1)
        while day >= end:
            if day.month not in self.months:
                day = day.replace(day=1) - _DAY
                continue
            if self.includes(day):
                yield day
            day -= _DAY

    def _days(self, first: date) -> Iterator[date]:
        day, end = first, date(first.year + _YEARS_AHEAD, 12, 31)
        while day <= end:
            if day.month not in self.months:
                day = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
                continue
            if self.includes(day):
                yield day
            day += _DAY

    def _moments(self, day: date, zone: ZoneInfo) -> list[datetime]:
        # fold 0 means the first of two equal readings; in a gap it counts with the offset from before it, which is
        # exactly the reading moved on by the gap.
        return sorted({datetime.combine(day, at, zone).replace(fold=0).astimezone(UTC) for at in self.times})


def _field(
    text: str, place: int, low: int, high: int, names: tuple[str, ...] = (), *, first_name: int = 1
) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise NotCron(place)
        start, end, step = match[1], match[2], int(match[3] or 1)
        if start == "*":
            # A star means the whole field without the last day, which is one of the others.
            first, last = low, min(high, 31 if place == 3 else high)
        else:
            first = _number(start, place, names, first_name)
            last = _number(end, place, names, first_name) if end else (high if match[3] else first)
            last = min(last, 31) if match[3] and place == 3 and not end else last
        if (start == "*" and end) or step < 1 or not low <= first <= last <= high:
            raise NotCron(place)
        found.update(range(first, last + 1, step))
    return frozenset(found)


def _number(word: str, place: int, names: tuple[str, ...], first_name: int) -> int:
    if word in names:
        return names.index(word) + first_name
    if not word.isdecimal():
        raise NotCron(place)
    return int(word)


def _written(numbers: frozenset[int], everything: frozenset[int]) -> str:
    return "*" if numbers == everything else ",".join(map(str, sorted(numbers)))
