"""Every update comes twice, as when Telegram did not hear that it had arrived: each tap still has one effect."""

from __future__ import annotations

from tests.support.bot import EVERYBODY, labels, running_bot


async def test_an_order_confirmed_by_a_tap_that_comes_twice_is_sent_once(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.sandbox.hand_out_updates(2)
        preview = await world.ask(f"/send {EVERYBODY} | Hello", "Preview ↑")
        await world.tap(preview, "✅ Send now")
        await world.deliver()
        await world.turned(preview, "✔ Sent to 3 people")
        ended = await world.core.broadcasts.finished()
        assert [broadcast.content.text for broadcast in ended.items] == ["Hello"]
        assert [one async for one in world.core.broadcasts.each_scheduled()] == []


async def test_a_new_message_that_is_tapped_twice_is_one_question(redis_url: str) -> None:
    """After Cancel the same button asks again."""
    async with running_bot(redis_url) as world:
        home = await world.ask("/help", "/send")
        home = await world.tap_into(home, "« Home", "Hi, Ann!")
        asked = await world.tap_below(home, "✍ New message", "What would you like to say?")
        assert (await world.tap(home, "✍ New message"))["text"] == "Already done"
        assert [labels(m) for m in await world.sandbox.messages() if "say?" in m["text"]] == [[["Cancel"]]]
        await world.tap_into(asked, "Cancel", "Cancelled.")
        await world.tap_below(home, "✍ New message", "What would you like to say?")
