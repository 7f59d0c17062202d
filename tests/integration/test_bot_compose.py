"""Composing a message: one question at a time, several messages as one, and nothing lost on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.domain.audit import Actor
from core.domain.content.content import Content
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from tests.integration.test_bot_contents import sent_photo
from tests.support.bot import World, labels, running_bot
from tests.support.sandbox_server import ADMIN

Json = dict[str, Any]
PREVIEW = "Preview ↑"


async def content(world: World) -> Content:
    """The content of the draft that is open."""
    waiting = await world.core.prompts.current(ADMIN)
    assert waiting is not None
    draft = await world.core.drafts.get(waiting.about)
    assert draft is not None
    assert draft.content is not None
    return draft.content


async def saved_list(world: World, name: str, *addresses: str) -> None:
    people = [Recipient(messenger=Messenger.TELEGRAM, address=address) for address in addresses]
    kept = await world.core.audiences.stage(people, source="test", created_by=Actor("telegram:100", "Ann"))
    await world.core.audiences.rename(kept.id, name)


async def test_a_message_to_a_saved_list_takes_four_taps_and_tomorrow_at_nine_two_more(
    redis_url: str,
) -> None:
    """New message, the text, the list, send; or later, tomorrow, schedule. Each screen asks one thing."""
    async with running_bot(redis_url) as world:
        await saved_list(world, "Friends", "1001", "1002")
        home = await world.ask("/start", "Ready when you are.")
        asked = await world.tap_below(home, "✍ New message", "What would you like to say?")
        assert (asked["text"], labels(asked)) == ("What would you like to say?", [["Cancel"]])
        who = await world.ask("Doors open at 7", "Who should get it?")
        assert labels(who)[0] == ["👥 Friends · 2"]
        card = await world.tap_below(who, "👥 Friends", PREVIEW)
        assert labels(card) == [["✅ Send now"], ["🕒 Later", "✏ Edit"]]
        assert card["text"] == f"{PREVIEW}\nTo Friends · 2: Telegram 2\nWhen now"
        asked = await world.tap_into(card, "🕒 Later", "When should it go out?")
        card = await world.tap_into(asked, "Tomorrow 9:00", PREVIEW)
        assert labels(card) == [["✅ Schedule"], ["🕒 Change time", "✏ Edit"]]
        card = await world.tap_into(card, "✅ Schedule", "🗓 Scheduled")


async def test_the_same_message_again_takes_two_taps(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.scheduled("Doors open at 7", None, "1001")
        await world.deliver()
        listed = await world.ask("/finished", "Doors open at 7")
        ended = await world.tap_into(listed, "1", "Doors open at 7")
        card = await world.tap_below(ended, "♻", PREVIEW)
        await world.tap_into(card, "✅ Send now", "▶")


async def test_changing_the_text_of_a_scheduled_message_takes_three_taps(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        broadcast_id = await world.scheduled("Doors open at 7", datetime.now(UTC) + timedelta(days=1))
        listed = await world.ask("/scheduled", "Doors open at 7")
        item = await world.tap_into(listed, "1", "🗓 Scheduled")
        await world.tap_below(item, "✏ Text", "Send me the new text.")
        card = await world.ask("Doors open at 8", PREVIEW)
        await world.tap_into(card, "✅ Save changes", "🗓 Scheduled")
        assert (await world.core.broadcasts.get(broadcast_id)).content.text == "Doors open at 8"


async def test_a_second_message_is_content_and_not_recipients(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        await world.ask("Dear all,", "Who should get it?")
        question = await world.ask("the gym is closed on Friday", "Add this to your message?")
        assert labels(question) == [["Add to the message"], ["Replace it", "Keep as is"], ["✍ New message"]]
        await world.tap_below(question, "Add to the message", "“Dear all, the gym is closed on Friday”")
        assert (await content(world)).text == "Dear all,\nthe gym is closed on Friday"


async def test_a_text_beside_a_forgotten_draft_can_be_another_message(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        await world.ask("Dear all,", "Who should get it?")
        question = await world.ask("Closed on Friday.", "Add this to your message?")
        await world.tap_below(question, "✍ New message", "Who should get it?")
        assert (await content(world)).text == "Closed on Friday."
        kept = await world.turned(question, "Draft saved for 24 hours.")
        await world.tap(kept, "Continue")
        assert (await content(world)).text == "Dear all,"


async def test_a_forwarded_text_is_content_too_and_may_replace_the_first(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        await world.ask("Dear all,", "Who should get it?")
        question = await world.ask(
            "The gym is closed. We open again on Monday.", "Add this", forwarded_from="Somebody"
        )
        await world.tap_below(question, "Replace it", "Who should get it?")
        assert (await content(world)).text == "The gym is closed. We open again on Monday."


@pytest.mark.parametrize("photo_first", [True, False])
async def test_a_photo_and_its_text_are_one_message(redis_url: str, *, photo_first: bool) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        if photo_first:
            said = await sent_photo(world)
            await world.below(said["message_id"], "1 photo")
            await world.ask("The gym is closed on Friday", "“The gym is closed on Friday” · 1 photo")
        else:
            await world.ask("The gym is closed on Friday", "Who should get it?")
            said = await sent_photo(world)
            await world.below(said["message_id"], "“The gym is closed on Friday” · 1 photo")
        joined = await content(world)
        assert (joined.text, len(joined.media)) == ("The gym is closed on Friday", 1)


async def test_a_new_text_leaves_the_photo_and_a_button_removes_it(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        said = await sent_photo(world, "Closed on Friday")
        await world.below(said["message_id"], "Who should get it?")
        who = await world.ask("tg:1001", "To 1")
        card = await world.tap_below(who, "✔ Done", PREVIEW)
        menu = await world.tap_into(card, "✏ Edit", "What would you like to change?")
        asked = await world.tap_into(menu, "✏ Text", "Still in the message: 1 photo.")
        card = await world.ask("Closed on Monday", PREVIEW)
        kept = await content(world)
        assert (kept.text, len(kept.media)) == ("Closed on Monday", 1)
        asked = await world.tap_into(
            await world.tap_into(card, "✏ Edit", "What would"), "✏ Text", "Still in the message"
        )
        asked = await world.tap_into(asked, "✖ Remove 1 photo", "Send me the new text.")
        await world.tap_below(asked, "« Back", PREVIEW)
        assert not (await content(world)).media


async def test_the_tail_of_a_letter_that_the_app_has_split_is_joined(redis_url: str) -> None:
    letter = "We are glad to invite you to our yearly party. " * 80
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        await world.sandbox.say(letter)
        await world.sandbox.say("Yours, Ann")
        await world.sandbox.bot_says("Who should get it?")

        async def joined() -> bool:
            return (await content(world)).text.endswith("party.\nYours, Ann")

        await world.sandbox.eventually(joined)


async def test_ten_messages_in_a_row_become_one_question_and_one_message(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        lines = [f"This is line number {number} of my message" for number in range(10)]
        for line in lines:
            await world.sandbox.say(line)

        async def all_are_asked_about() -> bool:
            draft = await world.core.drafts.get((await world.core.prompts.current(ADMIN) or ("",))[0])
            return bool(draft and draft.more and draft.more.text.split("\n") == lines[1:])

        await world.sandbox.eventually(all_are_asked_about)
        await world.sandbox.until(lambda messages: "Add" in str(labels(messages[-1])))
        question = (await world.sandbox.messages())[-1]
        open_ones = [m for m in await world.sandbox.messages() if "Add" in str(labels(m))]
        assert len(open_ones) == 1
        await world.tap_below(question, "Add to the message", "Who should get it?")
        assert (await content(world)).text.split("\n") == lines


async def test_what_is_sent_with_nothing_open_is_gathered_into_one_offer(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("Dear all,", "Send this to people?")
        await world.ask("the gym is closed on Friday", "Send these messages to people as one?")
        said = await sent_photo(world)
        offer = await world.below(said["message_id"], "Send these messages to people as one?")
        await world.tap_into(offer, "Choose who gets it", "Who should get it?")
        joined = await content(world)
        assert (joined.text, len(joined.media)) == ("Dear all,\nthe gym is closed on Friday", 1)
        await world.ask("Hello", "I didn't add anyone")


async def test_an_offer_of_an_album_can_be_declined(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        for _number in range(3):
            await world.sandbox.send_file("a.png", b"\x89PNG\r\n\x1a\nA picture", album="holiday")
        offer = await world.below(0, "Send this to people?")

        async def all_joined() -> bool:
            return len((await content(world)).media) == 3

        await world.sandbox.eventually(all_joined)
        offer = await world.turned(offer, "Send this to people?")
        answer = await world.tap(offer, "No")
        assert answer["text"] == ""
        await world.turned(offer, "Draft deleted.")


async def test_an_offer_that_is_declined_leaves_nothing_open(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        offer = await world.ask("Hello bot", "Send this to people?")
        await world.tap_into(offer, "No", "Draft deleted.")
        await world.ask("/cancel", "Nothing to cancel.")


async def test_an_unknown_name_may_be_more_of_the_message(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        await world.ask("Dear all,", "Who should get it?")
        question = await world.ask("Happy Easter", "I didn't add anyone")
        await world.tap_below(question, "Add to the message", "Who should get it?")
        assert (await content(world)).text == "Dear all,\nHappy Easter"


async def test_people_sent_where_the_text_was_asked_for_can_be_either(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        question = await world.ask("tg:1001, tg:1002", "Who should get it?")
        await world.tap_below(question, "👥 These people get it", "What would you like to say?")
        card = await world.ask("Hello", PREVIEW)
        assert "To 2: Telegram 2" in card["text"]


async def test_a_moment_typed_at_the_preview_is_offered_as_the_time(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send tg:1001 | Hello", PREVIEW)
        question = await world.ask("tomorrow 18:30", "Right?")
        assert labels(question)[-1] == ["Add to the message"]
        card = await world.tap_below(question, "✅ Yes", PREVIEW)
        assert "18:30 Berlin" in card["text"]


async def test_one_open_edit_is_continued_by_every_button(redis_url: str) -> None:
    """The text, then the people, then the time of a scheduled message: nothing of it is lost."""
    async with running_bot(redis_url) as world:
        at = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=1)
        broadcast_id = await world.scheduled("Doors open at 7", at, "1001")
        item = await world.ask(f"/scheduled {broadcast_id}", "🗓 Scheduled")
        await world.tap_below(item, "✏ Text", "Send me the new text.")
        await world.ask("Doors open at 8", PREVIEW)
        unfolded = await world.unfold(item, "👥 People")
        who = await world.tap_below(unfolded, "👥 People", "“Doors open at 8”")
        who = await world.ask("tg:1002", "To 2")
        await world.tap(unfolded, "« Back")
        item = await world.turned_to(item, "🕒")
        asked = await world.tap_into(item, "🕒", "When should it go out?")
        await world.tap_into(asked, "Tomorrow 9:00", "🗓 Scheduled")
        moved = (await world.core.broadcasts.get(broadcast_id)).send_at
        item = await world.ask(f"/scheduled {broadcast_id}", "🗓 Scheduled")
        await world.tap_below(item, "✏ Text", "Send me the new text.")
        card = await world.ask("Doors open at 9", PREVIEW)
        assert "To 2: Telegram 2" in card["text"]
        await world.tap_into(card, "✅ Save changes", "🗓 Scheduled")
        changed = await world.core.broadcasts.get(broadcast_id)
        assert (changed.content.text, changed.send_at, changed.progress.total) == (
            "Doors open at 9",
            moved,
            2,
        )
        assert (await world.core.broadcasts.scheduled()).total == 1
        assert who["message_id"]


async def test_back_from_the_options_is_the_preview_and_a_test_leaves_send_in_sight(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await world.ask("/send tg:1001 | Hello", PREVIEW)
        menu = await world.tap_into(card, "✏ Edit", "What would you like to change?")
        options = await world.tap_into(menu, "⚙ Options", "Sound off")
        card = await world.tap_into(options, "« Back", PREVIEW)
        menu = await world.tap_into(card, "✏ Edit", "What would you like to change?")
        await world.tap_below(menu, "📱 Send me a test", PREVIEW)
        last = (await world.sandbox.messages())[-1]
        assert labels(last)[0] == ["✅ Send now"]


async def test_two_admins_write_two_messages_and_neither_sees_the_others(redis_url: str) -> None:
    async with running_bot(redis_url, ADMIN_IDS="100,101") as world:
        first = await world.ask("/send tg:1001 | From Ann", PREVIEW)
        answer = await world.sandbox.forge(
            first["reply_markup"]["inline_keyboard"][0][0]["callback_data"],
            first["message_id"],
            person=101,
            wait=True,
        )
        assert answer["text"] == "This screen is out of date"
        await world.ask("/send", "What would you like to say?", person=101)
        await world.ask("From Ben", "Who should get it?", person=101)
        await world.tap_into(first, "✅ Send now", "▶")
