"""Programs whose clock is wrong: what is deleted, held for the night or inside a window goes by the store's clock."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from core.app import Core
from core.domain.broadcast import BroadcastStatus
from core.domain.inbound import InboundMessage
from core.domain.messengers.traits import Messenger
from core.domain.quiet_hours import QuietHours
from tests.support.core import accept, deliver_all, in_an_hour, order, people, reloaded, started, until
from tests.support.crowds import crowd, once_each, received_counts
from tests.support.processes import ROOT, WORKER, running
from tests.support.sandbox_server import Sandbox
from tests.support.wrong_clock import wrong_clock

HALF_AN_HOUR: Final = timedelta(minutes=30)
RUN: Final = """
import asyncio
from core.app import open_core
from core.settings import load_settings

async def main():
    async with open_core(load_settings()) as core:
        print(await {call})

asyncio.run(main())
"""


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    return tmp_path / "clock"


async def elsewhere(call: str, redis_url: str, clock: Path, ahead: timedelta) -> str:
    """The answer of `call` in a program whose clock is `ahead`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        RUN.format(call=call),
        cwd=ROOT,
        env={**os.environ, "REDIS_URL": redis_url, **wrong_clock(clock, ahead)},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    return said.decode().strip()


@pytest.mark.parametrize(
    "call", ["core.purge.expired()", "core.purge.carry_out(PurgeKind.FINISHED_OLD, expected=0)"]
)
async def test_a_clock_a_month_ahead_deletes_no_history(
    core: Core, redis_url: str, clock: Path, call: str
) -> None:
    broadcast = await started(core, people(Messenger.TELEGRAM, 1))
    await deliver_all(core)
    call = call.replace("PurgeKind", "__import__('core.services.purge').services.purge.PurgeKind")
    assert await elsewhere(call, redis_url, clock, timedelta(days=31)) == "0"
    assert (await reloaded(core, broadcast)).status is BroadcastStatus.FINISHED


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_clock_an_hour_off_ends_no_quiet_hours(
    core: Core, redis_url: str, clock: Path, hours: int
) -> None:
    now = datetime.now(UTC)
    start, end = now - HALF_AN_HOUR, now + HALF_AN_HOUR
    quiet = QuietHours(
        start.time().replace(second=0, microsecond=0), end.time().replace(second=0, microsecond=0), "UTC"
    )
    recipients = tuple(replace(one, quiet_hours=quiet) for one in people(Messenger.VIBER, 2))
    broadcast = await accept(core, order(recipients))
    await elsewhere("core.quiet.refresh()", redis_url, clock, timedelta(hours=hours))
    await core.ledger.start(broadcast.id)
    assert await deliver_all(core) == {}


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_worker_whose_clock_is_an_hour_off_keeps_quiet_hours_and_no_others(
    core: Core, sandbox: Sandbox, redis_url: str, clock: Path, hours: int
) -> None:
    """Two people sleep now; for two it is night by the worker's clock only."""
    now = datetime.now(UTC)
    asleep, awake = (
        QuietHours((at - HALF_AN_HOUR).time(), (at + HALF_AN_HOUR).time(), "UTC")
        for at in (now, now + timedelta(hours=hours))
    )
    recipients = await crowd(sandbox, Messenger.TELEGRAM, 4)
    hours_of = (asleep, awake, asleep, awake)
    told = [replace(one, quiet_hours=quiet) for one, quiet in zip(recipients, hours_of, strict=True)]
    settings = {**sandbox.environment(), "REDIS_URL": redis_url}
    ahead = wrong_clock(clock, timedelta(hours=hours))
    async with running(WORKER, {**settings, **ahead}, until_says="is ready"):
        broadcast = await accept(core, order(told))
        await core.ledger.start(broadcast.id)

        async def two_wait() -> bool:
            found = await reloaded(core, broadcast)
            return sum(found.quiet_waits.values()) == 2 and found.progress.reached == 2

        await until(two_wait)
    assert await received_counts(sandbox) == once_each([recipients[1], recipients[3]])


@pytest.mark.parametrize("days", [2, -2])
async def test_a_clock_days_off_closes_no_service_window(
    core: Core, redis_url: str, clock: Path, days: int
) -> None:
    (person,) = people(Messenger.WHATSAPP, 1)
    at = datetime.now(UTC) - HALF_AN_HOUR
    await core.receipt_inbox.apply(Messenger.WHATSAPP, [InboundMessage(address=person.address, at=at)])
    call = f"core.deliveries.in_window(Messenger.WHATSAPP, ['{person.address}'])".replace(
        "Messenger", "__import__('core.domain.messengers.traits').domain.messengers.traits.Messenger"
    )
    assert person.address in await elsewhere(call, redis_url, clock, timedelta(days=days))


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_clock_an_hour_off_moves_no_start(
    core: Core, redis_url: str, clock: Path, hours: int
) -> None:
    """A time half an hour ahead is ahead for it too, and an undo lasts no longer."""
    broadcast = await accept(core, order(people(Messenger.VIBER, 1), send_at=in_an_hour()))
    ahead = timedelta(hours=hours)
    soon = datetime.now(UTC) + HALF_AN_HOUR
    moment = f"__import__('datetime').datetime.fromisoformat('{soon.isoformat()}')"
    await elsewhere(f"core.broadcasts.reschedule('{broadcast.id}', {moment})", redis_url, clock, ahead)
    assert abs((await reloaded(core, broadcast)).send_at - soon) < timedelta(seconds=1)
    hold = "__import__('datetime').timedelta(seconds=5)"
    await elsewhere(f"core.broadcasts.send_soon('{broadcast.id}', {hold})", redis_url, clock, ahead)
    assert abs((await reloaded(core, broadcast)).send_at - datetime.now(UTC)) < HALF_AN_HOUR


async def test_an_opt_out_at_a_clock_that_is_slow_is_not_older_than_the_wish_before_it(
    core: Core, redis_url: str, clock: Path
) -> None:
    (person,) = people(Messenger.TELEGRAM, 1)
    await core.subscribers.mark_reachable(Messenger.TELEGRAM, person.address)
    types = "__import__('core.domain.messengers.traits').domain.messengers"
    call = (
        f"core.subscribers.mark_unreachable({types}.traits.Messenger.TELEGRAM, '{person.address}',"
        f" {types}.outcome.Reason.OPTED_OUT)"
    )
    await elsewhere(call, redis_url, clock, timedelta(hours=-1))
    await started(core, [person])
    assert await deliver_all(core) == {}
