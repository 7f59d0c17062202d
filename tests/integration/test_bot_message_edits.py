"""An admin edits the message that became the text of an order."""

from __future__ import annotations

from typing import Any

from core.domain.content.content import Content
from tests.integration.test_bot_contents import picture
from tests.support.bot import World, running_bot

Json = dict[str, Any]
PREVIEW = "Preview ↑"


async def edit(world: World, message: Json, text: str, expected: str) -> Json:
    """Edits and waits for a new message of the bot."""
    last = max(m["message_id"] for m in await world.sandbox.messages())
    body = {"person": 100, "message_id": message["message_id"], "text": text}
    await world.sandbox.call("POST", "edit", body)
    return await world.below(last, expected)


async def accepted(world: World) -> Content:
    """The broadcasts in the ledger, started or scheduled."""
    waiting = (await world.core.broadcasts.scheduled()).items
    (broadcast,) = [*(await world.core.broadcasts.running()), *waiting]
    return broadcast.content


async def test_the_preview_follows_the_edited_text_and_the_old_one_has_no_buttons(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await world.ask("/send", "What would you like to say?")
        said = await world.sandbox.say("Sael")
        await world.below(said["message_id"], "Who should get it?")
        await world.ask("tg:1001", "1: Telegram 1")
        card = next(m for m in reversed(await world.sandbox.messages()) if m.get("reply_markup"))
        first = await world.tap_below(card, "✔ Done", PREVIEW)
        second = await edit(world, said, "Sale", PREVIEW)
        shown = [m["text"] for m in await world.sandbox.messages() if m["message_id"] < second["message_id"]]
        assert shown[-1] == "Sale"
        await world.sandbox.until(
            lambda messages: any(
                m["message_id"] == first["message_id"] and "reply_markup" not in m for m in messages
            )
        )
        await world.tap(second, "✅ Send now")
        assert (await accepted(world)).text == "Sale"


async def test_an_edited_order_in_one_line_is_read_anew(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        said = await world.sandbox.say("/send tg:1001 | Sale")
        await world.below(said["message_id"], PREVIEW)
        body = {"person": 100, "message_id": said["message_id"], "text": "/panic"}
        await world.sandbox.call("POST", "edit", body)
        await edit(world, said, "/send tg:1001, tg:0 | Sale", "doesn't start with 0")
        assert await world.core.panic.current() is None
        preview = await edit(world, said, "/send tg:1001, tg:1002 | Sale now", PREVIEW)
        await world.tap(preview, "✅ Send now")
        assert (await accepted(world)).text == "Sale now"


async def test_while_people_are_being_named_the_card_follows_and_goes_on_waiting_for_them(
    redis_url: str,
) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        said = await world.sandbox.say("Sael")
        await world.below(said["message_id"], "Who should get it?")
        card = await edit(world, said, "Sale", "“Sale”")
        assert "Who should get it?" in card["text"]
        await world.ask("tg:1001", "1: Telegram 1")


async def test_the_caption_of_a_photo_can_be_edited(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        said = await world.sandbox.send_file("a.png", picture(), content_type="image/png", caption="Sael")
        await world.below(said["message_id"], "Sael")
        await edit(world, said, "Sale", "“Sale”")
        preview = await world.ask("/send tg:1001", PREVIEW, reply_to=said["message_id"])
        await world.tap(preview, "✅ Send now")
        content = await accepted(world)
        assert (content.text, len(content.media)) == ("Sale", 1)


async def test_what_is_accepted_stays_as_it_is_and_that_is_said(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        said = await world.sandbox.say("/send tg:1001 | tomorrow 9:00 | Sale")
        preview = await world.below(said["message_id"], PREVIEW)
        await world.tap(preview, "✅ Schedule")
        answer = await edit(world, said, "/send tg:1001 | tomorrow 9:00 | Other", "already scheduled as #")
        assert "open it in /scheduled." in answer["text"]
        assert (await accepted(world)).text == "Sale"
        await world.tap_into(answer, "🗓 Scheduled", "Scheduled · 1")


async def test_the_edit_of_a_message_that_was_sent_leads_to_editing_it_on_the_phones(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        said = await world.sandbox.say("/send tg:1001 | now | Sale")
        preview = await world.below(said["message_id"], PREVIEW)
        await world.tap(preview, "✅ Send now")
        await world.deliver()
        answer = await edit(world, said, "/send tg:1001 | now | Other", "already sent as #")
        await world.tap_into(answer, "📱 Edit or delete", "Edit or delete #")


async def test_editing_any_other_message_does_nothing(redis_url: str) -> None:
    """A command is carried out once; a stranger's edited /start subscribes nobody."""
    async with running_bot(redis_url) as world:
        said = await world.sandbox.say("/status")
        await world.below(said["message_id"], "Telegram")
        hello = await world.sandbox.say("/help", 200)
        for message, person, text in ((said, 100, "/send"), (hello, 200, "/start")):
            body = {"person": person, "message_id": message["message_id"], "text": text}
            await world.sandbox.call("POST", "edit", body)
        await world.ask("/help", "/send")
        assert not any("What would you like" in m.get("text", "") for m in await world.sandbox.messages())
        assert await world.core.subscribers.count() == {}
