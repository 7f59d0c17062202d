"""Parameters of a Bot API call (query, form, multipart or JSON), and its errors."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from sandbox.bodies import json_object

Json = dict[str, Any]
MAX_UPLOAD: Final = 50 * 1024 * 1024
_PREFIXES: Final = {400: "Bad Request", 403: "Forbidden", 409: "Conflict"}


class TelegramError(ValueError):
    """A refusal: HTTP status, Telegram's description in full, and its `parameters`."""

    def __init__(self, status: int, description: str, parameters: Json | None = None) -> None:
        prefix = _PREFIXES.get(status)
        self.status = status
        self.description = f"{prefix}: {description}" if prefix else description
        self.parameters = parameters or {}
        super().__init__(self.description)


def bad_request(description: str) -> TelegramError:
    """The refusal "Bad Request: <description>"."""
    return TelegramError(400, description)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a call."""

    name: str
    mime_type: str
    content: bytes


@dataclass(slots=True)
class Params:
    """Named values: strings from forms, any JSON value from JSON bodies."""

    values: Mapping[str, object]
    files: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The value as text; empty if missing."""
        value = self.values.get(name)
        if isinstance(value, str):
            return value
        if value is None:
            return ""
        return str(value) if type(value) is int else json.dumps(value)

    def integer(self, name: str) -> int | None:
        """The value as a whole number; None if missing or not a number."""
        try:
            return int(self.text(name))
        except ValueError:
            return None

    def flag(self, name: str) -> bool:
        """The value as a boolean."""
        return self.text(name).lower() in ("true", "1", "yes")

    def structure(self, name: str) -> object:
        """A JSON value or, in forms, JSON in a string; None if missing."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as error:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from error


async def read_params(request: web.Request) -> Params:
    """Read query and body of a request. Raises TelegramError for an unreadable body."""
    values: dict[str, object] = dict(request.query)
    kind = request.content_type
    try:
        if kind == "application/json":
            return Params(values | json_object(await request.read() or b"{}"))
        if kind == "multipart/form-data":
            return await _multipart(request, values)
        return Params(values | dict(await request.post()))
    except web.HTTPRequestEntityTooLarge as error:
        raise TelegramError(413, "Request Entity Too Large") from error
    except UnicodeError as error:
        raise bad_request("strings must be encoded in UTF-8") from error
    except ValueError as error:
        raise bad_request("can't parse the request's body") from error


async def _multipart(request: web.Request, values: dict[str, object]) -> Params:
    files: dict[str, Upload] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = Upload(value.filename, value.content_type, value.file.read())
        elif isinstance(value, str):
            values[name] = value
    return Params(values, files)
