"""Serves the real API over HTTP on a free port.

`running_api()` runs it in the test's event loop; `deliver()` plays the worker.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
import uvicorn

from api.app import build_app
from api.failures import Failures
from api.server import server_config
from core.app import Core, open_core
from core.domain.broadcast import BroadcastStatus
from core.domain.messengers.retry import Move, Sent
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact
from core.settings import load_settings
from core.store.deliveries import RecordedOutcome


def basic(credentials: bytes) -> str:
    """The header for Basic auth."""
    return f"Basic {base64.b64encode(credentials).decode()}"


USER: Final = "ann"
PASSWORD: Final = "päss:word"
KNOWN: Final = basic(f"{USER}:{PASSWORD}".encode())
DEADLINE: Final = 15.0
CONTACTS: Final = (
    Contact(
        id="1",
        name="Alice",
        addresses={Messenger.TELEGRAM: "1001", Messenger.WHATSAPP: "+12025550123", Messenger.VIBER: "alice"},
    ),
    Contact(id="2", name="Bob", addresses={Messenger.TELEGRAM: "1002"}),
)
VARIABLES: Final = {
    "API_USER": USER,
    "API_PASSWORD": PASSWORD,
    "TZ": "Europe/Berlin",
    "TELEGRAM_BOT_TOKEN": "100000001:token-for-tests-0123456789",
    "WHATSAPP_TOKEN": "token-for-tests",
    "WHATSAPP_PHONE_NUMBER_ID": "100200300",
    "VIBER_AUTH_TOKEN": "token-for-tests",
    "VIBER_SENDER_NAME": "Tests",
    "TELEGRAM_RATE": "1000",
    "VIBER_RATE": "1000",
}


@dataclass(frozen=True)
class Reply:
    """A response of the API."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401  # whatever JSON can hold
        return json.loads(self.content)

    @property
    def error(self) -> str:
        """The sentence of an error; checks that there is nothing else."""
        (name,) = self.json
        assert name == "error"
        return str(self.json[name])


class Api:
    """A running API at `url`, and its core."""

    def __init__(self, url: str, core: Core, http: aiohttp.ClientSession, failures: Failures) -> None:
        self.url = url
        self.core = core
        self.http = http
        self.failures = failures

    async def call(
        self,
        method: str,
        path: str,
        *,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        auth: str | None = KNOWN,
    ) -> Reply:
        """Make a call as the known user; `auth` None: without credentials."""
        given = {**(headers or {}), **({"Authorization": auth} if auth is not None else {})}
        body = None if data is None else io.BytesIO(data)
        async with self.http.request(method, self.url + path, data=body, headers=given) as response:
            return Reply(response.status, response.headers, await response.read())

    async def get(self, path: str) -> Reply:
        return await self.call("GET", path)

    async def post(self, body: object) -> Reply:
        """POST /send_message with `body` as JSON."""
        return await self.post_bytes(json.dumps(body).encode())

    async def post_bytes(self, data: bytes, content_type: str = "application/json") -> Reply:
        return await self.call("POST", "/send_message", data=data, headers={"Content-Type": content_type})

    async def send(self, text: str, *recipients: tuple[str, str], send_at: str | None = None) -> Reply:
        """Order a broadcast to (uuid, service) pairs."""
        order: dict[str, object] = {
            "body": text,
            "recipients": [{"uuid": uuid, "service": service} for uuid, service in recipients],
        }
        return await self.post(order if send_at is None else {**order, "send_at": send_at})

    async def deliver(self, outcomes: Mapping[str, Move] | None = None) -> None:
        """Start what is waiting and deliver everything. `outcomes`: by address, else sent."""
        await self._start()
        # Thousands of deliveries take their time where other tests keep the processors busy.
        async with asyncio.timeout(4 * DEADLINE):
            while any(one.progress.open for one in await self.core.broadcasts.running()):
                for messenger in Messenger:
                    await self._deliver_on(messenger, 100, outcomes or {})

    async def deliver_some(self, count: int) -> None:
        """Start what is waiting and deliver to `count` people on Telegram."""
        await self._start()
        await self._deliver_on(Messenger.TELEGRAM, count, {})

    async def _start(self) -> None:
        async for waiting in self.core.broadcasts.each_scheduled():
            if await self.core.ledger.start(waiting.id) is BroadcastStatus.SCHEDULED:
                await self.core.broadcasts.send_now(waiting.id)

    async def _deliver_on(self, messenger: Messenger, most: int, outcomes: Mapping[str, Move]) -> None:
        await self.core.deliveries.feed(messenger)
        claims = (await self.core.deliveries.claim(messenger, most, worker="test")).claims
        await self.core.deliveries.record(
            [RecordedOutcome(claim, outcomes.get(claim.recipient.address, Sent("id"))) for claim in claims]
        )


@asynccontextmanager
async def running_api(redis_url: str, *, host: str = "127.0.0.1", **changes: str) -> AsyncIterator[Api]:
    """Serve the API on the store at `redis_url`. `changes` go over VARIABLES; an empty one is unset."""
    settings = load_settings({**VARIABLES, "REDIS_URL": redis_url, **changes}, env_file=None)
    async with open_core(settings) as core, aiohttp.ClientSession() as http:
        for contact in CONTACTS:
            await core.contacts.put(contact)
        failures = Failures(core)
        server = uvicorn.Server(server_config(build_app(core, failures)))
        is_v6 = ":" in host
        with socket.create_server((host, 0), family=socket.AF_INET6 if is_v6 else socket.AF_INET) as listener:
            # As uvloop does in the program; else each answer waits 40 ms for an acknowledgement.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            try:
                await _started(server, serving)
                shown = f"[{host}]" if is_v6 else host
                yield Api(f"http://{shown}:{listener.getsockname()[1]}", core, http, failures)
            finally:
                server.should_exit = True
                await serving


async def _started(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not server.started:
            assert not serving.done(), "the server ended while starting"
            await asyncio.sleep(0.01)
