"""One HTTP request to a messenger, and what it means when no answer to it can be read.

A failed request is sorted by one question: can it have reached the messenger? No messenger here takes an
idempotency key, so a request that may have arrived is never repeated, by nobody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from yarl import URL

from core.domain.outcome import Answer, Outcome, Reason

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
KEEP_ALIVE_SECONDS = 15.0
LONGEST_PAUSE = 86_400.0

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


def open_session(limit: int) -> aiohttp.ClientSession:
    """The one session of a process; close it at the end. Call it on a running event loop.

    `limit`: most connections at once. Keep it at or above the number of sends in flight: a send that waits for a
    free connection uses up its connect time.
    """
    # Messengers close idle connections after a minute or so; ours go first, so a send rarely meets one just closed.
    connector = aiohttp.TCPConnector(limit=limit, keepalive_timeout=KEEP_ALIVE_SECONDS)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


class Transport:
    """Makes requests with the process's session and this deadline.

    `connect`: seconds to get a connection. `total`: seconds for everything, the connection included; the ledger's
    lease is longer than this by design, and `connect` must be shorter, as running out of `total` counts as "may
    have arrived".
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

    async def post(
        self, url: URL, headers: Mapping[str, str], payload: Mapping[str, object]
    ) -> Reply | Answer:
        """POST `payload` as JSON. An Answer means that nothing could be read: TRANSIENT if the request never left."""
        return await self.post_encoded(url, headers, encoded(payload))

    async def post_encoded(self, url: URL, headers: Mapping[str, str], body: bytes) -> Reply | Answer:
        """As post(), for a body that had to be signed."""
        return await self._exchange("POST", url, headers, body)

    async def get(self, url: URL, headers: Mapping[str, str]) -> Reply | Answer:
        """GET, for questions only: the library may repeat it when a kept connection turns out closed."""
        return await self._exchange("GET", url, headers, None)

    async def _exchange(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
    ) -> Reply | Answer:
        # The texts of most of these exceptions hold the URL, and Telegram's token stands in it: only the kind is told.
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
            ) as response:
                raw = await response.read()
                return Reply(response.status, _parsed(raw), pause(response.headers.get("Retry-After")))
        except aiohttp.ConnectionTimeoutError:
            return _never_left("no connection in time")
        except aiohttp.ClientConnectorError as error:
            return _never_left(error.strerror or type(error).__name__)
        except TimeoutError:
            return _may_have_arrived("no answer in time")
        except (aiohttp.ClientError, OSError) as error:
            return _may_have_arrived(type(error).__name__)


def encoded(payload: Mapping[str, object]) -> bytes:
    """A payload as the body of a request."""
    return _to_json(payload).encode()


def pause(value: object) -> float | None:
    """A wait that a messenger named, in seconds, at most a day; None for anything that is not a usable number."""
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return min(seconds, LONGEST_PAUSE) if seconds > 0 else None


def _never_left(detail: str) -> Answer:
    return Answer(outcome=Outcome.TRANSIENT, reason=Reason.UNREACHABLE, detail=detail)


def _may_have_arrived(detail: str) -> Answer:
    return Answer(outcome=Outcome.UNKNOWN, reason=Reason.NO_ANSWER, detail=detail)


def _parsed(raw: bytes) -> Mapping[str, object]:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
