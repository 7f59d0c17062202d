"""Failovers of a replicated store, again and again while thousands of messages are sent: nobody twice, nobody lost."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from redis.exceptions import RedisError

from core.app import Core
from core.domain.broadcast import Broadcast, NewBroadcast
from core.domain.delivery import DeliveryState
from core.domain.messengers.traits import Messenger
from tests.chaos.harness import API, API_PASSWORD, API_USER, BOT, READY, insist
from tests.support.core import accept, core_at, deliveries_of, order, reloaded, until
from tests.support.crowds import crowd
from tests.support.launcher import free_port
from tests.support.processes import SCHEDULER, WORKER, Program
from tests.support.replicated import ReplicatedStore, replicated_store
from tests.support.sandbox_server import ADMIN, Sandbox, sandbox_process

RECIPIENTS: Final = 10_008
BROADCASTS: Final = 6
MESSENGERS: Final = (Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER)
FAULTS: Final = ("kill", "cut off replicas", "cut off master")
ROUNDS: Final = 2
WORK_SECONDS: Final = 4.0
CUT_SECONDS: Final = 2.0
RATE: Final = 150.0
"""Messages a second on all three messengers together."""
SLOTS: Final = 20

pytestmark = pytest.mark.chaos_long


async def test_nobody_gets_it_twice_and_nobody_is_lost_whatever_master_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with (
        replicated_store(tmp_path / "store") as store,
        sandbox_process(tmp_path / "sandbox.json") as sandbox,
        core_at(store.url, STORE_REPLICAS="2") as core,
        programs(store, sandbox) as running,
    ):
        await sandbox.fault("telegram", "delay", ms=100, method="sendMessage")
        await sandbox.fault("whatsapp", "delay", ms=100)
        share = RECIPIENTS // BROADCASTS // len(MESSENGERS)
        people = [one for messenger in MESSENGERS for one in await crowd(sandbox, messenger, share)]
        orders = [order(people, text=f"Text {n}") for n in range(BROADCASTS)]
        broadcasts = [await accept(core, new) for new in orders[: BROADCASTS // 2]]
        later = orders[BROADCASTS // 2 :]
        for fault in FAULTS * ROUNDS:
            await asyncio.sleep(WORK_SECONDS)
            # The store is lost while an order comes in: it is repeated under its id, as over HTTP.
            accepting = [asyncio.create_task(accepted_in_the_end(core, later.pop()))] if later else []
            await lose_master(store, fault)
            broadcasts += await asyncio.gather(*accepting)
        await until(partial(have_ended, core, broadcasts), 180)
        states, landed = await books(core, sandbox, broadcasts)
        said = {name: program.said for name, program in running.items()}
    with capsys.disabled():
        sys.stdout.write(f"\n{len(FAULTS) * ROUNDS} masters lost, {states}\n")
    assert [key for key, times in landed.items() if times > 1] == []
    assert sum(states.values()) == RECIPIENTS
    assert states[DeliveryState.FAILED] == 0
    assert states[DeliveryState.SENT] == RECIPIENTS - states[DeliveryState.UNKNOWN]
    assert states[DeliveryState.UNKNOWN] <= SLOTS * len(MESSENGERS) * 2
    assert sum(landed.values()) >= states[DeliveryState.SENT]
    assert {name: words for name, words in said.items() if "Traceback" in words} == {}


async def accepted_in_the_end(core: Core, new: NewBroadcast) -> Broadcast:
    broadcast_id = await insist(core.ledger.reserve_id)
    return await insist(partial(accept, core, new, broadcast_id=broadcast_id))


async def lose_master(store: ReplicatedStore, fault: str) -> None:
    """Lose the master, wait for the next one, and bring the lost one back behind it."""
    master, replicas = await store.master(), await store.others()
    if fault == "cut off replicas":
        for replica in replicas:
            replica.freeze()
        await asyncio.sleep(CUT_SECONDS)
    if fault == "cut off master":
        master.freeze()
    else:
        master.kill()
    for replica in replicas:
        replica.thaw()
    await store.failed_over(master)
    if fault == "cut off master":
        master.thaw()  # it believes that it is the master still, and its clients too
        await asyncio.sleep(CUT_SECONDS)
    else:
        master.start()
    await store.complete()


@asynccontextmanager
async def programs(store: ReplicatedStore, sandbox: Sandbox) -> AsyncIterator[dict[str, Program]]:
    """All of them, two workers among them; none may end by itself."""
    variables = {
        **sandbox.environment(),
        "REDIS_URL": store.url,
        "STORE_REPLICAS": "2",
        "WORKER_CONCURRENCY": str(SLOTS),
        "RETRY_INTERVAL": "1",
        "API_USER": API_USER,
        "API_PASSWORD": API_PASSWORD,
        "API_PORT": str(free_port()),
        **{f"{name}_RATE": f"{RATE / 3:.1f}" for name in map(str.upper, MESSENGERS)},
    }
    kinds = {"worker 1": WORKER, "worker 2": WORKER, "scheduler": SCHEDULER, "api": API, "bot": BOT}
    running = {name: Program(arguments, variables) for name, arguments in kinds.items()}
    async with AsyncExitStack() as stack:
        for program in running.values():
            await program.start()
            stack.push_async_callback(program.kill)
        for name, program in running.items():
            await until(partial(_is_up, program, READY[name.split()[0]]), 60)
        yield running
        for name, program in running.items():
            assert program.runs, f"{name} has ended; it said: {program.said[-3000:]}"
            program.signal(signal.SIGTERM)
        for program in running.values():
            assert await program.ended(60) == 0, program.said[-3000:]


async def _is_up(program: Program, words: str) -> bool:
    return program.has_said(words)


async def have_ended(core: Core, broadcasts: list[Broadcast]) -> bool:
    await asyncio.sleep(0.5)
    try:
        return not any([(await reloaded(core, one)).progress.open for one in broadcasts])
    except RedisError:
        return False


async def books(
    core: Core, sandbox: Sandbox, broadcasts: list[Broadcast]
) -> tuple[Counter[DeliveryState], Counter[tuple[str, str]]]:
    """The states in the ledger, and how often each message arrived.

    Raises AssertionError for one that was sent and did not arrive.
    """
    landed: Counter[tuple[str, str]] = Counter()
    for message in await sandbox.delivered():
        if f"{message['messenger']}:{message['recipient']}" != f"telegram:{ADMIN}":
            landed[f"{message['messenger']}:{message['recipient']}", str(message["text"])] += 1
    states: Counter[DeliveryState] = Counter()
    for broadcast in broadcasts:
        for delivery in await deliveries_of(core, broadcast):
            states[delivery.state] += 1
            here = landed[delivery.recipient.label, broadcast.content.text]
            assert here or delivery.state is not DeliveryState.SENT, f"sent, and never arrived: {delivery.id}"
    return states, +landed
