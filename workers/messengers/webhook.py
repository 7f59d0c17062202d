"""Webhook: one signed POST per message to a service of your own, which delivers it.

The body is a JSON object: `id` (the attempt), `at` (Unix seconds), `to`, `text`, and as far as there are any
`entities`, `files`, `buttons`, `options`. X-Signature-256 is "sha256=" and the hex HMAC-SHA256 of the raw body under
the secret. The service answers {"id": "..."} when it took the message, else {"error": one of the words below};
anything else is no clear answer.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from yarl import URL

from core.domain.content.content import Content, Media
from core.domain.messengers.outcome import Answer, Outcome, Reason
from core.domain.translatable import sentence
from workers.messengers.outcomes import (
    BUSY,
    CONFIGURATION,
    CONTENT,
    PAUSE_WITHOUT_ADVICE,
    check_failure,
    fit_for_log,
    from_http_status,
    refused,
    too_fast,
)
from workers.messengers.transport import JSON_HEADERS, Reply, Transport, encoded, pause

_ERRORS: Mapping[str, Answer] = {
    "unknown_recipient": refused(Reason.NOT_FOUND),
    "unsubscribed": refused(Reason.UNSUBSCRIBED),
    "content": CONTENT,
    "account": CONFIGURATION,
    "busy": BUSY,
}
_TOO_FAST = "too_fast"
_OF_EVERY_SERVER = frozenset({408, 413, 429})


class Webhook:
    """Sends to `url`, signed with `secret`."""

    def __init__(self, transport: Transport, *, url: str, secret: str) -> None:
        self._transport = transport
        self._url = URL(url)
        self._secret = secret

    async def send(self, address: str, content: Content, reference: str) -> Answer:
        """Send to an address as the service knows it. `reference` is the body's `id`."""
        reply = await self._post({"id": reference, "to": address, **_message(content)})
        return reply if isinstance(reply, Answer) else fit_for_log(_classify(reply), self._secret)

    async def check(self) -> str | None:
        """Ask {"check": true}, which a service that is ready answers with an `id` of its own choice."""
        reply = await self._post({"check": True})
        answer = reply if isinstance(reply, Answer) else fit_for_log(_classify(reply), self._secret)
        if answer.outcome is Outcome.SENT:
            return None
        if isinstance(reply, Reply) and reply.body.get("error") == "account":
            return sentence(
                "The service at WEBHOOK_URL doesn't accept WEBHOOK_SECRET ({answer}).", answer=answer.detail
            )
        return check_failure("the webhook", "WEBHOOK_URL", answer)

    async def _post(self, payload: Mapping[str, object]) -> Reply | Answer:
        body = encoded({**payload, "at": int(time.time())})
        signature = hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {**JSON_HEADERS, "X-Signature-256": f"sha256={signature}"}
        return await self._transport.post_encoded(self._url, headers, body)


def _message(content: Content) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "entities": [
            {"type": one.style.value, "offset": one.offset, "length": one.length, "url": one.url}
            for one in content.entities
        ],
        "files": [
            {"kind": one.kind.value, "link": one.link, "name": one.name, "size": one.size, **_details(one)}
            for one in content.media
        ],
        "buttons": [[{"text": one.text, "url": one.url} for one in row] for row in content.buttons],
        "options": sorted(content.options),
    }
    return {"text": content.text, **{name: part for name, part in parts.items() if part}}


def _details(media: Media) -> dict[str, Any]:
    """The parts of a place, a contact card or a poll, under its name."""
    parts = {"location": media.place, "contact": media.contact, "poll": media.poll}
    return {name: asdict(part) for name, part in parts.items() if part is not None}


def _classify(reply: Reply) -> Answer:
    error, taken_as = reply.body.get("error"), reply.body.get("id")
    if isinstance(error, str) and (answer := _of_error(error, reply)) is not None:
        return replace(answer, detail=f"{error}: {reply.body.get('message', '')}")
    if reply.status < 300 and isinstance(taken_as, str) and taken_as and error is None:
        return Answer(outcome=Outcome.SENT, message_id=taken_as)
    # Whatever listens there may answer with a page of its own, and have taken the message.
    return from_http_status(replace(reply, is_page=False))


def _of_error(error: str, reply: Reply) -> Answer | None:
    if error == _TOO_FAST:
        asked = pause(reply.body.get("retry_after")) or reply.retry_after
        return too_fast(asked or PAUSE_WITHOUT_ADVICE, whole_messenger=True)
    refuses = 400 <= reply.status < 500 and reply.status not in _OF_EVERY_SERVER
    return _ERRORS.get(error, CONFIGURATION if refuses else None)
