"""`python -m workers` as a process, sending to the sandbox: stopped, killed, slowed down, left without its store."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.broadcast import Broadcast
from core.domain.delivery import DeliveryState
from core.domain.messengers.traits import Messenger
from core.store import embedded
from tests.support.core import core_at, deliveries_of, reloaded, started, until
from tests.support.crowds import crowd, once_each, received_counts
from tests.support.processes import WORKER, running, worker
from tests.support.sandbox_server import Sandbox
from workers.preflight import preflight

TELEGRAM, WHATSAPP, VIBER = Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER
FAST = {"TELEGRAM_RATE": "1000", "WHATSAPP_RATE": "1000", "VIBER_RATE": "1000"}


@pytest.fixture
def variables(sandbox: Sandbox, redis_url: str) -> dict[str, str]:
    return {**sandbox.environment(), **FAST, "REDIS_URL": redis_url}


@pytest.fixture
async def core(redis_url: str) -> AsyncIterator[Core]:
    async with core_at(redis_url, **FAST) as core:
        yield core


async def ended(core: Core, broadcast: Broadcast, deadline: float = 30.0) -> Broadcast:
    async def has_ended() -> bool:
        return (await reloaded(core, broadcast)).status == "finished"

    await until(has_ended, deadline)
    return await reloaded(core, broadcast)


async def at_least(sandbox: Sandbox, count: int) -> None:
    async def landed_so_many() -> bool:
        return (await received_counts(sandbox)).total() >= count

    await until(landed_so_many)


async def test_what_is_wrong_with_an_account_is_said_at_the_start_and_stops_no_other(
    core: Core, sandbox: Sandbox, variables: dict[str, str]
) -> None:
    wrong = {
        "TELEGRAM_BOT_TOKEN": "100000001:a-revoked-token-of-tests",
        "WHATSAPP_TOKEN": "expired",
    }
    sentences = (
        "Telegram doesn't accept TELEGRAM_BOT_TOKEN",
        "WhatsApp doesn't accept WHATSAPP_TOKEN",
        "Viber is ready to send",
    )
    async with worker({**variables, **wrong}) as program:

        async def all_said() -> bool:
            return all(sentence in program.said for sentence in sentences)

        await until(all_said)
        broadcast = await started(core, await crowd(sandbox, VIBER, 5))
        assert (await ended(core, broadcast)).progress.reached == 5
    assert "a-revoked-token" not in program.said


async def test_a_messenger_that_is_set_up_by_half_is_said(redis_url: str) -> None:
    """In docker the bot does not get the token, and takes the messenger for set up."""
    async with core_at(redis_url, VIBER_SENDER_NAME="Shop", VIBER_AUTH_TOKEN="", WHATSAPP_TOKEN="") as core:
        await preflight({}, {}, core, lambda: None)
        assert (await core.health.problems())[VIBER] == (
            "Viber isn't set up. Set VIBER_AUTH_TOKEN in .env, then restart."
        )


async def test_a_worker_sends_on_all_messengers_and_records_the_ids(
    core: Core, sandbox: Sandbox, variables: dict[str, str]
) -> None:
    recipients = [one for messenger in Messenger for one in await crowd(sandbox, messenger, 40)]
    async with worker(variables):
        broadcast = await ended(core, await started(core, recipients, text="Hi, José 👋"))
    assert broadcast.progress.counts == {messenger: {DeliveryState.SENT: 40} for messenger in Messenger}
    assert await received_counts(sandbox, "Hi, José 👋") == once_each(recipients)
    ids = {message["message_id"] for message in await sandbox.delivered()}
    assert {delivery.message_id for delivery in await deliveries_of(core, broadcast)} == ids


async def test_sigterm_finishes_what_is_in_the_air_and_leaves_the_rest_to_the_next(
    core: Core, sandbox: Sandbox, variables: dict[str, str]
) -> None:
    await sandbox.fault("telegram", "delay", ms=300)
    recipients = await crowd(sandbox, TELEGRAM, 100)
    slow = {**variables, "WORKER_CONCURRENCY": "20"}
    async with worker(slow) as program:
        broadcast = await started(core, recipients)
        await at_least(sandbox, 20)
        program.signal(signal.SIGTERM)
        assert await program.ended() == 0
    progress = (await reloaded(core, broadcast)).progress
    assert progress.of(DeliveryState.SENDING, DeliveryState.UNKNOWN) == 0
    assert progress.reached == len(await received_counts(sandbox))
    assert progress.of(DeliveryState.QUEUED) > 0
    await sandbox.clear_faults()
    async with worker(variables):
        assert (await ended(core, broadcast)).progress.reached == 100
    assert await received_counts(sandbox) == once_each(recipients)


async def test_kill_9_in_the_middle_of_500_sends_loses_nobody_and_doubles_nobody(
    core: Core, sandbox: Sandbox, variables: dict[str, str], store: Redis
) -> None:
    await sandbox.fault("telegram", "delay", ms=150)
    recipients = await crowd(sandbox, TELEGRAM, 500)
    in_the_air = 30
    async with worker({**variables, "WORKER_CONCURRENCY": str(in_the_air)}) as first:
        broadcast = await started(core, recipients)
        await at_least(sandbox, 100)
        await until(lambda: store.zcard("ms:sending"))
        await first.kill()
    async with worker({**variables, "WORKER_CONCURRENCY": str(in_the_air)}):
        broadcast = await ended(core, broadcast, deadline=45)
    found = await deliveries_of(core, broadcast)
    phones = await received_counts(sandbox)
    assert set(phones.values()) == {1}
    unknown = {d.recipient.label for d in found if d.state is DeliveryState.UNKNOWN}
    sent = {d.recipient.label for d in found if d.state is DeliveryState.SENT}
    assert sent | unknown == {recipient.label for recipient in recipients}
    assert 0 < len(unknown) <= in_the_air
    assert sent <= phones.keys() <= sent | unknown


async def test_a_store_that_restarts_in_the_middle_costs_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    await sandbox.fault("telegram", "delay", ms=200)
    recipients = await crowd(sandbox, TELEGRAM, 200)
    prepared = embedded.prepare(tmp_path)
    variables = {**sandbox.environment(), **FAST, "REDIS_URL": prepared.url, "WORKER_CONCURRENCY": "20"}
    async with running(WORKER, variables) as program:
        with embedded.running(tmp_path):
            async with core_at(prepared.url, **FAST) as core:
                broadcast = await started(core, recipients)
                await at_least(sandbox, 40)
        assert program.runs
        with embedded.running(tmp_path):
            async with core_at(prepared.url, **FAST) as core:
                broadcast = await ended(core, broadcast)
            assert program.runs, program.said
            program.signal(signal.SIGTERM)
            assert await program.ended() == 0
    assert broadcast.progress.counts == {TELEGRAM: {DeliveryState.SENT: 200}}
    assert await received_counts(sandbox) == once_each(recipients)


async def test_too_many_requests_halts_the_messenger_for_as_long_as_it_says_and_no_other(
    core: Core, sandbox: Sandbox, variables: dict[str, str]
) -> None:
    await sandbox.fault("telegram", "rate_limit", method="sendMessage", retry_after=2, times=1)
    recipients = [*await crowd(sandbox, TELEGRAM, 10), *await crowd(sandbox, VIBER, 10)]
    async with worker({**variables, "WORKER_CONCURRENCY": "1"}):
        broadcast = await started(core, recipients)
        await until(lambda: core.health.halt(TELEGRAM))
        assert await core.health.halt(VIBER) is None
        broadcast = await ended(core, broadcast)
    calls = await sandbox.calls(messenger="telegram")
    (refused,) = [n for n, call in enumerate(calls) if call["status"] == 429]
    assert calls[refused + 1]["at"] - calls[refused]["at"] >= 2
    assert broadcast.progress.reached == 20
    assert await received_counts(sandbox) == once_each(recipients)


async def test_a_slow_messenger_takes_no_connection_from_another(
    core: Core, sandbox: Sandbox, variables: dict[str, str]
) -> None:
    await sandbox.fault("telegram", "delay", method="sendMessage", ms=8000)
    slow, fast = await crowd(sandbox, TELEGRAM, 2), await crowd(sandbox, WHATSAPP, 4)
    async with worker({**variables, "WORKER_CONCURRENCY": "2"}):
        waiting = await started(core, slow)

        async def all_are_in_the_air() -> bool:
            return (await reloaded(core, waiting)).progress.of(DeliveryState.SENDING) == 2

        await until(all_are_in_the_air)
        assert (await ended(core, await started(core, fast))).progress.reached == 4
        assert await all_are_in_the_air()


async def test_a_messenger_that_is_busy_is_asked_again_and_the_try_is_counted(
    core: Core, sandbox: Sandbox, variables: dict[str, str]
) -> None:
    await sandbox.fault("whatsapp", "error", method="messages", code=131016, status=503, times=1)
    recipients = await crowd(sandbox, WHATSAPP, 3)
    async with worker({**variables, "RETRY_INTERVAL": "1"}):
        broadcast = await ended(core, await started(core, recipients))
    assert sorted(d.attempts for d in await deliveries_of(core, broadcast)) == [1, 1, 2]
    assert await received_counts(sandbox) == once_each(recipients)


async def test_an_answer_that_never_came_is_unknown_and_not_sent_again(
    core: Core, sandbox: Sandbox, variables: dict[str, str]
) -> None:
    await sandbox.fault("telegram", "drop_after", method="sendMessage", times=2)
    await sandbox.fault("telegram", "drop_before", method="sendMessage", times=1)
    recipients = await crowd(sandbox, TELEGRAM, 10)
    async with worker(variables):
        broadcast = await ended(core, await started(core, recipients))
    assert broadcast.progress.counts == {TELEGRAM: {DeliveryState.SENT: 7, DeliveryState.UNKNOWN: 3}}
    assert len(await sandbox.calls(messenger="telegram", method="sendMessage")) == 10
    assert (await received_counts(sandbox)).total() == 9


async def test_a_paused_broadcast_stops_and_goes_on_without_losing_or_doubling(
    core: Core, sandbox: Sandbox, variables: dict[str, str], store: Redis
) -> None:
    await sandbox.fault("viber", "delay", ms=50)
    recipients = await crowd(sandbox, VIBER, 200)
    async with worker({**variables, "WORKER_CONCURRENCY": "5"}):
        broadcast = await started(core, recipients)
        await at_least(sandbox, 10)
        await core.broadcasts.pause(broadcast.id)
        await until(lambda: _nothing_in_the_air(store))
        while_paused = await received_counts(sandbox)
        assert len(while_paused) < 200
        assert (await reloaded(core, broadcast)).progress.reached == len(while_paused)
        await core.broadcasts.resume(broadcast.id)
        await ended(core, broadcast)
    assert await received_counts(sandbox) == once_each(recipients)


async def _nothing_in_the_air(store: Redis) -> bool:
    return await store.zcard("ms:sending") == 0 and await store.llen("rq:queue:viber") == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("WORKER_CONCURRENCY", "many"), ("TELEGRAM_RATE", "-1"), ("TELEGRAM_BOT_TOKEN", "oops")],
)
async def test_settings_that_make_no_sense_end_the_worker_with_a_sentence(
    variables: dict[str, str], name: str, value: str
) -> None:
    async with running(WORKER, {**variables, name: value}) as program:
        assert await program.ended() == 2
    assert program.said.startswith(f"{name}: ")
    assert f"Example: {name}=" in program.said
    assert "Traceback" not in program.said


async def test_a_worker_waits_for_a_store_that_is_not_there_yet(sandbox: Sandbox, tmp_path: Path) -> None:
    prepared = embedded.prepare(tmp_path)
    variables = {**sandbox.environment(), **FAST, "REDIS_URL": prepared.url}
    async with running(WORKER, variables, until_says="does not answer yet") as program:
        with embedded.running(tmp_path):
            await program.says("is ready")
            await asyncio.to_thread(program.process.terminate)
            assert await program.ended() == 0
