"""Errors as responses: the status, and one sentence under "error"."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.responses import error, problem_lines
from api.schemas import EXAMPLE, sentences
from core.domain.errors import Conflict, NotFound, SenderError, StoreFull, ValidationError
from core.store.connection import STORE_ERRORS, STORE_IS_FULL, WritesRefused

log = logging.getLogger(__name__)

_STATUS: Final = {NotFound: 404, Conflict: 409, StoreFull: 507}
_PERHAPS_ACCEPTED: Final = (
    "so the order may or may not have been accepted. Check /get_scheduled and /get_finished before you send it again. "
    "With an Idempotency-Key, repeat it with the same key."
)
_STORE_UNREACHABLE: Final = f"The store cannot be reached, {_PERHAPS_ACCEPTED}"
_STOPPED: Final = f"The API was stopped before it was done, {_PERHAPS_ACCEPTED}"


class UnexpectedErrors:
    """Logs an unexpected error under a code, and answers with nothing but the code; 503 to what a stop cut off."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answered = False

        async def watch(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except asyncio.CancelledError:  # a stop cut it off; the server would answer 500
            if answered or scope["type"] != "http":
                raise
            await error(503, _STOPPED)(scope, receive, send)
        except Exception:  # the outermost handler
            if answered or scope["type"] != "http":
                raise
            code = f"E-{secrets.token_hex(2).upper()}"
            log.exception("%s: %s %s failed", code, scope["method"], scope["path"])
            answer = error(500, f"Something went wrong ({code}). The log has the details under that code.")
            await answer(scope, receive, send)


def add_error_answers(app: FastAPI) -> None:
    """Answer every error of the application from here."""
    app.add_middleware(UnexpectedErrors)
    for kind in (HTTPException, RequestValidationError, SenderError, STORE_IS_FULL, *STORE_ERRORS):
        app.add_exception_handler(kind, _answer)


async def _answer(request: Request, raised: Exception) -> Response:
    match raised:
        case HTTPException():
            return error(raised.status_code, _http(request, raised), dict(raised.headers or {}))
        case RequestValidationError():
            return error(400, _unreadable(request, raised))
        case ValidationError():
            return error(400, problem_lines(raised.problems))
        case SenderError():
            return error(_STATUS.get(type(raised), 400), str(raised))
        case STORE_IS_FULL():
            return error(507, str(StoreFull()))
    log.warning("%s %s: the store cannot be used: %s", request.method, request.url.path, raised)
    if isinstance(raised, WritesRefused):
        return error(
            503, f"The store takes no writes at the moment ({raised}). Nothing was accepted. Try again later."
        )
    return error(503, _STORE_UNREACHABLE)


def _http(request: Request, raised: HTTPException) -> str:
    match raised.status_code:
        case 400:  # only the framework raises it, for a body that is not text
            return f"The body is not JSON. Example: {EXAMPLE}"
        case 404:
            return f"There is nothing at {request.url.path}."
        case 405:
            return f"{request.method} is not allowed at {request.url.path}."
    return raised.detail


def _unreadable(request: Request, raised: RequestValidationError) -> str:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if raised.body and kind != "application/json":
        return 'The body must be sent as JSON, with the header "Content-Type: application/json".'
    return problem_lines(sentences(raised.errors()))
