"""Every error in one place: which status, and one sentence under "error"."""

from __future__ import annotations

import logging
import secrets
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import error, refusal
from api.bodies import EXAMPLE, sentences
from core.domain.errors import Conflict, NotFound, SenderError, StoreFull, ValidationError
from core.store.connection import STORE_ERRORS, STORE_IS_FULL

log = logging.getLogger(__name__)

_STATUS: Final = {NotFound: 404, Conflict: 409, StoreFull: 507}
_STORE_AWAY: Final = (
    "The store cannot be reached, so it is not known whether this was done. Look at /get_scheduled and "
    "/get_finished before you send it again. With an Idempotency-Key, send it again under the same key."
)


class Incidents:
    """The last resort: what nobody foresaw is logged under a code, and the code is all that is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answered = False

        async def noted(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception:  # the edge of the program: nothing above could do better
            if answered or scope["type"] != "http":
                raise
            code = f"E-{secrets.token_hex(2).upper()}"
            log.exception("%s: %s %s failed", code, scope["method"], scope["path"])
            answer = error(500, f"Something went wrong here ({code}). The log tells more under that code.")
            await answer(scope, receive, send)


def add_error_answers(app: FastAPI) -> None:
    """Teach the application to answer every error as this room does."""
    app.add_middleware(Incidents)
    for kind in (HTTPException, RequestValidationError, SenderError, STORE_IS_FULL, *STORE_ERRORS):
        app.add_exception_handler(kind, _answer)


async def _answer(request: Request, raised: Exception) -> Response:
    match raised:
        case HTTPException():
            return error(raised.status_code, _http(request, raised), dict(raised.headers or {}))
        case RequestValidationError():
            return error(400, _unreadable(request, raised))
        case ValidationError():
            return error(400, refusal(raised.problems))
        case SenderError():
            return error(_STATUS.get(type(raised), 400), str(raised))
        case STORE_IS_FULL():
            return error(507, str(StoreFull()))
    log.warning("%s %s: the store cannot be reached: %s", request.method, request.url.path, raised)
    return error(503, _STORE_AWAY)


def _http(request: Request, raised: HTTPException) -> str:
    match raised.status_code:
        case 400:  # only the framework raises it, for a body whose bytes are not even text
            return f"The body cannot be read as JSON. Send for example {EXAMPLE}"
        case 404:
            return f"There is nothing at {request.url.path}."
        case 405:
            return f"{request.method} is not possible at {request.url.path}."
    return raised.detail


def _unreadable(request: Request, raised: RequestValidationError) -> str:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if raised.body and kind != "application/json":
        return 'The body must be sent as JSON, with the header "Content-Type: application/json".'
    return refusal(sentences(raised.errors()))
