"""A real HTTP server in place of a messenger: answers as told, keeps every request."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib import import_module

from aiohttp import web

from core.domain.messengers.traits import Messenger
from core.settings import VARIABLES

Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]
TOKEN = "123456789:AAsecretsecretsecretsecretsecret"


def yes_of(messenger: Messenger) -> object:
    """The messenger's answer to an accepted message, from its own tests."""
    return import_module(f"tests.contract.test_messenger_{messenger}").YES


def url_of(messenger: Messenger) -> str:
    """The variable that says where `messenger` is."""
    api_url = f"{messenger.upper()}_API_URL"
    return api_url if api_url in VARIABLES else f"{messenger.upper()}_URL"


@dataclass(frozen=True, slots=True)
class Request:
    """A request. `connection`: the port it came from, the same for requests on one kept connection."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def json(self) -> object:
        return json.loads(self.body)


class MessengerServer:
    """Answers with the planned behaviours in their order, then with the last one for ever."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.port = port
        self.requests: list[Request] = []
        self._plan: deque[Behaviour] = deque()

    def plan(self, *behaviours: Behaviour) -> None:
        self._plan = deque(behaviours)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        behaviour = self._plan.popleft() if len(self._plan) > 1 else self._plan[0]
        if behaviour is not hang_up_before_reading:
            self.requests.append(await _recorded(request))
        return await behaviour(request)


async def _recorded(request: web.Request) -> Request:
    if request.transport is None:
        raise ConnectionResetError("the client has gone")
    port = request.transport.get_extra_info("peername")[1]
    return Request(request.method, request.path_qs, request.headers.copy(), await request.read(), port)


@asynccontextmanager
async def messenger_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[MessengerServer]:
    """A server on a free port of 127.0.0.1."""
    application = web.Application()
    runner = web.AppRunner(application, shutdown_timeout=0.01)
    with _listening() as listener:
        server = MessengerServer(listener.getsockname()[1])
        application.router.add_route("*", "/{path:.*}", server.handle)
        await runner.setup()
        await web.SockSite(runner, listener, ssl_context=tls).start()
        try:
            yield server
        finally:
            await runner.cleanup()


@contextmanager
def _listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server whose system takes connections, but which never says a word."""
    with _listening() as listener:
        yield listener.getsockname()[1]


def closed_port() -> int:
    """A port on which nobody listens."""
    with _listening() as listener:
        return int(listener.getsockname()[1])


def answer(status: int, body: object = None, headers: Mapping[str, str] | None = None) -> Behaviour:
    """`body`: a str goes out as HTML, anything else as JSON."""

    async def behave(_request: web.Request) -> web.StreamResponse:
        if isinstance(body, str):
            return web.Response(status=status, text=body, content_type="text/html", headers=headers)
        return web.json_response(body, status=status, headers=headers)

    return behave


def raw(data: bytes) -> Behaviour:
    """Writes `data` as the whole answer and closes the connection."""

    async def behave(request: web.Request) -> web.StreamResponse:
        _transport(request).write(data)
        return await hang_up(request)

    return behave


async def hang_up(request: web.Request) -> web.StreamResponse:
    """Closes the connection after the request was read, without an answer."""
    _transport(request).close()
    return web.Response()


async def hang_up_before_reading(request: web.Request) -> web.StreamResponse:
    """Resets the connection before the request's body was read."""
    _transport(request).abort()
    return web.Response()


async def hang(_request: web.Request) -> web.StreamResponse:
    """Reads the request and never answers."""
    await asyncio.Event().wait()
    return web.Response()


def _transport(request: web.Request) -> asyncio.Transport:
    if not isinstance(request.transport, asyncio.Transport):
        raise ConnectionResetError("the client has gone")
    return request.transport
