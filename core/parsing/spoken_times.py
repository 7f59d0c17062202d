"""Puts what people say for a time into the words that date_phrases.py reads: "tmrw half six" is "tomorrow 6~30".

A "~" between hour and minutes marks a time said in words, which may be meant before or after noon.
"""
# ruff: noqa: RUF001 - Russian words are meant to be in Cyrillic

from __future__ import annotations

import re
from typing import Final
from zoneinfo import ZoneInfo

from core.parsing.date_phrases import AHEAD, WEEKDAY_WORDS, read_duration

_SYNONYMS: Final = {
    **dict.fromkeys(("tmrw", "tmr", "tmw", "tom", "tomoz", "2moro", "2morrow", "2mrw", "morgen"), "tomorrow"),
    **{"tonite": "tonight", "2nite": "tonight", "heute": "today", "übermorgen": "day after tomorrow"},
    **dict.fromkeys(("сиводня", "севодня", "сёдня", "седня"), "сегодня"),
    **{"сутки": "день", "суток": "дня"},
}
_SYNONYM: Final = re.compile(rf"\b(?:{'|'.join(_SYNONYMS)})\b", re.IGNORECASE)
_SAID: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), put)
    for pattern, put in (
        (r"’", "'"),
        (r",?\s*\b(?:please|pls|пожалуйста)\b,?", " "),
        (r"^\s*(?:send|schedule|отправ\w+|пошли\w*)(?:\s+(?:it|this|out|его|это))*\s+", ""),
        (r"[!?]+$|(?<=\d)\s*-?ish\b", ""),
        (r"^for\s+|\bна\s+(?=сегодня|завтра|послезавтра)", ""),
        (rf"\bна\s+(?=\d|(?:{WEEKDAY_WORDS})\b)", "в "),
        (r"\bслед\.\s*", "следующую "),
        (r"\b(?:exactly|sharp|ровно)\b", " "),
        (r"\bноль[- ]ноль\b", "00"),
        (r"(?<=\d)\s*ч\s+(?=утра|дня|вечера|ночи)", " "),
        (r"\b((?:minute|hour|day|week)s?)'?s? time\b", r"\1"),
        (r"\bпосле завтра\b", "послезавтра"),
        (r"(?:\bat\s+)?(?:@|\b(?:around|about|by|um)\b)\s*(?=\d)", "at "),
        (r"(?:\b(?:к|около)|\bпримерно(?:\s+в)?)\s+(?=\d)", "в "),
        (r"\b(?:a|one) week (?:from )?(?:today|now)\b", "in 7 days"),
        (r"\bchristmas eve\b", "24 December"),
        (r"\bchristmas(?: day)?\b", "25 December"),
        (r"\bnew year'?s eve\b", "31 December"),
        (r"\bnew year'?s day\b", "1 January"),
        (r"\b(?:пар[уы]|двое)(?=\s)", "2"),
        (r"\bтрое(?=\s)", "3"),
        (r"\b(?:one|один)(?= (?:and a half|с половиной)\b)", "1"),
        (r"\b(?:two|два|две)(?= (?:and a half|с половиной)\b)", "2"),
        (r"\b(?:three|три)(?= (?:and a half|с половиной)\b)", "3"),
        (r"\b(\d+) (?:and a half|с половиной)\b", r"\1.5"),
    )
)
_ONES: Final = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять"),
)
_TENS: Final = {
    **{"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50},
    **{"двадцать": 20, "тридцать": 30, "сорок": 40, "пятьдесят": 50},
}
_TENS_AND_ONES: Final = re.compile(rf"\b({'|'.join(_TENS)})[- ]({'|'.join(_ONES)}|одну|две)\b", re.IGNORECASE)
_CLOCK: Final = re.compile(
    r"(?:\b(?:at|um)\s+)?\b(\d{1,2})(?:[:.](\d{2}))?\s*(?:o'?\s?clock|uhr)\b", re.IGNORECASE
)
_HOURS_SIGN: Final = re.compile(r"(?<=[\w.,] )(?:(?:at|в|um)\s+)?(\d{1,2})\s*(?:h|ч)$", re.IGNORECASE)
_SIGN_AFTER_MINUTES: Final = re.compile(r"(?<=\d[:.]\d\d)\s*(?:h|ч)\b", re.IGNORECASE)
_HOURS_AND_MINUTES: Final = re.compile(r"(\d+)\s*(?:h|hours?|час(?:а|ов)?|ч)\s*(\d{1,2})$", re.IGNORECASE)
_HOUR_WORDS: Final = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("час", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять"),
    *("одиннадцать", "двенадцать"),
)
_HOURS_OF: Final = (
    *("первого", "второго", "третьего", "четв[её]ртого", "пятого", "шестого", "седьмого", "восьмого"),
    *("девятого", "десятого", "одиннадцатого", "двенадцатого"),
)
_MINUTE_WORDS: Final = {
    **{"five": 5, "ten": 10, "quarter": 15, "a quarter": 15, "fifteen": 15, "twenty": 20},
    **{"half": 30, "thirty": 30, "forty": 40, "fifty": 50},
    **{"пяти": 5, "десять": 10, "десяти": 10, "четверть": 15, "четверти": 15, "пятнадцать": 15},
    **{"пятнадцати": 15, "двадцать": 20, "пол": 30, "половин[ае]": 30, "тридцать": 30, "сорок": 40},
    **{"пятьдесят": 50},
}
_HOUR = rf"(?P<hour>1[0-2]|[1-9]|{'|'.join(_HOUR_WORDS)})(?![\w:.])"
_NO_UNIT = r"(?!\s+(?:m|h|d|w|min|hour|day|week|month|мин|час[ао]|дн|день|нед|мес)\w*)"
_AFTER_HOUR = "fifteen|twenty|thirty|forty|fifty|десять|пятнадцать|двадцать|тридцать|сорок|пятьдесят"
_SPOKEN: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bhalf {_HOUR}",
        rf"\b(?P<past>half|a quarter|quarter|five|ten|twenty|\d{{1,2}})(?: minutes)? past {_HOUR}",
        rf"\b(?P<to>a quarter|quarter|five|ten|twenty|5|10|20|25)(?: minutes)? to {_HOUR}",
        rf"\bбез (?P<to>четверти|пятнадцати|десяти|пяти) {_HOUR}",
        rf"\b(?P<of>пол|половин[ае]|четверть)[ -]?(?P<hour>{'|'.join(_HOURS_OF)})\b",
        rf"\b(?P<hour>{'|'.join(_HOUR_WORDS)}) (?P<past>{_AFTER_HOUR}|[2-5]\d|00)\b(?! (?:min|мин))",
        rf"\b(?P<at>(?:at|в) )(?P<hour>{'|'.join(_HOUR_WORDS)})\b",
        rf"\b(?P<at>)(?P<hour>{'|'.join(_HOUR_WORDS)})\b{_NO_UNIT}",
    )
)
"""Times in words: "half past nine", "без четверти десять"."""
_ZONES: Final = tuple(
    (re.compile(rf"(?:\b(?:in|по)\s+)?\b(?:{names})\b(?:\s+(?:time|времени))?", re.IGNORECASE), zone)
    for names, zone in (
        ("et|est|edt", "America/New_York"),
        ("cst|cdt", "America/Chicago"),
        ("mst|mdt", "America/Denver"),
        ("pst|pdt", "America/Los_Angeles"),
        ("cet|cest", "Europe/Berlin"),
        ("bst", "Europe/London"),
        ("msk|мск|москве|московскому", "Europe/Moscow"),
    )
)


def plain_words(words: str) -> str:
    """The words without what is said for politeness, with times and numbers in digits and one word for each day."""
    for pattern, put in _SAID:
        words = pattern.sub(put, words)
    words = _SYNONYM.sub(lambda found: _SYNONYMS[found[0].lower()], " ".join(words.split()))
    words = _TENS_AND_ONES.sub(_sum, words)
    ahead = AHEAD.match(words) is not None
    for pattern in _SPOKEN:
        words = pattern.sub(lambda found: _digits(found, ahead=ahead), words)
    words = _SIGN_AFTER_MINUTES.sub("", _CLOCK.sub(_on_clock, words))
    if ahead:
        return _HOURS_AND_MINUTES.sub(r"\1 h \2 min", words)
    return words if read_duration(f"in {words}") else _HOURS_SIGN.sub(r"at \1", words)


def split_zone(words: str, zone: ZoneInfo) -> tuple[str, ZoneInfo]:
    """The words without the abbreviation of a time zone, and that zone; `zone` where they name none."""
    for pattern, named in _ZONES:
        if (found := pattern.search(words)) is not None:
            return " ".join((words[: found.start()] + words[found.end() :]).split()), ZoneInfo(named)
    return words, zone


def _sum(found: re.Match[str]) -> str:
    one = found[2].lower()
    # "One" and "two" have a second form in Russian.
    return str(_TENS[found[1].lower()] + ({"одну": 1, "две": 2}.get(one) or _ONES.index(one) % 9 + 1))


def _on_clock(found: re.Match[str]) -> str:
    return f"at {found[1]}:{found[2]}" if found[2] else f"at {found[1]}"


def _digits(found: re.Match[str], *, ahead: bool) -> str:
    """`ahead`: the words are a time from now, in which only an hour behind "at" is one."""
    parts, word = found.groupdict(), found["hour"].lower()
    if "at" in parts:
        alone = word == "час" and not parts["at"]
        return found[0] if alone or (ahead and not parts["at"]) else f"{parts['at']}{_hour(word)}"
    hour = _hour(word)
    if before := parts.get("to") or parts.get("of"):
        earlier, minutes = 12 if hour == 1 else hour - 1, _minutes(before)
        return f"{earlier}~{minutes if parts.get('of') else 60 - minutes:02}"
    return f"{hour}~{_minutes(parts.get('past') or 'half'):02}"


def _hour(word: str) -> int:
    if word.isdecimal():
        return int(word)
    if word in _HOUR_WORDS:
        return _HOUR_WORDS.index(word) % 12 + 1
    return next(number for number, form in enumerate(_HOURS_OF, start=1) if re.fullmatch(form, word))


def _minutes(word: str) -> int:
    if word.isdecimal():
        return int(word)
    return next(minutes for form, minutes in _MINUTE_WORDS.items() if re.fullmatch(form, word.lower()))
