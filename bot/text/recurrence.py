"""Texts of recurrences. All functions return plain text."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.text import formatting
from bot.text.clock import Clock
from bot.text.translation import _, amount, dated, locale, plural
from core.domain.recurrence import LAST_DAY, Recurrence
from core.domain.series import Repeat

_WORKDAYS = frozenset(range(5))
_NAMED_IN_FULL = 2
_MOST_TIMES_NAMED = 6


def repeat_text(repeat: Repeat) -> str:
    """For example "Every Monday 09:00 Berlin, until 31 Dec 2026"."""
    days, at = _days(repeat.rule), times_text(repeat.rule)
    place = formatting.city(ZoneInfo(repeat.zone))
    message = _("{days} {times} {place}").format(days=days, times=at, place=place)
    if not repeat.rule.every_month:
        months = [dated(date(2000, month, 1), "LLL") for month in sorted(repeat.rule.months)]
        message = _("{days} in {months}, {times} {place}").format(
            days=days, months=formatting.join_names(months), times=at, place=place
        )
    return f"{message}{ending_text(repeat)}"


def brief_text(repeat: Repeat, at: datetime, clock: Clock) -> str:
    """For a list with its next time `at`: "Every Monday". In full for a reader whose clock shows another hour."""
    if _is_elsewhere(repeat, at, clock):
        return repeat_text(repeat)
    days = _days(repeat.rule)
    if len(repeat.rule.times) == 1:
        return days
    return _("{days} {times}").format(days=days, times=times_text(repeat.rule))


def ending_text(repeat: Repeat) -> str:
    """For example ", until 31 Dec 2026"; "" without an end."""
    if repeat.until is not None:
        return ", " + _("until {day}").format(day=dated(repeat.until, "d MMM y"))
    if repeat.times is not None:
        return f", {count_text(repeat.times)}"
    return ""


def count_text(count: int) -> str:
    """For example "10 times"."""
    return plural("{count} time", "{count} times", count)


def _days(rule: Recurrence) -> str:
    if rule.every_day_of_month:
        return _by_weekday(rule)
    days = [_("day {number}").format(number=number) for number in sorted(rule.days) if number != LAST_DAY]
    days += [_("the last day")] if LAST_DAY in rule.days else []
    on = _("every month on {days}").format(days=formatting.join_names(days))
    if not rule.every_weekday:
        on = _("{days} and {weekdays}").format(days=on, weekdays=_by_weekday(rule))
    return on[:1].upper() + on[1:]


def _by_weekday(rule: Recurrence) -> str:
    if rule.every_weekday:
        return _("Every day")
    if rule.weekdays == _WORKDAYS:
        return _("Every weekday, {first} to {last}").format(first=weekday_name(0), last=weekday_name(4))
    long = len(rule.weekdays) <= _NAMED_IN_FULL
    names = [weekday_name(number, long=long) for number in sorted(rule.weekdays)]
    return _("Every {weekdays}").format(weekdays=formatting.join_names(names))


def weekday_name(number: int, *, long: bool = False) -> str:
    """0 = Monday: "Mon", or "Monday"."""
    return str(locale().days["stand-alone"]["wide" if long else "abbreviated"][number])


def times_text(rule: Recurrence) -> str:
    """For example "09:00 and 18:00"; of many only count, first and last."""
    found = [f"{at:%H:%M}" for at in rule.times]
    if len(found) <= _MOST_TIMES_NAMED:
        return formatting.join_names(found)
    many = _("{count} times a day from {first} to {last}")
    return many.format(count=amount(len(found)), first=found[0], last=found[-1])


def text_with_next(repeat: Repeat, now: datetime) -> str:
    """For example "Every Monday 09:00 Berlin, next Mon 30 Nov"."""
    following = repeat.following(now, made=0)
    if following is None:
        return repeat_text(repeat)
    day = formatting.day(following.astimezone(repeat.clock).date())
    return _("{repeat}, next {day}").format(repeat=repeat_text(repeat), day=day)


def next_moments(repeat: Repeat, now: datetime, count: int) -> list[str]:
    """The next moments, each with its day; marks a DST fold."""
    found: list[str] = []
    moment = now
    for number in range(count):
        following = repeat.following(moment, made=number)
        if following is None:
            break
        moment = following
        local = following.astimezone(repeat.clock)
        found.append(
            f"{formatting.day(local.date())} {local:%H:%M}{formatting.fold_suffix(following, repeat.clock)}"
        )
    return found


def reader_time_lines(repeat: Repeat, at: datetime | None, clock: Clock) -> list[str]:
    """The next moment on the clock of a reader in another zone: one sentence or none."""
    if at is None or not _is_elsewhere(repeat, at, clock):
        return []
    message = _("It follows the clock in {place}. In your time the next one is {moment}.")
    return [
        message.format(place=formatting.city(repeat.clock), moment=formatting.full_moment(at, clock.zone))
    ]


def _is_elsewhere(repeat: Repeat, at: datetime, clock: Clock) -> bool:
    return at.astimezone(repeat.clock).utcoffset() != at.astimezone(clock.zone).utcoffset()


def dst_lines(repeat: Repeat, now: datetime) -> list[str]:
    """The effect of the next clock change on its times: one sentence or none."""
    moment = now
    for number in range(400):
        following = repeat.following(moment, made=number)
        if following is None or (following - now).days > 366:
            return []
        moment = following
        local = following.astimezone(repeat.clock)
        if local.time().replace(fold=0) not in repeat.rule.times:
            skipped = _("Clocks go forward on {day}, so it will be sent at {time}.")
            return [skipped.format(day=formatting.day(local.date()), time=f"{local:%H:%M}")]
        if formatting.fold_suffix(following, repeat.clock):
            double = _("Clocks go back on {day} and show {time} twice. It will be sent the first time.")
            return [double.format(day=formatting.day(local.date()), time=f"{local:%H:%M}")]
    return []


def short_month_lines(repeat: Repeat) -> list[str]:
    """The effect of a day that not every month has: one sentence or none."""
    if repeat.rule.every_day_of_month or LAST_DAY in repeat.rule.days or min(repeat.rule.days) <= 28:
        return []
    return [_("Months without that day are skipped. To send every month, choose “the last day”.")]
