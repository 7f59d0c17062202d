"""Download and upload of files. Logs and answers never contain a URL: a token may be in it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypedDict

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from core.domain.messengers.outcome import Answer, Outcome, Reason
from workers.messengers.port import File
from workers.messengers.proxies import SocksError, proxy_for
from workers.messengers.transport import (
    CONNECT_SECONDS,
    LONGEST_ANSWER,
    Reply,
    is_page,
    not_connected,
    parsed,
    read_at_most,
    retry_after,
)

LONGEST_SECONDS: Final = 60.0
_TIMEOUT: Final = aiohttp.ClientTimeout(total=LONGEST_SECONDS, connect=CONNECT_SECONDS)
_PIECE: Final = 256 * 1024
_NOT_CONNECTED: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
    SocksError,
)
_PAGES: Final = (".html", ".htm")
TOO_LARGE: Final = Answer(
    outcome=Outcome.CONTENT_REFUSED, reason=Reason.FILE, detail="the file is larger than it was said to be"
)
NOT_HERE: Final = Answer(
    outcome=Outcome.CONTENT_REFUSED,
    reason=Reason.FILE,
    detail="the Bot API server runs with --local, and its files cannot be read from here",
)


async def fetch(session: aiohttp.ClientSession, url: URL, most: int) -> bytes | Answer:
    """Download a file of at most `most` bytes."""
    content = bytearray()
    try:
        async with session.get(url, timeout=_TIMEOUT, allow_redirects=False, **_way(url, {})) as response:
            if response.status != 200:
                return _not_now(f"HTTP {response.status}", retry_after(response.headers))
            if response.content_type == "text/html" and not url.name.lower().endswith(_PAGES):
                # A captive portal: nobody is to get its page as a photo.
                return _not_now("HTTP 200, a web page instead of an answer, such as a Wi-Fi sign-in page")
            async for piece in response.content.iter_chunked(_PIECE):
                content += piece
                if len(content) > most:
                    return TOO_LARGE
    except _NOT_CONNECTED as error:
        return not_connected(error)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return _not_now(type(error).__name__)
    return bytes(content)


def read_local(path: str, most: int) -> bytes | Answer:
    """Read a file that the messenger's own server keeps on this machine, at most `most` bytes."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(most + 1)
    except OSError:
        return NOT_HERE
    return TOO_LARGE if len(content) > most else content


async def hand_over(
    session: aiohttp.ClientSession,
    url: URL,
    headers: Mapping[str, str],
    file: File,
    fields: Mapping[str, str],
) -> Reply | Answer:
    """POST a form with `fields` and the file under "file". An Answer means that no reply could be read."""
    form = aiohttp.FormData(dict(fields), quote_fields=False)
    # Read piece by piece: many megabytes in one write would block everything else.
    form.add_field("file", io.BytesIO(file.content), filename=file.name, content_type=file.type)
    try:
        async with session.post(
            url, data=form, timeout=_TIMEOUT, allow_redirects=False, **_way(url, headers)
        ) as response:
            raw = await read_at_most(response.content, LONGEST_ANSWER)
            return Reply(response.status, parsed(raw), retry_after(response.headers), is_page(raw))
    except _NOT_CONNECTED as error:
        return not_connected(error)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return _not_now(type(error).__name__)


class _Way(TypedDict):
    headers: Mapping[str, str]
    proxy: URL | None
    proxy_headers: CIMultiDict[str] | None


def _way(url: URL, headers: Mapping[str, str]) -> _Way:
    """Through the proxy, if there is one: it reads its own header off a request without TLS."""
    proxy = proxy_for(url)
    if proxy is None:
        return _Way(headers=headers, proxy=None, proxy_headers=None)
    sent = {**headers, **proxy.headers} if url.scheme == "http" else headers
    return _Way(headers=sent, proxy=proxy.url, proxy_headers=proxy.headers)


def _not_now(detail: str, wait: float | None = None) -> Answer:
    return Answer(outcome=Outcome.TRANSIENT, reason=Reason.FILE, detail=detail, retry_after=wait)
