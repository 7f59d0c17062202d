"""Cron lines and their moments: the wall clock is kept across DST changes, and nothing comes twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.domain.recurrence import LAST_DAY, NotCron, Recurrence
from core.domain.series import Repeat

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu", "UTC")
BERLIN = ZoneInfo("Europe/Berlin")
rules = st.builds(
    Recurrence,
    minutes=st.frozensets(st.integers(0, 59), min_size=1, max_size=2),
    hours=st.frozensets(st.integers(0, 23), min_size=1, max_size=3),
    days=st.just(frozenset(range(1, 32))) | st.frozensets(st.integers(1, LAST_DAY), min_size=1, max_size=3),
    months=st.just(frozenset(range(1, 13))) | st.frozensets(st.integers(1, 12), min_size=3, max_size=12),
    weekdays=st.just(frozenset(range(7))) | st.frozensets(st.integers(0, 6), min_size=1, max_size=7),
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - made aware by the strategy


def at(text: str) -> datetime:
    """A moment as a clock in Berlin shows it, the first time where it does so twice."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def series(line: str, start: str, count: int) -> list[str]:
    """The next moments in Berlin, with their offsets."""
    moment, found = at(start), []
    rule = Recurrence.parse(line)
    for _ in range(count):
        following = rule.following(moment, BERLIN)
        assert following is not None
        moment = following
        found.append(f"{moment.astimezone(BERLIN):%Y-%m-%d %H:%M %z}")
    return found


def by_hand(rule: Recurrence, after: datetime, zone: ZoneInfo, days: int) -> set[datetime]:
    """Every reading of the clock on every day, looked at one by one."""
    first = after.astimezone(zone).date() - timedelta(days=2)
    found = set()
    for day in (first + timedelta(days=number) for number in range(days)):
        last = (day + timedelta(days=1)).month != day.month
        by_date = day.day in rule.days or (last and LAST_DAY in rule.days)
        by_weekday = day.weekday() in rule.weekdays
        both = rule.days >= set(range(1, 32)) or len(rule.weekdays) == 7
        if day.month in rule.months and ((by_date and by_weekday) if both else (by_date or by_weekday)):
            found |= {
                datetime.combine(day, time(hour, minute), zone).astimezone(UTC)
                for hour in rule.hours
                for minute in rule.minutes
            }
    return {moment for moment in found if moment > after}


@settings(deadline=None, max_examples=200)
@given(rule=rules, after=moments, zone=st.sampled_from(ZONES).map(ZoneInfo))
def test_the_following_moment_is_the_first_that_the_clock_comes_to(
    rule: Recurrence, after: datetime, zone: ZoneInfo
) -> None:
    following = rule.following(after, zone)
    close = by_hand(rule, after, zone, 45)
    if close and following is not None:
        assert following == min(close)
    else:
        assert following is None or following > after + timedelta(days=40)


@settings(deadline=None, max_examples=100)
@given(
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
    after=moments,
    zone=st.sampled_from(ZONES).map(ZoneInfo),
)
def test_a_time_of_every_day_comes_once_on_each_day_and_shows_that_time(
    hour: int, minute: int, after: datetime, zone: ZoneInfo
) -> None:
    """In every zone, across every change of the clocks; where the time is skipped, the clock shows a later one."""
    rule, days = Recurrence.at(hour, minute), []
    moment = after
    for _ in range(40):
        following = rule.following(moment, zone)
        assert following is not None
        assert following > moment
        moment = following
        local = moment.astimezone(zone)
        days.append(local.date())
        skipped = datetime.combine(local.date(), time(hour, minute), zone).astimezone(UTC) == moment
        assert (local.hour, local.minute) == (hour, minute) or skipped or local.hour < 3
    assert days == sorted(set(days))


def test_nine_stays_nine_when_the_clocks_change() -> None:
    assert series("0 9 * * *", "2027-03-26 12:00", 3) == [
        "2027-03-27 09:00 +0100",
        "2027-03-28 09:00 +0200",
        "2027-03-29 09:00 +0200",
    ]


def test_a_time_that_the_clocks_skip_comes_as_much_later_and_one_shown_twice_comes_once() -> None:
    assert series("30 2 * * *", "2027-03-27 12:00", 2) == ["2027-03-28 03:30 +0200", "2027-03-29 02:30 +0200"]
    assert series("30 2 * * *", "2027-10-30 12:00", 2) == ["2027-10-31 02:30 +0200", "2027-11-01 02:30 +0100"]


def test_half_hours_across_the_gap_come_once_each() -> None:
    assert series("0,30 1-4 * * *", "2027-03-28 00:59", 5) == [
        "2027-03-28 01:00 +0100",
        "2027-03-28 01:30 +0100",
        "2027-03-28 03:00 +0200",
        "2027-03-28 03:30 +0200",
        "2027-03-28 04:00 +0200",
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("0 9 L * *", ["2026-11-30 09:00 +0100", "2026-12-31 09:00 +0100", "2027-01-31 09:00 +0100"]),
        ("0 9 31 * *", ["2026-12-31 09:00 +0100", "2027-01-31 09:00 +0100", "2027-03-31 09:00 +0200"]),
        ("0 9 * * mon-fri", ["2026-11-24 09:00 +0100", "2026-11-25 09:00 +0100", "2026-11-26 09:00 +0100"]),
        ("0 9 29 2 *", ["2028-02-29 09:00 +0100", "2032-02-29 09:00 +0100", "2036-02-29 09:00 +0100"]),
        ("0 9 1 * 7", ["2026-11-29 09:00 +0100", "2026-12-01 09:00 +0100", "2026-12-06 09:00 +0100"]),
    ],
)
def test_last_days_leap_days_and_weekdays(line: str, expected: list[str]) -> None:
    assert series(line, "2026-11-23 14:00", 3) == expected


def test_a_day_that_no_month_has_never_comes() -> None:
    assert Recurrence.parse("0 9 31 2 *").following(at("2026-11-23 14:00"), BERLIN) is None


@given(rule=rules)
def test_what_is_written_down_is_read_back(rule: Recurrence) -> None:
    again = Recurrence.parse(str(rule))
    assert (again.minutes, again.hours, again.months) == (rule.minutes, rule.hours, rule.months)
    assert (again.days >= rule.days, again.weekdays) == (True, rule.weekdays)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("0 9 * *", 0),
        ("60 9 * * *", 1),
        ("0 24 * * *", 2),
        ("0 9 0 * *", 3),
        ("0 9 33 * *", 3),
        ("0 9 * 13 *", 4),
        ("0 9 * * 8", 5),
        ("0 9 * * fry", 5),
        ("0 9-8 * * *", 2),
        ("*/0 9 * * *", 1),
        ("0 9 * * ?", 5),
        ("; rm -rf", 0),
    ],
)
def test_a_line_that_is_no_cron_line_is_refused_with_its_field(line: str, field: int) -> None:
    with pytest.raises(NotCron) as refused:
        Recurrence.parse(line)
    assert refused.value.field == field


def test_a_series_ends_with_its_last_day_or_its_last_time() -> None:
    daily = Recurrence.at(9, 0)
    until = Repeat(rule=daily, zone="Europe/Berlin", until=date(2026, 11, 25))
    assert until.following(at("2026-11-24 10:00"), made=0) == at("2026-11-25 09:00")
    assert until.following(at("2026-11-25 09:00"), made=0) is None
    twice = Repeat(rule=daily, zone="Europe/Berlin", times=2)
    assert twice.following(at("2026-11-24 10:00"), made=1) == at("2026-11-25 09:00")
    assert twice.following(at("2026-11-24 10:00"), made=2) is None


def test_of_several_times_that_went_by_the_last_one_counts() -> None:
    repeat = Repeat(rule=Recurrence.at(9, 0), zone="Europe/Berlin")
    assert repeat.latest(at("2026-11-20 09:00"), at("2026-11-23 14:00")) == at("2026-11-23 09:00")
    assert repeat.latest(at("2026-11-23 09:00"), at("2026-11-23 14:00")) == at("2026-11-23 09:00")


@settings(deadline=None, max_examples=200)
@given(
    rule=rules,
    after=moments,
    late=st.timedeltas(timedelta(0), timedelta(days=90)),
    until=st.none() | st.dates(date(2026, 1, 1), date(2029, 3, 1)),
    zone=st.sampled_from((*ZONES, "Pacific/Apia", "America/Havana")),
)
def test_the_last_time_that_went_by_is_the_one_that_step_by_step_comes_last(
    rule: Recurrence, after: datetime, late: timedelta, until: date | None, zone: str
) -> None:
    repeat = Repeat(rule=rule, zone=zone, until=until)
    due = rule.following(after, ZoneInfo(zone))
    assume(due is not None)
    assert due is not None
    now, last = due + late, due
    while (ahead := repeat.following(last, made=0)) is not None and ahead <= now:
        last = ahead
    assert repeat.latest(due, now) == last


def test_a_series_overdue_by_years_is_not_walked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Recurrence, "following")
    repeat = Repeat(rule=Recurrence.parse("* * * * *"), zone="Europe/Berlin")
    assert repeat.latest(at("1990-01-01 00:00"), at("2026-11-23 14:00")) == at("2026-11-23 14:00")
