"""What messengers report: signed by them, taken in at once, applied by the workers. No name and password here."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from fastapi import HTTPException
from pydantic import SecretStr
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.app import Core
from core.domain.messengers import Messenger, Webhook
from core.settings import Settings

MAX_BODY: Final = 3 * 1024 * 1024
"""Bytes; as much as any messenger sends at once."""

_WEBHOOKS: Final = {
    messenger.value: (messenger, messenger.traits.webhook)
    for messenger in Messenger
    if messenger.traits.webhook is not None
}
_COME_AGAIN: Final = {"Retry-After": "10"}
_PLAIN: Final = {"X-Content-Type-Options": "nosniff"}


async def receive(request: Request) -> Response:
    """Takes in a report whose signature is right. Whatever stands in it, the messenger has done its part."""
    core: Core = request.app.state.core
    messenger, webhook = _webhook(request)
    key = _secret(core.settings, webhook.key)
    body = await _body(request)
    if not _is_signed(request, webhook, key, body):
        await core.inbox.note(messenger, "refused")
        raise HTTPException(403, f"{webhook.header} does not fit this body.")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        await core.inbox.note(messenger, "malformed")
    else:
        if not await core.intake.put(messenger, text):
            raise HTTPException(503, "Too much waits to be applied. Come again later.", headers=_COME_AGAIN)
    return Response(status_code=200)


async def verify(request: Request) -> Response:
    """Proves to a messenger that asks with our own word that this webhook is ours."""
    core: Core = request.app.state.core
    _, webhook = _webhook(request)
    if webhook.challenge is None:
        raise HTTPException(404)
    word = _secret(core.settings, webhook.challenge.setting)
    given = request.query_params.get(webhook.challenge.word, "")
    if not hmac.compare_digest(given.encode(errors="replace"), word):
        raise HTTPException(403, f"{webhook.challenge.word} is not the word that is set here.")
    return PlainTextResponse(request.query_params.get(webhook.challenge.answer, ""), headers=_PLAIN)


def _webhook(request: Request) -> tuple[Messenger, Webhook]:
    found = _WEBHOOKS.get(request.path_params["messenger"])
    if found is None:
        raise HTTPException(404)
    return found


def _secret(settings: Settings, name: str) -> bytes:
    """A secret by the name of its setting; where it is not set there is nothing here."""
    value: SecretStr | None = getattr(settings, name)
    if value is None:
        raise HTTPException(404)
    return value.get_secret_value().encode()


async def _body(request: Request) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > MAX_BODY:
        raise _too_large()
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > MAX_BODY:
                raise _too_large()
    except ClientDisconnect:
        raise HTTPException(400, "The body did not arrive whole.") from None
    return bytes(body)


def _too_large() -> HTTPException:
    return HTTPException(413, f"The body is larger than {MAX_BODY // 1024**2} MB.")


def _is_signed(request: Request, webhook: Webhook, key: bytes, body: bytes) -> bool:
    expected = webhook.prefix + hmac.new(key, body, hashlib.sha256).hexdigest()
    given = request.headers.get(webhook.header, "")
    return hmac.compare_digest(given.encode("latin-1"), expected.encode())


ROUTES: Final = (
    Route("/receipts/{messenger}", receive, methods=["POST"]),
    Route("/receipts/{messenger}", verify, methods=["GET"]),
)
