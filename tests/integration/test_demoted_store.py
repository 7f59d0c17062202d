"""The master becomes a replica and its replica the master: the programs leave the one and find the other."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
from redis.exceptions import ConnectionError as StoreConnectionError

from core.app import Core
from core.domain.broadcast import Broadcast
from core.domain.messengers.traits import Messenger
from core.store.connection import DemotedError, NoLongerMasterError, WritesRefused
from core.store.heartbeat import DemotionWatch
from tests.support.bot import variables
from tests.support.core import core_at, reloaded, started, store_at, until
from tests.support.crowds import crowd, once_each, received_counts
from tests.support.launcher import free_port
from tests.support.lossy_proxy import LossyProxy, lossy_proxy
from tests.support.processes import ROOT, SCHEDULER, WORKER, Program, alive
from tests.support.replicated import HOST, ReplicatedStore, Server
from tests.support.sandbox_server import Sandbox, running_sandbox
from tests.support.versions import version

ALL: Final = {"worker": WORKER, "scheduler": SCHEDULER, "bot": ("-m", "bot"), "api": ("-m", "api")}
IMPATIENT: Final = {
    "core/store/heartbeat.py": ("_DEMOTED_SECONDS: Final = 60", "_DEMOTED_SECONDS: Final = 3")
}


class TwoStores:
    """A master and its replica, without Sentinels, behind one address."""

    def __init__(self, store: ReplicatedStore, address: LossyProxy) -> None:
        self.first, self.second = store.nodes
        self._address = address
        self.url = address.url

    async def swap_roles(self) -> None:
        """Make the replica the master, and the master its replica."""
        await self._follow(self.second, "NO", "ONE")
        await self._follow(self.first, HOST, str(self.second.port))

    async def demote(self, *, stale: str = "yes") -> None:
        """Make both replicas: there is no master. `stale`: "no" = they answer nothing without one."""
        async with store_at(self.first.url) as client:
            await client.config_set("replica-serve-stale-data", stale)
        await self._follow(self.first, HOST, str(self.second.port) if stale == "yes" else "1")

    async def promote(self) -> None:
        await self._follow(self.second, "NO", "ONE")

    def move_address(self) -> None:
        """New connections lead to the second one."""
        self._address.store_url = self.second.url

    async def _follow(self, node: Server, host: str, port: str) -> None:
        async with store_at(node.url) as client:
            await client.replicaof(host, port)


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[TwoStores]:
    store = ReplicatedStore(tmp_path / "stores", nodes=2, sentinels=0)
    async with AsyncExitStack() as stack:
        for node in store.nodes:
            node.start()
            stack.callback(node.kill)
        await until(lambda: _online(store), 30)
        address = await stack.enter_async_context(lossy_proxy(store.nodes[0].url))
        yield TwoStores(store, address)


async def _online(store: ReplicatedStore) -> bool:
    try:
        return await store.replicas_are_online()
    except StoreConnectionError:
        return False


@asynccontextmanager
async def programs(
    stores: TwoStores, sandbox: Sandbox, root: Path = ROOT, **changes: str
) -> AsyncIterator[Mapping[str, Program]]:
    """All of them, alive."""
    settings = variables(sandbox, stores.url, API_PASSWORD="sandbox", API_PORT=str(free_port()), **changes)
    running = {name: Program(arguments, settings, root) for name, arguments in ALL.items()}
    async with AsyncExitStack() as stack:
        for program in running.values():
            await program.start()
            stack.push_async_callback(program.kill)
        await all_alive(stores.first, running)
        yield running


async def all_alive(node: Server, names: Mapping[str, Program]) -> None:
    async with store_at(node.url) as store:
        for name in names:
            await until(lambda name=name: alive(store, name), 30)  # type: ignore[misc]


async def finished(core: Core, broadcast: Broadcast) -> bool:
    return (await reloaded(core, broadcast)).progress.open == 0


@pytest.mark.parametrize("replicas", ["0", "1"])
async def test_every_program_leaves_a_master_that_was_demoted(stores: TwoStores, replicas: str) -> None:
    async with (
        running_sandbox() as sandbox,
        programs(stores, sandbox, STORE_REPLICAS=replicas) as running,
    ):
        recipients = await crowd(sandbox, Messenger.TELEGRAM, 30)
        await stores.swap_roles()
        stores.move_address()
        async with core_at(stores.second.url) as core, store_at(stores.second.url) as store:
            await store.delete("ms:alive")
            await all_alive(stores.second, running)
            broadcast = await started(core, recipients)
            await until(lambda: finished(core, broadcast), 30)
        assert await received_counts(sandbox, "Hello") == once_each(recipients)
        for name, program in running.items():
            assert program.runs, f"{name} has ended; it said: {program.said[-2000:]}"


@pytest.mark.parametrize("stale", ["yes", "no"])
async def test_without_any_master_every_program_ends_to_be_started_again(
    stores: TwoStores, tmp_path: Path, stale: str
) -> None:
    async with (
        running_sandbox() as sandbox,
        programs(stores, sandbox, version(tmp_path / "impatient", IMPATIENT)) as running,
    ):
        await stores.demote(stale=stale)
        for name, program in running.items():
            assert await program.ended(60) == 3, f"{name} said: {program.said[-2000:]}"
            assert "has been a replica for 3 s and takes no writes" in program.said
        await stores.promote()
        stores.move_address()
        async with store_at(stores.second.url) as store:
            await store.delete("ms:alive")
        for program in running.values():
            await program.start()
        await all_alive(stores.second, running)


def test_only_a_replica_ends_a_program_and_only_after_a_while() -> None:
    patient, impatient = DemotionWatch(), DemotionWatch(seconds=0)
    for error in (WritesRefused("MISCONF"), StoreConnectionError("gone")):
        impatient.failed(error)
    patient.failed(NoLongerMasterError("READONLY"))
    with pytest.raises(DemotedError, match="replica"):
        impatient.failed(NoLongerMasterError("READONLY"))


def test_a_write_begins_the_minute_anew_and_a_broken_connection_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    watch = DemotionWatch()
    watch.failed(NoLongerMasterError("READONLY"))
    watch.failed(StoreConnectionError("gone"))
    for ended in (watch.wrote, lambda: watch.failed(WritesRefused("MISCONF"))):
        now += 61
        ended()
        watch.failed(NoLongerMasterError("MASTERDOWN"))
    now += 59
    watch.failed(StoreConnectionError("gone"))
    watch.failed(NoLongerMasterError("READONLY"))
    now += 2
    with pytest.raises(DemotedError):
        watch.failed(NoLongerMasterError("READONLY"))
