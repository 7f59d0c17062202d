"""Wall clock times from button data, checked against the current moment.

A button is checked when it is drawn and again when it is tapped: time has passed, and data can be forged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from bot.text import formatting
from bot.text.clock import Clock
from bot.ui.callback_data import StaleScreen
from core.domain.translatable import Day, sentence
from core.parsing.dates import AmbiguousTime, WrongMoment, on_wall_clock, within_range

FIRST_HOUR = time(9)


@dataclass(frozen=True, slots=True)
class WallTime:
    """A wall clock time. `fold`: which of two moments in a DST fold; None if not chosen."""

    wall: datetime
    fold: int | None = None

    def __str__(self) -> str:
        digits = f"{self.wall:%Y%m%d%H%M}"
        return digits if self.fold is None else f"{digits}:{self.fold}"

    @classmethod
    def read(cls, text: str) -> WallTime:
        """Parse what str() wrote. Raises StaleScreen for an impossible time."""
        digits, _, fold = text.partition(":")
        try:
            wall = datetime.strptime(digits, "%Y%m%d%H%M")  # noqa: DTZ007 - a wall clock has no zone yet
        except ValueError:
            raise StaleScreen from None
        return cls(wall, int(fold) if fold else None)

    @classmethod
    def of(cls, moment: datetime, zone: ZoneInfo) -> WallTime:
        """The wall clock time of a moment in `zone`."""
        local = moment.astimezone(zone)
        fold = local.fold if formatting.fold_suffix(moment, zone) else None
        return cls(local.replace(tzinfo=None, fold=0, second=0, microsecond=0), fold)

    def moment(self, clock: Clock) -> datetime:
        """The moment in UTC. Raises AmbiguousTime or WrongMoment."""
        try:
            found = on_wall_clock(self.wall, clock.zone)
        except AmbiguousTime as asked:
            if self.fold is None:
                raise
            found = asked.second if self.fold else asked.first
        return within_range(found, now=clock.now, zone=clock.zone)

    def moments(self, clock: Clock) -> list[datetime]:
        """The open moments at this time: none in a DST gap, two in a fold."""
        return clock.moments_at(self.wall, self.fold)


def encode_moment(moment: datetime) -> str:
    """As absolute minutes for button data, so that it stays the same in any time zone."""
    return str(int(moment.timestamp()) // 60)


def decode_moment(text: str) -> datetime:
    """Parse what encode_moment() wrote, in UTC."""
    return datetime.fromtimestamp(int(text) * 60, UTC)


def open_moment(moment: datetime, clock: Clock) -> datetime:
    """Raises WrongMoment for one that cannot be planned for."""
    return within_range(moment, now=clock.now, zone=clock.zone)


def decode_day(text: str) -> date:
    """Eight digits as a day. Raises StaleScreen where no calendar has it."""
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise StaleScreen from None


def open_day(day: date, clock: Clock) -> date:
    """Raises WrongMoment for a day that cannot be planned for."""
    if not clock.day_is_open(day):
        named = Day(day, year=True)
        if day <= clock.today:
            raise WrongMoment(sentence("{day} has passed. Choose another day.", day=named))
        raise WrongMoment(sentence("{day} is more than a year ahead. Choose another day.", day=named))
    return day


def page_start(day: date, clock: Clock) -> date:
    """The day from which a page of days is shown, moved into what can be planned for."""
    return min(max(day, clock.today), clock.last_day)


def page_year(year: int, clock: Clock) -> int:
    """The year of a page of months, moved into what can be planned for."""
    return min(max(year, clock.today.year), clock.last_day.year)


def opening_time(day: date, clock: Clock, marked: datetime | None = None) -> WallTime:
    """The time to show first for a day: the one chosen before, else 9:00, else the next open one."""
    wanted = marked.astimezone(clock.zone).time().replace(second=0, microsecond=0) if marked else FIRST_HOUR
    tries = [wanted, *(time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)), time(23, 59)]
    for at in tries:
        pick = WallTime(datetime.combine(day, at))
        if pick.moments(clock):
            return pick
    raise WrongMoment(sentence("{day} is almost over. Choose another day.", day=Day(day)))
