"""Obstacles to the bot's polling, their removal, and what the team hears of them."""

from __future__ import annotations

import asyncio

import pytest

from bot.tasks import polling_watch
from core.health import bot_username
from core.settings import load_settings
from tests.support.bot import World, running_bot, serving, variables
from tests.support.core import core_at
from tests.support.processes import running
from tests.support.sandbox_server import ADMIN, Sandbox, running_sandbox

HOOK = "http://127.0.0.1:9/hook"


async def set_webhook(sandbox: Sandbox) -> None:
    """Set one, as another program with the same token does."""
    status, _ = await sandbox.telegram("setWebhook", url=HOOK)
    assert status == 200


async def webhook(sandbox: Sandbox) -> str:
    return str((await sandbox.telegram("getWebhookInfo"))[1]["result"]["url"])


async def command(sandbox: Sandbox, *arguments: str) -> tuple[int, str]:
    """`python -m workers.webhooks telegram ...`: exit code and what it said."""
    program = ("-m", "workers.webhooks", "telegram", *arguments)
    async with running(program, sandbox.environment()) as started:
        return await started.ended(), started.said


async def told(world: World, words: str) -> None:
    """Wait until the admin was told so by the bot."""
    async with asyncio.timeout(15):
        while not any(words in one["text"] for one in await world.sandbox.messages(ADMIN)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_webhook_of_another_program_is_left_alone_until_the_command_removes_it(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling_watch.PollingWatch, "every", 0.5)
    async with running_bot(redis_url) as world:
        await world.ask("/status", "Status")
        await set_webhook(world.sandbox)
        await told(world, "⚠ I can't hear you: another program has set a webhook for this bot")
        await told(world, "your messages and taps go to 127.0.0.1. Everything planned still goes out.")
        await told(world, "The person who set me up can fix it: stop that program")
        assert await command(world.sandbox) == (
            1,
            "Telegram sends this bot's messages to 127.0.0.1. If it is to be this program's, run: "
            "python -m workers.webhooks telegram remove\n",
        )
        assert await webhook(world.sandbox) == HOOK
        assert await command(world.sandbox, "remove") == (
            0,
            "No webhook is set: the bot gets its messages here.\n",
        )
        await told(world, "✔ I hear you again: the other program's webhook is gone.")
        await world.ask("/status", "Status")
        assert await command(world.sandbox, "https://shop.example.com") == (
            2,
            'Telegram needs no address. Leave it out to check, or write "remove".\n',
        )


async def test_a_webhook_that_is_there_at_the_start_is_told_and_polling_waits_for_its_end(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling_watch.PollingWatch, "every", 0.5)
    async with running_sandbox() as sandbox, core_at(redis_url) as core:
        await set_webhook(sandbox)
        async with serving(load_settings(variables(sandbox, redis_url), env_file=None)):
            world = World(sandbox, core)
            await told(world, "your messages and taps go to 127.0.0.1.")
            assert await webhook(sandbox) == HOOK
            await sandbox.telegram("deleteWebhook")
            await told(world, "✔ I hear you again: the other program's webhook is gone.")
            await world.ask("/status", "Status")
            texts = [one["text"] for one in await sandbox.messages(ADMIN)]
            assert len([one for one in texts if "webhook" in one]) == 2


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
