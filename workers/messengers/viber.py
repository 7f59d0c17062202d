"""Viber, over the bot API's send_message and broadcast_message.

Yes and no both come as HTTP 200; the number under `status` decides, its words are spelled in several ways.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any

from yarl import URL

from core.domain.content.content import Content, Media
from core.domain.content.rendering import sent_as
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.outcome import Answer, Outcome
from core.domain.messengers.traits import Messenger
from core.domain.translatable import sentence
from workers.messengers.backoff import FloodDetector
from workers.messengers.outcomes import check_failure, fit_for_log, from_http_status, too_fast
from workers.messengers.transport import JSON_HEADERS, Reply, Transport
from workers.messengers.viber_statuses import BILLING, STATUSES, of_status

_OK = 0
_WRONG_TOKEN = frozenset({2, 8})

_BROADCAST_NOT_ALLOWED = 20
# Five hundred blocks in ten seconds are allowed, to everybody together.
_TOO_MANY_BLOCKS = {12: too_fast(10.0, whole_messenger=True)}
# How fast single messages may be sent, Viber does not tell.
_TOO_FAST = 12
_TOO_FAST_FOR_ALL = {_TOO_FAST: too_fast(60.0, whole_messenger=True)}
_MANY = 5
_ADDRESS = re.compile(r"https?://\S{1,1990}")
_LONGEST_NAME = Messenger.VIBER.traits.media[MediaKind.CONTACT].max_name
_COLUMNS = 6
_SET_WEBHOOK = "python -m workers.webhooks viber https://YOUR-ADDRESS"
_RECEIPTS = "/receipts/viber"
_LONGEST_ADDRESS = 200


class Viber:
    """Sends as the bot of `token`, under `sender_name`. `api_url` is the root: "https://chatapi.viber.com"."""

    def __init__(self, transport: Transport, *, api_url: str, token: str, sender_name: str) -> None:
        self._transport = transport
        self._secret = token
        self._headers = {**JSON_HEADERS, "X-Viber-Auth-Token": token}
        root = f"{api_url.rstrip('/')}/pa"
        self._send_message = URL(f"{root}/send_message")
        self._broadcast_message = URL(f"{root}/broadcast_message")
        self._may_broadcast = True
        self._floods = FloodDetector(people=_MANY, seconds=10.0)
        self._account_info = URL(f"{root}/get_account_info")
        self._sender = {"name": sender_name}

    async def send(self, address: str, content: Content, reference: str) -> Answer:
        """Send to a subscriber's id. Viber gives `reference` back with the person's reply, not with receipts."""
        payload = {"receiver": address, **self._message(content, reference)}
        reply = await self._transport.post(self._send_message, self._headers, payload)
        if isinstance(reply, Answer):
            return reply
        now = asyncio.get_running_loop().time()
        for_all = _status(reply) == _TOO_FAST and self._floods.is_meant_for_all(address, now)
        return fit_for_log(_classify(reply, _TOO_FAST_FOR_ALL if for_all else None), self._secret)

    async def send_many(
        self, addresses: Sequence[str], content: Content, reference: str
    ) -> Sequence[Answer] | None:
        """Send to up to 300 subscribers; all get a message of the same token. None: Viber has not allowed it."""
        if not self._may_broadcast:
            return None
        payload = {"broadcast_list": list(addresses), **self._message(content, reference)}
        reply = await self._transport.post(self._broadcast_message, self._headers, payload)
        if isinstance(reply, Answer):
            return [reply] * len(addresses)
        if _status(reply) == _BROADCAST_NOT_ALLOWED:
            self._may_broadcast = False
            return None
        answer = fit_for_log(_classify(reply, _TOO_MANY_BLOCKS), self._secret)
        failed = _failed(reply) if answer.outcome is Outcome.SENT else {}
        return [fit_for_log(failed[one], self._secret) if one in failed else answer for one in addresses]

    def _message(self, content: Content, reference: str) -> dict[str, Any]:
        body = {"min_api_version": 1, "sender": self._sender, "tracking_data": reference, **_body(content)}
        return {**body, "keyboard": _keyboard(content)} if content.buttons else body

    async def check(self) -> str | None:
        """Ask for the bot's account, which names the webhook without which Viber sends nothing."""
        reply = await self._transport.post(self._account_info, self._headers, {})
        if isinstance(reply, Answer):
            return check_failure("Viber", "VIBER_API_URL", reply)
        status = _status(reply)
        if status == _OK:
            return self._lacking(reply.body.get("webhook"))
        answer = fit_for_log(_classify(reply), self._secret)
        if status in _WRONG_TOKEN:
            return sentence("Viber doesn't accept VIBER_AUTH_TOKEN ({answer}).", answer=answer.detail)
        if status is not None:
            return sentence("Checking VIBER_AUTH_TOKEN with Viber failed: {answer}.", answer=answer.detail)
        return check_failure("Viber", "VIBER_API_URL", answer)

    def _lacking(self, webhook: object) -> str | None:
        if not isinstance(webhook, str) or not webhook:
            return sentence(
                "Viber needs a webhook before it can send. Set it: {command}", command=_SET_WEBHOOK
            )
        where = webhook.partition("?")[0].replace(self._secret, "***")[:_LONGEST_ADDRESS]
        if where.rstrip("/").endswith(_RECEIPTS):
            return None
        return sentence(
            "Viber reports to {address}, which isn't this program. Change it: {command}",
            address=where,
            command=_SET_WEBHOOK,
        )


def _body(content: Content) -> dict[str, Any]:
    if content.media:
        return _attached(content.media[0], content.text)
    if _ADDRESS.fullmatch(content.text):
        return {"type": "url", "media": content.text}
    return {"type": "text", "text": content.text}


def _attached(media: Media, caption: str) -> dict[str, Any]:
    if (place := media.place) is not None:
        return {"type": "location", "location": {"lat": place.latitude, "lon": place.longitude}}
    if (card := media.contact) is not None:
        contact = {"name": card.name[:_LONGEST_NAME], "phone_number": card.phone_number}
        return {"type": "contact", "contact": contact}
    kind = sent_as(media, Messenger.VIBER)
    if kind is MediaKind.PHOTO:
        return {"type": "picture", "text": caption, "media": media.link}
    if kind is MediaKind.VIDEO:
        return {"type": "video", "media": media.link, "size": media.size}
    name = media.name or URL(media.link).name
    return {"type": "file", "media": media.link, "size": media.size, "file_name": name[-256:]}


def _keyboard(content: Content) -> dict[str, Any]:
    buttons = [
        {
            "Columns": _COLUMNS // len(row),
            "Rows": 1,
            "ActionType": "open-url",
            "ActionBody": button.url,
            "Text": escape(button.text, quote=False),
            "TextSize": "regular",
        }
        for row in content.buttons
        for button in row
    ]
    return {"Type": "keyboard", "DefaultHeight": False, "Buttons": buttons}


def _classify(reply: Reply, special: Mapping[int, Answer] | None = None) -> Answer:
    """`special`: meanings that go before those of the table."""
    status = _status(reply)
    if status is None:
        return from_http_status(reply)
    if status == _OK:
        token = reply.body.get("message_token")
        billed = reply.body.get("billing_status")
        bill = BILLING.get(billed) if isinstance(billed, int) else None
        return Answer(outcome=Outcome.SENT, message_id="" if token is None else str(token), bill=bill)
    return _refusal(status, reply.body, special or {})


def _refusal(status: int, body: Mapping[str, object], special: Mapping[int, Answer]) -> Answer:
    words = f"{status}: {body.get('status_message', '')}"
    return replace(special.get(status) or of_status(status), detail=words)


def _failed(reply: Reply) -> dict[str, Answer]:
    """Failures within a block, by recipient id."""
    told = reply.body.get("failed_list")
    entries = [entry for entry in told if isinstance(entry, dict)] if isinstance(told, list) else []
    return {
        str(entry.get("receiver")): _refusal(entry["status"], entry, {})
        for entry in entries
        if isinstance(entry.get("status"), int)
    }


def _status(reply: Reply) -> int | None:
    """Viber's own number; None where the HTTP status or the body says that Viber's bot API did not answer."""
    number = reply.body.get("status")
    if isinstance(number, bool) or not isinstance(number, int):
        return None
    # Viber says no with 200 too. With another status, a number may be that of any program: {"status": 403, ...}.
    own = number in STATUSES and isinstance(reply.body.get("status_message"), str)
    return number if reply.status < 300 or own else None
