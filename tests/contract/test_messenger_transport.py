"""Sends whose answer cannot be read have the same outcome on every messenger."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from telegram.request import HTTPXRequest
from yarl import URL

from core.domain.content.content import Content
from core.domain.messengers.outcome import Answer, Outcome, Reason
from core.domain.messengers.traits import Messenger
from core.settings import SECRETS, load_settings
from tests.contract.messenger_server import (
    TOKEN,
    Behaviour,
    MessengerServer,
    answer,
    closed_port,
    hang,
    hang_up,
    hang_up_before_reading,
    raw,
    silent_server,
    url_of,
    yes_of,
)
from tests.support.core import VARIABLES
from tests.support.socks_proxy import socks_proxy
from workers.messengers import build_messengers
from workers.messengers.proxies import proxy_for
from workers.messengers.transport import JSON_HEADERS, Reply, Transport, open_session

HELLO = Content(text="Hello")
every_messenger = pytest.mark.parametrize("messenger", list(Messenger))


class Sender:
    """The messengers over one session, aimed at `url`; patient unless told otherwise."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, *, connect: float = 5, total: float = 10
    ) -> None:
        urls = {url_of(messenger): url for messenger in Messenger}
        settings = load_settings({**VARIABLES, **dict.fromkeys(SECRETS, TOKEN), **urls}, None)
        self.ports = build_messengers(settings, Transport(session, connect=connect, total=total))

    async def send(self, messenger: Messenger, content: Content = HELLO) -> Answer:
        return await self.ports[messenger].send(
            messenger.traits.example.rpartition(":")[2], content, "d-A7KQ-x15-0"
        )


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session(limit=4) as session:
        yield session


@pytest.fixture
def sender(server: MessengerServer, session: aiohttp.ClientSession) -> Sender:
    return Sender(session, server.url)


def never_left(got: Answer) -> bool:
    return (got.outcome, got.reason) == (Outcome.TRANSIENT, Reason.UNREACHABLE)


def may_have_arrived(got: Answer) -> bool:
    return (got.outcome, got.reason) == (Outcome.UNKNOWN, Reason.NO_ANSWER)


def told_on_arrival(behaviour: Behaviour) -> tuple[asyncio.Event, Behaviour]:
    arrived = asyncio.Event()

    async def tell(request: aiohttp.web.Request) -> aiohttp.web.StreamResponse:
        arrived.set()
        return await behaviour(request)

    return arrived, tell


class NoSuchHost(AbstractResolver):
    """Finds no host, as a resolver does whose network is down."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        raise OSError(None, "Name or service not known")

    async def close(self) -> None:
        """Nothing is open."""


@every_messenger
async def test_a_refused_connection_never_left(messenger: Messenger, session: aiohttp.ClientSession) -> None:
    assert never_left(await Sender(session, f"http://127.0.0.1:{closed_port()}").send(messenger))


@every_messenger
async def test_a_host_that_is_not_found_never_left(messenger: Messenger) -> None:
    connector = aiohttp.TCPConnector(resolver=NoSuchHost())
    async with aiohttp.ClientSession(connector=connector) as session:
        got = await Sender(session, "http://messenger.invalid").send(messenger)
    assert never_left(got)
    assert got.detail == "its name is not found (DNS): Name or service not known"


@every_messenger
async def test_a_failed_tls_handshake_never_left(messenger: Messenger, server: MessengerServer) -> None:
    async with open_session(limit=4) as session:
        got = await Sender(session, server.url.replace("http", "https")).send(messenger)
    assert never_left(got)
    assert server.requests == []


@every_messenger
async def test_a_tls_handshake_without_an_answer_never_left(
    messenger: Messenger, session: aiohttp.ClientSession
) -> None:
    with silent_server() as port:
        assert never_left(await Sender(session, f"https://127.0.0.1:{port}", connect=0.2).send(messenger))


@every_messenger
async def test_a_send_that_got_no_free_connection_never_left(
    messenger: Messenger, server: MessengerServer
) -> None:
    arrived, behaviour = told_on_arrival(hang)
    server.plan(behaviour)
    async with open_session(limit=1) as session:
        first = asyncio.create_task(Sender(session, server.url).send(messenger))
        await asyncio.wait_for(arrived.wait(), 5)
        assert never_left(await Sender(session, server.url, connect=0.1).send(messenger))
        first.cancel()
        await asyncio.wait([first])
    assert len(server.requests) == 1


@every_messenger
async def test_a_request_without_an_answer_in_time_is_unknown_and_made_once(
    messenger: Messenger, server: MessengerServer, session: aiohttp.ClientSession
) -> None:
    server.plan(hang)
    assert may_have_arrived(await Sender(session, server.url, total=0.4).send(messenger))
    assert len(server.requests) == 1


@every_messenger
@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(hang_up, id="hangs-up-after-reading"),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"), id="half-an-answer"),
        pytest.param(raw(b"220 smtp.example.com ESMTP\r\n"), id="not-http"),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"), id="not-gzip"
        ),
        pytest.param(answer(200, "[" * 100_000), id="bottomless-json"),
        pytest.param(answer(200, [1]), id="json-list"),
        pytest.param(answer(200, {"surprise": 1}), id="json-of-another-kind"),
        pytest.param(answer(502, "<html>bad gateway</html>"), id="html-502"),
        pytest.param(answer(503, {"surprise": 1}, {"Retry-After": "5"}), id="json-503-of-another-kind"),
        pytest.param(answer(408, "<html>too slow</html>"), id="html-408"),
    ],
)
async def test_a_request_that_left_and_got_no_clear_answer_is_unknown_and_made_once(
    messenger: Messenger, behaviour: Behaviour, server: MessengerServer, sender: Sender
) -> None:
    server.plan(behaviour)
    assert may_have_arrived(await sender.send(messenger))
    assert len(server.requests) == 1


LOG_IN = "<html>Welcome to our WiFi, please log in</html>"


@pytest.mark.parametrize("messenger", [Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER])
@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (200, LOG_IN, "a web page instead of an answer, such as a Wi-Fi sign-in page"),
        (400, LOG_IN, "a web page instead of an answer, such as a Wi-Fi sign-in page"),
        (401, LOG_IN, "a web page instead of an answer, such as a Wi-Fi sign-in page"),
        (403, LOG_IN, "a web page instead of an answer, such as a Wi-Fi sign-in page"),
        (404, LOG_IN, "a web page instead of an answer, such as a Wi-Fi sign-in page"),
        (407, LOG_IN, "a web page instead of an answer, such as a Wi-Fi sign-in page"),
        (511, LOG_IN, "a web page instead of an answer, such as a Wi-Fi sign-in page"),
        (302, "", "not in the messenger's own form"),
        (403, "", "not in the messenger's own form"),
        (403, "Forbidden", "not in the messenger's own form"),
        (403, {"status": 403, "error": "Forbidden", "path": "/"}, "not in the messenger's own form"),
        (404, {"error": "not found"}, "not in the messenger's own form"),
        (401, {"error": {"code": 401, "message": "Unauthorized"}}, "not in the messenger's own form"),
        (401, {"error": "unauthorized", "description": "no token"}, "not in the messenger's own form"),
    ],
)
async def test_an_answer_of_something_in_between_is_not_the_messengers(
    messenger: Messenger, status: int, body: object, cause: str, server: MessengerServer, sender: Sender
) -> None:
    server.plan(answer(status, body))
    got = await sender.send(messenger)
    assert (got.outcome, got.reason) == (Outcome.TRANSIENT, Reason.UNREACHABLE)
    assert got.detail == f"HTTP {status}, {cause}"


@pytest.mark.parametrize(
    ("messenger", "body", "outcome"),
    [
        (
            Messenger.TELEGRAM,
            {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"},
            Outcome.RECIPIENT_REFUSED,
        ),
        (Messenger.WHATSAPP, {"error": {"code": 10, "message": "no permission"}}, Outcome.CONFIGURATION),
        (Messenger.VIBER, {"status": 2, "status_message": "invalidAuthToken"}, Outcome.CONFIGURATION),
    ],
)
async def test_a_403_of_the_messenger_itself_is_read(
    messenger: Messenger, body: object, outcome: Outcome, server: MessengerServer, sender: Sender
) -> None:
    server.plan(answer(403, body))
    assert (await sender.send(messenger)).outcome is outcome


@every_messenger
async def test_an_answer_of_many_megabytes_is_not_read_to_its_end(
    messenger: Messenger, server: MessengerServer, sender: Sender
) -> None:
    written = 0

    async def flood(request: aiohttp.web.Request) -> aiohttp.web.StreamResponse:
        nonlocal written
        response = aiohttp.web.StreamResponse(headers={"Content-Length": str(50_000_000)})
        await response.prepare(request)
        while written < 50_000_000:
            await response.write(b"x" * 250_000)
            written += 250_000
        return response

    server.plan(flood)
    assert may_have_arrived(await sender.send(messenger))
    assert written < 25_000_000
    server.plan(answer(200, yes_of(messenger)))
    assert (await sender.send(messenger)).outcome is Outcome.SENT
    first, second = server.requests
    assert first.connection != second.connection


ODD_WORDS = "no\ud83d \u202ehcir\x1b[31m\x00 \u200bmoney"


@pytest.mark.parametrize(
    ("messenger", "body"),
    [
        (Messenger.TELEGRAM, {"ok": False, "error_code": 400, "description": ODD_WORDS}),
        (Messenger.WHATSAPP, {"error": {"code": 139999, "message": ODD_WORDS}}),
        (Messenger.VIBER, {"status": 3, "status_message": ODD_WORDS}),
    ],
)
async def test_words_of_a_messenger_come_without_what_cannot_be_shown(
    messenger: Messenger, body: object, server: MessengerServer, sender: Sender
) -> None:
    server.plan(answer(400, body))
    got = await sender.send(messenger)
    assert got.outcome is Outcome.CONTENT_REFUSED
    assert got.detail.endswith("no hcir[31m money")


@every_messenger
async def test_an_answer_that_came_while_the_process_was_frozen_is_read(
    messenger: Messenger, server: MessengerServer, session: aiohttp.ClientSession
) -> None:
    body = json.dumps(yes_of(messenger)).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"

    async def answer_and_freeze(request: aiohttp.web.Request) -> aiohttp.web.StreamResponse:
        assert request.transport is not None
        request.transport.write(head.encode() + body)
        time.sleep(0.6)  # noqa: ASYNC251 - the loop is blocked until the deadline has passed
        return await hang(request)

    server.plan(answer_and_freeze)
    got = await Sender(session, server.url, total=0.3).send(messenger)
    assert got.outcome is Outcome.SENT


class FrozenMeanwhile(AbstractResolver):
    """Finds the server, after the process was frozen for longer than a request may take."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        time.sleep(0.6)  # noqa: ASYNC251 - the loop is blocked until the deadline has passed
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is open."""


@every_messenger
async def test_a_request_whose_time_was_over_before_it_could_leave_never_left(
    messenger: Messenger, server: MessengerServer
) -> None:
    """The lease may be over: it may have been sent again since, by somebody who was asked."""
    connector = aiohttp.TCPConnector(resolver=FrozenMeanwhile())
    server.plan(answer(200, yes_of(messenger)))
    async with aiohttp.ClientSession(connector=connector) as session:
        url = f"http://messenger.example:{server.port}"
        assert never_left(await Sender(session, url, total=0.3).send(messenger))
        assert server.requests == []
        assert (await Sender(session, url).send(messenger)).outcome is Outcome.SENT


@every_messenger
async def test_a_connection_reset_in_the_middle_of_a_request_is_unknown(
    messenger: Messenger, server: MessengerServer, sender: Sender
) -> None:
    server.plan(hang_up_before_reading)
    assert may_have_arrived(await sender.send(messenger, Content(text="x" * 4096)))


@every_messenger
async def test_a_kept_connection_that_closes_on_the_next_send_does_not_make_it_twice(
    messenger: Messenger, server: MessengerServer, sender: Sender
) -> None:
    server.plan(answer(200, yes_of(messenger)), hang_up, answer(200, yes_of(messenger)))
    assert (await sender.send(messenger)).outcome is Outcome.SENT
    assert may_have_arrived(await sender.send(messenger))
    first, second = server.requests
    assert first.connection == second.connection


@every_messenger
async def test_a_redirect_is_not_followed_and_says_that_something_stands_in_between(
    messenger: Messenger, server: MessengerServer, sender: Sender
) -> None:
    log_in = f"https://wifi.example.test/login?to={server.url}/bot{TOKEN}/sendMessage"
    server.plan(answer(307, "", {"Location": log_in}), answer(200, yes_of(messenger)))
    got = await sender.send(messenger)
    assert (got.outcome, got.reason) == (Outcome.TRANSIENT, Reason.UNREACHABLE)
    assert got.detail == "HTTP 307, a redirect to wifi.example.test"
    assert len(server.requests) == 1


@every_messenger
async def test_a_cancelled_send_raises_cancellation(
    messenger: Messenger, server: MessengerServer, sender: Sender
) -> None:
    arrived, behaviour = told_on_arrival(hang)
    server.plan(behaviour)
    sending = asyncio.create_task(sender.send(messenger))
    await asyncio.wait_for(arrived.wait(), 5)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending


SECRET = TOKEN.partition(":")[2]


@every_messenger
@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(hang_up, id="hangs-up-after-reading"),
        pytest.param(hang_up_before_reading, id="resets"),
        pytest.param(raw(b"220 smtp.example.com ESMTP\r\n"), id="not-http"),
        pytest.param(answer(404, f"<html>no page /bot{TOKEN}/sendMessage</html>"), id="html-names-it"),
        pytest.param(
            answer(400, {"ok": False, "error_code": 400, "description": f"no {TOKEN} here"}),
            id="telegram-says-it",
        ),
        pytest.param(
            answer(400, {"error": {"code": 100, "message": f"{'x' * 170} {TOKEN}"}}),
            id="whatsapp-says-it-at-the-cut",
        ),
        pytest.param(answer(200, {"status": 3, "status_message": f"no {TOKEN} here"}), id="viber-says-it"),
    ],
)
async def test_the_token_never_stands_in_a_detail_a_check_or_the_log(
    messenger: Messenger,
    behaviour: Behaviour,
    server: MessengerServer,
    sender: Sender,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.plan(behaviour)
    with caplog.at_level(logging.DEBUG):
        got = await sender.send(messenger, Content(text="x" * 4000))
        complaint = await sender.ports[messenger].check()
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("aiohttp.access")]
    shown = "\n".join([got.detail, complaint or "", *ours])
    assert got.detail
    assert SECRET not in shown
    assert SECRET[:12] not in shown


@pytest.mark.parametrize("name", ["http_proxy", "all_proxy"])
async def test_requests_go_through_the_proxy_of_the_environment(
    name: str, server: MessengerServer, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, server.url.replace("http://", "http://me:secret@"))
    server.plan(answer(200, {"ok": True}), answer(200, {"ok": True}))
    there = URL("http://telegram.test.invalid/bot1:x/getMe?a=1")
    got = await Transport(session).post(there, JSON_HEADERS, {"chat_id": 1})
    assert isinstance(got, Reply)
    assert got.body == {"ok": True}
    (request,) = server.requests
    assert request.headers["Host"] == "telegram.test.invalid"
    assert request.headers["Proxy-Authorization"] == aiohttp.encode_basic_auth("me", "secret")
    monkeypatch.setenv("no_proxy", "test.invalid")
    direct = await Transport(session).post(there, JSON_HEADERS, {})
    assert isinstance(direct, Answer)
    assert never_left(direct)


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_requests_of_workers_and_bot_go_through_a_socks_proxy(
    scheme: str, server: MessengerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names are looked up by the proxy; addresses of NO_PROXY and of this machine are reached straight."""
    here = URL(server.url)
    there = URL("http://telegram.test.invalid:8000/bot1:x/getMe")
    server.plan(*[answer(200, {"ok": True})] * 3)
    async with socks_proxy(here.port or 0) as proxy:
        monkeypatch.setenv("all_proxy", proxy.url.replace("socks5h", scheme))
        monkeypatch.setenv("no_proxy", "other.invalid")
        async with open_session(limit=4) as session:
            got = await Transport(session).post(there, JSON_HEADERS, {})
            assert isinstance(got, Reply)
            assert got.body == {"ok": True}
            assert isinstance(await Transport(session).get(here, JSON_HEADERS), Reply)
            straight = await Transport(session).get(there.with_host("other.invalid"), JSON_HEADERS)
            assert isinstance(straight, Answer)
            assert never_left(straight)
        async with HTTPXRequest() as request:
            assert (await request.do_request(str(there), "POST"))[0] == 200
        assert proxy.asked == ["telegram.test.invalid"] * 2
        proxy.refuses = True
        async with open_session(limit=4) as session:
            refused = await Transport(session).post(there, JSON_HEADERS, {})
        assert isinstance(refused, Answer)
        assert never_left(refused)
        assert refused.detail == "the SOCKS proxy made no connection"


async def test_a_proxy_that_is_not_there_is_named(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    got = await Transport(session).get(URL("https://graph.test.invalid/v26.0"), JSON_HEADERS)
    assert isinstance(got, Answer)
    assert got.detail == "the proxy cannot be reached"
    assert proxy_for(URL("https://127.0.0.1/x")) is None
