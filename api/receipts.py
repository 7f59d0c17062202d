"""Webhooks of the messengers: verify the signature, store the body, let the workers apply it.

They arrive by the thousand per second, so Receipts answers them before the application sees them.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping
from typing import Final

from fastapi import HTTPException
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api.failures import Failures
from api.responses import error
from core.app import Core
from core.domain.messengers.traits import Messenger, Webhook
from core.settings import Settings
from core.store.connection import STORE_ERRORS

log = logging.getLogger(__name__)

MAX_BODY: Final = 3 * 1024 * 1024
"""Bytes; the most that any messenger sends at once."""

_PATH: Final = "/receipts/"
_WEBHOOKS: Final = {
    messenger.value: (messenger, messenger.traits.webhook)
    for messenger in Messenger
    if messenger.traits.webhook is not None
}
_RETRY: Final = {"Retry-After": "10"}
_PLAIN: Final = {"X-Content-Type-Options": "nosniff"}
_TAKEN: Final = Response(status_code=200)
_TOO_LARGE: Final = error(413, f"The body is larger than {MAX_BODY // 1024**2} MB.")


class Receipts:
    """Handles POST /receipts/<messenger>; passes everything else on to `app`."""

    def __init__(self, app: ASGIApp, core: Core, failures: Failures) -> None:
        self._app = app
        self._core = core
        self._failures = failures
        self._endpoints = _endpoints(core.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith(_PATH):
            await self._app(scope, receive, send)
            return
        answer = await self._answer(scope, receive)
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        path: str = scope["path"]
        endpoint = self._endpoints.get(path.removeprefix(_PATH))
        if endpoint is None:
            return error(404, f"There is nothing at {path}.")
        headers: dict[bytes, bytes] = dict(scope["headers"])
        announced = headers.get(b"content-length", b"0")[:20]
        huge = announced.isdigit() and int(announced) > MAX_BODY
        body = b"" if huge else await _read(receive)
        if body is None:
            return error(400, "The body is incomplete.")
        try:
            if huge or len(body) > MAX_BODY:
                self._failures.count_receipt(endpoint.messenger, "refused")
                return _TOO_LARGE
            return await self._take(endpoint, headers, body)
        except STORE_ERRORS as raised:
            log.warning("%s: the store cannot be reached: %s", path, raised)
            return error(503, "The store cannot be reached. Try again later.", _RETRY)

    async def _take(self, endpoint: WebhookEndpoint, headers: Mapping[bytes, bytes], body: bytes) -> Response:
        """Accept any body with the right signature."""
        if not endpoint.is_signed(headers, body):
            self._failures.count_receipt(endpoint.messenger, "refused")
            return error(403, f"{endpoint.webhook.header} does not match this body.")
        try:
            text = body.decode()
        except UnicodeDecodeError:
            self._failures.count_receipt(endpoint.messenger, "malformed")
            return _TAKEN
        if await self._core.receipt_batcher.put(endpoint.messenger, text):
            return _TAKEN
        return error(503, "Too many reports are waiting. Try again later.", _RETRY)


class WebhookEndpoint:
    """The endpoint of one messenger, and the key that its signatures are made with."""

    def __init__(self, messenger: Messenger, webhook: Webhook, key: bytes) -> None:
        self.messenger = messenger
        self.webhook = webhook
        self._key = key
        self._header = webhook.header.lower().encode()
        self._prefix = webhook.prefix.encode()

    def is_signed(self, headers: Mapping[bytes, bytes], body: bytes) -> bool:
        expected = self._prefix + hmac.digest(self._key, body, "sha256").hex().encode()
        return hmac.compare_digest(headers.get(self._header, b""), expected)


def _endpoints(settings: Settings) -> dict[str, WebhookEndpoint]:
    """Only messengers whose secret is set have an endpoint."""
    found = {name: (*pair, _secret(settings, pair[1].key)) for name, pair in _WEBHOOKS.items()}
    return {
        name: WebhookEndpoint(messenger, hook, key) for name, (messenger, hook, key) in found.items() if key
    }


async def _read(receive: Receive) -> bytes | None:
    """The body, or more than MAX_BODY of it; None when the client has disconnected."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        return bytes(message.get("body", b""))
    body = bytearray()
    while message["type"] == "http.request":
        body += message.get("body", b"")
        if not message.get("more_body", False) or len(body) > MAX_BODY:
            return bytes(body)
        message = await receive()
    return None


async def verify(request: Request) -> Response:
    """Answer the challenge of a messenger that knows our verify token."""
    core: Core = request.app.state.core
    _, webhook = _WEBHOOKS.get(request.path_params["messenger"], (None, None))
    challenge = webhook.challenge if webhook else None
    word = _secret(core.settings, challenge.setting) if challenge else b""
    if challenge is None or not word:
        raise HTTPException(404)
    given = request.query_params.get(challenge.word, "")
    if not hmac.compare_digest(given.encode(errors="replace"), word):
        raise HTTPException(403, f"{challenge.word} is not the verify token that is set here.")
    return PlainTextResponse(request.query_params.get(challenge.answer, ""), headers=_PLAIN)


def _secret(settings: Settings, name: str) -> bytes:
    """A secret by the name of its setting; empty when not set."""
    value: SecretStr | None = getattr(settings, name)
    return b"" if value is None else value.get_secret_value().encode()


ROUTES: Final = (Route(f"{_PATH}{{messenger}}", verify, methods=["GET"]),)
