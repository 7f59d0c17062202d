"""Quiet hours: their end for any moment and zone, across DST changes."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.quiet_hours import QuietHours, read_span

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
hours = st.builds(QuietHours, start=times, end=times, zone=st.sampled_from(ZONES))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware by the strategy
NIGHT = QuietHours.parse("22:00-08:00@Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-11-23 21:59", None),
        ("2026-11-23 22:00", "2026-11-24 08:00"),
        ("2026-11-24 07:59", "2026-11-24 08:00"),
        ("2026-11-24 08:00", None),
        ("2027-03-28 01:00", "2027-03-28 08:00"),
        ("2027-10-31 01:00", "2027-10-31 08:00"),
    ],
)
def test_quiet_hours_over_midnight_end_in_the_morning(moment: str, end: str | None) -> None:
    assert NIGHT.until(at(moment)) == (at(end) if end else None)


def test_a_span_within_a_day_is_one_too() -> None:
    siesta = QuietHours.parse("13:00-15:00@Europe/Berlin")
    assert siesta.until(at("2026-11-23 14:00")) == at("2026-11-23 15:00")
    assert siesta.until(at("2026-11-23 15:00")) is None


def test_never_is_never() -> None:
    assert QuietHours.never().until(at("2026-11-23 03:00")) is None
    assert QuietHours.never().windows(at("2026-11-23 03:00"), 3) == []


@settings(deadline=None)
@given(hours=hours, moment=moments)
def test_after_its_end_it_is_quiet_no_more_and_before_it_the_clock_is_within(
    hours: QuietHours, moment: datetime
) -> None:
    end = hours.until(moment)
    if end is None:
        return
    assert moment < end <= moment + timedelta(hours=26)
    assert hours.until(end) is None or hours.until(end) == end


@settings(deadline=None)
@given(hours=hours, moment=moments)
def test_windows_follow_on_one_another_and_contain_what_until_says(
    hours: QuietHours, moment: datetime
) -> None:
    windows = hours.windows(moment, 8)
    assert len(windows) == (0 if hours.is_never else 8)
    assert all(before[1] <= after[0] for before, after in pairwise(windows))
    inside = [end for start, end in windows if start <= moment < end]
    assert hours.until(moment) == (inside[0] if inside else None)


@given(hours=hours)
def test_what_is_written_down_is_read_back(hours: QuietHours) -> None:
    assert QuietHours.parse(str(hours)) == hours


@pytest.mark.parametrize("text", ["22:00-08:00", "22-8", "22:00 – 8:00", " 22:00-8 "])  # noqa: RUF001 - dashes as people type them
def test_hours_are_read_as_people_write_them(text: str) -> None:
    assert read_span(text) == (time(22), time(8))


@pytest.mark.parametrize("text", ["", "22", "22:00", "25-8", "22:00-8:60", "at night", "22:00-08:00-09:00"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"hour|span|minute"):
        read_span(text)
