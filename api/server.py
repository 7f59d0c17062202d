"""The HTTP server, with bounds on what a client without a password can make it hold."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import Any, ClassVar, Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD: Final = 32 * 1024
"""Bytes of the request line and all headers."""
HEAD_SECONDS: Final = 10.0
BODY_SECONDS: Final = 10.0
"""For a body up to 1 MB, and again for each further MB."""
MAX_IN_FLIGHT: Final = 96 * 1024 * 1024
"""Bytes of all bodies whose requests are not answered yet."""
MAX_CONNECTIONS: Final = 1000
_GRACE_SECONDS: Final = 20
_LINGER_SECONDS: Final = 0.5
_MEGABYTE: Final = 1024 * 1024
_MOST_OVERHEAD: Final = 8
"""Bytes around each byte of a body in chunks."""


class BoundedProtocol(HttpToolsProtocol):
    """Answers 431, 408 or 503 and closes the connection of a client that exceeds a bound."""

    in_flight: ClassVar[int] = 0

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - those of the base class
        super().__init__(*arguments, **named)
        self._timer: asyncio.TimerHandle | None = None
        self._in_head, self._refused = True, False
        self._head = self._body = self._overhead = self._held = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._allow(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        self._release()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._overhead += len(data)
        super().data_received(data)
        if self._overhead > MAX_HEAD + _MOST_OVERHEAD * self._body:
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"more than {MAX_HEAD // 1024} KB of headers"
            )

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head, self._body = True, 0, 0
        self._allow(HEAD_SECONDS)

    def on_url(self, url: bytes) -> None:
        self._head += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head += len(name) + len(value) + 4
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._refused:
            return
        if self._head > MAX_HEAD:
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"more than {MAX_HEAD // 1024} KB of headers"
            )
            return
        self._in_head, self._overhead = False, 0
        self._allow(BODY_SECONDS)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._refused:
            return
        self._overhead -= len(body)
        if (self._body + len(body)) // _MEGABYTE > self._body // _MEGABYTE:
            self._allow(BODY_SECONDS)
        self._body += len(body)
        if not self.cycle.response_complete:
            self._held += len(body)
            BoundedProtocol.in_flight += len(body)
        if BoundedProtocol.in_flight > MAX_IN_FLIGHT:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "too much is being received. Try again later")
            return
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._stop_timer()
        self._overhead = 0
        if not self._refused:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        self._release()
        super().on_response_complete()

    def _release(self) -> None:
        BoundedProtocol.in_flight -= self._held
        self._held = 0

    def _allow(self, seconds: float) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, self._late)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        if self.flow.read_paused:
            self._allow(BODY_SECONDS)  # The server does not read, so the client is not to blame.
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "it took too long to arrive")

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        """Answer unless an answer has begun, and close a moment later: unread bytes would make the answer get lost."""
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        self._stop_timer()
        if self._in_head or not self.cycle.response_started:
            body = json.dumps({"error": f"The request is refused: {why}."}).encode()
            head = (
                f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\n"
                f"content-length: {len(body)}\r\nretry-after: 10\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
        self.loop.call_later(_LINGER_SECONDS, self.transport.close)


def server_config(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> uvicorn.Config:
    """The server's settings."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=BoundedProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
