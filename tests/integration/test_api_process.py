"""The programs `python -m api` and `python -m sandbox.seed`, as a supervisor starts them."""

from __future__ import annotations

import asyncio
import signal
import socket
from pathlib import Path

import aiohttp
import pytest

from core.app import open_core
from core.domain.messengers.traits import Messenger
from core.settings import load_settings
from core.store import embedded
from tests.support.api_server import DEADLINE, KNOWN, VARIABLES
from tests.support.processes import Program, running

API = ("-m", "api")


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
    async with running(API, {**VARIABLES, "REDIS_URL": redis_url, "API_PORT": port}) as program:
        assert await answered(f"http://127.0.0.1:{port}/get_scheduled") == 200
        async with open_core(load_settings({"REDIS_URL": redis_url}, env_file=None)) as core:
            assert (await core.health.alive())["api"] == 1
        program.signal(stop)
        assert await program.ended() == 0
    assert "Traceback" not in program.said
    assert "päss:word" not in program.said


async def test_without_a_password_the_api_stays_off_and_says_what_to_set(redis_url: str) -> None:
    async with running(API, {**VARIABLES, "API_PASSWORD": "", "REDIS_URL": redis_url}) as program:
        assert await program.ended() == 2
    assert program.said == "API_PASSWORD: is not set, so the API is off. Set it to switch the API on.\n"


async def test_the_api_waits_for_the_store_and_serves_once_it_is_there(tmp_path: Path) -> None:
    store, port = embedded.prepare(tmp_path), free_port()
    async with running(API, {**VARIABLES, "REDIS_URL": store.url, "API_PORT": port}) as program:
        await first_words(program)
        with embedded.running(tmp_path):
            assert await answered(f"http://127.0.0.1:{port}/get_scheduled") == 200
            program.signal(signal.SIGTERM)
            assert await program.ended() == 0


async def test_the_api_can_be_stopped_while_it_waits_for_the_store(tmp_path: Path) -> None:
    async with running(API, {**VARIABLES, "REDIS_URL": embedded.prepare(tmp_path).url}) as program:
        await first_words(program)
        program.signal(signal.SIGTERM)
        assert await program.ended() == 0
    assert "Traceback" not in program.said


async def first_words(program: Program) -> None:
    """Returns once the program has complained for the first time, and is still there."""
    await program.says("\n")
    assert "store" in program.said.splitlines()[0]
    assert program.runs


async def test_seeding_the_sandbox_again_brings_back_contacts_and_no_list(redis_url: str) -> None:
    async with open_core(load_settings({"REDIS_URL": redis_url}, env_file=None)) as core:
        await _seed(redis_url)
        friends = await core.audiences.named("friends")
        assert (friends.name, friends.total) == ("Friends", 3)
        assert await core.subscribers.count() == {Messenger.TELEGRAM: 2}
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
    async with running(("-m", "sandbox.seed"), {"REDIS_URL": redis_url}) as program:
        assert await program.ended() == 0
    assert program.said == ""
