"""After a long gap, recipients who may have a message already get nothing before an admin is asked."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.audit import Actor
from core.domain.broadcast import BroadcastStatus, Late
from core.domain.messengers.traits import Messenger
from core.settings import load_settings
from core.store import embedded
from core.store.health import HealthStore
from core.store.scripts import Scripts
from tests.support.core import accepted, deliver_all, order, people, reloaded, started

TELEGRAM = Messenger.TELEGRAM
GAP = 1000


async def put_back(store: Redis) -> datetime:
    """As if the store were a copy from then: every sign of life in it is old."""
    signs = cast("list[tuple[str, float]]", await store.zrange("ms:alive", 0, -1, withscores=True))
    old = {name: at - GAP for name, at in signs}
    await store.zadd("ms:alive", old)
    return datetime.fromtimestamp(max(old.values()), UTC)


@pytest.mark.parametrize("program", ["worker", "bot", "scheduler", "api"])
async def test_what_was_sending_in_an_older_copy_waits_for_an_admin(
    core: Core, store: Redis, program: str
) -> None:
    await core.health.beat("worker")
    await started(core, people(TELEGRAM, 5))
    copied_at = await put_back(store)
    assert await deliver_all(core) == {}, "claimed before a program decided"
    await core.health.beat(program)
    stop = await core.panic.current()
    assert stop is not None
    assert (stop.since, stop.by) == (copied_at, Actor("program"))
    assert await deliver_all(core) == {}
    assert await core.overdue.waiting() == [f"stop:{round(stop.at.timestamp() * 1000)}"]
    await core.panic.release(stop)
    await core.health.beat(program)
    assert await core.panic.current() is None
    assert len(await deliver_all(core)) == 5


async def test_a_copy_of_the_embedded_stores_files_waits_for_an_admin_however_young_it_is(
    redis_url: str, core: Core, store: Redis, tmp_path: Path
) -> None:
    first, copy = tmp_path / "first", tmp_path / "copy"
    embedded.prepare(first)
    origins = [embedded.origin(load_settings({"DATA_DIR": str(first)}, None)) for _ in range(2)]
    shutil.copytree(first, copy)
    embedded.prepare(copy)
    origins.append(embedded.origin(load_settings({"DATA_DIR": str(copy)}, None)))
    assert origins[0] == origins[1] != origins[2]
    await started(core, people(TELEGRAM, 1))
    for origin in origins:
        assert await core.panic.current() is None
        await HealthStore(store, Scripts(store), origin=origin).beat("worker")
    assert await core.panic.current() is not None
    assert embedded.origin(load_settings({"REDIS_URL": redis_url}, None)) == ""


def test_programs_of_the_launcher_know_the_files_too(tmp_path: Path) -> None:
    """It gives them the address of its own store."""
    url = embedded.prepare(tmp_path).url
    given = {"DATA_DIR": str(tmp_path), "REDIS_URL": url}
    origin = embedded.origin(load_settings({"DATA_DIR": str(tmp_path)}, None))
    assert origin
    assert embedded.origin(load_settings(given, None)) == origin
    for other in ("redis://127.0.0.1:1/0", "redis://store:6379/0", url.replace("127.0.0.1", "store")):
        assert embedded.origin(load_settings({**given, "REDIS_URL": other}, None)) == ""


async def test_a_partly_released_stop_is_whole_again_after_a_gap(core: Core, store: Redis) -> None:
    await core.health.beat("worker")
    await started(core, people(TELEGRAM, 1))
    await core.panic.release((await core.panic.stop(Actor("telegram:100", "Ann"))).stop, messenger=TELEGRAM)
    await put_back(store)
    await core.health.beat("worker")
    stop = await core.panic.current()
    assert stop is not None
    assert not stop.messengers


async def test_nothing_is_stopped_where_nothing_would_be_sent(core: Core, store: Redis) -> None:
    """Not for paused ones, nor for planned ones about which the admins are asked anyway."""
    await core.health.beat("worker")
    paused = await started(core, people(TELEGRAM, 1))
    await core.broadcasts.pause(paused.id)
    new = order(people(TELEGRAM, 2), send_at=datetime.now(UTC) - timedelta(minutes=160))
    new = replace(new, late=Late.ASK, late_after=timedelta(minutes=15))
    await core.ledger.accept(await core.ledger.reserve_id(), new)
    await put_back(store)
    await core.health.beat("worker")
    assert await core.panic.current() is None


async def test_a_short_gap_and_a_new_store_stop_nothing(core: Core) -> None:
    await started(core, people(TELEGRAM, 1))
    await core.health.beat("worker")
    await core.health.beat("worker")
    assert await core.panic.current() is None


async def test_what_was_due_in_the_gap_is_asked_about_after_the_release(core: Core, store: Redis) -> None:
    await core.health.beat("worker")
    await started(core, people(TELEGRAM, 1))
    new = order(people(TELEGRAM, 2), send_at=datetime.now(UTC) - timedelta(minutes=160))
    new = replace(new, late=Late.ASK, late_after=timedelta(minutes=15))
    late = await core.ledger.accept(await core.ledger.reserve_id(), new)
    due = await accepted(core, people(TELEGRAM, 2), send_at=datetime.now(UTC) - timedelta(seconds=1))
    await put_back(store)
    await core.health.beat("worker")
    await core.deliveries.start_due()
    stop = await core.panic.current()
    assert stop is not None
    await core.panic.release(stop)
    await core.deliveries.start_due()
    assert (await reloaded(core, late)).is_late
    assert (await reloaded(core, due)).status is BroadcastStatus.SENDING
