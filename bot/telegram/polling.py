"""Polls for updates: an unreadable one does not block the others, and a refused token does not end it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

from telegram import Update
from telegram.error import NetworkError
from telegram.request import HTTPXRequest

from bot.telegram.request import TelegramRequest

log = logging.getLogger(__name__)

Json = dict[str, Any]
Keep = Callable[[bytes], Awaitable[None]]
_REFUSED: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)


class PollingRequest(TelegramRequest):
    """For getUpdates only.

    The library rejects a whole batch for one unreadable update, and asks for it forever. After a 401 or 404, which
    proxies and Telegram give now and then, it never polls again.
    """

    def __init__(self, keep: Keep, **options: Any) -> None:  # noqa: ANN401 - the base's
        """`keep`: stores what must not be lost of an answer. The library confirms updates with its next call."""
        super().__init__(**options)
        self._keep = keep

    async def do_request(self, url: str, method: str, *rest: Any, **options: Any) -> tuple[int, bytes]:  # noqa: ANN401 - the base's
        """Raises NetworkError, which is tried again, for a refused token too."""
        status, payload = await super().do_request(url, method, *rest, **options)
        if status in _REFUSED:
            log.error(
                "Telegram refuses TELEGRAM_BOT_TOKEN (%s): nobody is heard until it takes it again", status
            )
            raise NetworkError(f"getUpdates was refused with {status}")
        if status == HTTPStatus.OK:
            await self._keep(payload)
        return status, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> Json:
        """Replace each unreadable update with its bare number."""
        answer: Json = HTTPXRequest.parse_json_payload(payload)
        handed_out = answer.get("result")
        if isinstance(handed_out, list):
            answer["result"] = [_readable(one) for one in handed_out]
        return answer


def _readable(update: Json) -> Json:
    try:
        Update.de_json(update)
    except Exception as error:  # noqa: BLE001 - whatever it is, asking again would bring the same
        kinds = ", ".join(sorted(update.keys() - {"update_id"}))
        # Without trace and error text, which may contain what a person wrote.
        log.error(
            "update %s (%s) cannot be read, left out: %s", update["update_id"], kinds, type(error).__name__
        )
        return {"update_id": update["update_id"]}
    return update
