"""Calendar and time picker: every button works, and every moment of the year can be reached."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.dispatcher import BUTTONS
from bot.text.clock import Clock
from bot.ui.calendar import day_rows, month_rows, quick_picks, time_rows, year_rows
from bot.ui.callback_data import NO_ACTION, StaleScreen, Subject, SubjectAction, parse
from bot.ui.screen import BLANK, Button, Rows, Screen
from bot.ui.wall_clock import (
    WallTime,
    decode_day,
    decode_moment,
    encode_moment,
    open_day,
    open_moment,
    opening_time,
    page_start,
    page_year,
)
from core.domain.errors import ValidationError
from core.parsing.dates import LONGEST_AHEAD, AmbiguousTime, WrongMoment

BERLIN = ZoneInfo("Europe/Berlin")
PRESENT = Clock(datetime(2026, 11, 23, 14, 20, tzinfo=BERLIN), BERLIN)  # a Monday
DRAFT = Subject("d", "A7KQ", "3")
LONGEST = Subject("b", "ABCDEFGHIJKL", "zzzzzzz")
NOWS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds must be naive
ZONE_NAMES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Kiritimati",
    "UTC",
)
PRESENTS = st.builds(Clock, NOWS, st.sampled_from([ZoneInfo(name) for name in ZONE_NAMES]))


def labels(rows: Rows) -> list[list[str]]:
    return [[button.label.replace(BLANK, " ") for button in row] for row in rows]


def alive(rows: Rows) -> list[SubjectAction]:
    """The callback data of every button that is not blank, read back."""
    taps = [parse(button.data) for row in rows for button in row]
    return [tap for tap in taps if isinstance(tap, SubjectAction)]


def tap_on(rows: Rows, pattern: str) -> SubjectAction:
    found = [button for row in rows for button in row if re.match(pattern, button.label)]
    assert len(found) == 1, (pattern, labels(rows))
    tap = parse(found[0].data)
    assert isinstance(tap, SubjectAction), found
    return tap


def test_five_weeks_from_this_one_without_the_days_that_are_gone() -> None:
    wednesday = Clock(datetime(2026, 11, 25, 14, 20, tzinfo=BERLIN), BERLIN)
    rows = day_rows(wednesday, DRAFT, marked=date(2026, 11, 28), busy={date(2026, 11, 27)})
    assert labels(rows) == [
        ["Nov 2026 ▾", "›"],  # noqa: RUF001 - as drawn
        ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"],
        [" ", " ", "📍25", "26", "27•", "28✔", "29"],
        ["30", "1 Dec", "2", "3", "4", "5", "6"],
        ["7", "8", "9", "10", "11", "12", "13"],
        ["14", "15", "16", "17", "18", "19", "20"],
        ["21", "22", "23", "24", "25", "26", "27"],
    ]
    assert rows[2][0] == Button(BLANK, NO_ACTION)


@pytest.mark.parametrize(
    ("at", "picks"),
    [
        ((14, 20), ["Tonight 18:00", "Tomorrow 9:00"]),
        ((17, 30), ["Tonight 18:00", "Tomorrow 9:00"]),
        ((17, 45), ["Tonight 20:00", "Tomorrow 9:00"]),
        ((20, 0), ["Tonight 21:00", "Tomorrow 9:00"]),
        ((22, 0), ["Tomorrow 18:00", "Tomorrow 9:00"]),
        ((1, 0), ["Today 9:00", "Tomorrow 9:00"]),
    ],
)
def test_quick_picks_are_later_today_and_tomorrow_morning(at: tuple[int, int], picks: list[str]) -> None:
    row = quick_picks(Clock(datetime(2026, 11, 23, *at, tzinfo=BERLIN), BERLIN), DRAFT)
    assert [button.label for button in row] == picks
    assert tap_on((row,), "Tomorrow 9:00").argument == encode_moment(datetime(2026, 11, 24, 9, tzinfo=BERLIN))
    assert len({button.data for button in row}) == 2


def test_the_clock_leaves_out_past_hours_of_today_and_goes_in_small_steps() -> None:
    rows = time_rows(WallTime(datetime(2026, 11, 23, 14, 30)), PRESENT, DRAFT)  # noqa: DTZ001 - a wall clock
    assert labels(rows) == [
        ["14✔", "15", "16", "17", "18", "19", "20", "21"],
        ["22", "23"],
        [":30 ✔", ":45"],
        ["−5 min", "−1", "+1", "+5 min"],  # noqa: RUF001 - minus signs
        ["✅ Mon 23 Nov 14:30 · in 10 minutes"],
    ]
    assert tap_on(rows, "−1").argument == "202611231429"  # noqa: RUF001 - a minus sign


def test_the_clock_opens_at_the_time_chosen_before_else_at_nine_else_at_what_is_left() -> None:
    day = date(2026, 11, 24)
    assert str(opening_time(day, PRESENT)) == "202611240900"
    assert str(opening_time(day, PRESENT, datetime(2026, 11, 30, 17, 35, tzinfo=UTC))) == "202611241835"
    assert str(opening_time(PRESENT.today, PRESENT)) == "202611231430"


def test_the_last_minute_of_a_day_leaves_nothing_of_it() -> None:
    midnight = Clock(datetime(2026, 11, 23, 23, 59, tzinfo=BERLIN), BERLIN)
    assert labels(day_rows(midnight, DRAFT))[2][:2] == [" ", "24"]
    with pytest.raises(WrongMoment, match="Mon 23 Nov is almost over"):
        opening_time(midnight.today, midnight)


def test_the_hour_that_spring_skips_is_absent() -> None:
    spring = Clock(datetime(2027, 3, 27, 12, tzinfo=BERLIN), BERLIN)
    rows = time_rows(opening_time(date(2027, 3, 28), spring), spring, DRAFT)
    assert labels(rows)[0] == ["00", "01", "03", "04", "05", "06", "07", "08"]
    with pytest.raises(WrongMoment, match=r"02:30 doesn't exist on Sun 28 Mar"):
        WallTime.read("202703280230").moment(spring)


def test_the_hour_that_autumn_repeats_is_asked_before_it_can_be_confirmed() -> None:
    autumn = Clock(datetime(2027, 10, 30, 12, tzinfo=BERLIN), BERLIN)
    rows = time_rows(WallTime.read("202710310230"), autumn, DRAFT)
    assert labels(rows)[5] == ["First 02:30, summer", "Second 02:30, winter"]
    assert len(rows) == 6
    with pytest.raises(AmbiguousTime):
        WallTime.read("202710310230").moment(autumn)
    second = WallTime.read(tap_on(rows, "Second").argument)
    assert second.moment(autumn) == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    assert labels(time_rows(second, autumn, DRAFT))[6] == ["✅ Sun 31 Oct 02:30 · tomorrow"]


@pytest.mark.parametrize("text", ["20261301", "20260231", "00000000"])
def test_a_forged_day_belongs_to_no_screen(text: str) -> None:
    with pytest.raises(StaleScreen):
        open_day(decode_day(text), PRESENT)


@pytest.mark.parametrize(
    ("text", "reason"), [("20261122", "has passed"), ("20271126", "more than a year ahead")]
)
def test_a_forged_past_or_far_day_is_refused(text: str, reason: str) -> None:
    with pytest.raises(WrongMoment, match=reason):
        open_day(decode_day(text), PRESENT)


def test_months_and_years_beyond_the_range_are_left_out() -> None:
    assert labels(month_rows(PRESENT, DRAFT, 2026)) == [["2026 ▾"], ["Nov", "Dec"]]
    assert labels(month_rows(PRESENT, DRAFT, 2027))[3] == ["Sep", "Oct", "Nov"]
    assert labels(year_rows(PRESENT, DRAFT)) == [["2026", "2027"]]
    assert page_year(9999, PRESENT) == 2027
    assert page_start(decode_day("20200101"), PRESENT) == PRESENT.today


@settings(deadline=None)
@given(present=PRESENTS, ahead=st.integers(0, 366), chosen=st.integers(0, 24 * 60 - 1))
def test_every_button_is_within_the_limits_and_every_living_one_leads_to_an_open_moment(
    present: Clock, ahead: int, chosen: int
) -> None:
    day = present.today + timedelta(days=ahead)
    assume(present.day_is_open(day))
    opened = opening_time(day, present, present.now + timedelta(minutes=chosen))
    days, clock = day_rows(present, LONGEST, start=day, marked=day), time_rows(opened, present, LONGEST)
    Screen("When?", (quick_picks(present, LONGEST), *days, *clock))
    for tap in alive((quick_picks(present, LONGEST), *days, *clock)):
        if tap.verb == "day":
            assert opening_time(open_day(decode_day(tap.argument), present), present).moments(present)
        elif tap.verb == "set":
            assert (
                present.now < open_moment(decode_moment(tap.argument), present) <= present.now + LONGEST_AHEAD
            )
        elif tap.verb == "t":
            assert WallTime.read(tap.argument).moments(present)


@settings(deadline=None)
@given(present=PRESENTS, minutes=st.integers(1, 366 * 24 * 60 - 1))
def test_every_minute_of_the_next_year_can_be_reached_by_tapping(present: Clock, minutes: int) -> None:
    target = present.now.replace(second=0, microsecond=0) + timedelta(minutes=minutes)
    assume(present.is_open(target))
    goal = WallTime.of(target, present.zone)
    start = present.today
    while not any(tap.argument == f"{goal.wall:%Y%m%d}" for tap in days_from(present, start)):
        start = page_start(decode_day(tap_on(day_rows(present, DRAFT, start=start), "›").argument), present)  # noqa: RUF001 - an arrow
    pick = opening_time(open_day(decode_day(f"{goal.wall:%Y%m%d}"), present), present)
    pick = WallTime.read(tap_on(time_rows(pick, present, DRAFT), f"{goal.wall:%H}✔?$").argument)
    for _ in range(120):
        if pick.wall == goal.wall:
            break
        away = goal.wall - pick.wall
        step = "5 min" if abs(away) >= timedelta(minutes=5) else "1"
        sign = rf"\+{step}$" if away > timedelta() else f"−{step}$"  # noqa: RUF001 - a minus sign
        pick = WallTime.read(tap_on(time_rows(pick, present, DRAFT), sign).argument)
    if goal.fold is not None and len(WallTime(goal.wall).moments(present)) == 2:
        pick = WallTime.read(tap_on(time_rows(pick, present, DRAFT), ("First", "Second")[goal.fold]).argument)
    assert (
        open_moment(decode_moment(tap_on(time_rows(pick, present, DRAFT), "✅").argument), present) == target
    )


def days_from(present: Clock, start: date) -> list[SubjectAction]:
    return [tap for tap in alive(day_rows(present, DRAFT, start=start)) if tap.verb == "day"]


@settings(deadline=None)
@given(present=PRESENTS, digits=st.from_regex(r"\d{12}(:[01])?", fullmatch=True))
def test_any_data_of_the_right_form_is_a_moment_ahead_or_a_refusal(present: Clock, digits: str) -> None:
    try:
        moment = WallTime.read(digits).moment(present)
    except (StaleScreen, ValidationError):
        return
    assert present.is_open(moment)


@settings(deadline=None)
@given(
    data=st.one_of(st.text(max_size=70), st.from_regex(r"[dblpmh](:[A-Za-z0-9]{0,6}){0,5}", fullmatch=True))
)
def test_any_data_is_read_into_a_tap_that_would_be_written_the_same_or_is_stale(data: str) -> None:
    try:
        tap = parse(data)
    except StaleScreen:
        return
    assert tap.encode() == data


@pytest.mark.parametrize(
    "data", ["", "d:A7KQ:3:go", "d:A7KQ:3:go:1x", "d:a7kq:3:go:1", "d:A7KQ:3:go:1\n", "b:A7KQ:3:rm"]
)
def test_data_of_no_screen_is_stale(data: str) -> None:
    with pytest.raises(StaleScreen):
        BUTTONS.read(data)


def test_a_button_that_telegram_would_refuse_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        Button("x", Subject("b", "A" * 65, "g").to("view"))
    with pytest.raises(ValueError, match="needs a label"):
        Button(" ", NO_ACTION)
    with pytest.raises(ValueError, match="too many"):
        Screen("x", ((),))


@settings(deadline=None)
@given(present=PRESENTS, minutes=st.integers(1, 366 * 24 * 60 - 1), other=st.sampled_from(ZONE_NAMES))
def test_a_button_names_the_same_moment_whatever_clock_is_chosen_after_it_was_drawn(
    present: Clock, minutes: int, other: str
) -> None:
    shown = present.now.replace(second=0, microsecond=0) + timedelta(minutes=minutes)
    assume(present.is_open(shown))
    assert open_moment(decode_moment(encode_moment(shown)), Clock(present.now, ZoneInfo(other))) == shown


@given(digits=st.from_regex(r"\d{1,9}", fullmatch=True))
def test_any_forged_moment_is_ahead_or_refused(digits: str) -> None:
    moment = datetime.fromtimestamp(int(digits) * 60, UTC)
    if PRESENT.is_open(moment):
        assert open_moment(decode_moment(digits), PRESENT) == moment
        return
    with pytest.raises(WrongMoment, match=r"passed|is now|a year ahead"):
        open_moment(decode_moment(digits), PRESENT)
