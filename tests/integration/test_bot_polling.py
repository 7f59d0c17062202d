"""Obstacles to the bot's polling, their removal, and what the team hears of them."""

from __future__ import annotations

import asyncio

import pytest

from bot.tasks import polling_watch
from core.health import bot_username
from core.settings import load_settings
from tests.support.bot import World, running_bot, serving, variables
from tests.support.core import core_at
from tests.support.sandbox_server import ADMIN, running_sandbox

HOOK = "http://127.0.0.1:9/hook"


async def set_webhook(world: World) -> None:
    """Set one, as another program with the same token does, and wait until it is gone again."""
    status, _ = await world.sandbox.telegram("setWebhook", url=HOOK)
    assert status == 200
    async with asyncio.timeout(15):
        while (await world.sandbox.telegram("getWebhookInfo"))[1]["result"]["url"]:  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.05)


async def told(world: World, words: str) -> None:
    """Wait until the admin was told so by the bot."""
    async with asyncio.timeout(15):
        while not any(words in one["text"] for one in await world.sandbox.messages(ADMIN)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_webhook_set_while_the_bot_polls_is_removed_and_the_team_hears_whose_it_was(
    redis_url: str,
) -> None:
    async with running_bot(redis_url) as world:
        await set_webhook(world)
        await told(
            world, "⚠ A webhook was set for this bot (127.0.0.1), so your messages and taps went there."
        )
        await world.ask("/status", "Status")
        await set_webhook(world)
        await told(world, "⚠ The webhook of 127.0.0.1 is back, and I removed it again.")
        await world.ask("/status", "Status")


async def test_a_webhook_that_is_there_at_the_start_is_told_too(redis_url: str) -> None:
    async with running_sandbox() as sandbox, core_at(redis_url) as core:
        await sandbox.telegram("setWebhook", url=HOOK)
        async with serving(load_settings(variables(sandbox, redis_url), env_file=None)):
            await told(World(sandbox, core), "⚠ A webhook was set for this bot (127.0.0.1)")


async def test_another_copy_with_the_same_token_is_told_and_so_is_its_end(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling_watch, "COPY_TOLD_AFTER_SECONDS", 0.0)
    monkeypatch.setattr(polling_watch, "COPY_GONE_SECONDS", 1.0)
    monkeypatch.setattr(polling_watch.PollingWatch, "every", 0.5)
    async with running_bot(redis_url) as world:
        await world.ask("/status", "Status")
        await world.sandbox.telegram("getUpdates", timeout=0)
        await told(world, "⚠ Another copy of this bot is running with the same token")
        await told(world, "✔ The other copy of this bot is gone.")


async def test_the_launcher_learns_where_the_bot_is_found(redis_url: str) -> None:
    assert bot_username(redis_url) == ""
    async with running_bot(redis_url) as world:
        await world.ask("/status", "Status")
        assert bot_username(redis_url) == "sandbox_bot"
