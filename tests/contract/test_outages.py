"""Trouble on the way to a messenger: nobody fails or is sent for it, admins hear the cause, it goes on by itself."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from core.app import Core
from core.domain.broadcast import Broadcast, BroadcastStatus
from core.domain.messengers.traits import Messenger
from core.services.alerts import Alert, AlertTracker
from tests.contract.messenger_server import MessengerServer, answer, messenger_server, url_of
from tests.support.core import core_at, people, reloaded, started, until
from workers import breaker, preflight
from workers.engine import Engine
from workers.jobs import retry_policy
from workers.messengers import build_messengers
from workers.messengers.transport import Transport, open_session

pytestmark = pytest.mark.usefixtures("second_try_at_once")

WHATSAPP = Messenger.WHATSAPP
TLS = Path(__file__).parents[1] / "data" / "tls"
PEOPLE = 20


class Names(AbstractResolver):
    """Finds every host on this machine, unless names are not found just now."""

    def __init__(self) -> None:
        self.fails = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if self.fails:
            raise OSError(None, "Temporary failure in name resolution")
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is open."""


async def whatsapp(request: web.Request) -> web.StreamResponse:
    """Ready, and takes everything."""
    if request.method == "GET":
        return web.json_response({"id": "1", "health_status": {"can_send_message": "AVAILABLE"}})
    return web.json_response({"messages": [{"id": f"wamid.{id(request)}"}]})


def two_hours_ahead() -> str:
    return format_datetime(datetime.now(UTC) - timedelta(hours=2), usegmt=True)


async def by_another_clock(request: web.Request) -> web.StreamResponse:
    answered = await whatsapp(request)
    answered.headers["Date"] = two_hours_ahead()
    return answered


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, seconds in (
        (breaker, "FIRST_PAUSE_SECONDS", 0.3),
        (preflight, "LOOK_SECONDS", 0.1),
        (preflight, "LOOK_AGAIN_SECONDS", 0.1),
        (preflight, "OUTAGE_SECONDS", 0.2),
    ):
        monkeypatch.setattr(module, name, seconds)


def identity() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(TLS / "cert.pem", TLS / "key.pem")
    return context


@asynccontextmanager
async def worker(core: Core, session: aiohttp.ClientSession) -> AsyncIterator[None]:
    """A worker's engine, and its look at the messengers."""
    transport = Transport(session)
    ports = {WHATSAPP: build_messengers(core.settings, transport)[WHATSAPP]}
    engine = Engine(core, ports, retry_policy(core.settings), name="test", concurrency=5)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(engine.run())
        helpers = [
            tasks.create_task(preflight.preflight(ports, {}, core, transport.their_time)),
            tasks.create_task(core.bell.run()),
        ]
        yield
        engine.stop()
        for helper in helpers:
            helper.cancel()


class Admins:
    """What they are told."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._tracker = AlertTracker(core.alerts)
        self.told: list[Alert] = []

    async def hear(self, words: str, *, over: bool = False) -> None:
        """Wait until they are told something with these words."""

        async def heard() -> bool:
            self.told += await self._tracker.look(await self._core.status.read())
            return any(words in one.text and one.over is over for one in self.told)

        await until(heard, deadline=20)


async def nobody_was_touched(core: Core, broadcast: Broadcast) -> bool:
    current = await reloaded(core, broadcast)
    return current.progress.open == PEOPLE


async def all_got_it(core: Core, broadcast: Broadcast) -> None:
    async def ended() -> bool:
        return (await reloaded(core, broadcast)).status is BroadcastStatus.FINISHED

    await until(ended, deadline=20)
    assert (await reloaded(core, broadcast)).progress.reached == PEOPLE


@asynccontextmanager
async def stage(redis_url: str, url: str) -> AsyncIterator[tuple[Core, Admins]]:
    """A core whose WhatsApp is at `url`."""
    async with core_at(redis_url, RETRY_INTERVAL="1", **{url_of(WHATSAPP): url}) as core:
        yield core, Admins(core)


async def it_continues_by_itself(core: Core, admins: Admins, broadcast: Broadcast) -> None:
    await all_got_it(core, broadcast)
    await admins.hear("WhatsApp is ready to send.", over=True)


async def test_names_that_are_not_found_are_named_and_sending_goes_on_by_itself(redis_url: str) -> None:
    names = Names()
    connector = aiohttp.TCPConnector(resolver=names, use_dns_cache=False, force_close=True)
    async with messenger_server() as server, aiohttp.ClientSession(connector=connector) as session:
        server.plan(whatsapp)
        url = f"http://graph.example.test:{server.port}"
        async with stage(redis_url, url) as (core, admins), worker(core, session):
            names.fails = True
            broadcast = await started(core, people(WHATSAPP, PEOPLE))
            await admins.hear("its name is not found (DNS): Temporary failure in name resolution")
            assert await nobody_was_touched(core, broadcast)
            names.fails = False
            await it_continues_by_itself(core, admins, broadcast)


LOG_IN = "<html>Welcome to the hotel. Log in</html>"
TO_LOG_IN = {"Location": "https://wifi.hotel.example/login?to=https://graph.facebook.com/"}


@pytest.mark.parametrize(
    ("status", "body", "headers", "cause"),
    [
        (200, LOG_IN, {}, "HTTP 200, a web page instead of an answer, such as a Wi-Fi sign-in page"),
        (302, "", TO_LOG_IN, "HTTP 302, a redirect to wifi.hotel.example"),
        (403, LOG_IN, {}, "HTTP 403, a web page instead of an answer, such as a Wi-Fi sign-in page"),
        (403, "", {}, "HTTP 403, not in the messenger's own form"),
        (511, LOG_IN, TO_LOG_IN, "HTTP 511, a web page instead of an answer, such as a Wi-Fi sign-in page"),
    ],
)
async def test_a_captive_portal_is_named_and_sending_goes_on_behind_it(
    redis_url: str, status: int, body: str, headers: dict[str, str], cause: str
) -> None:
    async with messenger_server() as server, open_session(10) as session:
        server.plan(answer(status, body, headers))
        async with stage(redis_url, server.url) as (core, admins):
            broadcast = await started(core, people(WHATSAPP, PEOPLE))
            async with worker(core, session):
                await admins.hear(cause)
                assert await nobody_was_touched(core, broadcast)
                server.plan(whatsapp)
                await it_continues_by_itself(core, admins, broadcast)


async def test_a_certificate_that_does_not_fit_is_named_and_the_right_one_ends_it(redis_url: str) -> None:
    """The server's certificate is of an authority that this machine trusts only later."""
    trusted = ssl.create_default_context()
    connector = aiohttp.TCPConnector(ssl=trusted, force_close=True)
    async with (
        messenger_server(tls=identity()) as server,
        aiohttp.ClientSession(connector=connector) as session,
    ):
        server.plan(whatsapp)
        url = f"https://127.0.0.1:{server.port}"
        async with stage(redis_url, url) as (core, admins):
            broadcast = await started(core, people(WHATSAPP, PEOPLE))
            async with worker(core, session):
                await admins.hear("its certificate is not valid: ")
                assert await nobody_was_touched(core, broadcast)
                assert not server.requests
                trusted.load_verify_locations(TLS / "cert.pem")
                await it_continues_by_itself(core, admins, broadcast)


async def test_an_outage_is_told_while_nothing_is_sent(redis_url: str) -> None:
    async with messenger_server() as server, open_session(10) as session:
        server.plan(whatsapp)
        async with stage(redis_url, server.url) as (core, admins):
            async with worker(core, session), worker(core, session):
                await until(lambda: _watched(server))
                server.plan(answer(503, "<html>Bad gateway</html>"))
                await admins.hear("Couldn't reach WhatsApp (HTTP 503")
                server.plan(whatsapp)
                await admins.hear("WhatsApp is ready to send.", over=True)
            assert len(admins.told) == 2


async def _watched(server: MessengerServer) -> bool:
    return len(server.requests) > 3


async def test_a_clock_two_hours_off_is_told_and_everybody_is_sent_it(redis_url: str) -> None:
    async with messenger_server() as server, open_session(10) as session:
        server.plan(by_another_clock)
        async with stage(redis_url, server.url) as (core, admins):
            broadcast = await started(core, people(WHATSAPP, PEOPLE))
            async with worker(core, session):
                await admins.hear("The clock here is 120 minutes ahead")
                await all_got_it(core, broadcast)
                server.plan(whatsapp)
                await admins.hear("The clock here is right again.", over=True)
