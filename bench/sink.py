"""A stand-in for Telegram's sendMessage that is never the limit: `python -m bench.sink`.

It answers every sendMessage after the set latency, counts per recipient, and prints "sink listening on <url>" once it
listens. It reads just enough HTTP for clients that send Content-Length, one request at a time on each connection.

    POST /bot<token>/sendMessage   {"chat_id": ..., ...} -> as Telegram answers; 429 when the limit is broken
    GET  /books                    -> {"count", "repeated", "refused", "first", "last"}; times in seconds since 1970
    GET  /arrivals                 -> {recipient: time of the first accepted request}
    POST /rules                    {"latency": s, "rate": messages/s or null, "strict": bool}; empties the books
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections import deque
from typing import Final, cast

import uvloop

_LENGTH: Final = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
_CHAT: Final = re.compile(rb'"chat_id":\s*"?(-?\d+)')
_HEAD_END: Final = b"\r\n\r\n"


class Limit:
    """A token bucket of one second; `strict`: never more than that in any one second."""

    def __init__(self, rate: float, *, strict: bool) -> None:
        self._rate = rate
        self._strict = strict
        self._tokens = rate
        self._at = time.monotonic()
        self._taken: deque[float] = deque()

    def take(self) -> bool:
        """True if one more request is within the limit now."""
        now = time.monotonic()
        return self._take_strictly(now) if self._strict else self._take_token(now)

    def _take_token(self, now: float) -> bool:
        self._tokens = min(self._rate, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def _take_strictly(self, now: float) -> bool:
        while self._taken and self._taken[0] <= now - 1:
            self._taken.popleft()
        if len(self._taken) >= self._rate:
            return False
        self._taken.append(now)
        return True


class Books:
    """Requests that arrived since the rules were set."""

    def __init__(self) -> None:
        self.latency = 0.0
        self.limit: Limit | None = None
        self.arrivals: dict[int, float] = {}
        self.count = 0
        self.refused = 0
        self.last = 0.0

    def accept(self, recipient: int) -> None:
        now = time.time()
        self.count += 1
        self.last = now
        self.arrivals.setdefault(recipient, now)

    def summary(self) -> dict[str, float | None]:
        return {
            "count": self.count,
            "repeated": self.count - len(self.arrivals),
            "refused": self.refused,
            "first": next(iter(self.arrivals.values()), None),
            "last": self.last or None,
        }


class Sink(asyncio.Protocol):
    """One connection."""

    books = Books()

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._buffer = b""
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(
            "asyncio.WriteTransport", transport
        )  # uvloop's own class is not registered as one

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (head_end := self._buffer.find(_HEAD_END)) >= 0:
            head = self._buffer[:head_end]
            found = _LENGTH.search(head)
            end = head_end + len(_HEAD_END) + (int(found[1]) if found else 0)
            if len(self._buffer) < end:
                return
            body, self._buffer = self._buffer[head_end + len(_HEAD_END) : end], self._buffer[end:]
            self._request(head, body)

    def _request(self, head: bytes, body: bytes) -> None:
        path = head.split(b" ", 2)[1]
        if path.endswith(b"/sendMessage"):
            self._message(body)
        elif path == b"/rules":
            _set_rules(json.loads(body))
            self._write(_answer(200, b"{}"))
        else:
            told = Sink.books.arrivals if path == b"/arrivals" else Sink.books.summary()
            self._write(_answer(200, json.dumps(told).encode()))

    def _message(self, body: bytes) -> None:
        books = Sink.books
        chat = _CHAT.search(body)
        if chat is None:
            answer = _answer(
                400, b'{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}'
            )
        elif books.limit is not None and not books.limit.take():
            books.refused += 1
            answer = _TOO_FAST
        else:
            books.accept(int(chat[1]))
            answer = _answer(200, _SENT % (books.count, int(books.last), chat[1]))
        if books.latency:
            self._loop.call_later(books.latency, self._write, answer)
        else:
            self._write(answer)

    def _write(self, answer: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(answer)


_SENT: Final = (
    b'{"ok":true,"result":{"message_id":%d,"from":{"id":100000001,"is_bot":true,"first_name":"Shop","username":'
    b'"shop_bot"},"date":%d,"chat":{"id":%s,"first_name":"Ada","type":"private"},"text":"Hello"}}'
)


def _answer(status: int, body: bytes) -> bytes:
    head = b"HTTP/1.1 %d .\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (
        status,
        len(body),
    )
    return head + body


_TOO_FAST: Final = _answer(
    429,
    b'{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 1","parameters":{"retry_after":1}}',
)


def _set_rules(rules: dict[str, float | None]) -> None:
    books = Sink.books = Books()
    books.latency = rules.get("latency") or 0.0
    rate = rules.get("rate")
    books.limit = Limit(rate, strict=bool(rules.get("strict"))) if rate else None


async def serve() -> None:
    """Serve on a free port of 127.0.0.1 until killed."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"sink listening on http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())
