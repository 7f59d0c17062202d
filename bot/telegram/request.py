"""Calls of the Bot API. An answer that is not Telegram's own is an error to retry.

A captive portal or a proxy answers in the place of Telegram: with a log-in page, a redirect, a 403. The library would
take a 403 for a person who blocked the bot, and a 404 for a wrong token.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, Final

from telegram.error import NetworkError
from telegram.request import HTTPXRequest

# Telegram itself answers so, in JSON or not.
_OF_TELEGRAM: Final = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.TOO_MANY_REQUESTS)


class NotTelegramError(NetworkError):
    """Something between us and Telegram answered. The text has no address in it, and so no token."""


class TelegramRequest(HTTPXRequest):
    """For everything but getUpdates."""

    async def do_request(self, url: str, method: str, *rest: Any, **options: Any) -> tuple[int, bytes]:  # noqa: ANN401 - the base's
        """Raises NotTelegramError, which is tried again, for an answer that is not the Bot API's."""
        status, payload = await super().do_request(url, method, *rest, **options)
        # Files are fetched with GET, and are whatever they are.
        if method == "POST" and status not in _OF_TELEGRAM and not _is_telegrams(payload):
            raise NotTelegramError(f"HTTP {status}, not in Telegram's own form")
        return status, payload


def _is_telegrams(payload: bytes) -> bool:
    # The library's own reading would log a trace for each page.
    try:
        answer = json.loads(payload.decode(errors="replace"))
    except (ValueError, RecursionError):
        return False
    return isinstance(answer, dict) and "ok" in answer
