"""Access to and from the sandbox: only programs of this machine and of docker compose, and its own page.

Without this, any web site in the user's browser could act as an admin, by a cross-site request or by DNS rebinding.
"""

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

_COMPOSE_NAMES: Final = frozenset({"api", "bot", "sandbox"})
_OWN_SITE: Final = ("", "none", "same-origin")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def own_callers_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 403 to a foreign Host or Origin, and to requests made by another site."""
    headers = request.headers
    origin = headers.get("Origin")
    own = (
        _is_own(_host_of(f"//{headers.get('Host', '')}"))
        and (origin is None or origin == f"http://{headers['Host']}")
        and (headers.get("Sec-Fetch-Site", "") in _OWN_SITE or _opens_page(request))
    )
    if not own:
        raise web.HTTPForbidden(text="Only this machine and the sandbox's own page may call it.")
    return await handler(request)


def checked_webhook(url: str) -> str:
    """Return `url` if it is empty or leads to this machine or a compose service. Raises ValueError."""
    if url and (not url.startswith(("http://", "https://")) or not _is_own(_host_of(url))):
        raise ValueError(
            "a webhook must lead to this machine: 127.0.0.1, localhost or a name of docker compose"
        )
    return url


def _opens_page(request: web.Request) -> bool:
    """A link on another site that opens the page; nothing is done or read by that."""
    headers = request.headers
    opened = (headers.get("Sec-Fetch-Mode"), headers.get("Sec-Fetch-Dest")) == ("navigate", "document")
    return opened and (request.method, request.path) == ("GET", "/")


def _host_of(url: str) -> str:
    try:
        parts = urlsplit(url)
        return "" if parts.username is not None or parts.port == 0 else parts.hostname or ""
    except ValueError:
        return ""


def _is_own(host: str) -> bool:
    if host == "localhost" or host in _COMPOSE_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
