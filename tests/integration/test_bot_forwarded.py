"""Messages forwarded or sent through another bot are somebody else's words: text, never a command or an order."""

from __future__ import annotations

from tests.support.bot import running_bot
from tests.support.sandbox_server import STRANGER

INLINE_BOT = {"id": 77, "is_bot": True, "first_name": "Quotes", "username": "quotes_bot"}


async def test_forwarded_commands_of_others_are_text(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/start", "Hi, ")
        for more in ({"forwarded_from": "Mallory"}, {"other": {"text": "/panic", "via_bot": INLINE_BOT}}):
            await world.ask("/panic", "", **more)
        order = await world.sandbox.say("/send telegram:1001 | now | Pay here", forwarded_from="Mallory")
        await world.below(order["message_id"], "")
        await world.ask("/status", "Status")
        assert await world.core.panic.current() is None
        assert (await world.core.broadcasts.scheduled()).total == 0
        await world.ask("/panic", "All sending paused")


async def test_a_forwarded_stop_unsubscribes_nobody(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.sandbox.say("/start", STRANGER)
        await world.sandbox.bot_says("Welcome!", STRANGER)
        for words in ("/stop", "stop"):
            said = await world.sandbox.say(words, STRANGER, forwarded_from="Friend")
            await world.below(said["message_id"], "", STRANGER)
        assert await world.core.subscribers.since(STRANGER) is not None
