"""/send in one line and step by step: what is sent, what is refused, and what is kept."""

from __future__ import annotations

import pytest

from core.domain.broadcast import BroadcastStatus
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed
from tests.support.bot import EVERYBODY, data_of, labels, running_bot


async def test_one_line_is_previewed_confirmed_and_reported_live(redis_url: str) -> None:
    """/send WHO | TEXT shows the exact text, sends on one tap, and the card and a summary tell how it went."""
    text = 'Hello <b>&"😀 שלום'
    async with running_bot(redis_url) as world:
        card = await world.ask(f"/send {EVERYBODY} | {text}", "Preview ↑")
        content = [m for m in await world.sandbox.messages() if m["message_id"] == card["message_id"] - 1]
        assert [m["text"] for m in content] == [text]
        assert "entities" not in content[0]
        assert "To 3: Telegram 1 · WhatsApp 1 · Viber 1" in card["text"]
        assert labels(card)[0] == ["✅ Send now"]
        assert (await world.tap(card, "✅"))["text"] == "Sending"
        await world.turned(card, "▶ Starting")
        await world.start_due()
        live = await world.turned(card, "▶ Sending")
        assert labels(live)[0] == ["⏸ Pause", "⏹ Stop"]
        await world.deliver({"alice": Failed(Reason.UNSUBSCRIBED)})
        result = await world.turned(card, "⚠ Sent to 2 of 3")
        assert "Viber alice: is not subscribed" in result["text"]
        (done,) = (await world.core.broadcasts.finished()).items
        assert done.content.text == text
        assert done.created_by.id == "telegram:100"
        assert await world.sandbox.complaints() == []


async def test_step_by_step_with_a_day_and_an_hour_picked_on_the_calendar(redis_url: str) -> None:
    """/send alone: text, recipients in two messages, a moment by taps, the preview, and it is scheduled."""
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        await world.ask("Doors open at 7 | bring a friend", "Who should get it?")
        await world.ask("telegram:1001, tg:1001", "To 1: Telegram 1")
        card = await world.ask("+12025550123\nviber:alice", "To 3: Telegram 1 · WhatsApp 1 · Viber 1")
        card = await world.tap_below(card, "✔ Done", "Preview ↑")
        days = await world.days(card)
        assert ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"] in labels(days)
        later = await world.tap_into(await world.tap_into(days, "›", "Which day?"), "15", "What time on")  # noqa: RUF001 - an arrow
        clock = await world.tap_into(later, "18", "What time on")
        clock = await world.tap_into(clock, ":30", "What time on")
        preview = await world.tap_into(clock, "✅", "18:30 Berlin")
        assert "1 duplicate removed" in preview["text"]
        rows = labels(preview)
        assert rows == [
            ["✅ Schedule"],
            ["📄 Use a WhatsApp template"],
            ["✖ Leave 1 person out"],
            ["🕒 Change time", "✏ Edit"],
        ]
        await world.tap(preview, "✅")
        await world.turned(preview, "🗓 Scheduled")
        (planned,) = (await world.core.broadcasts.scheduled()).items
        assert planned.content.text == "Doors open at 7 | bring a friend"
        assert f"{planned.send_at.astimezone(world.core.settings.zone):%d %H:%M}" == "15 18:30"
        assert await world.sandbox.complaints() == []


async def test_every_problem_of_an_order_is_told_at_once_and_the_text_is_kept(redis_url: str) -> None:
    """Wrong recipients and a wrong moment each get a sentence; nothing is sent, the text stays in a draft."""
    async with running_bot(redis_url) as world:
        line = "/send telegram:1001, sms:+1202, whatsapp:12x, tg:<b> | someday | Hello"
        card = await world.ask(line, "Your draft is saved.")
        assert "there's no messenger “sms”" in card["text"]
        assert "whatsapp:12x" in card["text"]
        assert "tg:<b>" in card["text"]
        assert "I can't read “someday” as a time" in card["text"]
        card = await world.tap_into(card, "👥 People", "Who should get it?")
        assert "“Hello”" in card["text"]
        assert await world.core.broadcasts.running() == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/send Hello everybody", "Separate people and message with “|”."),
        ("/send  | Hello", "Who should get it?"),
        ("/send telegram:1001 |", "What would you like to say?"),
        ("/send telegram:1001 | yesterday 9:00 | Hello", "has passed"),
        ("/send telegram:1001 | in 2 years | Hello", "more than a year ahead"),
        ("/send whatsapp:+1202 | Hello", "the phone number is too short"),
        ("/send alice | Hello", "alice"),
        ("/sned telegram:1001 | Hello", "Did you mean /send?"),
        ("/team", "Did you mean /admins?"),
        ("/report", "Did you mean /sent?"),
        ("/frobnicate", "I don't know /frobnicate."),
    ],
)
async def test_a_wrong_line_gets_a_sentence_and_sends_nothing(
    redis_url: str, line: str, expected: str
) -> None:
    async with running_bot(redis_url) as world:
        await world.ask(line, expected)
        assert await world.core.broadcasts.running() == []
        assert (await world.core.broadcasts.scheduled()).total == 0


async def test_a_messenger_that_is_not_set_up_is_refused_by_the_name_of_its_variable(redis_url: str) -> None:
    async with running_bot(redis_url, VIBER_AUTH_TOKEN="") as world:
        await world.ask("/send viber:alice | Hello", "Viber isn't set up. Set VIBER_AUTH_TOKEN")


async def test_many_problems_are_counted(redis_url: str) -> None:
    wrong = ", ".join(f"sms:{number}" for number in range(14))
    async with running_bot(redis_url) as world:
        card = await world.ask(f"/send {wrong} | Hello", "and 11 more")
        assert card["text"].count("there's no messenger “sms”") == 3


async def test_a_day_without_an_hour_opens_the_clock_of_that_day(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        clock = await world.ask("/send tg:1001 | tomorrow | Hello", "What time on")
        card = await world.tap_below(clock, "✅", "Preview ↑")
        assert "09:00 Berlin" in card["text"]


async def test_an_hour_that_has_passed_offers_a_moment_to_tap(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await world.ask("/send tg:1001 | today 0:00 | Hello", "has passed")
        card = await world.tap_below(card, "✅", "Preview ↑")
        assert "00:00 Berlin" in card["text"]


async def test_a_reply_makes_the_other_message_the_text(redis_url: str) -> None:
    """/send WHO as a reply sends the message that was replied to, exactly."""
    async with running_bot(redis_url) as world:
        text = "Line one\n<i>line</i> two | three"
        said = await world.sandbox.say(text)
        await world.below(said["message_id"], "Send this to people?")
        card = await world.ask("/send tg:1001 | tomorrow 9:00", "Preview ↑", reply_to=said["message_id"])
        await world.tap(card, "✅")
        await world.turned(card, "🗓 Scheduled")
        (planned,) = (await world.core.broadcasts.scheduled()).items
        assert planned.content.text == text


@pytest.mark.parametrize(
    ("word", "command"), [("Stop!", "panic"), ("help", "help"), ("People", "lists"), ("Отмена", "cancel")]
)
async def test_a_message_of_one_word_that_names_a_command_is_asked_about(
    redis_url: str, word: str, command: str
) -> None:
    async with running_bot(redis_url) as world:
        offer = await world.ask(word, f"Did you mean /{command}?")
        assert offer["text"].endswith("Send this to people?")
        offer = await world.ask("Stop selling at noon", "Send these messages to people as one?")
        assert "/panic" not in offer["text"]


async def test_words_with_nothing_open_can_become_a_broadcast(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        offer = await world.ask("Sale starts now", "Send this to people?")
        await world.tap_into(offer, "Choose who gets it", "Who should get it?")
        await world.ask("tg:1002", "To 1: Telegram 1")
        question = await world.ask("nonsense", "I didn't add anyone")
        assert "To 1: Telegram 1" in question["text"]


async def test_a_second_text_asks_before_it_replaces_the_first(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send tg:1001 | First", "Preview ↑")
        question = await world.ask("Second", "Add this to your message?")
        preview = await world.tap_below(question, "Replace it", "Preview ↑")
        assert await world.sandbox.bot_says("Second")
        await world.tap(preview, "✅")
        await world.turned(preview, "▶")
        (due,) = (await world.core.broadcasts.scheduled()).items
        assert due.content.text == "Second"


async def test_a_double_press_on_confirm_sends_once(redis_url: str) -> None:
    """The second tap answers "Already done", also when it comes from a forged copy of the button."""
    async with running_bot(redis_url) as world:
        card = await world.ask("/send tg:1001 | Hello", "Preview ↑")
        data = data_of(card, "✅")
        first, second = [
            await world.sandbox.forge(data, card["message_id"], wait=True),
            await world.sandbox.forge(data, card["message_id"], wait=True),
        ]
        assert (first["text"], second["text"]) == ("Sending", "Already done")
        await world.turned(card, "▶")
        assert (await world.core.broadcasts.scheduled()).total + len(
            await world.core.broadcasts.running()
        ) == 1


async def test_a_button_of_an_older_screen_does_nothing_but_say_so(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        first = await world.ask("/send", "What would you like to say?")
        await world.ask("Text", "Who should get it?")
        await world.ask("tg:1001", "To 1")
        last = await world.ask("tg:1002", "To 2")
        answer = await world.sandbox.forge(data_of(first, "Cancel"), first["message_id"], wait=True)
        assert answer["text"] == "This screen is out of date"
        await world.below(last["message_id"], "Preview ↑")


async def test_forged_data_is_old_news(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await world.ask("/help", "/send WHO | WHEN | TEXT")
        for data in ("", "garbage", "d:ZZZZ:1:go:1", "b:ZZZZ:g:pause", "d:ZZZZ:1:drop table", "p:none:1:yes"):
            answer = await world.sandbox.forge(data, card["message_id"], wait=True)
            assert answer["text"] == "This screen is out of date", data


async def test_more_than_a_thousand_people_take_a_second_tap(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        crowd = ",".join(f"tg:{number}" for number in range(2000, 2500))
        await world.ask("/send", "What would you like to say?")
        await world.ask("Hello all", "Who should get it?")
        await world.ask(crowd, "To 500")
        await world.ask(crowd.replace("tg:2", "tg:3"), "To 1,000")
        card = await world.ask("tg:9000001", "To 1,001")
        preview = await world.tap_below(card, "✔ Done", "Preview ↑")
        question = await world.tap_into(preview, "✅ Send now", "1,001 people now?")
        assert (await world.core.broadcasts.scheduled()).total == 0
        await world.tap(question, "✅ Yes, send to 1,001 people")
        await world.turned(preview, "▶")
        (due,) = (await world.core.broadcasts.scheduled()).items
        assert (due.progress.total, due.status) == (1001, BroadcastStatus.SCHEDULED)


async def test_who_blocked_the_bot_is_left_out_of_the_next_order_and_counted(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.scheduled("First", None, "1001", "1003")
        await world.deliver({"1003": Failed(Reason.BLOCKED)})
        card = await world.ask("/send tg:1001, tg:1003 | Second", "Preview ↑")
        assert "To 1: Telegram 1" in card["text"]
        assert "Left out: 1 blocked the bot (Telegram)" in card["text"]
        assert (await world.tap(card, "✅ Send now"))["text"] == "Sending"
        await world.ask("/send tg:1003 | Third", "There's no one to send to")


async def test_a_line_without_text_keeps_the_recipients_and_asks_for_the_text(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await world.ask("/send telegram:1001 |", "What would you like to say?")
        assert "To: 1: Telegram 1" in card["text"]
        card = await world.ask("Hello at last", "Preview ↑")
        assert "To 1: Telegram 1" in card["text"]
        await world.ask("/send sms:1 | tomorrow 18:30 |", "there's no messenger “sms”")
        await world.ask("Later", "Who should get it?")


async def test_what_a_line_lacks_is_typed_next(redis_url: str) -> None:
    """Recipients alone, a text alone, or a moment that cannot be read: the rest stays, and that part is awaited."""
    async with running_bot(redis_url) as world:
        await world.ask("/send telegram:1001", "What would you like to say?")
        await world.ask("Hello at last", "To 1: Telegram 1")
        await world.ask("/send | tomorrow 9:00 | Hello", "Who should get it?")
        card = await world.ask("telegram:1001", "To 1: Telegram 1")
        card = await world.tap_below(card, "✔ Done", "Preview ↑")
        assert "09:00 Berlin" in card["text"]
        await world.ask("/send telegram:1001 | someday | Hello", "I can't read “someday” as a time")
        await world.ask("tomorrow 9:00", "Right?")
        told = await world.ask("/send all | Hello", "no one has subscribed yet")
        ways = ("pressing Start in the Telegram bot", "writing to your WhatsApp number")
        assert all(way in told["text"] for way in (*ways, "or opening your Viber account"))


async def test_a_text_that_is_too_long_is_told_at_once_and_made_two_by_a_tap(redis_url: str) -> None:
    """Both drafts go to the same people; the first part is the open one, below."""
    text = "Doors open at seven. " * 300
    async with running_bot(redis_url) as world:
        card = await world.ask(f"/send telegram:1001 | {text}", "Telegram allows 4,096. Shorten it by 2,203")
        await world.tap(card, "✂ Split it in two")
        both = [m for m in await world.sandbox.messages() if m["message_id"] > card["message_id"]]
        assert ["To 1: Telegram 1" in m["text"] for m in both] == [False, True, False, True]
        assert both[0]["text"] < both[2]["text"]
        assert labels(both[1])[0] == labels(both[3])[0] == ["✅ Send now"]


async def test_cancel_drops_an_empty_draft_keeps_another_and_then_offers_to_delete_it(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/cancel", "Nothing to cancel.")
        await world.ask("/send", "What would you like to say?")
        await world.ask("/cancel", "Cancelled. Nothing changed.")
        await world.ask("/send", "What would you like to say?")
        await world.ask("Doors open at 7", "Who should get it?")
        await world.ask("/cancel", "Draft saved for 24 hours.")
        question = await world.ask("/cancel", "Delete this draft? You'll lose the text.")
        await world.tap_into(question, "🗑", "Draft deleted.")
        await world.ask("/cancel", "Nothing to cancel.")


async def test_a_file_with_nothing_open_can_become_a_broadcast(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        said = await world.sandbox.send_file("prices.pdf", b"%PDF")
        question = await world.below(said["message_id"], "Send this to people?")
        await world.tap_into(question, "Choose who gets it", "1 document")
