"""The job of stock RQ: one POST over a connection that stays open."""

from __future__ import annotations

import http.client
import json
import os
from typing import Final
from urllib.parse import urlsplit

_HEADERS: Final = {"Content-Type": "application/json"}
_open: dict[str, http.client.HTTPConnection] = {}


def deliver(address: int, text: str) -> dict[str, object]:
    """Sends; the answer's message id is the result."""
    connection = _open.setdefault(
        "sink", http.client.HTTPConnection(urlsplit(os.environ["BENCH_SINK"]).netloc)
    )
    body = json.dumps({"chat_id": address, "text": text})
    connection.request("POST", "/bot1:bench/sendMessage", body, _HEADERS)
    answer = json.loads(connection.getresponse().read())
    return {"ok": answer["ok"], "message_id": answer["result"]["message_id"]}
