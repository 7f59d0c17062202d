"""A broadcast's live card moves to the message on which an admin has just acted."""

from __future__ import annotations

from tests.bot_world import running_bot


async def test_a_card_that_is_being_redrawn_still_gives_way_to_the_one_that_was_tapped(
    redis_url: str,
) -> None:
    """Send now on an item of /scheduled turns that item into the live card, however slow Telegram is."""
    async with running_bot(redis_url) as world:
        preview = await world.ask("/send telegram:1001 | tomorrow 9:00 | Hello", "This is what people get")
        await world.tap(preview, "✅")
        planned = await world.turned(preview, "This card shows it live")
        listed = await world.ask("/scheduled", "Scheduled · 1")
        await world.sandbox.fault("telegram", "delay", method="editMessageText", ms=600)
        item = await world.tap_into(listed, "1", "🗓 Scheduled")
        question = await world.tap_into(item, "🚀", "to 1 person now?")
        await world.tap(question, "✅ Yes")
        await world.turned(question, "▶ Sending")
        await world.turned(planned, "the live card is further down")
        await world.deliver()
        await world.turned(question, "✔ Finished")
        await world.below(question["message_id"], "1 person in")
