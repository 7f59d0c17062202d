"""The pipeline of every call to a fake: faults, limits, effect, books."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from aiohttp import web

from sandbox.books import Books, Call
from sandbox.faults import Fault, FaultKind, Faults, Limits

HTML_ERROR: Final = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(slots=True)
class Answer:
    """HTTP status, body, and the messenger's own code for the books (0: success)."""

    status: int
    body: bytes
    code: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


def json_answer(body: dict[str, Any], status: int = 200, code: int = 0) -> Answer:
    """An answer with a JSON body."""
    return Answer(status, _encode(body).encode(), code)


class Dialect(Protocol):
    """The error answers of one messenger."""

    def rate_limited(self, retry_after: int) -> Answer:
        """Too many messages; `retry_after`: seconds."""

    def blocked(self) -> Answer:
        """The recipient has blocked the sender."""

    def broken(self) -> Answer:
        """An internal error in the messenger's envelope."""

    def error(self, fault: Fault) -> Answer:
        """The error described by the fault."""


class CallPipeline:
    """Applies faults and limits to calls, and records them."""

    def __init__(self, books: Books, faults: Faults, limits: Limits) -> None:
        self.books = books
        self.faults = faults
        self.limits = limits

    async def serve(
        self, request: web.Request, call: Call, dialect: Dialect, act: Callable[[], Awaitable[Answer]]
    ) -> web.Response:
        """Answer the call, or close its connection where a fault drops it."""
        wait, fault = self.faults.take(call)
        if wait:
            await asyncio.sleep(wait)
        seconds = self.limits.seconds_to_wait(call)
        if seconds:
            answer: Answer | None = dialect.rate_limited(seconds)
        elif fault is None:
            answer = await act()
        else:
            answer = await _faulty(fault, call, dialect, act)
        if answer is None:
            self.books.record(call, 0, 0)
            return _drop(request)
        gone = await _has_gone(request)
        self.books.record(call, 0 if gone else answer.status, answer.code)
        return web.Response(
            body=answer.body, status=answer.status, headers=answer.headers, content_type=answer.content_type
        )


async def _faulty(
    fault: Fault, call: Call, dialect: Dialect, act: Callable[[], Awaitable[Answer]]
) -> Answer | None:
    if fault.kind is FaultKind.FAIL_LATER:
        call.fails_later = fault.code
        return await act()
    if fault.lands:
        await act()
    match fault.kind:
        case FaultKind.RATE_LIMIT:
            return dialect.rate_limited(fault.retry_after)
        case FaultKind.BLOCKED:
            return dialect.blocked()
        case FaultKind.HTML_ERROR:
            status = fault.status or 502
            return Answer(status, HTML_ERROR, status, content_type="text/html")
        case FaultKind.JSON_ERROR:
            return dialect.broken()
        case FaultKind.INVALID_JSON:
            return Answer(200, b'{"ok":tr')
        case FaultKind.ERROR:
            return dialect.error(fault)
        case _:
            return None


async def _has_gone(request: web.Request) -> bool:
    """True if the caller has closed the connection, as one that was killed has."""
    for _ in range(2):  # the loop sees that in one turn, and says so in the next
        await asyncio.sleep(0)
    return request.transport is None or request.transport.is_closing()


def _drop(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
