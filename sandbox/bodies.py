"""JSON in and out of the fakes and the control API."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_encode = json.JSONEncoder(ensure_ascii=False).encode


def json_object(raw: bytes) -> Json:
    """Parse a JSON object. Raises ValueError for anything else and for unpaired surrogates."""
    body = json.loads(raw)
    if not isinstance(body, dict):
        raise ValueError("JSON object expected")
    if b"\\ud" in raw.lower():
        json.dumps(body, ensure_ascii=False).encode()
    return body


def reply(body: object) -> web.Response:
    """An answer of the control API."""
    return web.json_response(body, dumps=_encode)


def worded(handler: Handler) -> Handler:
    """Answer errors of the handler with 400 and a sentence."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except KeyError as error:
            problem = f"{error.args[0]} is missing or unknown"
        except (ValueError, TypeError, AttributeError) as error:
            problem = str(error)
        return web.json_response({"error": problem}, status=400)

    return handle
