"""A store belongs to the accounts that first sent from it: another one, and the sandbox, send nothing of its orders."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from core.domain.delivery import DeliveryState
from core.domain.messengers.traits import Messenger
from tests.support.core import accepted, core_at, people, reloaded, started, until
from tests.support.processes import WORKER, Program, running
from tests.support.sandbox_server import Sandbox
from workers.messengers import build_messengers
from workers.messengers.transport import Transport, open_session
from workers.preflight import preflight

TELEGRAM, WHATSAPP = Messenger.TELEGRAM, Messenger.WHATSAPP
ACCOUNTS = ("-m", "workers.accounts")
OTHER_BOT = {"TELEGRAM_BOT_TOKEN": "777000777:token-of-another-bot-that-is-long-enough"}


async def _run(arguments: tuple[str, ...], variables: dict[str, str]) -> tuple[int, str]:
    program = Program(arguments, variables)
    await program.start()
    return await program.ended(), program.said


async def test_orders_of_one_account_are_not_sent_by_another(sandbox: Sandbox, redis_url: str) -> None:
    variables = {**sandbox.environment(), "REDIS_URL": redis_url}
    async with core_at(redis_url) as core:
        async with running(WORKER, variables, until_says="Telegram is ready to send"):
            await until(core.accounts.known)
        telegram = await started(core, people(TELEGRAM, 3, 1))
        whatsapp = await started(core, people(WHATSAPP, 1))

        async def whatsapp_is_sent() -> bool:
            return (await reloaded(core, whatsapp)).progress.open == 0

        async def telegram_is_sent() -> bool:
            return (await reloaded(core, telegram)).progress.open == 0

        async with running(WORKER, variables | OTHER_BOT, until_says="is ready") as worker:
            await until(whatsapp_is_sent)
            await worker.says(
                "This storage belongs to the Telegram account 100000001, but the settings name 777000777"
            )
        assert (await reloaded(core, telegram)).progress.counts[TELEGRAM] == {DeliveryState.QUEUED: 3}
        assert "python -m workers.accounts move telegram" in (await core.health.problems())[TELEGRAM]

        code, said = await _run(("-m", "bot"), variables | OTHER_BOT)
        assert code == 2
        assert "TELEGRAM_BOT_TOKEN: This storage belongs to the Telegram account 100000001" in said

        code, said = await _run((*ACCOUNTS, "move", "telegram"), variables | OTHER_BOT)
        assert code == 0
        assert (await core.accounts.known())[TELEGRAM] == "777000777"
        assert (await _run((*ACCOUNTS, "move", "telegram"), variables))[0] == 0
        async with running(WORKER, variables):
            await until(telegram_is_sent)
        code, said = await _run(ACCOUNTS, variables)
        assert "Telegram  store: 100000001" in said


async def test_a_new_token_of_vibers_bot_is_told_as_that(redis_url: str) -> None:
    async with core_at(redis_url, VIBER_AUTH_TOKEN="the-first-token") as core:
        await core.accounts.remember(Messenger.VIBER)
        assert await core.accounts.refused() == {}
    async with core_at(redis_url, VIBER_AUTH_TOKEN="the-second-token") as core:
        told = (await core.accounts.refused())[Messenger.VIBER]
        assert "If this is a new token of the same bot, run: python -m workers.accounts move viber" in told
        await core.accounts.move(Messenger.VIBER)
        assert await core.accounts.refused() == {}


async def test_an_account_that_a_full_store_did_not_keep_is_kept_once_there_is_room(
    sandbox: Sandbox,
    redis_url: str,
    store: Redis,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("workers.preflight._SOONEST_SECONDS", 0.05)

    async def is_told() -> bool:
        return "the account of Telegram could not be kept" in caplog.text

    room = (await store.info("memory"))["maxmemory"]
    async with core_at(redis_url, **sandbox.environment()) as core, open_session() as session:
        port = build_messengers(core.settings, Transport(session))[TELEGRAM]
        await store.config_set("maxmemory", 1)
        checking = asyncio.create_task(preflight({TELEGRAM: port}, {}, core, lambda: None))
        try:
            await until(is_told)
        finally:
            await store.config_set("maxmemory", room)
        await until(core.accounts.known)
        checking.cancel()
        await asyncio.wait([checking])


async def test_a_new_token_of_the_same_bot_is_the_same_account(redis_url: str) -> None:
    async with core_at(redis_url, TELEGRAM_BOT_TOKEN="123456789:the-first-token-of-this-bot-xxxxxxx") as core:
        await core.accounts.remember(TELEGRAM)
    async with core_at(redis_url, TELEGRAM_BOT_TOKEN="123456789:the-next-token-of-this-bot-yyyyyyyy") as core:
        assert await core.accounts.refused() == {}


@pytest.mark.parametrize("before", ["empty", "its own", "its own, from before there was a mark"])
async def test_the_sandbox_takes_an_empty_store_and_its_own(
    sandbox: Sandbox, redis_url: str, store: Redis, before: str
) -> None:
    variables = {**sandbox.environment(), "REDIS_URL": redis_url}
    if before != "empty":
        assert (await _run(("-m", "sandbox.seed"), variables))[0] == 0
        async with core_at(redis_url) as core:
            await accepted(core, people(TELEGRAM, 1))
    if before.endswith("mark"):
        await store.delete("ms:accounts")
    assert await _run(("-m", "sandbox.seed"), variables) == (0, "")


async def test_the_sandbox_refuses_a_store_with_real_orders(sandbox: Sandbox, redis_url: str) -> None:
    async with core_at(redis_url) as core:
        await accepted(core, people(TELEGRAM, 1))
        code, said = await _run(("-m", "sandbox.seed"), {**sandbox.environment(), "REDIS_URL": redis_url})
        assert code == 2
        assert "REDIS_URL: this store holds data that are not the sandbox's" in said
        assert await core.contacts.get("1") is None
