"""A TCP proxy before the store that loses chosen requests or answers, or holds requests back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_CHUNK = 1 << 16


@dataclass
class Gate:
    """Holds back the next request with `marker` in it."""

    marker: bytes
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class LossyProxy:
    """Passes everything on except the next `requests` and `answers` to commands with `marker` in them."""

    url: str
    store_url: str
    """Where new connections lead."""
    marker: bytes = b"EVALSHA"
    requests: int = 0
    """Requests still to be lost: the store never sees them."""
    answers: int = 0
    """Answers still to be lost: the store has executed the command."""
    lost: int = 0
    """Connections cut so far."""
    lost_request: bytes = b""
    """The last lost request, for deliver_lost_request()."""
    gates: list[Gate] = field(default_factory=list)
    share: float = 0.0
    """Share of all answers to lose besides, 0.0 to 1.0."""
    dice: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 - repeatable, no secret

    def lose_answers(self, count: int, marker: bytes = b"EVALSHA") -> None:
        self.answers, self.marker = count, marker

    def lose_requests(self, count: int, marker: bytes = b"EVALSHA") -> None:
        self.requests, self.marker = count, marker

    def hold(self, marker: bytes) -> Gate:
        """Hold back the next request with `marker` until the gate is opened."""
        self.gates.append(Gate(marker))
        return self.gates[-1]

    async def deliver_lost_request(self) -> None:
        """Deliver the lost request late, as a slow network would; drop its answer."""
        parts = urlsplit(self.store_url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(f"AUTH {parts.password}\r\n".encode())
        await reader.readline()
        writer.write(self.lost_request)
        assert (await reader.readline()).startswith(b"*")
        writer.close()

    async def carry(self, client: _Side, store: _Side) -> None:
        """Relay one connection until either side ends it or it is cut."""
        answering = asyncio.create_task(_pass_on(store.reader, client.writer))
        try:
            while data := await client.reader.read(_CHUNK):
                if self.requests and self.marker in data:
                    self.requests -= 1
                    self.lost += 1
                    self.lost_request = data
                    return
                for gate in [one for one in self.gates if one.marker in data]:
                    self.gates.remove(gate)
                    gate.reached.set()
                    await gate.opened.wait()
                told = self.answers > 0 and self.marker in data
                losing = told or (self.marker in data and self.dice.random() < self.share)
                if losing:
                    answering.cancel()
                    await asyncio.wait([answering])
                store.writer.write(data)
                await store.writer.drain()
                if losing:
                    self.answers -= told
                    self.lost += 1
                    await store.reader.read(_CHUNK)
                    return
        finally:
            answering.cancel()


@dataclass
class _Side:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def lossy_proxy(redis_url: str) -> AsyncIterator[LossyProxy]:
    """A proxy for the store at `redis_url` on a free port of 127.0.0.1."""
    parts = urlsplit(redis_url)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to = urlsplit(proxy.store_url)
        try:
            there = _Side(*await asyncio.open_connection(to.hostname, to.port))
        except OSError:  # the store is away
            writer.close()
            return
        try:
            with suppress(ConnectionError):
                await proxy.carry(_Side(reader, writer), there)
        finally:
            for side in (writer, there.writer):
                side.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    proxy = LossyProxy(parts._replace(netloc=f":{parts.password}@127.0.0.1:{port}").geturl(), redis_url)
    async with server:
        yield proxy
