"""Reads updates one by one, so that an unreadable one does not block the others."""

from __future__ import annotations

import logging
from typing import Any

from telegram import Update
from telegram.request import HTTPXRequest

log = logging.getLogger(__name__)

Json = dict[str, Any]


class PollingRequest(HTTPXRequest):
    """For getUpdates only. The library rejects a whole batch for one unreadable update, and asks for it forever."""

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
