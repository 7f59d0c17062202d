"""Moments as people write them ("tomorrow 18:30", "in 90 min", "пт 9:00"), read in the zone of the settings.

A moment is between the next minute and a year from now. Nothing is guessed in silence: a day without an hour, a wall
clock that shows the same time twice and one that skips it each end in their own error; what is misspelt, vague or past
ends in one that has the moments that may be meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.domain.errors import ValidationError
from core.domain.translatable import Day, Sentence, sentence
from core.parsing.date_phrases import (
    EitherDay,
    NoSuchDay,
    PartOfDay,
    Unreadable,
    WrittenDay,
    WrittenTime,
    likely,
    names_half,
    read_day,
    read_duration,
    read_iso,
    split_part,
    split_time,
)
from core.parsing.spoken_times import plain_words, split_zone

LONGEST_AHEAD = timedelta(days=366)
EXAMPLES = sentence("tomorrow 18:30 · fri 9:00 · in 90 min")
_MINUTE = timedelta(minutes=1)
_LONGEST_TEXT = 100
_MOST_CHOICES = 3
_NOON = 12
_MORNING = time(9)
_FAR = timedelta(days=60)
"""A day from which on the other order of its day and month is offered too, where that is within _NEAR."""
_NEAR = timedelta(days=31)
_TWO_ORDERS = re.compile(r"\d[/-]\d")


class WrongMoment(ValidationError):
    """A moment that cannot be, or is not certain. `choices`: the aware UTC moments that may be meant."""

    def __init__(self, sentence: str, *choices: datetime) -> None:
        self.choices = choices
        super().__init__([sentence])


class SeveralMoments(WrongMoment):
    """Words that may mean several moments, the likeliest first."""

    def __init__(self, *choices: datetime) -> None:
        super().__init__(sentence("Did you mean one of these?"), *choices)


class UnreadableMoment(WrongMoment):
    """Words that are no moment at all."""


class NeedsTime(ValidationError):
    """A day was named, and no hour. `day` is within the next year."""

    def __init__(self, day: date) -> None:
        self.day = day
        super().__init__([sentence("At what time on {day}? Add the hour, for example 18:30.", day=Day(day))])


class AmbiguousTime(ValidationError):
    """The clocks go back and show this time twice. `first` and `second` are aware UTC moments."""

    def __init__(self, wall: datetime, first: datetime, second: datetime) -> None:
        self.first, self.second = first, second
        super().__init__(
            [
                sentence(
                    "{time} comes twice on {day} because the clocks go back: {first} UTC or {second} UTC?",
                    time=f"{wall:%H:%M}",
                    day=Day(wall.date()),
                    first=f"{first:%H:%M}",
                    second=f"{second:%H:%M}",
                )
            ]
        )


def read_moment(text: str, *, now: datetime, zone: ZoneInfo, month_first: bool | None = False) -> datetime:
    """The moment that `text` names in `zone`, in UTC. English and Russian.

    `month_first`: 12/31 rather than 31/12; None where the reader may write either, so 5/6 offers both days. For others
    too, where the day is far ahead or past and the other order names a near one.

    Raises NeedsTime, AmbiguousTime, or WrongMoment for what is past, too far, skipped by the clocks, uncertain or
    unreadable; all of them are ValidationErrors whose one sentence can be shown.
    """
    written = " ".join(text.split())
    if len(written) > _LONGEST_TEXT:
        raise _unreadable(written[:_LONGEST_TEXT] + "…")
    words, zone = split_zone(plain_words(written), zone)
    reader = _Reader(now.astimezone(UTC), zone, month_first is not False)
    both = reader.by_either_order(words) if _TWO_ORDERS.search(words) else []
    if len(both) > 1 and (month_first is None or reader.is_far(both)):
        raise SeveralMoments(*both)
    try:
        return reader.read(words)
    except (Unreadable, OverflowError):
        pass
    except WrongMoment as wrong:
        if not isinstance(wrong, SeveralMoments) and both:
            # What has passed in one order of day and month is to come in the other.
            raise WrongMoment(wrong.problems[0], *both) from None
        raise
    if choices := reader.guesses(words):
        raise WrongMoment(
            sentence("Did you mean one of these?") if choices[1:] else sentence("Did you mean this?"),
            *choices,
        )
    raise _unreadable(written)


def _unreadable(words: str) -> UnreadableMoment:
    return UnreadableMoment(
        sentence("I can't read “{words}” as a time. Try: {examples}", words=words, examples=EXAMPLES)
    )


def on_wall_clock(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which a clock in `zone` shows the naive `wall`, in UTC.

    Raises AmbiguousTime for a wall clock shown twice, WrongMoment for one that is skipped.
    """
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        raise AmbiguousTime(wall, first, second)
    # In a gap, fold 0 still counts with the offset from before it: exactly the wall clock moved on by the gap.
    shown = first.astimezone(zone)
    raise WrongMoment(
        sentence(
            "{time} doesn't exist on {day} because the clocks go forward. Use {other}?",
            time=f"{wall:%H:%M}",
            day=Day(wall.date()),
            other=f"{shown:%H:%M}",
        ),
        first,
    )


def within_range(moment: datetime, *, now: datetime, zone: ZoneInfo) -> datetime:
    """`moment`, in UTC, when it is ahead and within a year. Raises WrongMoment otherwise."""
    # In UTC, for two moments of one zone are compared by their wall clocks, which repeat an hour in autumn.
    moment, now = moment.astimezone(UTC), now.astimezone(UTC)
    if moment <= now:
        raise _passed(moment, now, zone)
    if moment > now + LONGEST_AHEAD:
        raise WrongMoment(
            sentence(
                "{moment} is more than a year ahead. Choose a time within a year.",
                moment=_words(moment, now, zone),
            )
        )
    return moment


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads words at a moment, on the clock of a zone."""

    now: datetime
    zone: ZoneInfo
    month_first: bool

    def read(self, words: str) -> datetime:
        """Raises Unreadable, ValidationError, OverflowError."""
        moment = self._moment(words)
        try:
            return within_range(moment, now=self.now, zone=self.zone)
        except WrongMoment as wrong:
            if not names_half(words):
                raise
            choices = (one for one in wrong.choices if one != moment + timedelta(hours=_NOON))
            raise WrongMoment(wrong.problems[0], *choices) from None

    def by_either_order(self, words: str) -> list[datetime]:
        """The moments that the words name in the reader's order of day and month and in the other one.

        At 9:00 without an hour. Only the reader's where the other one does not make sense, and the other way round.
        """
        found: dict[datetime, None] = {}
        for month_first in (self.month_first, not self.month_first):
            reader = replace(self, month_first=month_first)
            try:
                found[reader.read(words)] = None
            except NeedsTime as asked:
                found[on_wall_clock(datetime.combine(asked.day, _MORNING), self.zone)] = None
            except SeveralMoments as several:
                found[several.choices[0]] = None
            except (ValidationError, Unreadable, OverflowError):
                continue
        return list(found)

    def is_far(self, both: list[datetime]) -> bool:
        """True if the first of two moments is far ahead and the second one is near."""
        first, second = both
        return first - self.now > _FAR and second - self.now <= _NEAR

    def guesses(self, words: str) -> list[datetime]:
        """The moments that misspelt or incomplete words may mean. Raises NeedsTime for a day."""
        found: dict[datetime, None] = {}
        for guess in likely(words):
            try:
                found[self.read(guess)] = None
            except WrongMoment as wrong:
                found |= dict.fromkeys(wrong.choices)
            except NeedsTime:
                # The question names the day, so a misspelt one is read back.
                raise
            except (ValidationError, Unreadable, OverflowError):
                continue
        return list(found)[:_MOST_CHOICES]

    def _moment(self, words: str) -> datetime:
        if (duration := read_duration(words)) is not None:
            return _ceil_minute(self.now + duration)
        if (exact := read_iso(words)) is not None:
            return exact.astimezone(UTC) if exact.tzinfo else on_wall_clock(exact, self.zone)
        today = self.now.astimezone(self.zone).date()
        words, part = split_part(words)
        rest, written = split_time(words)
        if written is not None and part is not None and part.ends_at_midnight(written):
            last = self._at(rest, replace(written, hour=23, minute=59))
            raise WrongMoment(sentence("Did you mean this?"), last + timedelta(minutes=written.minute + 1))
        if written is not None:
            return self._written(rest, written if part is None else part.of(written))
        if part is not None:
            raise self._vague(rest, part)
        named = self._day(rest, today, WrittenTime(_MORNING.hour, 0, None))
        raise _needs_time(named.day, today)

    def _written(self, rest: str, written: WrittenTime) -> datetime:
        """Raises SeveralMoments for an hour that may be meant before or after noon, while both are to come."""
        if written.either:
            hours = (written.hour + _NOON, written.hour)
            moments = [self._at(rest, replace(written, hour=hour)) for hour in hours]
            if all(self.now < one <= self.now + LONGEST_AHEAD for one in moments):
                raise SeveralMoments(*moments)
        return self._at(rest, written)

    def _at(self, rest: str, written: WrittenTime) -> datetime:
        today = self.now.astimezone(written.offset or self.zone).date()
        if not rest:
            return _on(today, written, self.zone)
        day = self._day(rest, today, written)
        if day.weekday and day.day == today + timedelta(days=7):
            # "fri" on a Friday is today as long as the hour is still to come.
            candidate = _on(today, written, self.zone)
            return candidate if candidate > self.now else _on(day.day, written, self.zone)
        return _on(day.day, written, self.zone)

    def _day(self, words: str, today: date, written: WrittenTime) -> WrittenDay:
        """Raises WrongMoment, with the moments of `written` on the days that may be meant."""
        try:
            return read_day(words, today=today, month_first=self.month_first)
        except NoSuchDay as wrong:
            raise self._shorter_month(wrong.last, written) from None
        except EitherDay as either:
            moments = [_on(day, written, self.zone) for day in either.days]
            raise SeveralMoments(*(one for one in moments if one > self.now)) from None

    def _shorter_month(self, last: date, written: WrittenTime) -> WrongMoment:
        """Offers the last day of the month and the day after it."""
        days = (last, last + timedelta(days=1))
        choices = [
            one
            for day in days
            for one in _possible(datetime.combine(day, time(written.hour, written.minute)), self.zone)
        ]
        ahead = [one for one in choices if self.now < one <= self.now + LONGEST_AHEAD]
        return WrongMoment(
            sentence("That month has {count} days. Did you mean this?", count=last.day), *ahead
        )

    def _vague(self, rest: str, part: PartOfDay) -> WrongMoment:
        """An evening without an hour: its usual hours that are still to come."""
        moments = [self._at(rest, WrittenTime(hour, 0, None)) for hour in part.hours]
        choices = [moment for moment in moments if self.now < moment <= self.now + LONGEST_AHEAD]
        if not choices:
            within_range(moments[0], now=self.now, zone=self.zone)
        return WrongMoment(sentence("At what time?"), *choices)


def _on(day: date, written: WrittenTime, zone: ZoneInfo) -> datetime:
    wall = datetime.combine(day, time(written.hour, written.minute))
    if written.offset is not None:
        return wall.replace(tzinfo=written.offset).astimezone(UTC)
    return on_wall_clock(wall, zone)


def _needs_time(day: date, today: date) -> ValidationError:
    if day < today:
        return WrongMoment(
            sentence(
                "{day} has passed. Today is {today}.",
                day=Day(day, year=True),
                today=Day(today),
            )
        )
    if day > today + LONGEST_AHEAD - timedelta(days=1):
        return WrongMoment(
            sentence(
                "{day} is more than a year ahead. Choose a day within a year.",
                day=Day(day, year=True),
            )
        )
    return NeedsTime(day)


def _passed(moment: datetime, now: datetime, zone: ZoneInfo) -> WrongMoment:
    """Offers the same day this year, or the same time on the next day that has it."""
    local, local_now = moment.astimezone(zone), now.astimezone(zone)
    wall = local.replace(tzinfo=None, fold=0)
    today = wall.replace(year=local_now.year, month=local_now.month, day=local_now.day)
    tries = [today, today + timedelta(days=1)]
    if local.date() == local_now.date() and 1 <= wall.hour < _NOON:
        tries.insert(0, today + timedelta(hours=_NOON))
    elif local.year < local_now.year and (wall.month, wall.day) != (2, 29):
        tries.insert(0, wall.replace(year=local_now.year))
    choices = [one for wanted in tries for one in _possible(wanted, zone) if one > now]
    if local.date() == local_now.date():
        times = {"time": f"{local:%H:%M}", "now": f"{local_now:%H:%M}"}
        told = sentence("{time} has passed today (it's {now}). Did you mean this?", **times)
    else:
        passed, is_now = _words(moment, now, zone), _words(now, now, zone)
        told = sentence("{moment} has passed (it's {now}).", moment=passed, now=is_now)
    return WrongMoment(told, *choices[:2])


def _possible(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    try:
        return [on_wall_clock(wall, zone)]
    except AmbiguousTime as both:
        return [both.first]
    except ValidationError:
        return []


def _words(moment: datetime, now: datetime, zone: ZoneInfo) -> Sentence:
    local = moment.astimezone(zone)
    day = Day(local.date(), year=local.year != now.astimezone(zone).year)
    return sentence("{day}, {time}", day=day, time=f"{local:%H:%M}")


def _ceil_minute(moment: datetime) -> datetime:
    floor = moment.replace(second=0, microsecond=0)
    return (floor if floor == moment else floor + _MINUTE).astimezone(UTC)
