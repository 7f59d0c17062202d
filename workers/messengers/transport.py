"""One HTTP request to a messenger, and its meaning when no answer can be read.

The question is always: can the request have reached the messenger? No messenger takes an idempotency key, so a request
that may have arrived is never repeated.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import aiohttp
from aiohttp.connector import Connection
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from core.domain.messengers.outcome import Answer, Outcome, Reason
from workers.messengers.proxies import SocksError, connector, proxy_for

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
KEEP_ALIVE_SECONDS = 15.0
LONGEST_PAUSE = 86_400.0
_WATCH_SECONDS: Final = 0.1
# Of an answer. A hundred templates, which are asked for with GET, are the longest.
LONGEST_ANSWER: Final = 1024 * 1024
_MOST_BYTES: Final = {"POST": LONGEST_ANSWER, "GET": 8 * LONGEST_ANSWER}

# Answers are short, so unpacking would cost more than it saves.
JSON_HEADERS: Mapping[str, str] = {"Content-Type": "application/json", "Accept-Encoding": "identity"}

# The escaped form of non-Latin letters takes up to three times the bytes, which breaks Viber's 30 KB limit.
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer that arrived whole. `body` is empty unless it is a JSON object."""

    status: int
    body: Mapping[str, object]
    retry_after: float | None = None
    """The Retry-After header, in seconds."""
    is_page: bool = False
    """HTML: something between us and the messenger answered."""
    date: str = ""
    """The Date header."""
    leads_to: str = ""
    """The host that a redirect names. Never more of the address: a portal may put ours into it, token and all."""


def open_session(limit: int = 0) -> aiohttp.ClientSession:
    """The one session of a process; close it at the end. Call it on a running event loop.

    `limit`: most connections at once; 0 = as many as there are requests. A send that waits for a free connection uses
    up its connect time, and one messenger would wait for another.
    """
    # Messengers close idle connections after a minute or so. Ours close first, so a send rarely meets a closed one.
    return aiohttp.ClientSession(
        connector=connector(limit, KEEP_ALIVE_SECONDS), cookie_jar=aiohttp.DummyCookieJar()
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """The parts shared by all requests to one address with the same headers."""

    request: aiohttp.ClientRequest
    """Identifies the connection."""
    headers: Mapping[str, str]
    head: bytes
    """Everything in front of the number of the body's bytes."""


def _line(method: str, url: URL, headers: Mapping[str, str]) -> _Line:
    proxy = proxy_for(url)
    request = aiohttp.ClientRequest(
        method,
        url,
        headers=headers,
        loop=asyncio.get_running_loop(),
        proxy=proxy.url if proxy else None,
        proxy_headers=proxy.headers if proxy else None,
    )
    fields = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
    target = url.raw_path_qs
    if proxy and url.scheme == "http":
        # Without TLS a proxy passes the request on itself; with TLS it is a tunnel.
        target = str(url.with_fragment(None))
        fields |= dict(proxy.headers)
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a header has more than one line")
    return _Line(request, headers, "\r\n".join([*lines, "Content-Length: "]).encode())


class _Watch:
    """Cuts connections that have no answer in time. One timer for all: one per request would cost as much each.

    What is overdue is cut at the second look only. After a freeze of the process the answer may have arrived and not
    be read yet, and timers run before anything is read.
    """

    def __init__(self) -> None:
        self._until: dict[Connection, float] = {}
        self._overdue: set[Connection] = set()
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, connection: Connection, until: float) -> None:
        """Cut the connection when the loop's clock says `until`, or a moment later."""
        self._until[connection] = until
        if self._timer is None:
            self._set_timer()

    def end(self, connection: Connection) -> bool:
        """Stop watching. Returns whether it was overdue."""
        del self._until[connection]
        overdue = connection in self._overdue
        self._overdue.discard(connection)
        return overdue

    def _set_timer(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_WATCH_SECONDS, self._look)

    def _look(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        for connection, until in self._until.items():
            if until < now and connection in self._overdue and connection.transport is not None:
                connection.transport.abort()
            elif until < now:
                self._overdue.add(connection)
        if self._until:
            self._set_timer()


class Transport:
    """Makes requests over the connections of the process's session and with this deadline.

    It writes requests itself: aiohttp's session costs more than everything else done for a message. Connections, TLS,
    DNS and the parsing of answers are aiohttp's.

    `connect`: seconds to get a connection. `total`: seconds for everything, the connection included; the ledger's
    lease is longer than this by design, and `connect` must be shorter.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        connect: float = CONNECT_SECONDS,
        total: float = TOTAL_SECONDS,
    ) -> None:
        self._session = session
        self._timeout = aiohttp.ClientTimeout(total=total, connect=connect)
        self._total = total
        self._lines: dict[tuple[str, URL], _Line] = {}
        self._watch = _Watch()
        self._dated = ("", 0.0)

    @property
    def session(self) -> aiohttp.ClientSession:
        """For files, which take longer and are few."""
        return self._session

    async def post(
        self, url: URL, headers: Mapping[str, str], payload: Mapping[str, object]
    ) -> Reply | Answer:
        """POST `payload` as JSON. An Answer means that nothing could be read: TRANSIENT if the request never left."""
        return await self.post_encoded(url, headers, encoded(payload))

    async def post_encoded(self, url: URL, headers: Mapping[str, str], body: bytes) -> Reply | Answer:
        """As post(), for a body that had to be signed."""
        return await self._exchange("POST", url, headers, body)

    async def get(self, url: URL, headers: Mapping[str, str]) -> Reply | Answer:
        """GET, for account checks."""
        return await self._exchange("GET", url, headers, b"")

    def their_time(self) -> datetime | None:
        """The time now, by the clock of the server that answered last; None where none has told it."""
        date, at = self._dated
        told = moment_of(date)
        return told + timedelta(seconds=time.monotonic() - at) if told else None

    def _line(self, method: str, url: URL, headers: Mapping[str, str]) -> _Line:
        line = self._lines.get((method, url))
        if line is None or line.headers is not headers:
            line = self._lines[method, url] = _line(method, url, headers)
        return line

    async def _exchange(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes
    ) -> Reply | Answer:
        until = asyncio.get_running_loop().time() + self._total
        line = self._line(method, url, headers)
        connection = await self._connected(line)
        if isinstance(connection, Answer):
            return connection
        if asyncio.get_running_loop().time() > until:
            # Frozen since: the lease may be over before an answer comes.
            connection.release()
            return _never_left("its time was over before it left")
        self._watch.begin(connection, until)
        reply: Reply | Answer | None = None
        try:
            request = b"%b%d\r\n\r\n%b" % (line.head, len(body), body)
            reply = await _asked(connection, request, _MOST_BYTES[method])
        finally:
            overdue = self._watch.end(connection)
            if isinstance(reply, Reply):
                self._dated = reply.date, time.monotonic()
                connection.release()
            else:
                connection.close()
        return _may_have_arrived("no answer in time") if overdue and isinstance(reply, Answer) else reply

    async def _connected(self, line: _Line) -> Connection | Answer:
        connector = self._session.connector
        if connector is None:
            return _never_left("the session is closed")
        try:
            return await connector.connect(line.request, [], self._timeout)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return not_connected(error)


def not_connected(error: Exception) -> Answer:
    """The meaning of an error while the connection was made: nothing left."""
    # Most of these exceptions contain the URL, and with it Telegram's token: only their type is told.
    match error:
        case TimeoutError():
            return _never_left("no connection in time")
        case aiohttp.ClientHttpProxyError():
            return _never_left(f"the proxy answered HTTP {error.status}")
        case aiohttp.ClientProxyConnectionError():
            return _never_left("the proxy cannot be reached")
        case SocksError():
            return _never_left("the SOCKS proxy made no connection")
        case aiohttp.ClientConnectorDNSError():
            return _never_left(f"its name is not found (DNS): {error.strerror or 'no answer'}")
        case aiohttp.ClientConnectorCertificateError():
            return _never_left(f"its certificate is not valid: {_why_not_valid(error.certificate_error)}")
        case aiohttp.ClientConnectorError():
            return _never_left(error.strerror or type(error).__name__)
        case _:
            return _never_left(type(error).__name__)


async def _asked(connection: Connection, request: bytes, most: int) -> Reply | Answer:
    protocol, transport = connection.protocol, connection.transport
    if protocol is None or transport is None or transport.is_closing():
        return _never_left("the connection closed")
    protocol.set_response_params(read_until_eof=True)
    transport.write(request)
    try:
        message, payload = await protocol.read()
        while 100 <= message.code < 200:
            message, payload = await protocol.read()
        raw = await read_at_most(payload, most)
    except (aiohttp.ClientPayloadError, HttpProcessingError):
        return _may_have_arrived("its answer is cut off or broken")
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, OSError):
        return _may_have_arrived("the connection was cut before the answer")
    except aiohttp.ClientError as error:
        return _may_have_arrived(type(error).__name__)
    wait = None if message.code == 200 else retry_after(message.headers)
    date = message.headers.get("Date", "")
    redirect = message.headers.get("Location", "") if 300 <= message.code < 400 else ""
    return Reply(message.code, parsed(raw), wait, is_page(raw), date, _host_of(redirect))


async def read_at_most(payload: aiohttp.StreamReader, most: int) -> bytes:
    """An answer, or the beginning of one that is larger: nothing of a messenger, whose answers are short."""
    raw = bytearray()
    while len(raw) <= most and (piece := await payload.readany()):
        raw += piece
    return bytes(raw)


def is_page(raw: bytes) -> bool:
    """True for HTML, which no messenger's API answers with."""
    return raw.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def _host_of(address: str) -> str:
    try:
        return URL(address).host or ""
    except ValueError:
        return ""


def _why_not_valid(error: Exception) -> str:
    """OpenSSL's words; if they are about time, with this machine's time."""
    words = getattr(error, "verify_message", "") or type(error).__name__
    about_time = any(part in words for part in ("expired", "not yet valid"))
    clock = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"{words}; the clock of this machine shows {clock}" if about_time else words


def encoded(payload: Mapping[str, object]) -> bytes:
    """A payload as the body of a request."""
    return _to_json(payload).encode()


def pause(value: object) -> float | None:
    """A wait given by a messenger, in seconds, at most a day; None if it is not a usable number."""
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return min(seconds, LONGEST_PAUSE) if seconds > 0 else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The wait that Retry-After names, in seconds or as a date by the clock of the server."""
    told = headers.get("Retry-After", "")
    if (seconds := pause(told)) is not None:
        return seconds
    until, now = moment_of(told), moment_of(headers.get("Date", "")) or datetime.now(UTC)
    return pause((until - now).total_seconds()) if until else None


def moment_of(date: str) -> datetime | None:
    """A moment as HTTP's headers write it; None for anything else."""
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _never_left(detail: str) -> Answer:
    return Answer(outcome=Outcome.TRANSIENT, reason=Reason.UNREACHABLE, detail=detail)


def _may_have_arrived(detail: str) -> Answer:
    return Answer(outcome=Outcome.UNKNOWN, reason=Reason.NO_ANSWER, detail=detail)


def parsed(raw: bytes) -> Mapping[str, object]:
    """The JSON object in a body; empty for anything else."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
