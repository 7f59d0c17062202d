"""Typed moments: parsing, and the error for each unreadable one."""
# ruff: noqa: RUF001 - Russian words are meant to be in Cyrillic

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.errors import ValidationError
from core.parsing.dates import (
    LONGEST_AHEAD,
    AmbiguousTime,
    NeedsTime,
    WrongMoment,
    on_wall_clock,
    read_moment,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 14, 20, tzinfo=BERLIN)  # a Monday
ZONES = st.sampled_from(
    [
        ZoneInfo(key)
        for key in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")
    ]
)
NOWS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds must be naive


def read(text: str, now: datetime = NOW, zone: ZoneInfo = BERLIN) -> str:
    return read_moment(text, now=now, zone=zone).astimezone(zone).strftime("%a %Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tomorrow 18:30", "Tue 2026-11-24 18:30"),
        ("Tomorrow at 6:30 pm", "Tue 2026-11-24 18:30"),
        ("tomorrow at 9", "Tue 2026-11-24 09:00"),
        ("tomorrow 9", "Tue 2026-11-24 09:00"),
        ("the day after tomorrow 9", "Wed 2026-11-25 09:00"),
        ("9am tomorrow", "Tue 2026-11-24 09:00"),
        ("tomorrow noon", "Tue 2026-11-24 12:00"),
        ("today 19:00", "Mon 2026-11-23 19:00"),
        ("tonight 21:00", "Mon 2026-11-23 21:00"),
        ("19:00", "Mon 2026-11-23 19:00"),
        ("fri 17:45", "Fri 2026-11-27 17:45"),
        ("mon 18:30", "Mon 2026-11-23 18:30"),
        ("mon 9:00", "Mon 2026-11-30 09:00"),
        ("next monday 18:30", "Mon 2026-11-30 18:30"),
        ("24.11 9:00", "Tue 2026-11-24 09:00"),
        ("24.11.26 9:00", "Tue 2026-11-24 09:00"),
        ("11/24 9:00", "Tue 2026-11-24 09:00"),
        ("1 Dec 9:00", "Tue 2026-12-01 09:00"),
        ("December 2nd, 9:00", "Wed 2026-12-02 09:00"),
        ("5.1 9:00", "Tue 2027-01-05 09:00"),
        ("2026-11-24 18:30", "Tue 2026-11-24 18:30"),
        ("2026-11-24 6:30 pm", "Tue 2026-11-24 18:30"),
        ("2026-11-24T18:30:00+00:00", "Tue 2026-11-24 19:30"),
        ("2026-11-24 18:30 UTC", "Tue 2026-11-24 19:30"),
        ("tomorrow 18:30 UTC", "Tue 2026-11-24 19:30"),
        ("tomorrow 18:30 +03:00", "Tue 2026-11-24 16:30"),
        ("18:30 utc+5", "Mon 2026-11-23 14:30"),
        ("in 90 min", "Mon 2026-11-23 15:50"),
        ("in 1 h 30 min", "Mon 2026-11-23 15:50"),
        ("in 1.5 hours", "Mon 2026-11-23 15:50"),
        ("+2h", "Mon 2026-11-23 16:20"),
        ("in an hour", "Mon 2026-11-23 15:20"),
        ("in half an hour", "Mon 2026-11-23 14:50"),
        ("in 2 days", "Wed 2026-11-25 14:20"),
        ("in 2 days at 9:00", "Wed 2026-11-25 09:00"),
        ("in 1 week", "Mon 2026-11-30 14:20"),
        ("завтра 18:30", "Tue 2026-11-24 18:30"),
        ("завтра в 9", "Tue 2026-11-24 09:00"),
        ("послезавтра в 6 вечера", "Wed 2026-11-25 18:00"),
        ("в пятницу 17:45", "Fri 2026-11-27 17:45"),
        ("пт 9:00", "Fri 2026-11-27 09:00"),
        ("24 ноября в 9:00", "Tue 2026-11-24 09:00"),
        ("через 2 часа", "Mon 2026-11-23 16:20"),
        ("через полчаса", "Mon 2026-11-23 14:50"),
        ("через час", "Mon 2026-11-23 15:20"),
        ("через 1 ч 30 мин", "Mon 2026-11-23 15:50"),
        ("через полтора часа", "Mon 2026-11-23 15:50"),
        ("через 3 дня", "Thu 2026-11-26 14:20"),
    ],
)
def test_reads_what_people_write(text: str, expected: str) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("next monday 9", "Mon 2026-11-30 09:00"),
        ("18.30", "Mon 2026-11-23 18:30"),
        ("fri 18.30", "Fri 2026-11-27 18:30"),
        ("24.11 18.30", "Tue 2026-11-24 18:30"),
        ("24.11 9", "Tue 2026-11-24 09:00"),
        ("9.30 tomorrow", "Tue 2026-11-24 09:30"),
        ("friday at 7 in the evening", "Fri 2026-11-27 19:00"),
        ("tonight at 8", "Mon 2026-11-23 20:00"),
        ("tomorrow morning 9:30", "Tue 2026-11-24 09:30"),
        ("in two hours", "Mon 2026-11-23 16:20"),
        ("in an hour and a half", "Mon 2026-11-23 15:50"),
        ("in a couple of hours", "Mon 2026-11-23 16:20"),
        ("31/12 9:00", "Thu 2026-12-31 09:00"),
        ("завтра в 9", "Tue 2026-11-24 09:00"),
        ("завтра утром в 9", "Tue 2026-11-24 09:00"),
        ("завтра в полдень", "Tue 2026-11-24 12:00"),
        ("в пятницу 18-30", "Fri 2026-11-27 18:30"),
        ("завтра 7 вечера", "Tue 2026-11-24 19:00"),
        ("через два часа", "Mon 2026-11-23 16:20"),
        ("Mon 23 November 19:00", "Mon 2026-11-23 19:00"),
        ("Sunday 12 noon", "Sun 2026-11-29 12:00"),
        ("in 3 hours' time", "Mon 2026-11-23 17:20"),
        ("завтра в 9 ч утра", "Tue 2026-11-24 09:00"),
        ("завтра ровно в девять ноль ноль", "Tue 2026-11-24 09:00"),
        ("Weds 9", "Wed 2026-11-25 09:00"),
        ("next week friday 9:00", "Fri 2026-12-04 09:00"),
        ("в пятницу на следующей неделе в 9", "Fri 2026-12-04 09:00"),
        ("6 in the evening", "Mon 2026-11-23 18:00"),
        ("this evening at 7", "Mon 2026-11-23 19:00"),
        ("day after tomorrow 9am", "Wed 2026-11-25 09:00"),
        ("in twenty five minutes", "Mon 2026-11-23 14:45"),
        ("in 1h30", "Mon 2026-11-23 15:50"),
        ("in two and a half hours", "Mon 2026-11-23 16:50"),
        ("через два с половиной часа", "Mon 2026-11-23 16:50"),
        ("через пару часов", "Mon 2026-11-23 16:20"),
        ("через двое суток", "Wed 2026-11-25 14:20"),
        ("a week today at 9:00", "Mon 2026-11-30 09:00"),
        ("5 Jan 9", "Tue 2027-01-05 09:00"),
        ("Dec 24 18h", "Thu 2026-12-24 18:00"),
        ("the 5th at 9", "Sat 2026-12-05 09:00"),
        ("1-го января в 9", "Fri 2027-01-01 09:00"),
        ("24 числа в 9", "Tue 2026-11-24 09:00"),
        ("5.1. 9 Uhr", "Tue 2027-01-05 09:00"),
        ("05.01. um 9", "Tue 2027-01-05 09:00"),
        ("пт 4.12 9:00", "Fri 2026-12-04 09:00"),
        ("12-24 6pm", "Thu 2026-12-24 18:00"),
        ("tomorrow 1830", "Tue 2026-11-24 18:30"),
        ("завтра 9 00", "Tue 2026-11-24 09:00"),
        ("сегодня в 19ч", "Mon 2026-11-23 19:00"),
        ("tomorrow @ 9", "Tue 2026-11-24 09:00"),
        ("tomorrow around 9", "Tue 2026-11-24 09:00"),
        ("завтра к 9", "Tue 2026-11-24 09:00"),
        ("tmrw 9", "Tue 2026-11-24 09:00"),
        ("please send it tomorrow at 9", "Tue 2026-11-24 09:00"),
        ("на завтра на 9", "Tue 2026-11-24 09:00"),
        ("завтра, пожалуйста, в 9", "Tue 2026-11-24 09:00"),
        ("9 o'clock tomorrow", "Tue 2026-11-24 09:00"),
        ("завтра в семь тридцать", "Tue 2026-11-24 07:30"),
        ("tomorrow 9am EST", "Tue 2026-11-24 15:00"),
        ("завтра в 9 по Москве", "Tue 2026-11-24 07:00"),
        ("Christmas Eve at 18:00", "Thu 2026-12-24 18:00"),
    ],
)
def test_reads_what_people_write_in_a_hurry(text: str, expected: str) -> None:
    assert read(text) == expected


def offered(refused: WrongMoment, zone: ZoneInfo = BERLIN) -> list[str]:
    return [one.astimezone(zone).strftime("%a %Y-%m-%d %H:%M") for one in refused.choices]


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("friday evening", ["Fri 2026-11-27 18:00", "Fri 2026-11-27 19:00", "Fri 2026-11-27 20:00"]),
        ("в пятницу вечером", ["Fri 2026-11-27 18:00", "Fri 2026-11-27 19:00", "Fri 2026-11-27 20:00"]),
        ("tonight", ["Mon 2026-11-23 18:00", "Mon 2026-11-23 20:00", "Mon 2026-11-23 21:00"]),
        ("завтра утром", ["Tue 2026-11-24 09:00", "Tue 2026-11-24 08:00", "Tue 2026-11-24 10:00"]),
        ("tomorow 18:30", ["Tue 2026-11-24 18:30"]),
        ("wendesday 9:00", ["Wed 2026-11-25 09:00"]),
        ("завтар 9:00", ["Tue 2026-11-24 09:00"]),
        ("9", ["Mon 2026-11-23 21:00", "Tue 2026-11-24 09:00"]),
        ("next friday 17:45", ["Fri 2026-12-04 17:45", "Fri 2026-11-27 17:45"]),
        ("в следующий вторник в 10", ["Tue 2026-12-01 10:00", "Tue 2026-11-24 10:00"]),
        ("next friday at 3", ["Fri 2026-12-04 15:00", "Fri 2026-11-27 15:00"]),
        ("next friday", ["Fri 2026-12-04 09:00", "Fri 2026-11-27 09:00"]),
        ("this weekend", ["Sat 2026-11-28 09:00", "Sun 2026-11-29 09:00"]),
        ("friday 26 November 9:00", ["Thu 2026-11-26 09:00", "Fri 2026-11-27 09:00"]),
        ("tomorrow at 3", ["Tue 2026-11-24 15:00", "Tue 2026-11-24 03:00"]),
        ("today at 3", ["Mon 2026-11-23 15:00", "Tue 2026-11-24 03:00"]),
        ("half past six tomorrow", ["Tue 2026-11-24 18:30", "Tue 2026-11-24 06:30"]),
        ("завтра в половине седьмого", ["Tue 2026-11-24 18:30", "Tue 2026-11-24 06:30"]),
        ("завтра в час", ["Tue 2026-11-24 13:00", "Tue 2026-11-24 01:00"]),
        ("9am", ["Tue 2026-11-24 09:00"]),
        ("в 9:30 утра", ["Tue 2026-11-24 09:30"]),
        ("8 in the morning", ["Tue 2026-11-24 08:00"]),
        ("tonight at 12", ["Tue 2026-11-24 00:00"]),
        ("два часа", ["Mon 2026-11-23 16:20"]),
        ("18 h", ["Mon 2026-11-23 18:00", "Tue 2026-11-24 08:20"]),
        ("1830", ["Mon 2026-11-23 18:30"]),
        ("in 45", ["Mon 2026-11-23 15:05"]),
        ("in 1:30", ["Mon 2026-11-23 15:50"]),
        ("полчаса", ["Mon 2026-11-23 14:50"]),
        ("tomorrow after 9", ["Tue 2026-11-24 09:00"]),
        ("tomorrow before noon", ["Tue 2026-11-24 12:00"]),
        ("two hours", ["Mon 2026-11-23 16:20"]),
        ("friday midnight", ["Fri 2026-11-27 00:00", "Fri 2026-11-27 23:59"]),
        ("tonight midnight", ["Tue 2026-11-24 00:00"]),
        ("2025-12-24 9:00", ["Thu 2026-12-24 09:00", "Tue 2026-11-24 09:00"]),
        ("yesterday 9:00", ["Tue 2026-11-24 09:00"]),
    ],
)
def test_what_is_vague_misspelt_or_past_is_offered_and_never_taken(text: str, choices: list[str]) -> None:
    with pytest.raises(WrongMoment) as refused:
        read(text)
    assert offered(refused.value) == choices


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12/31 9:00", "31 Dec"),
        ("31/12 9:00", "31 Dec"),
        ("5/6 9:00", "06 May"),
        ("5.6 9:00", "05 Jun"),
    ],
)
def test_americans_write_the_month_before_the_slash(text: str, expected: str) -> None:
    moment = read_moment(text, now=NOW, zone=BERLIN, month_first=True)
    assert moment.astimezone(BERLIN).strftime("%d %b") == expected


def test_others_write_the_day_before_the_slash() -> None:
    assert read("5/6 9:00") == "Sat 2027-06-05 09:00"


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("5/6 9:00", ["Thu 2027-05-06 09:00", "Sat 2027-06-05 09:00"]),
        ("5/6", ["Thu 2027-05-06 09:00", "Sat 2027-06-05 09:00"]),
        ("1/2 9am", ["Sat 2027-01-02 09:00", "Mon 2027-02-01 09:00"]),
    ],
)
def test_both_days_are_offered_to_who_may_write_either(text: str, choices: list[str]) -> None:
    with pytest.raises(WrongMoment) as asked:
        read_moment(text, now=NOW, zone=BERLIN, month_first=None)
    assert offered(asked.value) == choices


DECEMBER = datetime(2026, 12, 1, 9, 0, tzinfo=BERLIN)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "month_first", "choices"),
    [
        ("10/12 9:00", True, ["Tue 2027-10-12 09:00", "Thu 2026-12-10 09:00"]),
        ("10/12", True, ["Tue 2027-10-12 09:00", "Thu 2026-12-10 09:00"]),
        ("10/12/2026 9:00", True, ["Thu 2026-12-10 09:00"]),
        ("12/3 9:00", False, ["Fri 2027-03-12 09:00", "Thu 2026-12-03 09:00"]),
        ("12-3 9:00", False, ["Fri 2027-03-12 09:00", "Thu 2026-12-03 09:00"]),
    ],
)
def test_a_near_day_is_offered_beside_a_far_one(text: str, month_first: bool, choices: list[str]) -> None:
    with pytest.raises(WrongMoment) as asked:
        read_moment(text, now=DECEMBER, zone=BERLIN, month_first=month_first)
    assert offered(asked.value) == choices


@pytest.mark.parametrize(
    ("text", "month_first", "day"),
    [
        ("12/10 9:00", True, "10 Dec 2026"),
        ("3/12 9:00", False, "03 Dec 2026"),
        ("5/1 9:00", True, "01 May 2027"),
        ("1/5 9:00", False, "01 May 2027"),
        ("12.3. 9:00", True, "12 Mar 2027"),
    ],
)
def test_a_day_that_is_near_or_has_no_near_other_is_not_asked_about(
    text: str, month_first: bool, day: str
) -> None:
    moment = read_moment(text, now=DECEMBER, zone=BERLIN, month_first=month_first)
    assert moment.astimezone(BERLIN).strftime("%d %b %Y") == day


@pytest.mark.parametrize(
    ("text", "day"), [("12/25 9:00", "25 Dec"), ("5/5 9:00", "05 May"), ("5.6 9:00", "05 Jun")]
)
def test_a_day_that_can_be_read_in_one_way_is_not_asked_about(text: str, day: str) -> None:
    moment = read_moment(text, now=NOW, zone=BERLIN, month_first=None)
    assert moment.astimezone(BERLIN).strftime("%d %b") == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("tomorrow", date(2026, 11, 24)),
        ("fri", date(2026, 11, 27)),
        ("24.11", date(2026, 11, 24)),
        ("завтра", date(2026, 11, 24)),
        ("2026-12-24", date(2026, 12, 24)),
        ("may 5", date(2027, 5, 5)),
        ("tomorow", date(2026, 11, 24)),
        ("mondey", date(2026, 11, 30)),
        ("завтро", date(2026, 11, 24)),
    ],
)
def test_a_day_without_an_hour_asks_for_the_hour(text: str, day: date) -> None:
    with pytest.raises(NeedsTime) as asked:
        read(text)
    assert asked.value.day == day
    assert "At what time on" in asked.value.problems[0]


def test_an_hour_that_has_passed_today_offers_tomorrow() -> None:
    with pytest.raises(WrongMoment) as refused:
        read("9:00")
    assert refused.value.problems == ("09:00 has passed today (it's 14:20). Did you mean this?",)
    assert offered(refused.value) == ["Mon 2026-11-23 21:00", "Tue 2026-11-24 09:00"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("20.11.2026 9:00", "Fri 20 Nov, 09:00 has passed (it's Mon 23 Nov, 14:20)."),
        ("yesterday 9:00", "Sun 22 Nov, 09:00 has passed (it's Mon 23 Nov, 14:20)."),
        ("yesterday", "Sun 22 Nov 2026 has passed. Today is Mon 23 Nov."),
        ("1.1.2020", "Wed 1 Jan 2020 has passed. Today is Mon 23 Nov."),
        (
            "24.12.2027 9:00",
            "Fri 24 Dec 2027, 09:00 is more than a year ahead. Choose a time within a year.",
        ),
        ("in 2 years", "Thu 23 Nov 2028 is more than a year ahead. Choose a day within a year."),
        ("через 13 месяцев", "Thu 23 Dec 2027 is more than a year ahead. Choose a day within a year."),
        ("24.12.2027", "Fri 24 Dec 2027 is more than a year ahead. Choose a day within a year."),
        ("in 400 days", "Tue 28 Dec 2027, 14:20 is more than a year ahead. Choose a time within a year."),
    ],
)
def test_a_past_or_far_moment_is_refused_with_what_was_read(text: str, sentence: str) -> None:
    with pytest.raises(WrongMoment) as refused:
        read(text)
    assert refused.value.problems == (sentence,)


@pytest.mark.parametrize(
    "text",
    [
        "", "hello", "One more thing", "tomorrow 25:00", "tomorrow 9:75", "13 pm", "18:30 19:00",
        "24 nov asdf 9:00", "in 3 apples", "+", "in 999999 weeks", "18:30 utc+99", "2026-13-45 10:00",
        "tomorrow 9am IST", "tomorrow 9-10am", "soon", "(＾▽＾)", "<b>&\"😀", "x" * 4000,
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_quoted_with_examples(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read(text)
    assert "Try: tomorrow 18:30 · fri 9:00" in refused.value.problems[0]
    assert len(refused.value.problems[0]) < 300


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("31 nov 9:00", ["Mon 2026-11-30 09:00", "Tue 2026-12-01 09:00"]),
        ("31.11", ["Mon 2026-11-30 09:00", "Tue 2026-12-01 09:00"]),
        ("November 31st at 7pm", ["Mon 2026-11-30 19:00", "Tue 2026-12-01 19:00"]),
        ("31 ноября в 9", ["Mon 2026-11-30 09:00", "Tue 2026-12-01 09:00"]),
        ("31.2 9:00", ["Sun 2027-02-28 09:00", "Mon 2027-03-01 09:00"]),
        ("30 feb 9:00", ["Sun 2027-02-28 09:00", "Mon 2027-03-01 09:00"]),
    ],
)
def test_a_day_that_its_month_lacks_offers_the_nearest_ones(text: str, days: list[str]) -> None:
    with pytest.raises(WrongMoment) as refused:
        read(text)
    assert refused.value.problems[0].startswith("That month has ")
    assert [f"{one.astimezone(BERLIN):%a %Y-%m-%d %H:%M}" for one in refused.value.choices] == days


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tomorrow half past nine", "Tue 2026-11-24 09:30"),
        ("tomorrow at half past 9", "Tue 2026-11-24 09:30"),
        ("quarter to eight tomorrow", "Tue 2026-11-24 07:45"),
        ("tomorrow ten past one pm", "Tue 2026-11-24 13:10"),
        ("friday at nine", "Fri 2026-11-27 09:00"),
        ("friday nine thirty", "Fri 2026-11-27 09:30"),
        ("fri seven pm", "Fri 2026-11-27 19:00"),
        ("fri 7pm", "Fri 2026-11-27 19:00"),
        ("in two hours", "Mon 2026-11-23 16:20"),
        ("in one week", "Mon 2026-11-30 14:20"),
        ("in a week at nine", "Mon 2026-11-30 09:00"),
        ("in a week at noon", "Mon 2026-11-30 12:00"),
        ("завтра в полдень", "Tue 2026-11-24 12:00"),
        ("завтра в девять", "Tue 2026-11-24 09:00"),
        ("завтра в девять вечера", "Tue 2026-11-24 21:00"),
        ("завтра в час дня", "Tue 2026-11-24 13:00"),
        ("завтра в половине девятого", "Tue 2026-11-24 08:30"),
        ("завтра в половине девятого вечера", "Tue 2026-11-24 20:30"),
        ("завтра полдесятого", "Tue 2026-11-24 09:30"),
        ("завтра без четверти десять", "Tue 2026-11-24 09:45"),
        ("через неделю в 9", "Mon 2026-11-30 09:00"),
        ("через неделю в девять", "Mon 2026-11-30 09:00"),
        ("через два дня в 18:30", "Wed 2026-11-25 18:30"),
        ("через час", "Mon 2026-11-23 15:20"),
        ("через три часа", "Mon 2026-11-23 17:20"),
        ("завтра в 8:30 вечера", "Tue 2026-11-24 20:30"),
    ],
)
def test_times_in_words_are_read(text: str, expected: str) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("завтра вечером", ["18:00", "19:00", "20:00"]),
        ("half past nine", ["21:30", "09:30"]),
        ("nine", ["21:00"]),
    ],
)
def test_a_time_that_may_be_several_offers_them(text: str, offered: list[str]) -> None:
    with pytest.raises(WrongMoment) as refused:
        read(text)
    assert [f"{one.astimezone(BERLIN):%H:%M}" for one in refused.value.choices][: len(offered)] == offered


def test_the_examples_can_be_read_and_lie_ahead() -> None:
    with pytest.raises(ValidationError) as refused:
        read("gibberish")
    examples = refused.value.problems[0].partition("Try: ")[2].rstrip(".").split(" · ")
    assert len(examples) > 1
    for zone in (BERLIN, ZoneInfo("America/Los_Angeles")):
        for example in examples:
            assert read_moment(example, now=NOW, zone=zone) > NOW


def test_the_hour_that_spring_skips_does_not_exist() -> None:
    with pytest.raises(WrongMoment) as refused:
        read("28.3 2:30", now=datetime(2027, 3, 20, 12, tzinfo=BERLIN))
    assert refused.value.problems == (
        "02:30 doesn't exist on Sun 28 Mar because the clocks go forward. Use 03:30?",
    )
    assert refused.value.choices == (datetime(2027, 3, 28, 3, 30, tzinfo=BERLIN),)


def test_the_hour_that_autumn_repeats_asks_which_one() -> None:
    with pytest.raises(AmbiguousTime) as asked:
        read("31.10 2:30", now=datetime(2027, 10, 20, 12, tzinfo=BERLIN))
    assert asked.value.first == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert asked.value.second == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_a_named_hour_follows_the_clocks_and_a_duration_does_not() -> None:
    """The day before the spring change, "tomorrow 18:30" is 18:30 on the wall and "in 24 hours" is 24 hours."""
    saturday = datetime(2027, 3, 27, 14, 20, tzinfo=BERLIN)
    assert read("tomorrow 18:30", now=saturday) == "Sun 2027-03-28 18:30"
    assert read("in 24 hours", now=saturday) == "Sun 2027-03-28 15:20"


def attempt(text: str, now: datetime, zone: ZoneInfo) -> datetime | ValidationError:
    try:
        return read_moment(text, now=now, zone=zone)
    except ValidationError as refused:
        return refused


@settings(deadline=None)
@given(now=NOWS, zone=ZONES, ahead=st.integers(min_value=1, max_value=365 * 24 * 60 - 1))
def test_every_moment_of_the_next_year_survives_being_written_and_read(
    now: datetime, zone: ZoneInfo, ahead: int
) -> None:
    moment = now.replace(second=0, microsecond=0) + timedelta(minutes=ahead)
    if moment <= now:
        moment += timedelta(minutes=1)
    found = attempt(shown(moment, zone).strftime("%Y-%m-%d %H:%M"), now, zone)
    readings = (found.first, found.second) if isinstance(found, AmbiguousTime) else (found,)
    assert moment in readings


@settings(deadline=None)
@given(now=NOWS, zone=ZONES, minutes=st.integers(min_value=1, max_value=365 * 24 * 60))
def test_a_duration_never_ends_early_and_less_than_a_minute_late(
    now: datetime, zone: ZoneInfo, minutes: int
) -> None:
    late = read_moment(f"in {minutes} min", now=now, zone=zone) - now - timedelta(minutes=minutes)
    assert timedelta(0) <= late < timedelta(minutes=1)


VOCABULARY = [
    "in", "at", "on", "+", "через", "в", "next", "tomorrow", "завтра", "fri", "пт", "9", "24", "24.11", "9:00", "18:30",
    "02:30", "pm", "utc", "+2", "h", "min", "дней", "may",
]  # fmt: skip
WORDS = st.lists(st.sampled_from(VOCABULARY), max_size=5).map(" ".join)


@settings(deadline=None)
@given(text=st.one_of(st.text(max_size=40), WORDS), now=NOWS, zone=ZONES)
def test_any_words_end_in_a_moment_of_the_next_year_or_in_one_sentence(
    text: str, now: datetime, zone: ZoneInfo
) -> None:
    found = attempt(text, now, zone)
    if isinstance(found, ValidationError):
        assert len(found.problems) == 1
    else:
        assert found.utcoffset() == timedelta(0)
        assert now < found <= now + LONGEST_AHEAD


@settings(deadline=None)
@given(zone=ZONES, wall=st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)))  # noqa: DTZ001 - wall clocks are naive
def test_a_wall_clock_is_met_exactly_or_said_to_be_skipped_or_doubled(zone: ZoneInfo, wall: datetime) -> None:
    match wall_outcome(wall, zone):
        case AmbiguousTime() as asked:
            assert asked.first < asked.second
            assert {shown(asked.first, zone), shown(asked.second, zone)} == {wall}
        case WrongMoment() as refused:
            assert refused.choices
            assert shown(refused.choices[0], zone) > wall
        case datetime() as moment:
            assert shown(moment, zone) == wall
        case other:
            pytest.fail(f"unexpected: {other!r}")


def wall_outcome(wall: datetime, zone: ZoneInfo) -> datetime | ValidationError:
    try:
        return on_wall_clock(wall, zone)
    except ValidationError as refused:
        return refused


def shown(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)
