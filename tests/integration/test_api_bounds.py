"""A client without a password can make the API hold little, and not for long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest

from api import server
from tests.support.api_server import KNOWN, Api, running_api
from tests.support.lossy_proxy import lossy_proxy

HEAD = b"POST /receipts/whatsapp HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
SECRET = "secret-for-tests"


@pytest.fixture
async def open_to_receipts(redis_url: str) -> AsyncIterator[Api]:
    async with running_api(redis_url, WHATSAPP_APP_SECRET=SECRET) as api:
        yield api


@asynccontextmanager
async def connected(api: Api) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, port = api.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        async with asyncio.timeout(15):
            yield reader, writer
    finally:
        writer.close()


async def test_what_a_stop_cuts_off_is_answered_503_with_what_to_do(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store holds the order back for longer than the server waits for open requests."""
    monkeypatch.setattr(server, "_GRACE_SECONDS", 0)
    async with AsyncExitStack() as until_stopped, lossy_proxy(redis_url) as proxy:
        api = await until_stopped.enter_async_context(running_api(proxy.url))
        gate = proxy.hold(b"ms:staging")
        async with aiohttp.ClientSession() as http, asyncio.timeout(15):
            headers = {"Authorization": KNOWN}
            order = {"body": "Hello", "recipients": [{"uuid": "1", "service": "viber"}]}
            posting = asyncio.create_task(http.post(f"{api.url}/send_message", json=order, headers=headers))
            await gate.reached.wait()
            await until_stopped.aclose()
            async with await posting as response:
                assert (response.status, "Check /get_scheduled" in (await response.json())["error"]) == (
                    503,
                    True,
                )


async def test_headers_without_end_are_refused_after_32_kb(api: Api) -> None:
    async with connected(api) as (reader, writer):
        writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n")
        for number in range(40):
            writer.write(b"X-%d: %s\r\n" % (number, b"x" * 1000))
        assert (await reader.readline()).startswith(b"HTTP/1.1 431 ")
        await reader.read()
    assert (await api.get("/health")).status == 200


async def test_one_header_without_end_is_refused(api: Api) -> None:
    async with connected(api) as (reader, writer):
        writer.write(b"GET /health HTTP/1.1\r\nX: " + b"x" * (server.MAX_HEAD + 1))
        assert (await reader.readline()).startswith(b"HTTP/1.1 431 ")


async def test_whole_headers_beyond_32_kb_are_refused(api: Api) -> None:
    reply = await api.call("GET", "/health", headers={f"X-{n}": "x" * 4000 for n in range(9)})
    assert reply.status == 431


async def test_headers_of_16_kb_are_read(api: Api) -> None:
    reply = await api.call("GET", "/health", headers={f"X-{n}": "x" * 4000 for n in range(4)})
    assert reply.status == 200


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET /health HT", b"GET /health HTTP/1.1\r\nHost: x\r\n", HEAD + b"Content-Length: 9\r\n\r\n{"],
)
async def test_whoever_does_not_finish_is_disconnected(
    open_to_receipts: Api, begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (server.HEAD_SECONDS, server.BODY_SECONDS) == (10, 10)
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(server, "BODY_SECONDS", 0.3)
    async with connected(open_to_receipts) as (reader, writer):
        writer.write(begun)
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")


async def test_bodies_in_flight_share_a_budget(
    open_to_receipts: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MAX_IN_FLIGHT", 1024**2)
    part = b"x" * 700 * 1024
    async with connected(open_to_receipts) as (_, first), connected(open_to_receipts) as (reader, second):
        for writer in (first, second):
            writer.write(HEAD + b"Content-Length: 2000000\r\n\r\n" + part)
            await writer.drain()
        assert (await reader.readline()).startswith(b"HTTP/1.1 503 ")
    async with asyncio.timeout(5):
        while server.BoundedProtocol.in_flight:  # noqa: ASYNC110 - the transport sends no event
            await asyncio.sleep(0.01)
    assert (await open_to_receipts.get("/health")).status == 200


def test_connections_are_counted() -> None:
    assert server.server_config(lambda *_: None).limit_concurrency == server.MAX_CONNECTIONS  # type: ignore[arg-type]
