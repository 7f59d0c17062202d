"""A SOCKS5 proxy without a password that connects every request to one port of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

_CHUNK = 1 << 16
_NAME = 3


@dataclass
class SocksProxy:
    """`asked`: the hosts that it was asked to connect to, as names."""

    url: str = ""
    refuses: bool = False
    asked: list[str] = field(default_factory=list)


@asynccontextmanager
async def socks_proxy(port: int) -> AsyncIterator[SocksProxy]:
    """Listens for the length of the block; leads to `port`."""
    proxy, tasks = SocksProxy(), set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        *_, kind = await reader.readexactly(4)
        assert kind == _NAME
        (length,) = await reader.readexactly(1)
        proxy.asked.append((await reader.readexactly(length)).decode())
        await reader.readexactly(2)
        writer.write((b"\x05\x02" if proxy.refuses else b"\x05\x00") + b"\x00\x01" + bytes(6))
        if proxy.refuses:
            writer.close()
            return
        there, here = await asyncio.open_connection("127.0.0.1", port)
        back = asyncio.create_task(_pass_on(there, writer))
        await _pass_on(reader, here)
        await back

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(task := asyncio.create_task(serve(reader, writer)))
        task.add_done_callback(tasks.discard)

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        proxy.url = f"socks5h://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield proxy
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
    writer.close()
