"""The rights that docs/scaling.md names are enough for a user of the store: all programs work with no others."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import pytest

from core.app import open_core
from core.settings import load_settings
from tests.support.bot import EVERYBODY, World, variables
from tests.support.core import store_at
from tests.support.launcher import free_port
from tests.support.processes import ROOT, SCHEDULER, WORKER, running
from tests.support.sandbox_server import Sandbox, running_sandbox

USERS: Final = re.findall(
    r"^ACL SETUSER (\S+) on >password (.+)$", (ROOT / "docs/scaling.md").read_text(), re.MULTILINE
)
PROGRAMS: Final = {WORKER: "is ready", SCHEDULER: "", ("-m", "api"): "", ("-m", "bot"): "polling as"}
DONE_WITHOUT: Final = {"client|list", "config|get"}
"""RQ asks for the addresses of its workers, and we for the store's settings; both take no for an answer."""


async def _arrived(sandbox: Sandbox, text: str) -> bool:
    return bool(await sandbox.delivered(text=text))


@pytest.mark.parametrize(("prefix", "user", "rights"), [("shop:", *USERS[0]), ("", *USERS[1])])
async def test_the_rights_of_the_documentation_are_enough(
    redis_url: str, prefix: str, user: str, rights: str
) -> None:
    async with running_sandbox() as sandbox, store_at(redis_url) as store, AsyncExitStack() as stack:
        await store.execute_command("ACL", "SETUSER", user, "reset", "on", ">password", *rights.split())  # type: ignore[no-untyped-call]
        stack.push_async_callback(store.acl_deluser, user)
        await store.acl_log_reset()
        parts = urlsplit(redis_url)
        url = parts._replace(netloc=f"{user}:password@{parts.hostname}:{parts.port}").geturl()
        settings = variables(
            sandbox, url, REDIS_PREFIX=prefix, API_PASSWORD="sandbox", API_PORT=str(free_port())
        )
        for program, words in PROGRAMS.items():
            begun = await stack.enter_async_context(running(program, settings))
            await begun.says(words, 90)
        core = await stack.enter_async_context(open_core(load_settings(settings, env_file=None)))
        await core.ledger.remember_sent()
        world = World(sandbox, core)
        card = await world.ask(f"/send {EVERYBODY} | Hello", "Preview ↑")
        await world.tap(card, "✅")
        await world.turned(card, "Sent to 3 people")
        await world.scheduled("Later", datetime.now(UTC) + timedelta(seconds=1))
        await sandbox.eventually(lambda: _arrived(sandbox, "Later"), 60)
        status = await world.ask("/status", "Show them Details.")
        await world.tap_into(status, "🔧 Details", "I can't check")
        await world.ask("/finished", "Hello")
        assert set(await core.health.alive()) == {"worker", "scheduler", "bot", "api"}
        assert {entry["object"] for entry in await store.acl_log()} <= DONE_WITHOUT
