"""A reader's clock: the current moment and the time zone it is shown in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from core.parsing.dates import LONGEST_AHEAD, AmbiguousTime, WrongMoment, on_wall_clock


@dataclass(frozen=True, slots=True)
class Clock:
    now: datetime
    zone: ZoneInfo
    month_first: bool | None = False
    """The reader writes 12/31, not 31/12; None: perhaps."""

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def midnight(self) -> datetime:
        return datetime.combine(self.today, time(), self.zone)

    @property
    def last_day(self) -> date:
        return (self.now + LONGEST_AHEAD).astimezone(self.zone).date()

    def is_open(self, moment: datetime) -> bool:
        """True for a moment that a broadcast may be planned for."""
        return self.now < moment <= self.now + LONGEST_AHEAD

    def day_is_open(self, day: date) -> bool:
        """True for a day of which some time can be planned for."""
        return self.today <= day <= self.last_day and any(
            self.moments_at(datetime.combine(day, time(hour, minute))) for hour, minute in ((23, 59), (0, 0))
        )

    def moments_at(self, wall: datetime, fold: int | None = None) -> list[datetime]:
        """Open moments at which the clock shows `wall`: none in a DST gap, up to two in a DST fold."""
        try:
            found = [on_wall_clock(wall, self.zone)]
        except AmbiguousTime as asked:
            both = [asked.first, asked.second]
            found = both if fold is None else [both[fold]]
        except WrongMoment:
            found = []
        return [moment for moment in found if self.is_open(moment)]
