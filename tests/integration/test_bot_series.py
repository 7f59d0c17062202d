"""Series in the chat: picked or typed, read back, started, listed, skipped, changed, paused and stopped."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core.domain.audit import Actor
from core.domain.broadcast import Late
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.domain.series import Series, SeriesStatus
from core.store.scripts import Scripts
from core.store.series import SeriesStore
from tests.support.bot import Json, World, data_of, labels, running_bot
from tests.support.core import store_at
from tests.support.recipient_files import save_list
from tests.support.sandbox_server import ADMIN


async def the_series(world: World) -> Series:
    """The only one there is."""
    (one,) = (await world.core.series.planned()).items
    assert isinstance(one, Series)
    return one


async def started(world: World, when: str = "every monday 9:00") -> Json:
    """The card of a series to two people that was ordered in one line."""
    preview = await world.ask(f"/send tg:1001, tg:1002 | {when} | Sale", "Preview ↑")
    await world.tap(preview, "✅ Start repeating")
    return await world.turned(preview, "🔁 Series #")


async def test_a_series_is_made_with_buttons_alone(redis_url: str) -> None:
    """When, Repeat, days, time, end, preview, confirmed."""
    async with running_bot(redis_url) as world:
        card = await world.ask("/send tg:1001 | Sale", "Preview ↑")
        asked = await world.tap_into(card, "🕒 Later", "When should it go out?")
        kinds = await world.tap_into(asked, "🔁 Repeat", "How often")
        week = await world.tap_into(kinds, "Every week", "On which days of the week?")
        assert not any("🕒 Time" in row for row in labels(week))
        await world.tap(week, "Mon")
        week = await _with_label(world, week, "Mon ✔")
        await world.tap(week, "Thu")
        week = await _with_label(world, week, "Thu ✔")
        clock = await world.tap_into(week, "🕒 Time", "Every Monday and Thursday 09:00 Berlin")
        clock = await world.tap_into(clock, "18", "Every Monday and Thursday 18:00 Berlin")
        clock = await world.tap_into(clock, ":30", "18:30 Berlin")
        chosen = await world.tap_into(clock, "✅ 18:30", "Next: ")
        chosen = await world.tap_into(chosen, "10 times", "18:30 Berlin, 10 times")
        preview = await world.tap_into(chosen, "✅ Done", "Preview ↑")
        assert "When Every Monday and Thursday 18:30 Berlin, 10 times, next " in preview["text"]
        await world.tap(preview, "✅ Start repeating")
        await world.turned(preview, "🔁 Series #")
        series = await the_series(world)
        assert (str(series.order.repeat.rule), series.order.repeat.times) == ("30 18 * * 1,4", 10)
        again = await world.sandbox.forge(data_of(preview, "✅"), preview["message_id"], wait=True)
        assert again["text"] == "Already done"
        await the_series(world)


async def _with_label(world: World, message: Json, label: str) -> Json:
    """The message once it has that button."""

    def found(messages: list[Json]) -> list[Json]:
        return [
            m
            for m in messages
            if m["message_id"] == message["message_id"] and any(label in row for row in labels(m))
        ]

    return found(await world.sandbox.until(lambda messages: bool(found(messages))))[0]


async def test_the_last_day_of_the_month_and_every_day_can_be_picked(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await world.ask("/send tg:1001 | Sale", "Preview ↑")
        asked = await world.tap_into(card, "🕒 Later", "When should it go out?")
        kinds = await world.tap_into(asked, "🔁 Repeat", "How often")
        month = await world.tap_into(kinds, "Every month", "On which day of the month?")
        clock = await world.tap_into(month, "31", "Every month on day 31 09:00 Berlin")
        month = await world.tap_into(clock, "« Back", "On which day of the month?")
        clock = await world.tap_into(month, "The last day", "Every month on the last day 09:00 Berlin")
        chosen = await world.tap_into(clock, "✅ 09:00", "When should it end?")
        kinds = await world.tap_into(chosen, "🔁 Choose another", "How often")
        clock = await world.tap_into(kinds, "Weekdays", "Every weekday, Mon to Fri 09:00 Berlin")
        await world.tap_into(clock, "✅ 09:00", "Next: ")


async def test_typed_times_are_read_back_and_an_end_may_follow(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await world.ask("/send tg:1001 | Sale", "Preview ↑")
        await world.days(card)
        refused = await world.ask("every moonday 9:00", "I can't read “every moonday 9:00”")
        assert labels(refused) == [["🔁 Choose another", "« Back"]]
        chosen = await world.ask("каждый понедельник 9:00", "Every Monday 09:00 Berlin")
        await world.ask("12 times", "Every Monday 09:00 Berlin, 12 times")
        chosen = await world.ask("cron 0 9 1 1 *", "Every month on day 1 in Jan, 09:00 Berlin")
        await world.tap_below(chosen, "✅ Done", "When Every month on day 1")


async def test_a_wrong_cron_line_in_one_line_is_refused_with_what_is_wrong(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send tg:1001 | cron 0 9 * * 9 | Sale", "weekday, 0 to 7 or mon to sun")
        await world.ask("/send tg:1001 | cron * * * * * | Sale", "more often than once an hour")


async def test_a_series_stands_in_scheduled_and_its_next_time_can_be_left_out(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await started(world)
        before = await the_series(world)
        page = await world.ask("/scheduled", "Scheduled · 1")
        assert f"🔁 #{before.id} · “Sale” · Every Monday" in page["text"]
        item = await world.tap_into(page, "1", "🔁 Series #")
        assert "Next Mon " in item["text"]
        assert "To everyone on the list at the time: " in item["text"]
        skip = data_of(item, "⏭")
        skipped = await world.tap(item, "⏭ Skip next")
        item = await world.turned(item, "🔁 Series #")
        after = await the_series(world)
        assert before.next_at is not None
        day = before.next_at.astimezone(ZoneInfo("Europe/Berlin"))
        assert skipped["text"] == f"Skipped: {day.day} {day:%b %H:%M} Berlin"
        assert after.next_at == before.order.repeat.following(before.next_at, made=0)
        old = await world.sandbox.forge(skip, item["message_id"], wait=True)
        assert old["text"] == "This screen is out of date"
        assert (await the_series(world)).next_at == after.next_at
        newer = await world.ask(f"/scheduled {after.id}", "🔁 Series #")
        await world.turned(item, f"🔁 #{after.id}: see the newer card below.")
        first = f"Skipped {day:%a} {day.day} {day:%b}"
        assert first in newer["text"].splitlines()
        # By another admin, and by the store's own doing.
        second = await world.core.series.skip_next(after)
        later = [day + timedelta(weeks=weeks) for weeks in range(1, 5)]
        names = [f"{one:%a} {one.day} {one:%b}" for one in later]
        newer = await world.turned(newer, f"{first} and {names[0]}\n")
        changed = second
        for _ in range(3):
            changed = await world.core.series.skip_next(changed)
        newer = await world.turned(newer, f"{first}, {names[0]}, {names[1]} and 2 more\n")
        for name in reversed(names):
            newer = await world.tap_into(newer, f"↩ Send it on {name}", f"Next {name}")
        newer = await world.turned(newer, f"{first}\n")
        newer = await world.tap_into(newer, f"↩ Send it on {day:%a} {day.day}", "🔁 Series #")
        await world.turned_without(newer, "Skipped")
        assert (await the_series(world)).next_at == before.next_at


async def test_skipping_the_last_one_ends_the_series_after_a_question(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        monday = datetime.now(ZoneInfo("Europe/Berlin")) + timedelta(hours=15)
        monday += timedelta(days=-monday.weekday() % 7)
        item = await started(world, f"every monday 9:00 until {monday:%d.%m.%Y}")
        question = await world.tap_into(item, "⏭ Skip next", "This is the last message of")
        item = await world.tap_into(question, "« Keep it", "🔁 Series #")
        question = await world.tap_into(item, "⏭ Skip next", "This is the last message of")
        await world.tap_into(question, "⏹ Yes, end it", "⏹ Stopped series")


async def test_a_series_is_paused_resumed_and_stopped_after_a_question(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        item = await started(world)
        series = await the_series(world)
        pause = data_of(item, "⏸")
        item = await world.tap_into(item, "⏸ Pause", "⏸ Paused series")
        assert (await world.sandbox.forge(pause, item["message_id"], wait=True))["text"] == "Already done"
        await world.ask("/scheduled", "Paused")
        item = await world.tap_into(item, "▶ Resume", "🔁 Series #")
        question = await world.tap_into(item, "⏹ Stop series", "No more messages will be sent")
        question = await world.tap_into(question, "« Keep it", "🔁 Series #")
        question = await world.tap_into(question, "⏹ Stop series", "No more messages will be sent")
        stop = data_of(question, "⏹ Yes")
        ended = await world.tap_into(question, "⏹ Yes, stop it", "⏹ Stopped series")
        assert labels(ended) == [["« List"]]
        assert (await world.core.series.get(series.id)).status is SeriesStatus.STOPPED
        assert (await world.sandbox.forge(stop, ended["message_id"], wait=True))["text"] == "Already done"
        await world.ask("/scheduled", "Nothing scheduled.")


async def test_two_admins_who_skip_at_once_skip_one_time(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        item = await started(world)
        before = await the_series(world)
        skip = data_of(item, "⏭")
        answers = await asyncio.gather(
            *(world.sandbox.forge(skip, item["message_id"], wait=True) for _ in range(2))
        )
        assert sorted(one["text"] for one in answers)[1] == "This screen is out of date"
        assert before.next_at is not None
        assert (await the_series(world)).next_at == before.order.repeat.following(before.next_at, made=0)


async def test_text_people_and_times_of_a_series_are_changed_for_the_next_ones(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        item = await started(world)
        before = await the_series(world)
        assert sum(map(len, labels(item))) <= 6
        item = await world.tap_into(item, "✏ Edit", "What would you like to change?")
        await world.tap_below(item, "✏ Text", "Send me the new text.")
        preview = await world.ask("Other words", "Preview ↑")
        item = await world.tap_into(preview, "✅ Save changes", f"🔁 Series #{before.id}")
        item = await world.tap_into(item, "✏ Edit", "What would you like to change?")
        await world.tap_below(item, "👥 People", "Who should get it?")
        slots = await world.ask("tg:1003", "To 3")
        preview = await world.tap_below(slots, "✔ Done", "Preview ↑")
        item = await world.tap_into(preview, "✅ Save changes", f"🔁 Series #{before.id}")
        item = await world.tap_into(item, "✏ Edit", "What would you like to change?")
        await world.tap_below(item, "🕒 When", "How often")
        chosen = await world.ask("every day 10:00", "Every day 10:00 Berlin")
        preview = await world.tap_below(chosen, "✅ Done", "Preview ↑")
        item = await world.tap_into(preview, "✅ Save changes", f"🔁 Series #{before.id}")
        assert "Every day 10:00 Berlin" in item["text"]
        series = await the_series(world)
        assert (series.id, series.order.content.text) == (before.id, "Other words")
        people = await world.core.recipients.gather(series.order.audiences, ())
        assert len(people.recipients) == 3
        assert str(series.order.repeat.rule) == "0 10 * * *"


async def test_a_change_to_a_series_that_has_moved_on_changes_nothing(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        item = await started(world)
        item = await world.tap_into(item, "✏ Edit", "What would you like to change?")
        await world.tap_below(item, "✏ Text", "Send me the new text.")
        await world.core.series.skip_next(await the_series(world))
        preview = await world.ask("Other words", "Preview ↑")
        await world.tap_into(preview, "✅ Save changes", "Someone changed this series")
        assert (await the_series(world)).order.content.text == "Sale"


async def test_its_broadcasts_have_cards_and_results_of_their_own(redis_url: str) -> None:
    """Made when due; here by hand, as a worker would."""
    async with running_bot(redis_url) as world:
        await started(world)
        series = await _due_now(redis_url, world)
        made = await world.core.series.make_due(series.id)
        assert made is not None
        card = await world.below(0, f"#{made.id} · “Sale”")
        await world.deliver()
        await world.below(int(card["message_id"]), f"✔ Sent to 2 people\n#{made.id}")
        item = await world.ask(f"/scheduled {series.id}", "Sent 1 time, last ")
        assert "✔ 2 sent" in item["text"]
        await world.tap_into(item, "📋 Last results", f"✔ Sent to 2 people\n#{made.id}")


async def test_a_copy_of_its_message_goes_to_the_list_and_not_to_people_one_by_one(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await save_list(world, b"telegram\n1001\n1002\n", "Choir", "Choir")
        card = await world.ask("/send Choir | every monday 9:00 | Sale", "Preview ↑")
        await world.tap_into(card, "✅ Start repeating", "🔁 Series #")
        made = await world.core.series.make_due((await _due_now(redis_url, world)).id)
        assert made is not None
        await world.deliver()
        result = await world.ask(f"/finished {made.id}", "✔ Sent to 2 people")
        copy = await world.tap_below(result, "♻ Send again", "Preview ↑")
        assert "To Choir · 2: Telegram 2" in copy["text"].splitlines()


async def _due_now(redis_url: str, world: World) -> Series:
    """The series, as it is a moment after its next time."""
    series = await the_series(world)
    async with store_at(redis_url) as store:
        book = SeriesStore(store, Scripts(store))
        assert await book.change(series, next_at=datetime.now(UTC))
    return await the_series(world)


async def test_all_admins_hear_why_a_series_could_not_go_out(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        audience = await world.core.audiences.create("vip", created_by=Actor("test", "Test"))
        await world.core.audiences.add(audience.id, [Recipient(messenger=Messenger.TELEGRAM, address="1001")])
        preview = await world.ask("/send vip | every monday 9:00 | Sale", "Preview ↑")
        await world.tap_into(preview, "✅ Start repeating", "🔁 Series #")
        await world.core.audiences.delete(audience.id, expected=1)
        series = await _due_now(redis_url, world)
        assert await world.core.series.make_due(series.id) is None
        told = await world.below(preview["message_id"], "couldn't be sent")
        assert "vip" in told["text"]
        await world.tap_into(told, "🔁 Open the series", "🔁 Series #")


async def test_who_lacks_a_value_is_told_to_all_admins_once_and_on_the_card(redis_url: str) -> None:
    ben = 1004
    async with running_bot(redis_url, VIEWER_IDS=str(ben)) as world:
        await world.ask("/start", "Hi, ", person=ben)
        await save_list(
            world, b"telegram,name,fee\n1001,Alice,10\n1002,Bob,\n1003,Carl,\n", "club", "👥 club"
        )
        card = await world.ask(
            "/send club | every monday 9:00 | Pay {fee}", "2 people have no value for {fee}."
        )
        preview = await world.tap_below(card, "Leave them out", "Preview ↑")
        await world.tap_into(preview, "✅ Start repeating", "🔁 Series #")
        made = await world.core.series.make_due((await _due_now(redis_url, world)).id)
        assert made is not None
        told = f"⚠ 2 people didn't get #{made.id}"
        for person in (ADMIN, ben):
            await world.below(0, told, person)
        await world.deliver()
        await world.below(0, "Left out before sending: 2 with a missing value (Telegram)")
        for person in (ADMIN, ben):
            messages = await world.sandbox.messages(person)
            assert sum(told in str(one.get("text")) for one in messages) == 1


async def test_who_joined_on_a_messenger_without_polls_is_told_and_on_the_card(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        audience = await world.core.audiences.create("club", created_by=Actor("test", "Test"))
        first = Recipient(messenger=Messenger.TELEGRAM, address="1001")
        await world.core.audiences.add(audience.id, [first])
        preview = await world.ask(
            "/send club | every monday 9:00 | poll: Lunch? | Pizza | Pasta", "Preview ↑"
        )
        await world.tap_into(preview, "✅ Start repeating", "🔁 Series #")
        later = Recipient(messenger=Messenger.VIBER, address="alice")
        await world.core.audiences.add(audience.id, [later])
        made = await world.core.series.make_due((await _due_now(redis_url, world)).id)
        assert made is not None
        told = await world.below(preview["message_id"], "⚠ 1 person on Viber didn't get ")
        assert "Viber can't send this kind of message." in told["text"]
        await world.deliver()
        await world.below(0, "Left out before sending: 1 on Viber, which can't send this kind of message")
        series = await world.tap_into(told, "🔁 Open the series", "🔁 Series #")
        menu = await world.tap_into(series, "✏ Edit", "What would you like to change?")
        assert menu


async def test_who_is_on_a_messenger_that_is_not_set_up_is_told_and_the_others_get_it(redis_url: str) -> None:
    """In one message and in a series alike: only where that is everybody is it refused."""
    async with running_bot(redis_url, VIBER_AUTH_TOKEN="") as world:
        audience = await world.core.audiences.create("club", created_by=Actor("test", "Test"))
        first = Recipient(messenger=Messenger.TELEGRAM, address="1001")
        await world.core.audiences.add(audience.id, [first])
        preview = await world.ask("/send club | every monday 9:00 | Sale", "Preview ↑")
        await world.tap_into(preview, "✅ Start repeating", "🔁 Series #")
        later = Recipient(messenger=Messenger.VIBER, address="alice")
        await world.core.audiences.add(audience.id, [later])
        made = await world.core.series.make_due((await _due_now(redis_url, world)).id)
        assert made is not None
        told = await world.below(preview["message_id"], f"⚠ 1 person on Viber didn't get #{made.id}")
        assert "Viber isn't set up.\nEveryone else gets it." in told["text"]
        await world.deliver()
        await world.below(0, "Left out before sending: 1 on Viber, which isn't set up")
        preview = await world.ask("/send club | Hello", "To club · 1: Telegram 1")
        assert "Left out: 1 on Viber, which isn't set up" in preview["text"]


async def test_what_becomes_of_a_late_one_is_chosen_in_the_options(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        preview = await world.ask("/send tg:1001 | every monday 9:00 | Sale", "Preview ↑")
        menu = await world.tap_into(preview, "✏ Edit", "What would you like to change?")
        options = await world.tap_into(menu, "⚙", "Sound off")
        options = await world.tap_into(options, "⏰ If late: ask me", "Sound off")
        options = await _with_label(world, options, "⏰ If late: skip")
        preview = await world.tap_into(options, "« Back", "Preview ↑")
        item = await world.tap_into(preview, "✅ Start repeating", "If the server is down then: skip")
        assert item
        assert (await the_series(world)).order.late is Late.SKIP
