"""Everybody has a time zone of their own: chosen in the chat, and all that they read and type is by its clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.support.bot import World, labels, running_bot
from tests.support.sandbox_server import ADMIN

BERLIN, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")
EVE, VIC = 1001, 1002


async def zone_of(world: World, person: int = ADMIN) -> str:
    return (await world.core.readers.of(person)).zone


async def test_a_zone_is_pressed_or_typed_in_help_and_forgotten_again(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        helped = await world.ask("/help", "Your time zone: Berlin (Europe/Berlin). It's ")
        choice = await world.tap_into(helped, "🌍 Change time zone", "type a city")
        assert labels(choice)[-1] == ["« Back"]
        assert not any("Default" in label for row in labels(choice) for label in row)
        helped = await world.tap_into(choice, "New York", "Your time zone: New York (America/New_York)")
        choice = await world.tap_into(helped, "🌍", "type a city")
        assert any(
            label.startswith("New York") and label.endswith("✔") for row in labels(choice) for label in row
        )
        unknown = await world.ask("Tokio", "I don't know the time zone “Tokio”.")
        helped = await world.tap_into(unknown, "Tokyo", "Your time zone: Tokyo (Asia/Tokyo)")
        choice = await world.tap_into(helped, "🌍", "type a city")
        await world.ask("Казань", "Your time zone: Moscow (Europe/Moscow)")
        await world.ask("/zone los angeles", "Your time zone: Los Angeles (America/Los_Angeles)")
        choice = await world.ask("/zone", "type a city")
        await world.tap_into(choice, "Default: Berlin", "Your time zone: Berlin (Europe/Berlin)")
        assert await zone_of(world) == ""
        assert await world.sandbox.complaints() == []


async def test_a_chosen_moment_stays_and_is_shown_anew_when_the_zone_changes_on_the_way(
    redis_url: str,
) -> None:
    day = datetime.now(BERLIN).date() + timedelta(days=1)
    chosen = datetime(day.year, day.month, day.day, 9, tzinfo=BERLIN)
    async with running_bot(redis_url) as world:
        card = await world.ask("/send tg:1001 | tomorrow 9:00 | Hello", "09:00 Berlin (tomorrow)")
        days = await world.days(card)
        await world.tap_into(days, "🌍 Berlin", "type a city")
        days = await world.ask("Tokyo", "Which day?")
        asked = await world.tap_into(days, "« Back", "in Tokyo.")
        preview = await world.tap_below(asked, "« Back", f"{chosen.astimezone(TOKYO):%H:%M} Tokyo (")
        await world.tap_into(preview, "🕒", "in Tokyo.")
        assert "18:30 Tokyo" in (await world.ask("tomorrow 18:30", "Right?"))["text"]
        (draft_id, _field) = await world.core.prompts.current(ADMIN) or ("", "")
        draft = await world.core.drafts.get(draft_id)
        assert draft is not None
        assert draft.send_at == chosen


async def test_a_button_of_a_calendar_keeps_its_moment_though_the_zone_was_changed_since(
    redis_url: str,
) -> None:
    async with running_bot(redis_url) as world:
        at = (datetime.now(UTC) + timedelta(days=3)).replace(second=0, microsecond=0)
        name = await world.scheduled("Sale", at)
        item = await world.ask(f"/scheduled {name}", "🗓 Scheduled")
        days = await world.tap_into(item, "🕒", "When should it go out?")
        await world.ask("/zone Tokyo", "Your time zone: Tokyo")
        await world.tap(days, "Tomorrow 9:00")
        moved = await world.turned(days, "Tokyo (")
        day = datetime.now(BERLIN).date() + timedelta(days=1)
        promised = datetime(day.year, day.month, day.day, 9, tzinfo=BERLIN)
        assert (await world.core.broadcasts.get(name)).send_at == promised
        assert f"{promised.astimezone(TOKYO):%H:%M} Tokyo" in moved["text"]


async def test_two_admins_see_one_live_card_each_by_their_own_clock(redis_url: str) -> None:
    """And the summary, the list of what ended, the log; who only looks may choose a zone too."""
    async with running_bot(redis_url, EDITOR_IDS=str(EVE), VIEWER_IDS=str(VIC)) as world:
        await world.ask("/start", "Hi, ", person=EVE)
        await world.ask("/start", "Hi, ", person=VIC)
        choice = await world.ask("/zone", "type a city", person=VIC)
        await world.tap(choice, "Singapore", person=VIC)
        await world.below(0, "Your time zone: Singapore", VIC)
        await world.ask("/zone", "type a city", person=VIC)
        await world.ask("Tokyo", "Your time zone: Tokyo", person=VIC)
        await world.ask("/zone New York", "Your time zone: New York", person=EVE)
        preview = await world.ask("/send tg:1001, tg:1003 | Sale", "Preview ↑")
        await world.tap(preview, "✅ Send now")
        await world.start_due()
        (broadcast,) = await world.core.broadcasts.running()
        started = broadcast.started_at
        assert started is not None
        await world.turned(preview, f"Started {started.astimezone(BERLIN):%H:%M}")
        for person, zone in ((EVE, ZoneInfo("America/New_York")), (VIC, TOKYO)):
            shown = f"Started {started.astimezone(zone):%H:%M}"
            await world.ask(f"/finished {broadcast.id}", shown, person=person)
        await world.deliver()
        ended = (await world.core.broadcasts.get(broadcast.id)).finished_at
        assert ended is not None
        for person, zone in ((ADMIN, BERLIN), (EVE, ZoneInfo("America/New_York")), (VIC, TOKYO)):
            place = zone.key.partition("/")[2].replace("_", " ")
            listed = await world.ask("/finished", f"Sent · 1 · {place}", person=person)
            local = ended.astimezone(zone)
            assert f"{local.day} {local:%b %H:%M}" in listed["text"]
            await world.ask("/log", f" · {place}", person=person)


async def test_a_series_keeps_the_clock_in_which_it_was_made_and_says_so_elsewhere(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await world.ask("/send tg:1001 | tomorrow 9:00 | Menu", "Preview ↑")
        asked = await world.tap_into(card, "🕒", "When should it go out?")
        kinds = await world.tap_into(asked, "🔁", "Times are in Berlin.")
        more = await world.tap_into(kinds, "More", "Type it, for example")
        choice = await world.tap_into(more, "🌍 Berlin", "type a city")
        kinds = await world.tap_into(choice, "Singapore", "Times are in Singapore.")
        clock = await world.tap_into(kinds, "Every day", "Every day 09:00 Singapore")
        await world.ask("/zone Tokyo", "Your time zone: Tokyo")
        assert (await world.tap(clock, "✅ 09:00"))["text"] == "This screen is out of date"
        await world.turned(clock, "Every day 09:00 Tokyo")
        await world.ask("/zone Singapore", "Your time zone: Singapore")
        clock = await world.tap_into(clock, ":00", "Every day 09:00 Singapore")
        done = await world.tap_into(clock, "✅ 09:00", "When should it end?")
        preview = await world.tap_into(done, "✅ Done", "When Every day 09:00 Singapore")
        await world.tap_into(preview, "✅ Start repeating", "🔁 Series #")
        await world.ask("/zone Berlin", "Your time zone: Berlin")
        listed = await world.ask("/scheduled", "Every day 09:00 Singapore")
        assert any(f"{hour} · 🔁" in listed["text"] for hour in ("02:00", "03:00"))
        item = await world.tap_into(
            listed, "1", "It follows the clock in Singapore. In your time the next one is "
        )
        item = await world.tap_into(item, "✏ Edit", "What would you like to change?")
        again = await world.tap_below(item, "🕒 When", "Times are in Singapore.")
        again = await world.tap_into(again, "More", "Type it, for example")
        assert not any("🌍" in label for row in labels(again) for label in row)


async def test_a_forged_zone_changes_nothing(redis_url: str) -> None:
    async with running_bot(redis_url, VIEWER_IDS=str(VIC)) as world:
        helped = await world.ask("/help", "Your time zone")
        for data in ("z:h:-:Mars/Olympus", "z:h:-:../passwd", "z:d:ZZZZ:Asia/Tokyo"):
            answer = await world.sandbox.forge(data, helped["message_id"], wait=True)
            assert answer["text"] == "This screen is out of date", data
        assert await zone_of(world) == ""
