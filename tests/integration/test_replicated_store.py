"""A store with a replica and a Sentinel: after a failover nobody gets a message twice, and nothing accepted is gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.domain.delivery import DeliveryState
from core.domain.errors import ConfigurationError
from core.domain.messengers.retry import Sent
from core.domain.messengers.traits import Messenger
from core.store.connection import connect_sync
from core.store.replication import NotReplicatedError
from tests.support.core import (
    accepted,
    core_at,
    deliver_all,
    feed_and_claim,
    people,
    record,
    reloaded,
    started,
    states_of,
    store_at,
    until,
)
from tests.support.replicated import ReplicatedStore, replicated_store

TELEGRAM = Messenger.TELEGRAM


@pytest.fixture
async def replicated(tmp_path: Path) -> AsyncIterator[ReplicatedStore]:
    async with replicated_store(tmp_path, nodes=2, sentinels=1) as store:
        yield store


async def test_what_was_claimed_is_not_claimed_again_by_the_next_master(replicated: ReplicatedStore) -> None:
    async with core_at(replicated.url, STORE_REPLICAS="1") as core:
        broadcast = await started(core, people(TELEGRAM, 60))
        first = await feed_and_claim(core, TELEGRAM, 20)
        assert await record(core, *((claim, Sent("id")) for claim in first[:10])) == 10
        master, (replica,) = await replicated.master(), await replicated.others()
        replica.freeze()
        with pytest.raises(NotReplicatedError):
            await accepted(core, people(TELEGRAM, 1))
        asking = asyncio.create_task(core.deliveries.claim(TELEGRAM, 20, worker="test"))
        await until(lambda: _are_sending(master.url, 30))
        await until(lambda: _are_sending(master.url, 10))  # given back
        assert not asking.done()
        master.kill()
        replica.thaw()
        await replicated.failed_over(master)
        with connect_sync(replicated.url) as sync:
            assert sync.get("ms:fence") is not None
        assert not asking.done()  # the new master has no replica yet
        await replicated.rejoin(master)
        assert (await asking).claims == ()
        again = await deliver_all(core)
        assert set(again) == {one.label for one in people(TELEGRAM, 60)} - {
            one.recipient.label for one in first
        }
        assert set(again.values()) == {1}
        states = await states_of(core, await reloaded(core, broadcast))
        assert states.count(DeliveryState.SENT) == 50
        assert states.count(DeliveryState.SENDING) == 10  # nobody has written their outcomes


async def _are_sending(url: str, count: int) -> bool:
    async with store_at(url) as store:
        return await store.zcard("ms:sending") == count


async def test_replicas_without_the_setting_are_warned_of(replicated: ReplicatedStore) -> None:
    async with core_at(replicated.url) as core:
        assert any(
            "after a failover people can get a message twice" in one for one in await core.health.warnings()
        )
        (replica,) = await replicated.others()
    async with core_at(replicated.url, STORE_REPLICAS="2") as core:
        assert any("1 of the 2 replicas" in one for one in await core.health.warnings())
    async with store_at(replica.url) as store:
        await store.config_set("replica-read-only", "no")
    async with core_at(replica.url) as core:
        assert any("The store is a replica" in one for one in await core.health.warnings())


async def test_a_store_that_cannot_wait_for_disks_is_refused(replicated: ReplicatedStore) -> None:
    async with store_at((await replicated.master()).url) as store:
        await store.config_set("appendonly", "no")
    with pytest.raises(ConfigurationError, match="STORE_REPLICAS: the store cannot wait"):
        async with core_at(replicated.url, STORE_REPLICAS="1"):
            pass
