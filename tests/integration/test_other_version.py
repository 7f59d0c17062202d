"""Two versions of the code on one store: today's, and a copy of it that knows something new."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import pytest

from core.app import Core, open_core
from core.domain.broadcast import Broadcast
from core.domain.delivery import DeliveryState
from core.domain.messengers.traits import Messenger
from core.settings import load_settings
from tests.support.bot import World, serving, variables
from tests.support.core import everywhere, people, reloaded, started, store_at, until
from tests.support.crowds import crowd
from tests.support.launcher import free_port
from tests.support.processes import SCHEDULER, WORKER, alive, running
from tests.support.sandbox_server import running_sandbox
from tests.support.versions import version

TELEGRAM: Final = Messenger.TELEGRAM
TOMORROW: Final = {
    "core/domain/version.py": ('VERSION: Final = "', 'VERSION: Final = "9'),
    "core/domain/messengers/outcome.py": (' = "blocked"', ' = "blocked_tomorrow"'),
}
ANOTHER_LAYOUT: Final = {"core/store/schema.py": ('SCHEMA_VERSION = "1"', 'SCHEMA_VERSION = "2"')}
ALL: Final = {"worker": WORKER, "scheduler": SCHEDULER, "bot": ("-m", "bot"), "api": ("-m", "api")}


async def test_a_step_back_reads_what_only_the_newer_version_knows(redis_url: str, tmp_path: Path) -> None:
    """Another reason, counters of another messenger, news of another kind: bot and worker of today live with them."""
    async with running_sandbox() as sandbox, store_at(redis_url) as store:
        blocked, sound = await sandbox.crowd("telegram", 1, 5000), await sandbox.crowd("telegram", 3, 6000)
        await sandbox.act("telegram", str(blocked["first"]), "block")
        settings = variables(sandbox, redis_url)
        loaded = load_settings(settings, env_file=None)
        async with open_core(loaded) as core:
            await core.ledger.remember_sent()
            async with running(WORKER, settings, root=version(tmp_path, TOMORROW)):
                refused = await started(core, people(TELEGRAM, 1, int(blocked["first"]) - 1000))
                await until(lambda: _ended(core, refused), 30)
            assert await store.hget(f"ms:b:{refused.id}", "why:t:blocked_tomorrow") == "1"
            await store.hset(f"ms:b:{refused.id}", mapping={"n:z:s": "1", "hold:z": "1|x|y", "out:z": "1"})
            await store.hset("ms:standing:t", "weather sunny", "1|rain")
            await store.hset("ms:staff", "4711", "oracle")
            async with running(WORKER, settings), serving(loaded):
                world = World(sandbox, core)
                await world.ask("/finished", refused.id)
                card = await world.ask(f"/finished {refused.id}", "this version doesn't know")
                assert "0 of 1" in card["text"]
                await world.ask("/status", "Telegram")
                after = await started(core, people(TELEGRAM, 3, int(sound["first"]) - 1000))
                await until(lambda: _ended(core, after), 30)
            assert (await reloaded(core, after)).progress.reached == 3


async def test_a_rolling_upgrade_sends_to_everybody_once(redis_url: str, tmp_path: Path) -> None:
    async with running_sandbox() as sandbox:
        for messenger in (TELEGRAM, Messenger.VIBER, Messenger.WHATSAPP):
            await sandbox.crowd(messenger, 100)
        settings = variables(sandbox, redis_url)
        newer = version(tmp_path, TOMORROW)
        async with open_core(load_settings(settings, env_file=None)) as core, running(WORKER, settings):
            before = await started(core, everywhere(100), text="Before")
            async with running(WORKER, settings, root=newer, until_says="is ready") as upgraded:
                assert upgraded.runs
                during = await started(core, everywhere(100), text="During")
                await until(lambda: _ended(core, before), 60)
                await until(lambda: _ended(core, during), 60)
            for one in (before, during):
                assert (await reloaded(core, one)).progress.of(DeliveryState.UNKNOWN) == 0
        assert (await sandbox.books())["duplicates"] == []


async def test_running_programs_stop_once_a_newer_version_has_changed_the_layout(
    redis_url: str, tmp_path: Path
) -> None:
    """What is in flight keeps its outcome, and the newer version sends the rest."""
    async with running_sandbox() as sandbox, store_at(redis_url) as store, AsyncExitStack() as stack:
        recipients = await crowd(sandbox, TELEGRAM, 30)
        await sandbox.fault("telegram", "delay", ms=7000, method="sendMessage")
        settings = {
            **variables(sandbox, redis_url, API_PASSWORD="sandbox", API_PORT=str(free_port())),
            "WORKER_CONCURRENCY": "10",
        }
        core = await stack.enter_async_context(open_core(load_settings(settings, env_file=None)))
        programs = {
            name: await stack.enter_async_context(running(program, settings)) for name, program in ALL.items()
        }
        for name in programs:
            await until(lambda name=name: alive(store, name), 30)  # type: ignore[misc]
        broadcast = await started(core, recipients)
        await until(lambda: _in_flight(core, broadcast), 30)
        await store.set("ms:schema", "2")
        for name, program in programs.items():
            assert await program.ended() == 2, name
            assert "The store holds data of layout 2; this program reads layout 1." in program.said
        progress = (await reloaded(core, broadcast)).progress
        assert progress.of(DeliveryState.SENT) >= 10
        assert progress.of(DeliveryState.SENT) + progress.of(DeliveryState.QUEUED) == 30
        await sandbox.clear_faults()
        async with running(WORKER, settings, root=version(tmp_path, ANOTHER_LAYOUT)):
            await until(lambda: _ended(core, broadcast), 30)
        assert (await sandbox.books())["duplicates"] == []


async def _in_flight(core: Core, broadcast: Broadcast) -> bool:
    return (await reloaded(core, broadcast)).progress.of(DeliveryState.SENDING) == 10


@pytest.mark.parametrize("program", [WORKER, SCHEDULER, ("-m", "bot"), ("-m", "api")], ids=str)
async def test_every_program_refuses_a_store_of_another_layout(
    redis_url: str, program: tuple[str, ...]
) -> None:
    async with running_sandbox() as sandbox, store_at(redis_url) as store:
        await store.set("ms:schema", "2")
        settings = {**variables(sandbox, redis_url), "API_PASSWORD": "sandbox"}
        async with running(program, settings) as refusing:
            assert await refusing.ended() == 2
            assert "The store holds data of layout 2; this program reads layout 1." in refusing.said


async def _ended(core: Core, broadcast: Broadcast) -> bool:
    return (await reloaded(core, broadcast)).progress.open == 0
