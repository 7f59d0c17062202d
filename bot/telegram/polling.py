"""What Telegram hands out, made safe to read: one update that makes no sense holds up none of the others."""

from __future__ import annotations

import logging
from typing import Any

from telegram import Update
from telegram.request import HTTPXRequest

log = logging.getLogger(__name__)

Json = dict[str, Any]


class PollingRequest(HTTPXRequest):
    """For getUpdates only.

    The library reads a batch as a whole: where one update cannot be read, the batch is asked for again and again, and
    no admin is answered any more.
    """

    @staticmethod
    def parse_json_payload(payload: bytes) -> Json:
        """The answer, with a bare number in place of each update that the library cannot read."""
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
        # Neither the trace nor the error's own text: they can show what somebody wrote.
        log.error(
            "update %s (%s) cannot be read, left out: %s", update["update_id"], kinds, type(error).__name__
        )
        return {"update_id": update["update_id"]}
    return update
