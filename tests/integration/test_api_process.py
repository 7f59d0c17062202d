"""The programs `python -m api` and `python -m sandbox.seed`, as a supervisor starts them."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from core.app import open_core
from core.domain.messengers.traits import Messenger
from core.settings import load_settings
from core.store import embedded
from tests.support.api_server import DEADLINE, KNOWN, VARIABLES

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def program(*argv: str, **variables: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process of ours, killed at the end if it is still there."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *argv, cwd=ROOT, env={**os.environ, **variables}, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ended(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    """Exit code and what was written to standard error."""
    async with asyncio.timeout(DEADLINE * 2):
        _, errors = await process.communicate()
    return process.returncode, errors.decode()


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return str(listener.getsockname()[1])


async def answered(url: str) -> int:
    """The status of `url` once somebody answers there."""
    async with aiohttp.ClientSession() as http, asyncio.timeout(DEADLINE * 2):
        while True:
            try:
                async with http.get(url, headers={"Authorization": KNOWN}) as response:
                    return response.status
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
async def test_the_api_serves_until_it_is_told_to_stop(redis_url: str, stop: signal.Signals) -> None:
    port = free_port()
    async with program("api", **VARIABLES, REDIS_URL=redis_url, API_PORT=port) as process:
        assert await answered(f"http://127.0.0.1:{port}/get_scheduled") == 200
        async with open_core(load_settings({"REDIS_URL": redis_url}, env_file=None)) as core:
            assert (await core.health.alive())["api"] == 1
        process.send_signal(stop)
        code, errors = await ended(process)
    assert code == 0
    assert "Traceback" not in errors
    assert "päss:word" not in errors


async def test_without_a_password_the_api_stays_off_and_says_what_to_set(redis_url: str) -> None:
    async with program("api", **{**VARIABLES, "API_PASSWORD": ""}, REDIS_URL=redis_url) as process:
        code, errors = await ended(process)
    assert (code, errors) == (
        2,
        "API_PASSWORD: is not set, so the API is off. Set it to switch the API on.\n",
    )


async def test_the_api_waits_for_the_store_and_serves_once_it_is_there(tmp_path: Path) -> None:
    store, port = embedded.prepare(tmp_path), free_port()
    async with program("api", **VARIABLES, REDIS_URL=store.url, API_PORT=port) as process:
        await first_words(process)
        with embedded.running(tmp_path):
            assert await answered(f"http://127.0.0.1:{port}/get_scheduled") == 200
            process.terminate()
            assert (await ended(process))[0] == 0


async def test_the_api_can_be_stopped_while_it_waits_for_the_store(tmp_path: Path) -> None:
    async with program("api", **VARIABLES, REDIS_URL=embedded.prepare(tmp_path).url) as process:
        await first_words(process)
        process.terminate()
        code, errors = await ended(process)
    assert code == 0
    assert "Traceback" not in errors


async def first_words(process: asyncio.subprocess.Process) -> None:
    """Returns once the program has complained for the first time, and is still there."""
    assert process.stderr is not None
    async with asyncio.timeout(DEADLINE * 2):
        assert b"store" in await process.stderr.readline()
    assert process.returncode is None


async def test_seeding_the_sandbox_again_brings_back_contacts_and_no_list(redis_url: str) -> None:
    async with open_core(load_settings({"REDIS_URL": redis_url}, env_file=None)) as core:
        await _seed(redis_url)
        friends = await core.audiences.named("friends")
        assert (friends.name, friends.total) == ("Friends", 3)
        assert await core.contacts.count_subscribers() == {Messenger.TELEGRAM: 2}
        await core.audiences.delete(friends.id, expected=friends.total)
        await _seed(redis_url)
        assert (await core.audiences.page()).total == 0
        contacts = await core.contacts.get_many(["1", "2", "3"])
    assert {contact.name: set(contact.addresses) for contact in contacts.values()} == {
        "Alice": {Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER},
        "Bob": {Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER},
        "Carol": {Messenger.VIBER},
    }


async def _seed(redis_url: str) -> None:
    async with program("sandbox.seed", REDIS_URL=redis_url) as process:
        assert await ended(process) == (0, "")
