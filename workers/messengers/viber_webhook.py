"""Registration of Viber's webhook."""

from __future__ import annotations

from typing import Final

from yarl import URL

from core.domain.messengers.outcome import Answer
from workers.messengers.transport import JSON_HEADERS, Transport

EVENTS: Final = ("delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started")
_NO_ANSWER_THERE: Final = 1


async def set_webhook(transport: Transport, *, api_url: str, token: str, url: str) -> str | None:
    """Viber calls `url` once before it agrees. Returns None when it does, else a sentence that says why not."""
    address = URL(f"{api_url.rstrip('/')}/pa/set_webhook")
    headers = {**JSON_HEADERS, "X-Viber-Auth-Token": token}
    wanted = {"url": url, "event_types": list(EVENTS), "send_name": True, "send_photo": False}
    reply = await transport.post(address, headers, wanted)
    if isinstance(reply, Answer):
        return f"Couldn't reach Viber ({reply.detail}). If the network is fine, check VIBER_API_URL."
    status = reply.body.get("status")
    if status == 0:
        return None
    if status == _NO_ANSWER_THERE:
        return (
            f"Viber got no answer at {url}. The API must run, and be reached from outside under that address."
        )
    words = str(reply.body.get("status_message", "")).replace(token, "***")[:200]
    return f"Viber does not take {url}: {words or f'HTTP {reply.status}'} ({status})."
