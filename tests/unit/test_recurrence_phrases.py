"""Recurrences typed in English and Russian."""
# ruff: noqa: RUF001 - Russian words are meant to be in Cyrillic

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.parsing.recurrence import Ending, WrongRepeat, is_about_repeating, read_ending, read_repeat

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 13, 20, tzinfo=UTC)


def cron(text: str) -> str:
    assert is_about_repeating(text)
    return str(read_repeat(text, now=NOW, zone=BERLIN).rule)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("every day 9:00", "0 9 * * *"),
        ("Daily at 9", "0 9 * * *"),
        ("каждый день в 9:30", "30 9 * * *"),
        ("ежедневно 18:00", "0 18 * * *"),
        ("every weekday 9:00", "0 9 * * 1,2,3,4,5"),
        ("weekdays 9am", "0 9 * * 1,2,3,4,5"),
        ("по будням 9:00", "0 9 * * 1,2,3,4,5"),
        ("каждый будний день в 9", "0 9 * * 1,2,3,4,5"),
        ("every weekend 10:00", "0 10 * * 0,6"),
        ("по выходным 10:00", "0 10 * * 0,6"),
        ("every monday 9:00", "0 9 * * 1"),
        ("every monday 9", "0 9 * * 1"),
        ("every mon, wed and fri at 18:30", "30 18 * * 1,3,5"),
        ("every week on sunday 9:00", "0 9 * * 0"),
        ("weekly on tue 7 pm", "0 19 * * 2"),
        ("каждый понедельник 9:00", "0 9 * * 1"),
        ("каждую среду и пятницу в 9:00", "0 9 * * 3,5"),
        ("по понедельникам и четвергам 10:00", "0 10 * * 1,4"),
        ("еженедельно по пн, ср в 9:00", "0 9 * * 1,3"),
        ("every month 15 9:00", "0 9 15 * *"),
        ("every month on the 1st at 9:00", "0 9 1 * *"),
        ("monthly on the 31st 9:00", "0 9 31 * *"),
        ("every last day of the month 18:00", "0 18 L * *"),
        ("каждый месяц 15 числа 9:00", "0 9 15 * *"),
        ("ежемесячно 1-го в 9:00", "0 9 1 * *"),
        ("каждый последний день месяца 18:00", "0 18 L * *"),
        ("cron 0 9 * * 1", "0 9 * * 1"),
        ("CRON */30 9-17 * * mon-fri", "0,30 9,10,11,12,13,14,15,16,17 * * 1,2,3,4,5"),
    ],
)
def test_times_are_read_as_people_write_them(text: str, line: str) -> None:
    assert cron(text) == line


def test_a_zone_of_its_own_and_an_end_may_stand_behind() -> None:
    repeat = read_repeat("every monday 9:00 America/New_York until 31.12", now=NOW, zone=BERLIN)
    assert (repeat.zone, repeat.until, repeat.times) == ("America/New_York", date(2026, 12, 31), None)
    repeat = read_repeat("по будням 9:00 10 раз", now=NOW, zone=BERLIN)
    assert (repeat.zone, repeat.until, repeat.times) == ("Europe/Berlin", None, 10)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("every monday", "At what time?"),
        ("every moonday 9:00", "I can't read “every moonday 9:00”"),
        ("every 32 9:00", "I can't read"),
        ("every monday 25:00", "I can't read"),
        ("every monday 9:00 Europe/Nowhere", "I can't read"),
        ("every monday 9:00 until yesterday", "That ends before it starts"),
        ("every monday 9:00 0 times", "I can't read"),
        ("cron 0 9 * *", "five fields"),
        ("cron 0 9 * * 9", "weekday, 0 to 7"),
        ("cron 0 99 * * 1", "“99”"),
        ("cron * * * * *", "more often than once an hour"),
        ("cron 0 9 31 2 *", "doesn't exist in any month"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_that_helps(text: str, part: str) -> None:
    with pytest.raises(WrongRepeat) as refused:
        read_repeat(text, now=NOW, zone=BERLIN)
    assert part in refused.value.problems[0]


@pytest.mark.parametrize(
    "text", ["tomorrow 9:00", "fri 17:45", "in 2 h", "завтра 9:00", "пт 9:00", "now", ""]
)
def test_words_about_one_moment_are_not_about_repeating(text: str) -> None:
    assert not is_about_repeating(text)


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("until 31.12", Ending(until=date(2026, 12, 31))),
        ("until next friday", Ending(until=date(2026, 12, 4))),
        ("10 times", Ending(times=10)),
        ("до 31.12.2026", Ending(until=date(2026, 12, 31))),
        ("2 раза", Ending(times=2)),
    ],
)
def test_ends_are_read(text: str, ending: Ending) -> None:
    assert read_ending(text, now=NOW, zone=BERLIN) == ending


@pytest.mark.parametrize("text", ["", "soon", "until", "0 times", "every monday until 31.12"])
def test_what_is_no_end_is_refused(text: str) -> None:
    with pytest.raises(WrongRepeat):
        read_ending(text, now=NOW, zone=BERLIN)


@given(st.text(max_size=60), st.sampled_from(["every ", "cron ", "каждый ", "weekly "]))
def test_any_words_are_read_or_refused(text: str, begin: str) -> None:
    with contextlib.suppress(WrongRepeat):
        repeat = read_repeat(begin + text, now=NOW, zone=BERLIN)
        assert repeat.following(NOW, made=0) is not None
