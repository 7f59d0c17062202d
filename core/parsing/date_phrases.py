"""The words of dates and times, English and Russian: which day, which hour, how long from now. No zones here."""
# ruff: noqa: RUF001 - Russian words are meant to be in Cyrillic

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from difflib import get_close_matches
from typing import Final


class Unreadable(Exception):
    """The words name no day or time that can be understood."""


class EitherDay(Unreadable):
    """Words that name one of several days. `days`: the likeliest first."""

    def __init__(self, *days: date) -> None:
        self.days = days
        super().__init__()


class NoSuchDay(Unreadable):
    """A day that its month does not have. `last`: the last one of that month."""

    def __init__(self, last: date) -> None:
        self.last = last
        super().__init__()


@dataclass(frozen=True, slots=True)
class WrittenTime:
    """An hour as written; `offset` when the writer named a zone of their own ("18:30 UTC+2")."""

    hour: int
    minute: int
    offset: timezone | None
    either: bool = False
    """It may be meant before or after noon: "at 3", "half past six"."""


@dataclass(frozen=True, slots=True)
class PartOfDay:
    """A part of the day, named without an hour. `hours`: its usual ones, the likeliest first."""

    hours: tuple[int, ...]
    late: bool = False
    """Its hours are written as 1 to 11, and are those after noon."""

    def ends_at_midnight(self, written: WrittenTime) -> bool:
        """True for "tonight at 12"."""
        return self.late and written.hour == _NOON_HOUR < self.hours[0] - 3

    def of(self, written: WrittenTime) -> WrittenTime:
        """An hour of this part: 7 in the evening is 19."""
        after_noon = self.late and 1 <= written.hour < 12
        return replace(written, hour=written.hour + (12 if after_noon else 0), either=False)


@dataclass(frozen=True, slots=True)
class WrittenDay:
    """A day as written. `weekday`: only its weekday was named."""

    day: date
    weekday: bool


_UNITS: Final = (
    (r"m|min|mins|minutes?|м|мин|минут[уы]?", timedelta(minutes=1)),
    (r"h|hrs?|hours?|ч|час|часа|часов", timedelta(hours=1)),
    (r"d|days?|д|дн|день|дня|дней", timedelta(days=1)),
    (r"w|weeks?|нед|недел[юия]|недель", timedelta(weeks=1)),
)
_NUMBERS: Final = {
    **{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9},
    **{"ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "ninety": 90},
    **{"один": 1, "одну": 1, "два": 2, "две": 2, "три": 3, "четыре": 4, "пять": 5, "шесть": 6, "семь": 7},
    **{"восемь": 8, "девять": 9, "десять": 10, "пятнадцать": 15, "двадцать": 20, "тридцать": 30, "сорок": 40},
    **{"полтора": 1.5, "полторы": 1.5, "половину": 0.5, "половина": 0.5},
}
_AMOUNT = re.compile(
    rf"\s*(?:(\d{{1,6}}(?:[.,]\d{{1,2}})?)|(an?|half an?|(?:a )?couple of|{'|'.join(_NUMBERS)})(?=\s)|)\s*"
    r"(?:" + "|".join(f"({unit})" for unit, _ in _UNITS) + r")(?![^\W\d_])\.?(?:\s*(?:,|and\b|и\b))?",
    re.IGNORECASE,
)
AHEAD = re.compile(r"(?:in\b|через\b|\+)\s*", re.IGNORECASE)

_ZONE = r"(?:\s*(?P<zone>z|utc|gmt)?\s*(?P<offset>(?<![\d.])[+-]\d{1,2}(?::?\d{2})?)?(?![\w:]))"
_TIMES: Final = (
    re.compile(
        r"(?:\b(?:at|в|во)\s+)?(?<![\d:.])(?P<hour>\d{1,2})[:~](?P<minute>\d{2})(?::\d{2})?"
        r"(?:\s*(?P<half>[ap](?=\.?m\b)|(?:утра|дня|вечера|ночи)\b)(?:\.?m\b\.?)?)?" + _ZONE,
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:\bat\s+)?(?<![\d:.])(?P<hour>\d{1,2})(?:[.](?P<minute>\d{2}))?\s*(?P<half>[ap])\.?m\b\.?"
        + _ZONE,
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:\bв\s+)?(?<![\d:.])(?P<hour>\d{1,2})(?:[.](?P<minute>\d{2}))?(?:\s*час(?:а|ов)?)?\s+(?P<half>утра|дня|вечера|ночи)\b"
        + _ZONE,
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:\b(?:at|в)\s+)?(?<![\d:.-])(?P<hour>[01]?\d|2[0-3])(?:-|h)(?P<minute>[0-5]\d)(?![\d.-])" + _ZONE,
        re.I,
    ),
    re.compile(
        r"\b(?:at|в|во)\s+(?P<hour>\d{1,2})(?:[.h](?P<minute>\d{2}))?(?:\s*час(?:а|ов)?\b)?"
        r"(?:\s*(?P<half>утра|дня|вечера|ночи)\b)?" + _ZONE,
        re.IGNORECASE,
    ),
)
_NOON = re.compile(r"(?:\b(?:at|в)\s+)?\b(?:12\s+)?(?:noon|midday|полдень)\b", re.IGNORECASE)
_MIDNIGHT = re.compile(r"(?:\b(?:at|в)\s+)?\b(?:12\s+)?(?:midnight|полночь)\b", re.IGNORECASE)
WEEKDAY_WORDS: Final = (
    r"mo(?:n(?:day)?)?|tu(?:e(?:s(?:day)?)?)?|we(?:d(?:s|nesday)?)?|th(?:u(?:rs?(?:day)?)?)?|fr(?:i(?:day)?)?|"
    r"sa(?:t(?:urday)?)?|su(?:n(?:day)?)?|"
    r"пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|сред[уа]|четверг|пятниц[уа]|суббот[уа]|воскресенье"
)
_WEEKDAY_NUMBERS: Final[dict[str, int]] = dict(
    zip(
        ("mo", "tu", "we", "th", "fr", "sa", "su", "пн", "вт", "ср", "чт", "пт", "сб", "вс"),
        [*range(7)] * 2,
        strict=True,
    )
) | dict(zip(("пон", "вто", "сре", "чет", "пят", "суб", "вос"), range(7), strict=True))
"""By the first letters of the names."""
_WEEKDAY = re.compile(
    rf"(?:(?:on|во?)\s+)?(?P<next>(?:the\s+)?(?:next|this|coming|следующ\w+|ближайш\w+|эт\w+)\s+)?(?P<name>{WEEKDAY_WORDS})",
    re.IGNORECASE,
)
_MONTH_NAMES: Final = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
    *[
        "январ",
        "феврал",
        "март",
        "апрел",
        "ма",
        "июн",
        "июл",
        "август",
        "сентябр",
        "октябр",
        "ноябр",
        "декабр",
    ],
)
_MONTH_ENDINGS: Final = frozenset({"", "ь", "я", "а", "й", "е"})
_MONTH_WORD: Final = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*|"
    r"(?:янв|фев|мар|апр|ма|июн|июл|авг|сен|окт|ноя|дек)[а-я]*"
)
_ENDING: Final = r"(?:st|nd|rd|th|-?го|-?е)"
_NAMED_MONTH_WORDS: Final = (
    rf"(?:the\s+)?\d{{1,2}}{_ENDING}?(?:\s+of)?\s+(?:{_MONTH_WORD})\.?(?:,?\s+\d{{4}})?|"
    rf"(?:{_MONTH_WORD})\.?\s+\d{{1,2}}{_ENDING}?(?:,?\s+\d{{4}})?"
)
_NAMED_DAY_WORDS: Final = (
    rf"(?:(?:on|во?)\s+)?(?:today|tonight|(?:the day after )?tomorrow|day after tomorrow|сегодня|завтра|послезавтра|"
    rf"(?:(?:the\s+)?(?:next|this|coming|следующ\w+|ближайш\w+|эт\w+)\s+)?(?:{WEEKDAY_WORDS})\.?)"
)
_DAY_WORDS: Final = (
    rf"(?:{_NAMED_DAY_WORDS}|(?:(?:on|во?)\s+)?(?:(?:{WEEKDAY_WORDS})\.?,?\s+)?"
    rf"(?:\d{{1,2}}[./]\d{{1,2}}(?:[./]\d{{2,4}})?\.?|{_NAMED_MONTH_WORDS}))"
)
_DOTTED_TIME = r"(?P<hour>[01]?\d|2[0-3])(?:[.](?P<minute>[0-5]\d)|\s(?P<quarter>00|15|30|45))?"
_BARE_HOURS: Final = (
    re.compile(rf"(?P<day>{_NAMED_DAY_WORDS}),?\s+(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)", re.IGNORECASE),
    re.compile(rf"(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)\s+(?P<day>{_NAMED_DAY_WORDS})", re.IGNORECASE),
    re.compile(rf"(?P<day>{_DAY_WORDS}),?\s+(?:(?:at|в|во)\s+)?{_DOTTED_TIME}", re.IGNORECASE),
    re.compile(rf"(?:(?:at|в)\s+)?{_DOTTED_TIME}\s+(?P<day>{_DAY_WORDS})", re.IGNORECASE),
)
_DOTTED: Final = re.compile(
    r"(?:(?:at|в|во)\s+)?(?P<hour>[01]?\d|2[0-3])(?:\.(?P<minute>[0-5]\d)|\s(?P<quarter>00|15|30|45))",
    re.IGNORECASE,
)
"""A time written with a dot, where it is no day and month, or with a blank."""
_PARTS: Final = (
    (
        re.compile(
            r"\b(?:(?:in the|this)\s+)?mornings?\b|\bfirst thing\b|\bearly\b|\bутром\b|\bс утра\b",
            re.IGNORECASE,
        ),
        PartOfDay((9, 8, 10)),
    ),
    (re.compile(r"\b(?:at\s+)?lunch(?:time)?\b|\bв обед\b", re.IGNORECASE), PartOfDay((12, 13), late=True)),
    (
        re.compile(r"\b(?:(?:in the|this)\s+)?afternoon\b|\bдн[её]м\b|\bпосле обеда\b", re.IGNORECASE),
        PartOfDay((15, 14, 16), late=True),
    ),
    (
        re.compile(r"\b(?:(?:in the|this)\s+)?evening\b|\bвечером\b", re.IGNORECASE),
        PartOfDay((18, 19, 20), late=True),
    ),
    (re.compile(r"\b(?:at\s+)?night\b", re.IGNORECASE), PartOfDay((20, 21, 22), late=True)),
    (re.compile(r"\bночью\b", re.IGNORECASE), PartOfDay((22, 23))),
)
_TONIGHT = re.compile(r"\btonight\b", re.IGNORECASE)
_EVENING: Final = PartOfDay((18, 20, 21), late=True)
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}.*))?")
_ALONE: Final = re.compile(r"(?:at\s+|в\s+)?(?P<hour>[01]?\d|2[0-3])\s*(?P<sign>h|ч)?")
_FOUR_DIGITS: Final = re.compile(r"([01]\d|2[0-3])([0-5]\d)")
_SPAN: Final = re.compile(r"(?:in|через)\s+(\d{1,2})(?::([0-5]\d))?")
_MONTHS: Final = 12
_NOON_HOUR: Final = 12
_LONGEST_MONTH: Final = 31
_LONGEST_ZONE: Final = 4
"""Letters of the abbreviation of a time zone."""
_LAST_SMALL_HOUR: Final = 6
"""Up to it, an hour without more is rather one after noon."""
_SHORTEST_MENDED: Final = 4
_VOCABULARY: Final = (
    "today tonight tomorrow morning afternoon evening night noon midday midnight next this "
    "monday tuesday wednesday thursday friday saturday sunday minutes hours hour days weeks "
    "january february march april june july august september october november december "
    "сегодня завтра послезавтра утром вечером днём днем ночью полдень полночь следующий следующую через "
    "понедельник вторник среда среду четверг пятница пятницу суббота субботу воскресенье минут часа часов дней "
    "января февраля марта апреля июня июля августа сентября октября ноября декабря"
)
_WORDS: Final = frozenset(_VOCABULARY.split())
_NO_TIMES: Final = frozenset({"soon", "right", "later", "позже"})
"""Words that are near to one of these and mean none of them."""
_BARE_NUMBER = re.compile(r"(?:in|at|on|во?|через|\+)?\s*\d+", re.IGNORECASE)
_NAMED_MONTH = re.compile(
    rf"(?:(?:on|the)\s+)*(?:(?P<day>\d{{1,2}}){_ENDING}?(?:\s+of)?\s+(?P<month>{_MONTH_WORD})\.?"
    rf"|(?P<first>{_MONTH_WORD})\.?\s+(?P<after>\d{{1,2}}){_ENDING}?),?(?:\s+(?P<year>\d{{4}}))?(?:\s+г(?:ода|\.)?)?",
    re.IGNORECASE,
)
_DAY_OF_MONTH = re.compile(
    rf"(?:(?:on|the)\s+)*(?P<day>\d{{1,2}})(?:{_ENDING}(?:\s+числа)?|\s+числа)", re.IGNORECASE
)
_WITH_WEEKDAY: Final = (
    re.compile(rf"(?:(?:on|во?)\s+)?(?P<name>{WEEKDAY_WORDS})\.?,?\s+(?P<date>\S.*)", re.IGNORECASE),
    re.compile(rf"(?P<date>.*\S),?\s+(?:(?:on|во?)\s+)?\(?(?P<name>{WEEKDAY_WORDS})\.?\)?", re.IGNORECASE),
)
_NEXT_WEEK: Final = re.compile(
    r"(?:(?:of|in)\s+)?(?:the\s+)?\bnext week\b|(?:на\s+)?следующей неделе", re.IGNORECASE
)
_WEEKEND: Final = re.compile(r"(?:(?:on|at|this|the|в|на)\s+)*(?:weekend|выходн(?:ые|ых))", re.IGNORECASE)
_BOUND: Final = re.compile(
    r"\b(?:before|until|till|(?<!day )after|до|после)\s+(?!tomorrow|обеда)", re.IGNORECASE
)
"""What begins or ends at a time, which is not that time."""
_RANGE: Final = re.compile(r"\d\s*[-\u2013]\s*\d{1,2}\s*[ap]\.?m\b", re.IGNORECASE)
_HALF: Final = re.compile(r"\d\s*[ap]\.?m\b|\b(?:утра|дня|вечера|ночи)\b", re.IGNORECASE)
_NUMERIC = re.compile(r"(\d{1,2})[./-](\d{1,2})(?:[./-](\d{2}|\d{4}))?\.?")


def read_duration(words: str) -> timedelta | None:
    """Read a duration from now: "in 1 h 30 min", "+2h", "через полчаса". None for other words."""
    ahead = AHEAD.match(words)
    if ahead is None:
        return None
    rest = words[ahead.end() :].strip().lower()
    if rest == "полчаса":
        return timedelta(minutes=30)
    rest = rest.replace("an hour and a half", "1.5 hours").replace("hour and a half", "1.5 hours")
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
    word = (amount[2] or "").lower()
    if word.startswith("half"):
        return 0.5
    return 2.0 if word.endswith("couple of") else float(_NUMBERS.get(word, 1))


def read_iso(words: str) -> datetime | None:
    """A full date and time in ISO form, aware when it names an offset. None when the words are not in that form."""
    match = _ISO.fullmatch(words)
    if match is None or match[2] is None:
        return None
    try:
        return datetime.fromisoformat(re.sub(r"\s*(?:utc|gmt|z)$", "+00:00", words, flags=re.IGNORECASE))
    except ValueError:
        return None


def split_part(words: str) -> tuple[str, PartOfDay | None]:
    """The words without the part of the day that they name, and that part: "friday", evening. Raises Unreadable."""
    if _BOUND.search(words) or _RANGE.search(words):
        raise Unreadable
    if _MIDNIGHT.search(words):
        # The one that begins a day, or the one that ends it.
        raise Unreadable
    if _TONIGHT.search(words):
        return _TONIGHT.sub("today", words), _EVENING
    for pattern, part in _PARTS:
        if (match := pattern.search(words)) is not None:
            rest = _without(words, match)
            alone = _ALONE.fullmatch(rest)
            return f"at {alone['hour']}" if alone else rest, part
    return words, None


def names_half(words: str) -> bool:
    """True if the words say whether their hour is before or after noon."""
    return _HALF.search(words) is not None or any(pattern.search(words) for pattern, _part in _PARTS)


def split_time(words: str) -> tuple[str, WrittenTime | None]:
    """The words without their time of day, and that time: None when they name none. Raises Unreadable."""
    for pattern in _BARE_HOURS:
        if (bare := pattern.fullmatch(words)) is not None:
            return bare["day"], _written(bare)
    dotted = _DOTTED.fullmatch(words)
    if dotted is not None and (dotted["quarter"] or int(dotted["minute"]) > _MONTHS):
        return "", _written(dotted)
    for pattern in _TIMES:
        if (match := pattern.search(words)) is not None:
            return _without(words, match), _written(match)
    if (noon := _NOON.search(words)) is not None:
        return _without(words, noon), WrittenTime(12, 0, None)
    return words, None


def likely(words: str) -> list[str]:
    """Correct misspelt words, an hour alone, or a span without "in", as candidates to offer."""
    words = words.lower()
    mended = " ".join(_mended(word) for word in words.split())
    if mended != words:
        return [mended]
    if (alone := _ALONE.fullmatch(words)) is not None:
        hour = int(alone["hour"])
        after_noon = [f"today {hour + 12}:00"] if 1 <= hour < 12 else []
        return [f"today {hour}:00", *after_noon, *([f"in {words}"] if alone["sign"] else [])]
    if (clock := _FOUR_DIGITS.fullmatch(words)) is not None:
        return [f"today {clock[1]}:{clock[2]}"]
    if (span := _SPAN.fullmatch(words)) is not None:
        return [f"in {span[1]} h {span[2]} min" if span[2] else f"in {span[1]} min"]
    if (bound := _BOUND.search(words)) is not None:
        return [_without(words, bound), words.replace(bound[0], "at ", 1)]
    if (midnight := _MIDNIGHT.search(words)) is not None:
        day = _without(words, midnight)
        return (
            ["tomorrow 00:00"]
            if day in {"", "today", "tonight", "сегодня"}
            else [f"{day} 00:00", f"{day} 23:59"]
        )
    if re.match(r"\d|полчаса|час\b|(?:half )?[a-zа-я]+ (?:hour|min|day|week|час|мин|дн|недел)", words):
        return [f"in {re.sub(r' (?:from now|later)$', '', words)}"]
    return []


def _mended(word: str) -> str:
    """The nearest word of a date, for one that is none."""
    if len(word) < _SHORTEST_MENDED or not word.isalpha() or word in _WORDS or word in _NO_TIMES:
        return word
    return next(iter(get_close_matches(word, _WORDS, n=1, cutoff=0.75)), word)


def _without(words: str, match: re.Match[str]) -> str:
    return " ".join((words[: match.start()] + " " + words[match.end() :]).split()).strip(" ,")


def _written(match: re.Match[str]) -> WrittenTime:
    found = match.groupdict()
    number, part = int(found["hour"]), (found.get("half") or "").lower()
    minute = found.get("minute") or found.get("quarter")
    if part in {"a", "p"} and not 1 <= number <= 12:
        raise Unreadable
    in_words = minute is None or "~" in match[0]
    either = in_words and not part and 1 <= number <= _LAST_SMALL_HOUR and found["hour"][0] != "0"
    if part in {"a", "утра", "ночи"} and number == 12:
        number = 0
    elif part in {"p", "дня", "вечера"} and number < 12:
        number += 12
    try:
        checked = time(number, int(minute or 0))
    except ValueError:
        raise Unreadable from None
    offset = _offset(found.get("zone"), found.get("offset"))
    return WrittenTime(checked.hour, checked.minute, offset, either=either and offset is None)


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


def read_day(words: str, *, today: date, month_first: bool = False) -> WrittenDay:
    """The day that the words name, seen from `today`; one without a year is the next one.

    Raises EitherDay, NoSuchDay, Unreadable.
    """
    if (named := _WEEKDAY.fullmatch(words)) is not None:
        return _weekday(named, today)
    if (exact := _exact_day(words, today, month_first=month_first)) is not None:
        return WrittenDay(exact, weekday=False)
    for pattern in _WITH_WEEKDAY:
        if (both := pattern.fullmatch(words)) is not None:
            day = _exact_day(both["date"], today, month_first=month_first)
            if day is not None:
                return WrittenDay(_agreed(day, both["name"], today), weekday=False)
    if _BARE_NUMBER.fullmatch(words):
        # It could be an hour as well as a day of the month.
        raise Unreadable
    if (next_week := _NEXT_WEEK.search(words)) is not None:
        named = _WEEKDAY.fullmatch(_without(words, next_week))
        if named is not None:
            ahead = 7 - today.weekday() + _weekday_number(named["name"])
            return WrittenDay(today + timedelta(days=ahead), weekday=False)
    if _WEEKEND.fullmatch(words):
        saturday, sunday = (today + timedelta(days=(number - today.weekday()) % 7) for number in (5, 6))
        raise EitherDay(saturday, sunday)
    return WrittenDay(_parsed_day(words, today), weekday=False)


def _exact_day(words: str, today: date, *, month_first: bool) -> date | None:
    """A day written with its number; None for other words."""
    if (iso := _ISO.fullmatch(words)) is not None:
        return _date(iso[1])
    if (numeric := _NUMERIC.fullmatch(words)) is not None:
        return _numeric_day(numeric, today, month_first=month_first)
    if (named := _NAMED_MONTH.fullmatch(words)) is not None:
        month = _month((named["month"] or named["first"]).lower())
        year = int(named["year"]) if named["year"] else None
        day = int(named["day"] or named["after"])
        return _day_of_month(year, month, day, today) if month else None
    if (of_month := _DAY_OF_MONTH.fullmatch(words)) is not None:
        return _next_with(int(of_month["day"]), today)
    return None


def _month(word: str) -> int | None:
    """The month of a name or the beginning of one, in any case of Russian."""
    for number, name in enumerate(_MONTH_NAMES):
        ending = word.removeprefix(name) if word.startswith(name) else None
        if name.startswith(word) or ending in _MONTH_ENDINGS:
            return number % _MONTHS + 1
    return None


def _next_with(day: int, today: date) -> date:
    """The next day of that number, in the first month that has it."""
    first = today.replace(day=1)
    for _ in range(_MONTHS):
        last = monthrange(first.year, first.month)[1]
        if day <= last and (found := first.replace(day=max(day, 1))) >= today:
            return found
        first += timedelta(days=last)
    raise Unreadable


def _agreed(day: date, weekday: str, today: date) -> date:
    """`day`, if it is that weekday. Raises EitherDay with the nearest one that is."""
    away = (_weekday_number(weekday) - day.weekday()) % 7
    if not away:
        return day
    nearest = day + timedelta(days=away if away <= 3 else away - 7)
    raise EitherDay(day, nearest if nearest >= today else nearest + timedelta(days=7))


def _weekday(named: re.Match[str], today: date) -> WrittenDay:
    """The coming day of that name; a week ahead where it is today.

    Raises EitherDay for the next one where this week's is still to come.
    """
    number = _weekday_number(named["name"])
    ahead = (number - today.weekday()) % 7 or 7
    day = today + timedelta(days=ahead)
    is_next = (named["next"] or "").lower().strip().startswith(("next", "the next", "следующ"))
    if is_next and number > today.weekday():
        raise EitherDay(day + timedelta(days=7), day)
    return WrittenDay(day, weekday=not is_next)


def _weekday_number(name: str) -> int:
    return next(number for start, number in _WEEKDAY_NUMBERS.items() if name.lower().startswith(start))


def _date(iso: str) -> date:
    try:
        return date.fromisoformat(iso)
    except ValueError:
        raise Unreadable from None


def _numeric_day(match: re.Match[str], today: date, *, month_first: bool) -> date:
    """Day first, or month for those who write so, but never with dots; the other way where only that makes sense."""
    first, second = int(match[1]), int(match[2])
    day, month = (second, first) if month_first and "." not in match[0] else (first, second)
    if month > _MONTHS >= day:
        day, month = month, day
    year = None
    if match[3]:
        year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
    return _day_of_month(year, month, day, today)


def _day_of_month(year: int | None, month: int, day: int, today: date) -> date:
    """`year`: None for the next such day. Raises NoSuchDay, Unreadable."""
    try:
        found = date(year or today.year, month, day)
        return found if year or found >= today else date(today.year + 1, month, day)
    except ValueError:
        if not (1 <= month <= _MONTHS and 1 <= day <= _LONGEST_MONTH and (year is None or year >= 1)):
            raise Unreadable from None
    last = [
        date(one, month, monthrange(one, month)[1])
        for one in ([year] if year else [today.year, today.year + 1])
    ]
    raise NoSuchDay(next((one for one in last if one >= today), last[-1]))


_FAR_AHEAD: Final = re.compile(
    r"(?:in|через)\b|.*(?:\byears?|\bгода?|\bлет|\bmonths|\bмесяц\w*)\b", re.IGNORECASE
)


def _parsed_day(words: str, today: date) -> date:
    import dateparser  # large, and only the rarer words need it
    from dateparser.timezone_parser import word_is_tz

    if any(word_is_tz(word) for word in words.upper().split() if len(word) <= _LONGEST_ZONE):
        # It would leave it out.
        raise Unreadable
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
    if found.year > today.year + 1 and str(found.year) not in words and not _FAR_AHEAD.match(words):
        # It took an hour for a year.
        raise Unreadable
    return found.date()
