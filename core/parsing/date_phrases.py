"""The words of dates and times, English and Russian: which day, which hour, how long from now. No zones here."""
# ruff: noqa: RUF001 - Russian words are meant to be in Cyrillic

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Final

import dateparser


class Unreadable(Exception):
    """The words name no day or time that can be understood."""


@dataclass(frozen=True, slots=True)
class WrittenTime:
    """An hour as written; `offset` when the writer named a zone of their own ("18:30 UTC+2")."""

    hour: int
    minute: int
    offset: timezone | None


@dataclass(frozen=True, slots=True)
class WrittenDay:
    """A day as written; `weekday`: it was named by its weekday alone."""

    day: date
    weekday: bool


_UNITS: Final = (
    (r"m|min|mins|minutes?|м|мин|минут[уы]?", timedelta(minutes=1)),
    (r"h|hrs?|hours?|ч|час|часа|часов", timedelta(hours=1)),
    (r"d|days?|д|дн|день|дня|дней", timedelta(days=1)),
    (r"w|weeks?|нед|недел[юия]|недель", timedelta(weeks=1)),
)
_AMOUNT = re.compile(
    r"\s*(?:(\d{1,6}(?:[.,]\d{1,2})?)|(an?|one|половину|половина|half an?|полтора|полторы)(?=\s)|)\s*"
    r"(?:" + "|".join(f"({unit})" for unit, _ in _UNITS) + r")(?![^\W\d_])\.?(?:\s*(?:,|and\b|и\b))?",
    re.IGNORECASE,
)
_HALVES = {"half a": 0.5, "half an": 0.5, "полтора": 1.5, "полторы": 1.5, "половину": 0.5, "половина": 0.5}
_AHEAD = re.compile(r"(?:in\b|через\b|\+)\s*", re.IGNORECASE)

_ZONE = r"(?:\s*(?P<zone>z|utc|gmt)?\s*(?P<offset>(?<![\d.])[+-]\d{1,2}(?::?\d{2})?)?(?![\w:]))"
_TIMES: Final = (
    re.compile(
        r"(?:\b(?:at|в|во)\s+)?(?<![\d:.])(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?"
        r"(?:\s*(?P<half>[ap])\.?m\b\.?)?" + _ZONE,
        re.IGNORECASE,
    ),
    re.compile(r"(?:\bat\s+)?(?<![\d:.])(?P<hour>\d{1,2})\s*(?P<half>[ap])\.?m\b\.?" + _ZONE, re.IGNORECASE),
    re.compile(
        r"\b(?:at|в|во)\s+(?P<hour>\d{1,2})(?:[.h](?P<minute>\d{2}))?(?:\s*час(?:а|ов)?\b)?"
        r"(?:\s*(?P<half>утра|дня|вечера|ночи|o'clock)\b)?" + _ZONE,
        re.IGNORECASE,
    ),
)
_NOON = re.compile(r"(?:\b(?:at|в)\s+)?\b(?:noon|midday|полдень)\b", re.IGNORECASE)
_WEEKDAY_WORDS = (
    r"mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?|"
    r"пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|сред[уа]|четверг|пятниц[уа]|суббот[уа]|воскресенье"
)
_WEEKDAY = re.compile(rf"(?:(?:on|this|во?)\s+)?(?:{_WEEKDAY_WORDS})", re.IGNORECASE)
_BARE_HOUR = re.compile(
    rf"(?P<day>(?:(?:on|во?)\s+)?(?:today|tonight|tomorrow|сегодня|завтра|послезавтра|{_WEEKDAY_WORDS}))\s+(?P<hour>\d{{1,2}})",
    re.IGNORECASE,
)
_TONIGHT = re.compile(r"(?:tonight|this evening|today evening|сегодня вечером)", re.IGNORECASE)
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}.*))?")
_BARE_NUMBER = re.compile(r"(?:in|at|on|во?|через|\+)?\s*\d+", re.IGNORECASE)
_NUMERIC = re.compile(r"(\d{1,2})[./](\d{1,2})(?:[./](\d{2}|\d{4}))?\.?")


def read_duration(words: str) -> timedelta | None:
    """How long from now: "in 1 h 30 min", "+2h", "через полчаса". None when the words are no duration."""
    ahead = _AHEAD.match(words)
    if ahead is None:
        return None
    rest = words[ahead.end() :].strip().lower()
    if rest == "полчаса":
        return timedelta(minutes=30)
    return _sum_of_amounts(rest)


def _sum_of_amounts(rest: str) -> timedelta | None:
    total, position = timedelta(), 0
    while position < len(rest):
        amount = _AMOUNT.match(rest, position)
        if amount is None:
            return None
        total += _number(amount) * next(unit for index, (_, unit) in enumerate(_UNITS) if amount[index + 3])
        position = amount.end()
    return total if position else None


def _number(amount: re.Match[str]) -> float:
    if amount[1]:
        return float(amount[1].replace(",", "."))
    return _HALVES.get(amount[2] or "", 1.0)


def read_iso(words: str) -> datetime | None:
    """A full date and time in ISO form, aware when it names an offset. None when the words are not in that form."""
    match = _ISO.fullmatch(words)
    if match is None or match[2] is None:
        return None
    try:
        return datetime.fromisoformat(re.sub(r"\s*(?:utc|gmt|z)$", "+00:00", words, flags=re.IGNORECASE))
    except ValueError:
        return None


def split_time(words: str) -> tuple[str, WrittenTime | None]:
    """The words without their time of day, and that time: None when they name none. Raises Unreadable."""
    if (bare := _BARE_HOUR.fullmatch(words)) is not None:
        return bare["day"], _written(bare["hour"], "0", "", None)
    for pattern in _TIMES:
        if (match := pattern.search(words)) is not None:
            found = match.groupdict()
            offset = _offset(found["zone"], found["offset"])
            return _without(words, match), _written(found["hour"], found.get("minute"), found["half"], offset)
    if (noon := _NOON.search(words)) is not None:
        return _without(words, noon), WrittenTime(12, 0, None)
    return words, None


def _without(words: str, match: re.Match[str]) -> str:
    return " ".join((words[: match.start()] + " " + words[match.end() :]).split()).strip(" ,")


def _written(hour: str, minute: str | None, half: str | None, offset: timezone | None) -> WrittenTime:
    number, part = int(hour), (half or "").lower()
    if part in {"a", "p"} and not 1 <= number <= 12:
        raise Unreadable
    if part in {"a", "утра", "ночи"} and number == 12:
        number = 0
    elif part in {"p", "дня", "вечера"} and number < 12:
        number += 12
    try:
        checked = time(number, int(minute or 0))
    except ValueError:
        raise Unreadable from None
    return WrittenTime(checked.hour, checked.minute, offset)


def _offset(name: str | None, digits: str | None) -> timezone | None:
    if not name and not digits:
        return None
    if not digits:
        return timezone(timedelta())
    number = digits[1:].replace(":", "")
    hours, minutes = (int(number[:-2]), int(number[-2:])) if len(number) > 2 else (int(number), 0)
    if hours > 14 or minutes > 59:
        raise Unreadable
    span = timedelta(hours=hours, minutes=minutes)
    return timezone(-span if digits[0] == "-" else span)


def read_day(words: str, *, today: date) -> WrittenDay:
    """The day that the words name, seen from `today`; one without a year is the next one. Raises Unreadable."""
    if _TONIGHT.fullmatch(words):
        return WrittenDay(today, weekday=False)
    if (iso := _ISO.fullmatch(words)) is not None:
        return WrittenDay(_date(iso[1]), weekday=False)
    if (numeric := _NUMERIC.fullmatch(words)) is not None:
        return WrittenDay(_numeric_day(numeric, today), weekday=False)
    if _BARE_NUMBER.fullmatch(words):
        # It could be an hour as well as a day of the month.
        raise Unreadable
    return WrittenDay(_parsed_day(words, today), weekday=_WEEKDAY.fullmatch(words) is not None)


def _date(iso: str) -> date:
    try:
        return date.fromisoformat(iso)
    except ValueError:
        raise Unreadable from None


def _numeric_day(match: re.Match[str], today: date) -> date:
    """Day first; month first only where nothing else makes sense ("11/24")."""
    first, second = int(match[1]), int(match[2])
    day, month = (second, first) if second > 12 >= first else (first, second)
    try:
        if match[3]:
            return date(int(match[3]) + (2000 if len(match[3]) == 2 else 0), month, day)
        this_year = date(today.year, month, day)
        return this_year if this_year >= today else date(today.year + 1, month, day)
    except ValueError:
        raise Unreadable from None


def _parsed_day(words: str, today: date) -> date:
    # Naive and from midnight: in its zone-aware mode dateparser is an hour wrong across a change of the clocks.
    found = dateparser.parse(
        words,
        languages=["en", "ru"],
        settings={
            "RELATIVE_BASE": datetime.combine(today, time()),
            "PREFER_DATES_FROM": "future",
            "DATE_ORDER": "DMY",
            "RETURN_AS_TIMEZONE_AWARE": False,
        },
    )
    if not isinstance(found, datetime) or found.time() != time():
        raise Unreadable
    return found.date()
