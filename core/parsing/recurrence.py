"""Times that repeat, as people write them: "every monday 9:00", "по будням в 9", "cron 0 9 * * 1". English and Russian.

Behind them may stand a zone ("America/New_York") and an end ("until 31.12", "10 times").
"""
# ruff: noqa: RUF001 - Russian words are meant to be in Cyrillic

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from core.domain.errors import ValidationError
from core.domain.recurrence import LAST_DAY, MOST_A_DAY, NotCron, Recurrence
from core.domain.series import Repeat
from core.domain.translatable import sentence
from core.parsing.date_phrases import EitherDay, Unreadable, WrittenTime, read_day, split_time
from core.parsing.spoken_times import plain_words

EXAMPLES: Final = sentence("every monday 9:00 · weekdays 18:30 · every month 15 9:00")
MOST_TIMES: Final = 999

_BEGINS: Final = re.compile(
    r"(?:every|each|daily|weekly|monthly|(?:on\s+)?(?:weekdays|workdays|weekends)|cron|"
    r"кажд\w+|ежедневно|еженедельно|ежемесячно|(?:по|в)\s+(?:будн|выходн)\w+|"
    r"по\s+(?:понедельник|вторник|сред|четверг|пятниц|суббот|воскресень)\w+)(?!\w)",
    re.IGNORECASE,
)
_ZONE: Final = re.compile(r"[\s,]+(?:in\s+|по\s+)?((?:[A-Za-z_]+/)+[A-Za-z_+\-0-9]+|UTC)$")
_TIMES: Final = re.compile(r"[\s,]+(\d{1,4})\s*(?:times?|x|раза?)$", re.IGNORECASE)
_UNTIL: Final = re.compile(r"[\s,]+(?:until|till|до)\s+(.+)$", re.IGNORECASE)
_BARE_HOUR: Final = re.compile(r"\s(\d{1,2})$")

_WEEKDAYS: Final = (
    r"mon(?:days?)?|пн|понедельник\w*",
    r"tue(?:s(?:days?)?)?|вт|вторник\w*",
    r"wed(?:nesdays?)?|ср|сред\w*",
    r"thu(?:rs?(?:days?)?)?|чт|четверг\w*",
    r"fri(?:days?)?|пт|пятниц\w*",
    r"sat(?:urdays?)?|сб|суббот\w*",
    r"sun(?:days?)?|вс|воскресень\w*",
)
_WEEKDAY: Final = re.compile("|".join(f"({words})" for words in _WEEKDAYS), re.IGNORECASE)
_FILLERS: Final = re.compile(
    r"[,;]|\b(?:every|each|on|and|of|the|at|week|weekly|month|monthly|day|number|"
    r"кажд\w+|по|и|в|во|на|недел\w+|еженедельно|месяц\w*|ежемесячно|числ\w+|день|дня)\b",
    re.IGNORECASE,
)
_DAILY: Final = re.compile(r"(?:(?:every|each)\s+day|daily|каждый\s+день|ежедневно)", re.IGNORECASE)
_WORKDAYS: Final = re.compile(
    r"(?:(?:every|each|on)\s+)?(?:weekdays?|workdays?)|(?:каждый\s+|в\s+|по\s+)?будн\w+(?:\s+дн?\w+)?",
    re.IGNORECASE,
)
_WEEKENDS: Final = re.compile(r"(?:(?:every|each|on)\s+)?weekends?|(?:в\s+|по\s+)?выходн\w+", re.IGNORECASE)
_MONTHLY: Final = re.compile(r"\b(?:month|monthly|месяц\w*|ежемесячно|числ\w+)\b|\d", re.IGNORECASE)
_LAST: Final = re.compile(r"\b(?:last|последн\w+)\b", re.IGNORECASE)
_DAY_OF_MONTH: Final = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|-?го|-?е)?(?!\w)", re.IGNORECASE)


class WrongRepeat(ValidationError):
    """Words about repeating that cannot be carried out."""


@dataclass(frozen=True, slots=True)
class Ending:
    """End of a series; neither: no end."""

    until: date | None = None
    times: int | None = None


def is_about_repeating(text: str) -> bool:
    return _BEGINS.match(text.strip()) is not None


def read_repeat(text: str, *, now: datetime, zone: ZoneInfo) -> Repeat:
    """For words of which is_about_repeating() is true. Raises WrongRepeat, whose one sentence can be shown."""
    words = plain_words(" ".join(text.split()))
    try:
        words, ending = _ending(words, now, zone)
        words, own = _own_zone(words)
        repeat = Repeat(rule=_rule(words), zone=own or zone.key, until=ending.until, times=ending.times)
    except Unreadable:
        raise WrongRepeat(
            [
                sentence(
                    "I can't read “{words}” as a schedule. Try: {examples}",
                    words=text[:100],
                    examples=EXAMPLES,
                )
            ]
        ) from None
    return checked(repeat, now)


def checked(repeat: Repeat, now: datetime) -> Repeat:
    """Raises WrongRepeat for times that never come, or come too often."""
    if len(repeat.rule.times) > MOST_A_DAY:
        raise WrongRepeat(
            [
                sentence(
                    "That's more often than once an hour. The limit is {most} times a day.",
                    most=MOST_A_DAY,
                )
            ]
        )
    if repeat.rule.following(now, repeat.clock) is None:
        raise WrongRepeat([sentence("That date doesn't exist in any month. Choose another day.")])
    if repeat.following(now, made=0) is None:
        raise WrongRepeat([sentence("That ends before it starts. Choose a later end.")])
    return repeat


def read_ending(text: str, *, now: datetime, zone: ZoneInfo) -> Ending:
    """ "until 31.12", "10 times", "до пятницы". Raises WrongRepeat."""
    try:
        rest, ending = _ending(f" {plain_words(' '.join(text.split()))}", now, zone)
    except Unreadable:
        rest, ending = text, Ending()
    if rest.strip() or ending == Ending():
        raise WrongRepeat(
            [sentence("I can't read “{words}” as an end date. Try: until 31.12 · 10 times", words=text[:100])]
        )
    return ending


def _ending(words: str, now: datetime, zone: ZoneInfo) -> tuple[str, Ending]:
    if (times := _TIMES.search(words)) is not None:
        if not 1 <= int(times[1]) <= MOST_TIMES:
            raise Unreadable
        return words[: times.start()], Ending(times=int(times[1]))
    if (until := _UNTIL.search(words)) is not None:
        today = now.astimezone(zone).date()
        return words[: until.start()], Ending(until=_end_day(until[1], today))
    return words, Ending()


def _end_day(words: str, today: date) -> date:
    """Raises Unreadable. Of several days the likeliest, which is read back."""
    try:
        return read_day(words, today=today).day
    except EitherDay as either:
        return either.days[0]


def _own_zone(words: str) -> tuple[str, str]:
    match = _ZONE.search(words)
    if match is None:
        return words, ""
    try:
        ZoneInfo(match[1])
    except (ValueError, OSError, LookupError):
        raise Unreadable from None
    return words[: match.start()], match[1]


def _rule(words: str) -> Recurrence:
    if (cron := re.fullmatch(r"cron\s*:?\s+(.+)", words, re.IGNORECASE)) is not None:
        return _cron(cron[1])
    rest, written = split_time(words)
    if written is None and not _MONTHLY.search(_BARE_HOUR.sub("", rest)):
        # "every monday 9"; with a day of the month in it, it could be that day.
        hour = _BARE_HOUR.search(rest)
        if hour is not None and int(hour[1]) <= 23:
            rest, written = rest[: hour.start()], WrittenTime(int(hour[1]), 0, None)
    if written is not None and written.offset is not None:
        raise Unreadable
    rule = _days(rest, written)
    if written is None:
        raise WrongRepeat([sentence("At what time? Add it, for example: every monday 9:00")])
    return rule


def _cron(line: str) -> Recurrence:
    try:
        return Recurrence.parse(line)
    except NotCron as error:
        if not error.field:
            raise WrongRepeat(
                [
                    sentence(
                        "A cron line has five fields: minute, hour, day, month, weekday. For example: cron 0 9 * * 1"
                    )
                ]
            ) from None
        names = (
            sentence("minute, 0 to 59"),
            sentence("hour, 0 to 23"),
            sentence("day of the month, 1 to 31, or L for the last"),
            sentence("month, 1 to 12"),
            sentence("weekday, 0 to 7 or mon to sun"),
        )
        wrong = line.split()[error.field - 1][:40]
        raise WrongRepeat(
            [
                sentence(
                    "I can't read “{field}” in the cron line. It should be the {name}.",
                    field=wrong,
                    name=names[error.field - 1],
                )
            ]
        ) from None


def _days(words: str, written: WrittenTime | None) -> Recurrence:
    hour, minute = (written.hour, written.minute) if written else (0, 0)
    if _DAILY.fullmatch(words):
        return Recurrence.at(hour, minute)
    if _WORKDAYS.fullmatch(words):
        return Recurrence.at(hour, minute, weekdays=frozenset(range(5)))
    if _WEEKENDS.fullmatch(words):
        return Recurrence.at(hour, minute, weekdays=frozenset({5, 6}))
    days = frozenset(_weekdays(words))
    if days:
        return Recurrence.at(hour, minute, weekdays=days)
    return Recurrence.at(hour, minute, day=_day_of_month(words))


def _weekdays(words: str) -> set[int]:
    found: set[int] = set()
    for word in _FILLERS.sub(" ", words).split():
        match = _WEEKDAY.fullmatch(word)
        if match is None:
            return set()
        found.add(next(number for number in range(7) if match[number + 1]))
    return found


def _day_of_month(words: str) -> int:
    rest = _FILLERS.sub(" ", words).strip()
    if _LAST.fullmatch(rest):
        return LAST_DAY
    match = _DAY_OF_MONTH.fullmatch(rest)
    if match is None or not 1 <= int(match[1]) <= 31:
        raise Unreadable
    return int(match[1])
