"""Webhook calls of messengers, signed as they sign them."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any, Final

from core.app import Core
from workers.messengers import REPORT_PARSERS
from workers.receipt_processor import ReceiptProcessor

Json = dict[str, Any]
APP_SECRET: Final = "an-app-secret-for-tests"
VERIFY_TOKEN: Final = "a-word-for-tests"
VIBER_TOKEN: Final = "token-for-tests"
VARIABLES: Final = {"WHATSAPP_APP_SECRET": APP_SECRET, "WHATSAPP_VERIFY_TOKEN": VERIFY_TOKEN}


def processor(core: Core) -> ReceiptProcessor:
    """The part of a worker that applies what came in."""
    return ReceiptProcessor(core.receipt_inbox, core.subscriptions, REPORT_PARSERS, core.bell)


def digest(body: bytes, key: str) -> str:
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def whatsapp_header(body: bytes, key: str = APP_SECRET) -> dict[str, str]:
    return {"X-Hub-Signature-256": f"sha256={digest(body, key)}", "Content-Type": "application/json"}


def viber_header(body: bytes, key: str = VIBER_TOKEN) -> dict[str, str]:
    return {"X-Viber-Content-Signature": digest(body, key), "Content-Type": "application/json"}


def status(state: str, reference: str, message_id: str = "wamid.1", **more: object) -> Json:
    """One status of WhatsApp."""
    found = {
        "id": message_id,
        "status": state,
        "timestamp": str(int(time.time())),
        "recipient_id": "12025550123",
    }
    return {**found, **({"biz_opaque_callback_data": reference} if reference else {}), **more}


def failure(code: object) -> list[Json]:
    """The "errors" of a failed status."""
    return [{"code": code, "title": "t", "message": "m", "error_data": {"details": "d"}}]


def whatsapp(**value: object) -> bytes:
    """A call of WhatsApp's webhook with `value`: statuses, messages, user_preferences."""
    change = {"field": "messages", "value": {"messaging_product": "whatsapp", **value}}
    return json.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
    ).encode()


def viber(event: str, **more: object) -> bytes:
    """A call of Viber's webhook."""
    return json.dumps({"event": event, "timestamp": int(time.time() * 1000), **more}).encode()
