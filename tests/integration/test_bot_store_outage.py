"""The bot while the store is away or full, or Telegram drops answers or refuses edits: it says so, and continues."""

from __future__ import annotations

from tests.support.bot import running_bot
from tests.support.core import store_at
from tests.support.lossy_proxy import lossy_proxy


async def test_while_the_store_is_away_the_bot_says_so_and_then_works_again(redis_url: str) -> None:
    async with lossy_proxy(redis_url) as proxy, running_bot(proxy.url) as world:
        await world.ask("/help", "/send WHO | WHEN | TEXT")
        proxy.lose_requests(1_000_000, marker=b"")
        await world.ask("/scheduled", "The store does not answer just now; nothing was lost.")
        proxy.lose_requests(0)
        await world.ask("/scheduled", "Nothing scheduled.")


async def test_while_the_store_is_full_the_bot_says_what_helps(redis_url: str) -> None:
    async with running_bot(redis_url) as world, store_at(redis_url) as store:
        await world.ask("/help", "/send WHO | WHEN | TEXT")
        room = int((await store.info("memory"))["maxmemory"])
        await store.config_set("maxmemory", 1)
        try:
            await world.ask("/send tg:1001 | Hello", "The store is full, so nothing was done.")
        finally:
            await store.config_set("maxmemory", room)
        await world.ask("/send tg:1001 | Hello", "Preview ↑")


async def test_an_answer_of_telegram_that_got_lost_is_no_incident(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/help", "/send WHO | WHEN | TEXT")
        await world.sandbox.fault("telegram", "drop_after", method="sendMessage", times=1)
        await world.ask("/scheduled", "Telegram did not answer for a moment; nothing was lost.")


async def test_a_screen_that_may_not_be_redrawn_for_a_while_goes_on_waiting_for_its_words(
    redis_url: str,
) -> None:
    """Telegram refuses every edit: the tap says how long, sends nothing in its place, and is tapped again later."""
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        card = await world.ask("Sale", "Who should get it?")
        await world.sandbox.fault("telegram", "rate_limit", method="editMessageText", retry_after=30)
        answer = await world.tap(card, "🔔")
        assert (answer["alert"], "for 30 seconds. Then please try again." in answer["text"]) == (True, True)
        assert (await world.sandbox.messages())[-1] == card
        card = await world.ask("tg:1001", "To 1: Telegram 1")
        await world.sandbox.clear_faults()
        await world.tap_into(card, "⌨", "Type or paste people here")
