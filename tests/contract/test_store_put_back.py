"""After a long gap, recipients who may have a message already get nothing before an admin is asked."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from redis.asyncio import Redis

from core.app import Core, open_core, rates_of
from core.domain.audit import Actor
from core.domain.broadcast import BroadcastStatus, Late
from core.domain.delivery import DeliveryState
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed, Move, Sent, Unknown
from core.domain.messengers.traits import Messenger
from core.domain.panic import PanicStop
from core.settings import load_settings
from core.store import embedded
from core.store.claim_memory import ClaimMemory
from core.store.connection import connect_bytes
from core.store.deliveries import ClaimBatch, DeliveryQueue
from core.store.heartbeat import Heartbeat
from core.store.scripts import Scripts
from tests.support.core import (
    VARIABLES,
    accepted,
    core_at,
    deliver_all,
    feed_and_claim,
    order,
    people,
    record,
    reloaded,
    started,
    states_of,
    until,
)
from tests.support.receipts import receipt

TELEGRAM, WHATSAPP = Messenger.TELEGRAM, Messenger.WHATSAPP
GAP = 1000


async def put_back(store: Redis) -> datetime:
    """As if the store were a copy from then: every sign of life in it is old."""
    signs = cast("list[tuple[str, float]]", await store.zrange("ms:alive", 0, -1, withscores=True))
    old = {name: at - GAP for name, at in signs}
    await store.zadd("ms:alive", old)
    return datetime.fromtimestamp(max(old.values()), UTC)


class Copy:
    """All that the store has at one moment."""

    def __init__(self, redis_url: str) -> None:
        self._client = connect_bytes(redis_url)
        self._dumps: dict[bytes | str, tuple[bytes, int]] = {}

    @classmethod
    async def of(cls, redis_url: str) -> Copy:
        copy = cls(redis_url)
        for key in await copy._client.keys():
            dump = await copy._client.dump(key)
            assert dump is not None
            copy._dumps[key] = dump, max(0, await copy._client.pttl(key))
        return copy

    async def put_back(self) -> None:
        await self._client.flushall()
        for key, (dump, life) in self._dumps.items():
            await self._client.restore(key, life, dump)
        await self._client.aclose()


async def test_what_was_ordered_for_now_before_the_gap_waits_for_an_admin_too(
    core: Core, store: Redis
) -> None:
    await core.heartbeat.beat("worker")
    ordered = await accepted(core, people(TELEGRAM, 2))
    await put_back(store)
    await core.heartbeat.beat("worker")
    await core.deliveries.start_due()
    assert await deliver_all(core) == {}
    stop = await core.panic.current()
    assert stop is not None
    await core.panic.release(stop)
    await core.deliveries.start_due()
    assert len(await deliver_all(core)) == 2
    assert (await reloaded(core, ordered)).status is BroadcastStatus.FINISHED


@pytest.mark.parametrize("program", ["worker", "bot", "scheduler", "api"])
async def test_what_was_sending_in_an_older_copy_waits_for_an_admin(
    core: Core, store: Redis, program: str
) -> None:
    await core.heartbeat.beat("worker")
    await started(core, people(TELEGRAM, 5))
    copied_at = await put_back(store)
    assert await deliver_all(core) == {}, "claimed before a program decided"
    await core.heartbeat.beat(program)
    stop = await core.panic.current()
    assert stop is not None
    assert (stop.since, stop.by) == (copied_at, Actor("program"))
    assert await deliver_all(core) == {}
    assert await core.overdue.waiting() == [f"stop:{round(stop.at.timestamp() * 1000)}"]
    await core.panic.release(stop)
    await core.heartbeat.beat(program)
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
        await Heartbeat(Scripts(store), origin=origin).beat("worker")
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


async def test_a_worker_whose_claims_a_young_copy_does_not_have_claims_nothing(
    redis_url: str, core: Core
) -> None:
    broadcast = await started(core, people(TELEGRAM, 5))
    await core.deliveries.feed(TELEGRAM)
    first = await core.deliveries.claim(TELEGRAM, 1, worker="test")
    copy = await Copy.of(redis_url)
    await record(core, *((claim, Sent("1")) for claim in first.claims))
    assert len(await deliver_all(core)) == 4
    await copy.put_back()
    assert await deliver_all(core) == {}
    stop = await core.panic.current()
    assert stop is not None
    assert (stop.lost, stop.by) == (True, Actor("program"))
    assert len(await core.overdue.waiting()) == 1
    await core.panic.release(stop)
    assert len(await deliver_all(core)) == 4, "an admin has decided"
    assert await core.panic.current() is None
    assert (await reloaded(core, broadcast)).progress.open == 1


async def test_a_worker_notices_that_the_store_is_empty_though_it_has_claimed(
    core: Core, store: Redis
) -> None:
    await started(core, people(TELEGRAM, 1))
    assert len(await deliver_all(core)) == 1
    await store.flushall()
    await started(core, people(TELEGRAM, 1))
    assert await deliver_all(core) == {}
    stop = await core.panic.current()
    assert stop is not None
    assert stop.lost


async def test_a_loss_is_asked_about_once_however_many_find_it(redis_url: str, core: Core) -> None:
    """Here the bot and another worker find it after an admin has decided."""
    async with core_at(redis_url) as other:
        await started(core, people(TELEGRAM, 5))
        copy = await Copy.of(redis_url)
        await core.heartbeat.beat("worker")
        await other.heartbeat.beat("bot")
        assert len((await claimed(core, 1)).claims) == 1
        assert len((await claimed(other, 1)).claims) == 1
        await copy.put_back()
        assert await deliver_all(core) == {}
        stop = await core.panic.current()
        assert stop is not None
        await core.panic.release(stop)
        await other.heartbeat.beat("bot")
        assert (await claimed(other, 1)).claims == ()
        assert await core.panic.current() is None
        assert len((await claimed(other, 1)).claims) == 1


async def test_a_program_notices_a_young_copy_by_its_own_heartbeat(core: Core, store: Redis) -> None:
    await core.heartbeat.beat("worker")
    await started(core, people(TELEGRAM, 1))
    ((_, at),) = cast("list[tuple[str, float]]", await store.zrange("ms:alive", 0, -1, withscores=True))
    await store.delete("ms:alive")
    await store.zadd("ms:alive", {"worker:host:1:": at - 5})
    await core.heartbeat.beat("worker")
    stop = await core.panic.current()
    assert stop is not None
    assert (stop.lost, stop.since) == (True, datetime.fromtimestamp(at - 5, UTC))
    await core.panic.release(stop)
    await core.heartbeat.beat("worker")
    assert await core.panic.current() is None


async def test_a_worker_that_has_rested_for_longer_than_its_claims_are_kept_goes_on_claiming(
    core: Core, store: Redis
) -> None:
    """As after an idle night, also on a machine that slept: its own clock has not counted that time."""
    rested = DeliveryQueue(store, Scripts(store), rates_of(core.settings), lane_life=0.001)
    for place in range(2):
        await started(core, people(TELEGRAM, 1, place))
        await rested.feed(TELEGRAM)
        assert len((await rested.claim(TELEGRAM, 10, worker="test")).claims) == 1
        await until(lambda: no_lanes(store))
    assert await core.panic.current() is None


async def no_lanes(store: Redis) -> bool:
    return not await store.keys("ms:claims:*")


@asynccontextmanager
async def worker_of(folder: Path, redis_url: str) -> AsyncIterator[Core]:
    """The core of a worker on a machine whose DATA_DIR is `folder`."""
    settings = load_settings({**VARIABLES, "REDIS_URL": redis_url}, None)
    with closing(ClaimMemory(folder)) as memory:
        async with open_core(settings, memory) as core:
            assert await core.heartbeat.beat("worker")
            yield core


async def restarted(redis_url: str, folder: Path) -> PanicStop | None:
    """The stop that a worker of this machine finds or makes when it starts."""
    async with worker_of(folder, redis_url) as core:
        return await core.panic.current()


async def claimed_on_this_machine(redis_url: str, folder: Path) -> Copy:
    """One of five is claimed and sent before the copy, which is returned, and one after it."""
    async with worker_of(folder, redis_url) as core:
        await started(core, people(TELEGRAM, 5))
        await record(core, *((claim, Sent("1")) for claim in (await claimed(core, 1)).claims))
        copy = await Copy.of(redis_url)
        await record(core, *((claim, Sent("2")) for claim in (await claimed(core, 1)).claims))
    return copy


async def test_a_young_copy_put_back_while_nothing_ran_is_noticed_at_the_start(
    redis_url: str, core: Core, tmp_path: Path
) -> None:
    copy = await claimed_on_this_machine(redis_url, tmp_path)
    assert await restarted(redis_url, tmp_path) is None, "nothing was put back"
    await copy.put_back()
    stop = await restarted(redis_url, tmp_path)
    assert stop is not None
    assert (stop.lost, stop.by) == (True, Actor("program"))
    assert await deliver_all(core) == {}
    await core.panic.release(stop)
    assert await restarted(redis_url, tmp_path) is None, "each loss is asked about once"
    assert len(await deliver_all(core)) == 4


@pytest.mark.parametrize(
    ("place", "value"),
    [(0, "another-store"), (3, "1"), (3, "soon")],
    ids=["of another store", "of long ago", "unreadable"],
)
async def test_a_kept_claim_that_says_nothing_about_this_store_stops_nothing(
    redis_url: str, tmp_path: Path, place: int, value: str
) -> None:
    copy = await claimed_on_this_machine(redis_url, tmp_path)
    await copy.put_back()
    path = tmp_path / "last.claim"
    words = path.read_text().split()
    words[place] = value
    path.write_text(" ".join(words))
    assert await restarted(redis_url, tmp_path) is None


async def test_where_no_claim_can_be_kept_everything_is_sent(
    redis_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    async with worker_of(tmp_path / "file" / "data", redis_url) as core:
        await started(core, people(TELEGRAM, 300))
        assert len(await deliver_all(core)) == 300
    assert caplog.text.count("DATA_DIR: claims cannot be kept") == 1


@pytest.mark.parametrize(
    ("move", "state"),
    [
        (Sent("1"), DeliveryState.SENT),
        (Failed(Reason.NOT_FOUND), DeliveryState.FAILED),
        (Unknown(Reason.NO_ANSWER), DeliveryState.UNKNOWN),
    ],
)
@pytest.mark.parametrize("cancelled", [False, True])
async def test_outcomes_of_claims_that_a_copy_does_not_have_are_kept(
    redis_url: str, core: Core, move: Move, state: DeliveryState, cancelled: bool
) -> None:
    broadcast = await started(core, people(TELEGRAM, 3))
    if cancelled:
        (one,) = (await claimed(core, 1)).claims
        await record(core, (one, Sent("1")))
    copy = await Copy.of(redis_url)
    claims = (await claimed(core, 2)).claims
    await copy.put_back()
    if cancelled:
        await core.broadcasts.cancel(broadcast.id)
    assert await record(core, *((claim, move) for claim in claims)) == 2
    assert await record(core, *((claim, move) for claim in claims)) == 0
    first = int(cancelled)
    assert (await states_of(core, broadcast))[first : first + 2] == [state] * 2
    found = await reloaded(core, broadcast)
    assert (found.progress.total, found.progress.open) == (3, 0 if cancelled else 1)


async def claimed(core: Core, most: int) -> ClaimBatch:
    await core.deliveries.feed(TELEGRAM)
    return await core.deliveries.claim(TELEGRAM, most, worker="test")


async def test_receipts_for_attempts_that_a_copy_does_not_have_are_proof_and_nobody_gets_it_again(
    redis_url: str, core: Core
) -> None:
    """WhatsApp repeats its calls for days: those of the time that was lost come after the copy was put back."""
    broadcast = await started(core, people(WHATSAPP, 3))
    copy = await Copy.of(redis_url)
    claims = await feed_and_claim(core, WHATSAPP)
    await record(core, *((claim, Sent(f"wamid.{claim.attempt}")) for claim in claims))
    await copy.put_back()
    told = (DeliveryState.READ, DeliveryState.SENT, DeliveryState.FAILED)
    await core.receipt_inbox.apply(
        WHATSAPP, [receipt(state, claim) for state, claim in zip(told, claims, strict=True)]
    )
    assert await states_of(core, broadcast) == [*told[:2], DeliveryState.QUEUED]
    await deliver_all(core)  # a worker notices
    stop = await core.panic.current()
    assert stop is not None
    await core.panic.release(stop)
    assert await deliver_all(core) == {claims[2].recipient.label: 1}
    assert (await reloaded(core, broadcast)).status is BroadcastStatus.FINISHED


async def test_a_partly_released_stop_is_whole_again_after_a_gap(core: Core, store: Redis) -> None:
    await core.heartbeat.beat("worker")
    await started(core, people(TELEGRAM, 1))
    await core.panic.release((await core.panic.stop(Actor("telegram:100", "Ann"))).stop, messenger=TELEGRAM)
    await put_back(store)
    await core.heartbeat.beat("worker")
    stop = await core.panic.current()
    assert stop is not None
    assert not stop.released_messengers


async def test_nothing_is_stopped_where_nothing_would_be_sent(core: Core, store: Redis) -> None:
    """Not for paused ones, nor for planned ones about which the admins are asked anyway."""
    await core.heartbeat.beat("worker")
    paused = await started(core, people(TELEGRAM, 1))
    await core.broadcasts.pause(paused.id)
    new = order(people(TELEGRAM, 2), send_at=datetime.now(UTC) - timedelta(minutes=160))
    new = replace(new, late=Late.ASK, late_after=timedelta(minutes=15))
    await core.ledger.accept(await core.ledger.reserve_id(), new)
    await put_back(store)
    await core.heartbeat.beat("worker")
    assert await core.panic.current() is None


async def test_a_short_gap_and_a_new_store_stop_nothing(core: Core) -> None:
    await started(core, people(TELEGRAM, 1))
    await core.heartbeat.beat("worker")
    await core.heartbeat.beat("worker")
    assert await core.panic.current() is None


@pytest.mark.parametrize("longer", [False, True])
@pytest.mark.parametrize(("late_after", "gap"), [(None, 15 * 60), (300, 300), (1, 60)])
async def test_a_gap_of_late_after_but_at_least_a_minute_asks_first(
    redis_url: str, store: Redis, late_after: int | None, gap: int, longer: bool
) -> None:
    changes = {"LATE_AFTER": str(late_after)} if late_after else {}
    async with core_at(redis_url, **changes) as core:
        await started(core, people(TELEGRAM, 1))
        now, _ = await store.time()
        await store.zadd("ms:alive", {"worker:elsewhere:7": now - gap + (-5 if longer else 5)})
        await core.heartbeat.beat("worker")
        assert (await core.panic.current() is not None) is longer


async def test_nothing_is_claimed_after_a_gap_of_a_minute_before_a_sign_of_life(
    core: Core, store: Redis
) -> None:
    await started(core, people(TELEGRAM, 3))
    for gap, claims in ((55, 1), (65, 0)):
        now, _ = await store.time()
        await store.zadd("ms:alive", {"worker:elsewhere:7": now - gap})
        assert len((await claimed(core, 1)).claims) == claims
    await core.heartbeat.beat("worker")
    assert len(await deliver_all(core)) == 2


async def test_what_was_due_in_the_gap_is_asked_about_after_the_release(core: Core, store: Redis) -> None:
    await core.heartbeat.beat("worker")
    await started(core, people(TELEGRAM, 1))
    new = order(people(TELEGRAM, 2), send_at=datetime.now(UTC) - timedelta(minutes=160))
    new = replace(new, late=Late.ASK, late_after=timedelta(minutes=15))
    late = await core.ledger.accept(await core.ledger.reserve_id(), new)
    due = await accepted(core, people(TELEGRAM, 2), send_at=datetime.now(UTC) - timedelta(seconds=1))
    await put_back(store)
    await core.heartbeat.beat("worker")
    await core.deliveries.start_due()
    stop = await core.panic.current()
    assert stop is not None
    await core.panic.release(stop)
    await core.deliveries.start_due()
    assert (await reloaded(core, late)).is_late
    assert (await reloaded(core, due)).status is BroadcastStatus.SENDING
