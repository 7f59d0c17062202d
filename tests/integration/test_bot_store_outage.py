"""The bot while the store is away or full, or Telegram drops answers or refuses edits: it says so, and continues."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.tasks import store_watch
from core.settings import load_settings
from core.store import embedded
from tests.support.bot import Json, running_bot, serving, variables
from tests.support.core import no_replicas, store_at, until
from tests.support.lossy_proxy import lossy_proxy
from tests.support.sandbox_server import ADMIN, running_sandbox


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_watch, "EVERY_SECONDS", 0.05)


def a_minute_later_each_time() -> Callable[[], float]:
    return itertools.count(step=60.0).__next__


class Clock:
    """Stands still until it is set. The bot reads it once at each look at the store."""

    def __init__(self) -> None:
        self.now = 0.0
        self._reads = 0

    def __call__(self) -> float:
        self._reads += 1
        return self.now

    async def looked_at(self) -> None:
        """Wait until a look that begins now has ended."""
        reads = self._reads

        async def looked() -> bool:
            return self._reads >= reads + 2

        await until(looked)


async def test_while_the_store_is_away_the_bot_says_so_and_then_works_again(redis_url: str) -> None:
    async with lossy_proxy(redis_url) as proxy, running_bot(proxy.url) as world:
        await world.ask("/help", "/send WHO | WHEN | TEXT")
        proxy.lose_requests(1_000_000, marker=b"")
        await world.ask("/scheduled", "The storage isn't answering right now. Nothing was lost.")
        proxy.lose_requests(0)
        await world.ask("/scheduled", "Nothing scheduled.")


async def test_an_outage_is_told_to_the_people_in_admin_ids_and_so_is_its_end(redis_url: str) -> None:
    """To each once, in their language as last known; also when the store is away at the bot's own start."""
    async with lossy_proxy(redis_url) as proxy, running_sandbox() as sandbox, store_at(redis_url) as store:
        settings = load_settings(variables(sandbox, proxy.url), env_file=None)
        await store.hset("ms:languages", str(ADMIN), "ru")
        await sandbox.call("POST", "language", {"person": ADMIN, "language": "ru"})
        async with serving(settings, clock=a_minute_later_each_time()):
            await sandbox.say("/help")
            await sandbox.bot_says("/send")
            proxy.lose_requests(1_000_000, marker=b"")
            await sandbox.bot_says("⚠ Хранилище не отвечает")
            proxy.lose_requests(0)
            await sandbox.bot_says("✔ Хранилище снова работает.")
        proxy.lose_requests(1_000_000, marker=b"")
        async with serving(settings, clock=a_minute_later_each_time()):
            await sandbox.bot_says("⚠ The storage doesn't answer")
            proxy.lose_requests(0)
            await sandbox.until(lambda messages: len(_alarms(messages)) == 4)
        assert [text[0] for text in _alarms(await sandbox.messages())] == ["⚠", "✔", "⚠", "✔"]


async def test_an_outage_of_less_than_a_minute_is_not_told(redis_url: str) -> None:
    """Nor do two of them add up."""
    clock = Clock()
    async with running_sandbox() as sandbox, store_at(redis_url) as store:
        settings = load_settings(variables(sandbox, redis_url), env_file=None)
        async with serving(settings, clock=clock):
            await sandbox.say("/help")
            await sandbox.bot_says("/send")
            for _ in range(2):
                async with no_replicas(store):
                    await clock.looked_at()
                    clock.now += 59
                    await clock.looked_at()
                await clock.looked_at()
            assert _alarms(await sandbox.messages()) == []
            async with no_replicas(store):
                await clock.looked_at()
                clock.now += 60
                await sandbox.bot_says("⚠ The storage doesn't accept changes")


def _alarms(messages: list[Json]) -> list[str]:
    return [text for m in messages if (text := str(m.get("text"))).startswith(("⚠", "✔"))]


async def test_a_full_disk_of_the_store_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the chat, and to the admins unasked. The store ends when it cannot write."""
    async with running_sandbox() as sandbox:
        with ExitStack() as store:
            url = store.enter_context(embedded.running(tmp_path))
            settings = load_settings({**variables(sandbox, url), "DATA_DIR": str(tmp_path)}, env_file=None)
            async with serving(settings, clock=a_minute_later_each_time()):
                await sandbox.say("/help")
                await sandbox.bot_says("/send")
                monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=0))
                store.close()
                await sandbox.say("/scheduled")
                await sandbox.bot_says("The disk of DATA_DIR is full. Free some space")
                await sandbox.bot_says("⚠ The disk of DATA_DIR is full.")


async def test_a_bot_that_waits_for_the_store_obeys_a_stop(redis_url: str) -> None:
    async with lossy_proxy(redis_url) as proxy, running_sandbox() as sandbox:
        proxy.lose_requests(1_000_000, marker=b"")
        async with serving(load_settings(variables(sandbox, proxy.url), env_file=None)):
            assert proxy.requests


async def test_while_the_store_is_full_the_bot_says_what_helps(redis_url: str) -> None:
    async with running_bot(redis_url) as world, store_at(redis_url) as store:
        await world.ask("/help", "/send WHO | WHEN | TEXT")
        room = int((await store.info("memory"))["maxmemory"])
        await store.config_set("maxmemory", 1)
        try:
            await world.ask("/send tg:1001 | Hello", "The storage is full, so nothing was changed.")
        finally:
            await store.config_set("maxmemory", room)
        await world.ask("/send tg:1001 | Hello", "Preview ↑")


async def test_an_answer_of_telegram_that_got_lost_is_no_incident(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/help", "/send WHO | WHEN | TEXT")
        await world.sandbox.fault("telegram", "drop_after", method="sendMessage", times=1)
        await world.ask("/scheduled", "Telegram didn't answer in time. Nothing was lost.")


async def test_a_screen_that_may_not_be_redrawn_for_a_while_goes_on_waiting_for_its_words(
    redis_url: str,
) -> None:
    """Telegram refuses every edit: the tap says how long, sends nothing in its place, and is tapped again later."""
    async with running_bot(redis_url) as world:
        await world.ask("/send", "What would you like to say?")
        card = await world.ask("Sale", "Who should get it?")
        await world.sandbox.fault("telegram", "rate_limit", method="editMessageText", retry_after=30)
        answer = await world.tap(card, "🔔")
        assert (answer["alert"], "Try again in 30 seconds." in answer["text"]) == (True, True)
        assert (await world.sandbox.messages())[-1] == card
        card = await world.ask("tg:1001", "To 1: Telegram 1")
        await world.sandbox.clear_faults()
        await world.tap_into(card, "⌨", "Type or paste people here")
