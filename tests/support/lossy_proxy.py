"""A real TCP proxy before the store that loses what it is told to lose: a request on its way, or the answer to it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_CHUNK = 1 << 16


@dataclass
class LossyProxy:
    """Passes everything on, but for the next `requests` and `answers` to commands with `marker` in them."""

    url: str
    store_url: str
    marker: bytes = b"EVALSHA"
    requests: int = 0
    """Requests still to be lost: the store never sees them."""
    answers: int = 0
    """Answers still to be lost: the store has done what was asked."""
    lost: int = 0
    """Connections cut so far."""
    lost_request: bytes = b""
    """The last one, for deliver_lost_request()."""
    share: float = 0.0
    """Besides, this part of the answers is lost, whoever asked."""
    dice: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 - repeatable, no secret

    def lose_answers(self, count: int, marker: bytes = b"EVALSHA") -> None:
        self.answers, self.marker = count, marker

    def lose_requests(self, count: int, marker: bytes = b"EVALSHA") -> None:
        self.requests, self.marker = count, marker

    async def deliver_lost_request(self) -> None:
        """Hand the store the last request that was lost, as a slow network would; its answer goes nowhere."""
        parts = urlsplit(self.store_url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(f"AUTH {parts.password}\r\n".encode())
        await reader.readline()
        writer.write(self.lost_request)
        assert (await reader.readline()).startswith(b"*")
        writer.close()

    async def carry(self, client: _Side, store: _Side) -> None:
        """One connection, until either side ends it or it is cut."""
        answering = asyncio.create_task(_pass_on(store.reader, client.writer))
        try:
            while data := await client.reader.read(_CHUNK):
                if self.requests and self.marker in data:
                    self.requests -= 1
                    self.lost += 1
                    self.lost_request = data
                    return
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
    """Before the store at `redis_url`, on a free port of 127.0.0.1."""
    parts = urlsplit(redis_url)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = _Side(*await asyncio.open_connection(parts.hostname, parts.port))
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
