"""Moments in the chat: months and years, typed hours, the hours that the clocks skip or repeat, forged days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.domain.errors import ValidationError
from core.parsing.dates import AmbiguousTime, WrongMoment, on_wall_clock
from tests.support.bot import ZONE, World, data_of, labels, running_bot
from tests.support.sandbox_server import ADMIN

BERLIN = ZoneInfo(ZONE)


def next_day_when_half_past_two_is(kind: type[ValidationError]) -> date:
    """The next day on which 02:30 is skipped, or comes twice."""
    day = datetime.now(BERLIN).date() + timedelta(days=1)
    while True:
        try:
            on_wall_clock(datetime(day.year, day.month, day.day, 2, 30), BERLIN)  # noqa: DTZ001 - a wall clock
        except ValidationError as found:
            if isinstance(found, kind):
                return day
        day += timedelta(days=1)


async def planned_at(world: World) -> datetime:
    (planned,) = (await world.core.broadcasts.scheduled()).items
    return planned.send_at


async def test_months_and_years_lead_to_a_day(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await world.ask("/send tg:1001 | Hello", "Preview ↑")
        days = await world.days(card)
        title = next(label for label in labels(days)[0] if "▾" in label)
        months = await world.tap_into(days, title, "Which month?")
        assert labels(months)[-1] == ["« Back"]
        years = await world.tap_into(months, labels(months)[0][0], "Which year?")
        year = labels(years)[0][-1]
        months = await world.tap_into(years, year, "Which month?")
        assert labels(months)[0] == [f"{year} ▾"]
        month = next(label for row in labels(months)[1:-1] for label in row if label.isascii())
        days = await world.tap_into(months, month, "Which day?")
        assert any(month in label for label in labels(days)[0])


async def test_a_typed_moment_is_read_back_before_it_counts(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await world.ask("/send tg:1001 | Hello", "Preview ↑")
        await world.tap_into(card, "🕒 Later", "When should it go out?")
        question = await world.ask("someday", "I can't read “someday” as a time.")
        assert labels(question)[-1] == ["Add to the message"]
        misspelt = await world.ask("tomorow 18:30", "Did you mean this?")
        assert labels(misspelt)[0][0].endswith(", 18:30")
        question = await world.ask("tomorrow 18:30", "18:30 Berlin")
        assert question["text"].endswith("Right?")
        preview = await world.tap_below(question, "✅ Yes", "Preview ↑")
        await world.tap(preview, "✅ Schedule")
        await world.turned(preview, "🗓 Scheduled")
        assert f"{(await planned_at(world)).astimezone(BERLIN):%H:%M}" == "18:30"


async def test_now_can_be_typed_too(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await world.ask("/send tg:1001 | tomorrow 9:00 | Hello", "Preview ↑")
        await world.tap_into(card, "🕒 Change time", "When should it go out?")
        await world.ask("now", "When now")


async def test_the_hour_that_spring_skips_is_refused_with_a_better_one(redis_url: str) -> None:
    day = next_day_when_half_past_two_is(WrongMoment)
    async with running_bot(redis_url) as world:
        card = await world.ask(f"/send tg:1001 | {day} 2:30 | Hello", "02:30 doesn't exist on")
        assert "because the clocks go forward. Use 03:30?" in card["text"]
        card = await world.tap_below(card, "✅", "Preview ↑")
        assert "03:30 Berlin" in card["text"]


async def test_the_hour_that_autumn_repeats_asks_which_one_is_meant(redis_url: str) -> None:
    day = next_day_when_half_past_two_is(AmbiguousTime)
    async with running_bot(redis_url) as world:
        card = await world.ask(f"/send tg:1001 | {day} 2:30 | Hello", "so 02:30 comes twice")
        preview = await world.tap_below(card, "Second, winter time", "Preview ↑")
        assert "02:30 winter time Berlin" in preview["text"]
        await world.tap(preview, "✅")
        await world.turned(preview, "🗓 Scheduled")
        assert (await planned_at(world)).astimezone(UTC).hour == 1


async def test_a_forged_day_or_hour_of_the_past_is_refused(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await world.ask("/send tg:1001 | Hello", "Preview ↑")
        head = data_of(card, "🕒").removesuffix("when")
        for data, sentence in (
            ("day:20200101", "has passed"),
            ("day:99991231", "more than a year ahead"),
            ("set:26297220", "has passed"),
            ("t:202001010900", "has passed"),
            ("set:67847580", "more than a year ahead"),
            ("set:202611240900", "This screen is out of date"),
            ("day:20261399", "This screen is out of date"),
        ):
            answer = await world.sandbox.forge(head + data, card["message_id"], wait=True)
            assert sentence in answer["text"], data


async def test_days_with_something_planned_are_marked_and_told(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        tomorrow = datetime.now(BERLIN) + timedelta(days=1)
        await world.scheduled("Planned", tomorrow)
        card = await world.ask("/send tg:1001 | Hello", "Preview ↑")
        days = await world.days(card)
        assert "• You already have a message scheduled that day." in days["text"]
        day = next(label for row in labels(days) for label in row if "•" in label)
        assert (await world.tap(days, day))["text"] == f"1 message is scheduled that day: {tomorrow:%H:%M}"
        await world.turned(days, "What time on")


async def test_a_far_moment_is_opened_where_it_is_marked(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        far = datetime.now(BERLIN) + timedelta(days=200)
        broadcast_id = await world.scheduled("Far", far)
        item = await world.ask(f"/scheduled {broadcast_id}", "🗓 Scheduled")
        days = await world.days(item)
        assert any("✔" in label for row in labels(days) for label in row)
        clock = await world.tap_into(
            days, next(lb for row in labels(days) for lb in row if "✔" in lb), "What time on"
        )
        assert f"✅ {far:%a} {far.day} {far:%b %H:%M}" in labels(clock)[-2][0]


async def test_the_first_choices_are_four_different_moments(redis_url: str) -> None:
    """Now, later today, tomorrow at 9, another day: no two buttons lead to the same moment."""
    async with running_bot(redis_url) as world:
        card = await world.ask("/send tg:1001 | Hello", "Preview ↑")
        asked = await world.tap_into(card, "🕒 Later", "When should it go out?")
        (now, today), (tomorrow, other), last = labels(asked)
        assert (now, tomorrow, other) == ("⚡ Now", "Tomorrow 9:00", "🗓 Pick a day")
        assert last == ["🔁 Repeat", "« Back"]
        assert data_of(asked, today) != data_of(asked, tomorrow)
        preview = await world.tap_into(asked, "Tomorrow 9:00", "Preview ↑")
        assert labels(preview)[0] == ["✅ Schedule"]


async def test_an_american_writes_the_month_first(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.sandbox.call("POST", "language", {"person": ADMIN, "language": "en-US"})
        coming = [datetime.now(BERLIN) + timedelta(days=ahead) for ahead in range(1, 55)]
        day = next(one for one in coming if one.day <= 12 and one.day != one.month)
        card = await world.ask(f"/send tg:1001 | {day.month}/{day.day} 9:00 | Hello", "Preview ↑")
        assert f"{day.day} {day:%b %Y}, 09:00" in card["text"]


async def test_a_far_day_of_an_american_is_read_back_with_the_near_one_beside_it(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.sandbox.call("POST", "language", {"person": ADMIN, "language": "en-US"})
        coming = [datetime.now(BERLIN) + timedelta(days=ahead) for ahead in range(1, 26)]
        # One whose day and month the other way round name a day that is far ahead.
        near = next(
            (
                one
                for one in coming
                if one.day <= 12 and not 0 <= (one.day - one.month) % 12 <= 3 and one.day != one.month
            ),
            None,
        )
        if near is None:
            pytest.skip("each such day is near in both orders just now")
        card = await world.ask("/send tg:1001 | Hello", "Preview ↑")
        await world.tap_into(card, "🕒 Later", "When should it go out?")
        asked = await world.ask(f"{near.day}/{near.month} 9:00", "Did you mean one of these?")
        far, offered = (row[0] for row in labels(asked)[:2])
        assert (f"{near.day} {near:%b}" in offered, f"{near.day} {near:%b}" in far) == (True, False)
        preview = await world.tap_below(asked, offered, "Preview ↑")
        assert f"{near.day} {near:%b %Y}, 09:00" in preview["text"]


async def test_an_hour_that_may_be_either_is_offered_twice(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await world.ask("/send tg:1001 | Hello", "Preview ↑")
        await world.tap_into(card, "🕒 Later", "When should it go out?")
        asked = await world.ask("day after tomorrow at 3", "Did you mean one of these?")
        assert [row[0][-5:] for row in labels(asked)[:2]] == ["15:00", "03:00"]
        await world.tap_below(asked, labels(asked)[0][0], "15:00 Berlin (in 2 days)")


async def test_an_admin_in_new_york_whose_app_names_no_country_is_asked_which_day(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.core.readers.remember_zone(ADMIN, "America/New_York")
        asked = await world.ask("/send tg:1001 | 5/6 9:00 | Hello", "Did you mean one of these?")
        assert [row for row in labels(asked) if "6 May" in row[0] or "5 Jun" in row[0]] == labels(asked)[:2]
        assert (await world.core.broadcasts.scheduled()).total == 0
