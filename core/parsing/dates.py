"""Moments as people write them ("tomorrow 18:30", "in 90 min", "пт 9:00"), read in the zone of the settings.

A moment is between the next minute and a year from now. Nothing is guessed in silence: a day without an hour, a wall
clock that shows the same time twice and one that skips it each end in their own error.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.domain.errors import ValidationError
from core.domain.translatable import Day, Sentence, sentence
from core.parsing.date_phrases import Unreadable, WrittenTime, read_day, read_duration, read_iso, split_time

LONGEST_AHEAD = timedelta(days=366)
EXAMPLES = sentence("tomorrow 18:30 · fri 9:00 · 24.11 9:00 · 2026-11-24 09:00 · in 90 min")
_MINUTE = timedelta(minutes=1)
_LONGEST_TEXT = 100


class WrongMoment(ValidationError):
    """A moment that cannot be. `proposal`: the aware UTC moment that its sentence offers instead, if it offers one."""

    def __init__(self, sentence: str, proposal: datetime | None = None) -> None:
        self.proposal = proposal
        super().__init__([sentence])


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
                    "{time} comes twice on {day} (clocks go back): {first} UTC or {second} UTC?",
                    time=f"{wall:%H:%M}",
                    day=Day(wall.date()),
                    first=f"{first:%H:%M}",
                    second=f"{second:%H:%M}",
                )
            ]
        )


def read_moment(text: str, *, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment that `text` names in `zone`, in UTC. English and Russian.

    Raises NeedsTime, AmbiguousTime, or WrongMoment for what is past, too far, skipped by the clocks or unreadable;
    all of them are ValidationErrors whose one sentence can be shown.
    """
    words, now = " ".join(text.split()), now.astimezone(UTC)
    try:
        return within_range(_read(words, now, zone), now=now, zone=zone)
    except (Unreadable, OverflowError):
        shown = words if len(words) <= _LONGEST_TEXT else words[:_LONGEST_TEXT] + "…"
        raise WrongMoment(
            sentence('I cannot read "{words}" as a time. Try: {examples}', words=shown, examples=EXAMPLES)
        ) from None


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
            "{time} does not exist on {day} (clocks go forward). Use {other}?",
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
                "{moment} is more than a year ahead. Choose a moment within a year.",
                moment=_words(moment, now, zone),
            )
        )
    return moment


def _read(words: str, now: datetime, zone: ZoneInfo) -> datetime:
    if (duration := read_duration(words)) is not None:
        return _ceil_minute(now + duration)
    if (exact := read_iso(words)) is not None:
        return exact.astimezone(UTC) if exact.tzinfo else on_wall_clock(exact, zone)
    today = now.astimezone(zone).date()
    rest, written = split_time(words)
    if written is None:
        raise _needs_time(read_day(rest, today=today).day, today)
    return _at(rest, written, now, zone)


def _at(rest: str, written: WrittenTime, now: datetime, zone: ZoneInfo) -> datetime:
    own_zone = written.offset or zone
    today = now.astimezone(own_zone).date()
    if not rest:
        return _on(today, written, zone)
    day = read_day(rest, today=today)
    if day.weekday and day.day == today + timedelta(days=7):
        # "fri" on a Friday is today as long as the hour is still to come.
        candidate = _on(today, written, zone)
        return candidate if candidate > now else _on(day.day, written, zone)
    return _on(day.day, written, zone)


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
    local, local_now = moment.astimezone(zone), now.astimezone(zone)
    if local.date() != local_now.date():
        passed, is_now = _words(moment, now, zone), _words(now, now, zone)
        return WrongMoment(sentence("{moment} has passed (it is {now}).", moment=passed, now=is_now))
    times = {"time": f"{local:%H:%M}", "now": f"{local_now:%H:%M}"}
    try:
        proposal = on_wall_clock(local.replace(tzinfo=None, fold=0) + timedelta(days=1), zone)
    except ValidationError:
        return WrongMoment(sentence("Today {time} has passed (it is {now}). Choose a later time.", **times))
    return WrongMoment(sentence("Today {time} has passed (it is {now}). Tomorrow {time}?", **times), proposal)


def _words(moment: datetime, now: datetime, zone: ZoneInfo) -> Sentence:
    local = moment.astimezone(zone)
    day = Day(local.date(), year=local.year != now.astimezone(zone).year)
    return sentence("{day}, {time}", day=day, time=f"{local:%H:%M}")


def _ceil_minute(moment: datetime) -> datetime:
    floor = moment.replace(second=0, microsecond=0)
    return (floor if floor == moment else floor + _MINUTE).astimezone(UTC)
