"""A store with a replica and a Sentinel: after a failover nobody gets a message twice, and nothing accepted is gone."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis.exceptions import RedisError

from core.domain.delivery import DeliveryState
from core.domain.errors import ConfigurationError
from core.domain.messengers.retry import Sent
from core.domain.messengers.traits import Messenger
from core.store.connection import connect_sync
from core.store.health import alive_here
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
TLS = Path(__file__).parents[1] / "data/tls"


@asynccontextmanager
async def behind_tls(port: int, changes: dict[int, int]) -> AsyncIterator[int]:
    """The port of a proxy that speaks TLS to clients. `changes`: port numbers to be replaced in what it says."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                for before, after in changes.items():
                    data = data.replace(str(before).encode(), str(after).encode())
                writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, to_there = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(copy(reader, to_there), copy(there, writer))

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(TLS / "cert.pem", TLS / "key.pem")
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


@pytest.fixture
async def replicated(tmp_path: Path) -> AsyncIterator[ReplicatedStore]:
    async with replicated_store(tmp_path, nodes=2, sentinels=1) as store:
        yield store


async def test_sentinels_and_store_are_reached_over_tls(replicated: ReplicatedStore) -> None:
    master, (sentinel,) = await replicated.master(), replicated.sentinels
    secure = f"?ssl_ca_certs={TLS / 'cert.pem'}&ssl_check_hostname=true"
    async with (
        behind_tls(master.port, {}) as store,
        behind_tls(sentinel.port, {master.port: store}) as port,
    ):
        password = urlsplit(replicated.url).password
        url = f"rediss+sentinel://:{password}@127.0.0.1:{port}/main"
        with connect_sync(url, tries=0) as sync, pytest.raises(RedisError):
            await asyncio.to_thread(sync.ping)  # nobody vouches for the certificate
        async with core_at(url + secure) as core:
            await started(core, people(TELEGRAM, 3))
            assert sum((await deliver_all(core)).values()) == 3
            with connect_sync(url + secure) as sync:
                assert not await asyncio.to_thread(alive_here, sync, "worker")


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
            "After a failover, people can get a message twice" in one for one in await core.health.warnings()
        )
        (replica,) = await replicated.others()
    async with core_at(replicated.url, STORE_REPLICAS="2") as core:
        assert any("1 of the 2 replicas" in one for one in await core.health.warnings())
    async with store_at(replica.url) as store:
        await store.config_set("replica-read-only", "no")
    async with core_at(replica.url) as core:
        assert any("The storage is a read-only replica" in one for one in await core.health.warnings())


async def test_a_store_that_cannot_wait_for_disks_is_refused(replicated: ReplicatedStore) -> None:
    async with store_at((await replicated.master()).url) as store:
        await store.config_set("appendonly", "no")
    with pytest.raises(ConfigurationError, match="STORE_REPLICAS: the store cannot wait"):
        async with core_at(replicated.url, STORE_REPLICAS="1"):
            pass
