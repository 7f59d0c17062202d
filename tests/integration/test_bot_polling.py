"""Obstacles to the bot's polling, and their removal."""

from __future__ import annotations

import asyncio

from core.health import bot_username
from tests.support.bot import running_bot


async def test_a_webhook_set_while_the_bot_polls_is_taken_away(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        status, _ = await world.sandbox.telegram("setWebhook", url="http://127.0.0.1:9/hook")
        assert status == 200
        async with asyncio.timeout(15):
            while (await world.sandbox.telegram("getWebhookInfo"))[1]["result"]["url"]:  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.05)
        await world.ask("/status", "Status")


async def test_the_launcher_learns_where_the_bot_is_found(redis_url: str) -> None:
    assert bot_username(redis_url) == ""
    async with running_bot(redis_url) as world:
        await world.ask("/status", "Status")
        assert bot_username(redis_url) == "sandbox_bot"
