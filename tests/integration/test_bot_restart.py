"""The bot is killed at every step of an order, started again, and the order continues."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from core.app import open_core
from core.settings import load_settings
from tests.support.bot import EVERYBODY, World, labels, process, running_bot, variables
from tests.support.processes import Program
from tests.support.sandbox_server import running_sandbox


class Killable:
    """A bot of its own that can be killed and started again."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._stack = AsyncExitStack()
        self._bot: Program | None = None

    async def start(self) -> None:
        self._bot = await self._stack.enter_async_context(process("bot", self._environment))

    async def kill(self) -> None:
        """SIGKILL, then a new one."""
        assert self._bot is not None
        await self._bot.kill()
        await self.start()

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self._bot is not None
        self._bot.signal(signal.SIGTERM)
        return await self._bot.ended()

    async def close(self) -> None:
        await self._stack.aclose()


@asynccontextmanager
async def product(redis_url: str, tmp_path: Path) -> AsyncIterator[tuple[World, Killable]]:
    """Sandbox, worker and a bot that can be killed, on one store."""
    async with running_sandbox(tmp_path / "sandbox.json") as sandbox:
        environment = variables(sandbox, redis_url)
        settings = load_settings(environment, env_file=None)
        async with open_core(settings) as core, process("workers", environment):
            await core.ledger.remember_sent()
            bot = Killable(environment)
            await bot.start()
            try:
                yield World(sandbox, core), bot
            finally:
                await bot.close()


async def test_killed_between_any_two_steps_the_order_is_finished_and_sent_once(
    redis_url: str, tmp_path: Path
) -> None:
    async with product(redis_url, tmp_path) as (world, bot):
        await world.ask("/send", "What would you like to say?")
        await bot.kill()
        await world.ask("Hello", "Who should get it?")
        await bot.kill()
        card = await world.ask(EVERYBODY, "To 3: Telegram 1 · WhatsApp 1 · Viber 1")
        await bot.kill()
        preview = await world.tap_below(card, "✔ Done", "Preview ↑")
        await bot.kill()
        await world.tap(preview, "✅ Send now")
        await bot.kill()
        await world.turned(preview, "✔ Sent to 3 people")
        assert len(await world.sandbox.delivered(text="Hello", messenger="telegram", recipient="1001")) == 1
        assert (await world.sandbox.books())["duplicates"] == []
        results = [m for m in await world.sandbox.messages() if "Sent to 3 people" in m["text"]]
        assert len(results) == 1


async def test_messages_and_presses_from_while_the_bot_was_away_are_answered(
    redis_url: str, tmp_path: Path
) -> None:
    """It stops warmly on SIGTERM; what came meanwhile is handled at the next start."""
    async with product(redis_url, tmp_path) as (world, bot):
        card = await world.ask("/help", "/send WHO | WHEN | TEXT")
        assert await bot.stop() == 0
        said = await world.sandbox.say("/send tg:1001 | Hello")
        assert [m for m in await world.sandbox.messages() if m["message_id"] > said["message_id"]] == []
        await bot.start()
        preview = await world.below(card["message_id"], "Preview ↑")
        assert labels(preview)[0] == ["✅ Send now"]


async def test_a_wrong_token_or_none_is_said_and_ends_the_program(redis_url: str) -> None:
    async with running_sandbox() as sandbox:
        for token in ("", "100000001:revoked-token-for-tests-0123456789"):
            environment = variables(sandbox, redis_url, TELEGRAM_BOT_TOKEN=token)
            async with process("bot", environment) as bot:
                assert await bot.ended() == 2


async def test_a_refused_token_for_a_while_leaves_no_bot_deaf(redis_url: str) -> None:
    """Proxies and Telegram answer 401 or 404 now and then; the bot polls again."""
    async with running_bot(redis_url) as world:
        await world.ask("/help", "/send WHO | WHEN | TEXT")
        for status in (401, 404):
            await world.sandbox.fault("telegram", "error", method="getUpdates", status=status, times=1)
        await world.ask("/scheduled", "Nothing scheduled.")
        await world.ask("/finished", "Nothing")
