"""Viber, over the bot API's send_message.

Yes and no both come as HTTP 200; the number under `status` decides, its words are spelled in several ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from yarl import URL

from core.domain.content import Content
from core.domain.outcome import Answer, Outcome, Reason
from workers.messengers.answers import (
    BUSY,
    CONFIGURATION,
    CONTENT,
    ailment,
    fit_for_log,
    of_status,
    refused,
    too_fast,
)
from workers.messengers.transport import JSON_HEADERS, Reply, Transport

_OK = 0
_WRONG_TOKEN = frozenset({2, 8})

_STATUSES: Mapping[int, Answer] = {
    # 1 URL · 2, 8, 15 token · 7, 9 bot blocked or suspended · 10 no webhook · 18 no public chat
    # 20 may not broadcast · 23 free messages used up · 24 no balance
    **dict.fromkeys((1, 2, 7, 8, 9, 10, 15, 18, 20, 23, 24), CONFIGURATION),
    # 3 bad data · 4 missing data · 14 API version · 16, 17 inline messages · 22 payment
    **dict.fromkeys((3, 4, 14, 16, 17, 22), CONTENT),
    5: refused(Reason.NOT_FOUND),
    6: refused(Reason.UNSUBSCRIBED),
    11: refused(Reason.DEVICE),
    13: refused(Reason.DEVICE),
    21: refused(Reason.NOT_ALLOWED),
    # A hundred messages in an hour to one person who never answered.
    12: too_fast(3600.0, whole_messenger=False),
    19: replace(BUSY, reason=Reason.CONFIGURATION, max_tries=2),
}
# Viber documents every other number as a general error, with the advice to try again.
_UNLISTED = replace(BUSY, max_tries=2)


class Viber:
    """Sends as the bot of `token`, under `sender_name`. `api_url` is the root: "https://chatapi.viber.com"."""

    def __init__(self, transport: Transport, *, api_url: str, token: str, sender_name: str) -> None:
        self._transport = transport
        self._secret = token
        self._headers = {**JSON_HEADERS, "X-Viber-Auth-Token": token}
        root = f"{api_url.rstrip('/')}/pa"
        self._send_message = URL(f"{root}/send_message")
        self._account_info = URL(f"{root}/get_account_info")
        self._sender = {"name": sender_name}

    async def send(self, address: str, content: Content, reference: str) -> Answer:
        """Send to a subscriber's id. Viber gives `reference` back with the person's reply, not with receipts."""
        payload = {
            "receiver": address,
            "min_api_version": 1,
            "sender": self._sender,
            "tracking_data": reference,
            "type": "text",
            "text": content.text,
        }
        reply = await self._transport.post(self._send_message, self._headers, payload)
        return reply if isinstance(reply, Answer) else fit_for_log(_classify(reply), self._secret)

    async def check(self) -> str | None:
        """Ask for the bot's account."""
        reply = await self._transport.post(self._account_info, self._headers, {})
        if isinstance(reply, Answer):
            return ailment("Viber", "VIBER_API_URL", reply)
        status = _status(reply)
        if status == _OK:
            return None
        answer = fit_for_log(_classify(reply), self._secret)
        if status in _WRONG_TOKEN:
            return f"Viber does not accept VIBER_AUTH_TOKEN ({answer.detail})."
        if status is not None:
            return f"Viber answered the check of VIBER_AUTH_TOKEN with: {answer.detail}."
        return ailment("Viber", "VIBER_API_URL", answer)


def _classify(reply: Reply) -> Answer:
    status = _status(reply)
    if status is None:
        return of_status(reply)
    if status == _OK:
        token = reply.body.get("message_token")
        return Answer(outcome=Outcome.SENT, message_id="" if token is None else str(token))
    words = f"{status}: {reply.body.get('status_message', '')}"
    return replace(_STATUSES.get(status, _UNLISTED), detail=words)


def _status(reply: Reply) -> int | None:
    """Viber's own number; None where the HTTP status or the body says that Viber's bot API did not answer."""
    number = reply.body.get("status")
    if reply.status >= 300 or isinstance(number, bool):
        return None
    return number if isinstance(number, int) else None
