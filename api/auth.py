"""Basic authentication before anything is read, then a limit on the body's size."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message, Receive

from api.failures import Failures
from core.domain.audit import Actor
from core.services.audit_log import set_actor
from core.settings import Settings

MAX_BODY: Final = 32 * 1024 * 1024
"""Bytes. 100,000 recipients take about 6 MB."""

_CHALLENGE: Final = {"WWW-Authenticate": 'Basic realm="Authentication Required"'}


class AuthenticatedRoute(APIRoute):
    """A route that reads nothing of a request without the right user and password."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def authenticated(request: Request) -> Response:
            settings: Settings = request.app.state.core.settings
            failures: Failures = request.app.state.failures
            given = request.headers.get("authorization", "")
            if given and not failures.may_try():
                raise HTTPException(
                    429, "Too many wrong passwords. Try again later.", headers={"Retry-After": "10"}
                )
            if not _is_authorized(given, settings):
                if given:
                    failures.count_login()
                raise HTTPException(401, "Unauthorized access", headers=_CHALLENGE)
            set_actor(Actor(f"api:{settings.api_user}", settings.api_user))
            return await handle(Request(request.scope, _limited(request)))

        return authenticated


def _is_authorized(header: str, settings: Settings) -> bool:
    """Constant time: as long for a wrong user or password as for the right ones."""
    if settings.api_password is None:
        return False
    scheme, _, coded = header.partition(" ")
    try:
        given = base64.b64decode(coded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    expected = f"{settings.api_user}:{settings.api_password.get_secret_value()}"
    # Clients disagree on the encoding of letters outside ASCII.
    right = [
        secrets.compare_digest(given, expected.encode(encoding, errors="replace"))
        for encoding in ("utf-8", "latin-1" if _is_latin(expected) else "utf-8")
    ]
    return any(right) and scheme.lower() == "basic"


def _is_latin(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def _limited(request: Request) -> Receive:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > MAX_BODY:
        raise _too_large()
    taken = 0

    async def receive() -> Message:
        nonlocal taken
        message = await request.receive()
        taken += len(message.get("body", b""))
        if taken > MAX_BODY:
            raise _too_large()
        return message

    return receive


def _too_large() -> HTTPException:
    return HTTPException(413, f"The body is larger than {MAX_BODY // 1024**2} MB. Send the order in parts.")
