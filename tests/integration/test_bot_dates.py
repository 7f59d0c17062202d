"""Moments in the chat: months and years, typed hours, the hours that the clocks skip or repeat, forged days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.domain.errors import ValidationError
from core.parsing.dates import AmbiguousTime, WrongMoment, on_wall_clock
from tests.support.bot import ZONE, World, data_of, labels, running_bot

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
        card = await world.ask("/send tg:1001 | Hello", "This is what people get")
        days = await world.tap_into(card, "🕒", "When? #")
        title = next(label for label in labels(days)[2] if "▾" in label)
        months = await world.tap_into(days, title, "When? #")
        assert labels(months)[-1] == ["« Days"]
        years = await world.tap_into(months, labels(months)[0][0], "When? #")
        year = labels(years)[0][-1]
        months = await world.tap_into(years, year, "When? #")
        assert labels(months)[0] == [f"{year} ▾"]
        month = next(label for row in labels(months)[1:-1] for label in row if label.isascii())
        days = await world.tap_into(months, month, "When? #")
        assert any(month in label for label in labels(days)[2])


async def test_a_typed_moment_is_read_back_before_it_counts(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await world.ask("/send tg:1001 | Hello", "This is what people get")
        await world.tap_into(card, "🕒", "When? #")
        await world.ask("tomorow 18:30", 'I cannot read "tomorow 18:30" as a time.')
        question = await world.ask("tomorrow 18:30", "18:30 Berlin")
        assert question["text"].endswith("Right?")
        card = await world.tap_into(question, "✅ Yes", "3 When ✔")
        preview = await world.tap_below(card, "👁", "When ")
        await world.tap(preview, "✅ Schedule for 1")
        await world.turned(preview, "🗓 Scheduled")
        assert f"{(await planned_at(world)).astimezone(BERLIN):%H:%M}" == "18:30"


async def test_now_can_be_typed_too(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await world.ask("/send tg:1001 | tomorrow 9:00 | Hello", "This is what people get")
        await world.tap_into(card, "🕒", "When? #")
        await world.ask("now", "3 When now")


async def test_the_hour_that_spring_skips_is_refused_with_a_better_one(redis_url: str) -> None:
    day = next_day_when_half_past_two_is(WrongMoment)
    async with running_bot(redis_url) as world:
        card = await world.ask(f"/send tg:1001 | {day} 2:30 | Hello", "02:30 does not exist on")
        assert "(clocks go forward). Use 03:30?" in card["text"]
        card = await world.tap_into(card, "✅", "3 When ✔")
        assert "03:30 Berlin" in card["text"]


async def test_the_hour_that_autumn_repeats_asks_which_one_is_meant(redis_url: str) -> None:
    day = next_day_when_half_past_two_is(AmbiguousTime)
    async with running_bot(redis_url) as world:
        card = await world.ask(f"/send tg:1001 | {day} 2:30 | Hello", "02:30 comes twice on")
        card = await world.tap_into(card, "Second, winter time", "3 When ✔")
        assert "02:30 winter time Berlin" in card["text"]
        preview = await world.tap_below(card, "👁", "This is what people get")
        await world.tap(preview, "✅")
        await world.turned(preview, "🗓 Scheduled")
        assert (await planned_at(world)).astimezone(UTC).hour == 1


async def test_a_forged_day_or_hour_of_the_past_is_refused(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await world.ask("/send tg:1001 | Hello", "This is what people get")
        head = data_of(card, "🕒").removesuffix("when")
        for data, sentence in (
            ("day:20200101", "has passed"),
            ("day:99991231", "more than a year ahead"),
            ("set:26297220", "has passed"),
            ("t:202001010900", "has passed"),
            ("set:67847580", "more than a year ahead"),
            ("set:202611240900", "This screen is old"),
            ("day:20261399", "This screen is old"),
        ):
            answer = await world.sandbox.forge(head + data, card["message_id"], wait=True)
            assert sentence in answer["text"], data


async def test_days_with_something_planned_are_marked_and_told(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        tomorrow = datetime.now(BERLIN) + timedelta(days=1)
        await world.scheduled("Planned", tomorrow)
        card = await world.ask("/send tg:1001 | Hello", "This is what people get")
        days = await world.tap_into(card, "🕒", "• = something is planned that day")
        day = next(label for row in labels(days) for label in row if "•" in label)
        assert (await world.tap(days, day))["text"] == f"Planned that day: 1 broadcast, {tomorrow:%H:%M}"
        await world.turned(days, "what time?")


async def test_a_far_moment_is_opened_where_it_is_marked(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        far = datetime.now(BERLIN) + timedelta(days=200)
        broadcast_id = await world.scheduled("Far", far)
        item = await world.ask(f"/scheduled {broadcast_id}", "🗓 Scheduled")
        days = await world.tap_into(item, "🕒", "When? #")
        assert any("✔" in label for row in labels(days) for label in row)
        clock = await world.tap_into(
            days, next(lb for row in labels(days) for lb in row if "✔" in lb), "what time?"
        )
        assert f"✅ {far:%a} {far.day} {far:%b %H:%M}" in labels(clock)[-2][0]
