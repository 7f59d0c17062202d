"""An older copy of the store is put back under running programs: nobody gets a message again unasked."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import pytest

from core.app import Core
from core.domain.messengers.traits import Messenger
from core.store import embedded
from tests.chaos.harness import BOT, STORE, insist
from tests.support.core import core_at, started, until
from tests.support.crowds import crowd, received_counts
from tests.support.processes import SCHEDULER, WORKER, Program, running
from tests.support.sandbox_server import ADMIN, Sandbox, sandbox_process

RATE: Final = 10
GAP_SECONDS: Final = 60
"""The smallest LATE_AFTER."""
RECIPIENTS: Final = RATE * (GAP_SECONDS + 40)
AT_THE_COPY: Final = 50


def landed(sandbox: Sandbox, count: int) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return (await received_counts(sandbox, "Hello")).total() >= count

    return check


async def stopped(core: Core) -> bool:
    return await insist(core.panic.current) is not None  # the store may be starting


@pytest.mark.chaos_long
@pytest.mark.parametrize(
    ("age", "late_after"), [(GAP_SECONDS + 15, GAP_SECONDS), (5, 900)], ids=["old", "seconds old"]
)
async def test_nothing_leaves_an_older_copy_before_an_admin_has_decided(
    tmp_path: Path, age: int, late_after: int
) -> None:
    folder, copy = tmp_path / "store", tmp_path / "copy"
    url = embedded.prepare(folder).url
    async with sandbox_process(tmp_path / "sandbox.json") as sandbox, AsyncExitStack() as stack:
        settings = {
            **sandbox.environment(),
            "REDIS_URL": url,
            "TELEGRAM_RATE": str(RATE),
            "LATE_AFTER": str(late_after),
        }
        store = Program(STORE, {"DATA_DIR": str(folder)})
        await store.start()
        stack.push_async_callback(store.kill)
        recipients = await crowd(sandbox, Messenger.TELEGRAM, RECIPIENTS)
        core = await stack.enter_async_context(core_at(url))
        workers = [
            await stack.enter_async_context(running(WORKER, settings, until_says="is ready"))
            for _ in range(2)
        ]
        await stack.enter_async_context(running(SCHEDULER, settings))
        await stack.enter_async_context(running(BOT, settings, until_says="polling as"))
        await sandbox.act("telegram", str(ADMIN), "start")
        await started(core, recipients)
        await until(landed(sandbox, AT_THE_COPY), 60)
        shutil.copytree(folder, copy)
        await until(landed(sandbox, AT_THE_COPY + RATE * age), 120)
        await store.kill()
        shutil.rmtree(folder)
        copy.rename(folder)
        await store.start()
        await until(lambda: stopped(core), 60)
        for worker in workers:
            await worker.kill()
            await worker.start()
            await worker.says("is ready")
        await sandbox.bot_says("ome people may already have their message", ADMIN, 30)
        received = await received_counts(sandbox, "Hello")
        assert {label: count for label, count in received.items() if count > 1} == {}
        stop = await core.panic.current()
        assert stop is not None
        await core.panic.release(stop)
        await until(landed(sandbox, received.total() + RATE), 60)
