"""WhatsApp, over the Cloud API's /messages.

`error.code` decides, never the HTTP status or the title: the same code comes with different ones. A yes means
accepted; whether it arrived is told by receipts, which bring `reference` back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from yarl import URL

from core.domain.content.content import Content, Template
from core.domain.content.rendering import source
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.outcome import Answer, Outcome, Reason
from core.domain.messengers.traits import Messenger
from core.domain.translatable import sentence
from workers.messengers.backoff import Backoff
from workers.messengers.files import hand_over
from workers.messengers.outcomes import (
    BUSY,
    CONFIGURATION,
    CONTENT,
    NO_ANSWER,
    check_failure,
    fit_for_log,
    from_http_status,
    part,
    refused,
    too_fast,
)
from workers.messengers.port import File
from workers.messengers.transport import JSON_HEADERS, Reply, Transport

_NOT_ALLOWED = refused(Reason.NOT_ALLOWED)
_NO_FILE = replace(BUSY, reason=Reason.FILE, max_tries=2)

_CODES: Mapping[int, Answer] = {
    # Token, permission, payment, account, phone number.
    **dict.fromkeys((0, 190, 3, 10, *range(200, 300), 131005), CONFIGURATION),
    **dict.fromkeys((33, 131037, 131042, 131045, 131063, *range(133000, 133016)), CONFIGURATION),
    # Restricted, locked, unwanted by too many, templates sorted wrongly: only a person can put that right.
    **dict.fromkeys((368, 131031, 131048, 131064), replace(CONFIGURATION, reason=Reason.RESTRICTED)),
    # Too fast; these are the first waits.
    4: too_fast(60.0, whole_messenger=True),
    80007: too_fast(60.0, whole_messenger=True),
    133016: too_fast(60.0, whole_messenger=True),
    130429: too_fast(5.0, whole_messenger=True),
    131056: too_fast(4.0, whole_messenger=False),
    # Not now.
    1: replace(BUSY, reason=Reason.CONTENT, max_tries=2),
    2: BUSY,
    131000: BUSY,
    131016: BUSY,
    133004: BUSY,
    131057: replace(BUSY, retry_after=60.0),
    131053: _NO_FILE,
    # Not this person.
    131026: refused(Reason.NOT_FOUND),
    131047: refused(Reason.OUTSIDE_WINDOW),
    131050: refused(Reason.UNSUBSCRIBED),
    **dict.fromkeys((130472, 130497, 131021, 131030, 131049, 131062), _NOT_ALLOWED),
    # Not this content: parameters, templates, flows.
    **dict.fromkeys((100, 131008, 131009, 131051, 135000, 137000), CONTENT),
    **dict.fromkeys((132000, 132001, 132005, 132007, 132008, 132012), CONTENT),
    **dict.fromkeys((132015, 132016, 132068, 132069), CONTENT),
}

_KINDS = {MediaKind.PHOTO: "image", MediaKind.VIDEO: "video", MediaKind.DOCUMENT: "document"}
# The id of a file that is gone, or was uploaded for another number: no code of its own, only these words.
_UNKNOWN_FILE = "media attachment id"
_TOKEN_CODES = frozenset({0, 190})
# "Object does not exist, or cannot be loaded due to missing permissions" comes as 100 when one asks for it.
_NUMBER_CODES = frozenset({33, 100})


class WhatsApp:
    """Sends from the phone number of `phone_number_id`. `api_url` includes the version: ".../v26.0"."""

    def __init__(self, transport: Transport, *, api_url: str, token: str, phone_number_id: str) -> None:
        self._transport = transport
        self._secret = token
        self._headers = {**JSON_HEADERS, "Authorization": f"Bearer {token}"}
        number = f"{api_url.rstrip('/')}/{phone_number_id}"
        self.account = phone_number_id
        self._pauses = Backoff(factor=2, longest=900.0)
        self._pairs = Backoff(factor=4, longest=256.0)
        self._messages = URL(f"{number}/messages")
        self._media = URL(f"{number}/media")
        self._health = URL(f"{number}?fields=health_status")

    async def send(self, address: str, content: Content, reference: str) -> Answer:
        """Send to a phone number with plus, or to a user id like "US.13491208655302741918"."""
        # Without its plus, a number may get the sender's own country code put before it.
        payload = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to" if address.startswith("+") else "recipient": address,
            **_message(content),
            "biz_opaque_callback_data": reference,
        }
        reply = await self._transport.post(self._messages, self._headers, payload)
        if isinstance(reply, Answer):
            return reply
        return fit_for_log(self._patient(_classify(reply), _code(reply), address), self._secret)

    def _patient(self, answer: Answer, code: int | None, address: str) -> Answer:
        """The Cloud API names no times: who was too fast waits longer each time, one person by Meta's rule of 4^n."""
        if answer.outcome is not Outcome.RATE_LIMITED or answer.retry_after is None:
            return answer
        now, first = asyncio.get_running_loop().time(), answer.retry_after
        if answer.whole_messenger:
            return replace(answer, retry_after=self._pauses.wait(str(code), first, now))
        return replace(answer, retry_after=self._pairs.wait(address, first, now))

    async def upload(self, file: File) -> str | Answer:
        """Hand a file over; its id is good for 30 days, on this phone number alone."""
        fields = {"messaging_product": "whatsapp", "type": file.type}
        headers = {"Authorization": self._headers["Authorization"]}
        reply = await hand_over(self._transport.session, self._media, headers, file, fields)
        if isinstance(reply, Answer):
            return reply
        held_as = reply.body.get("id")
        if isinstance(held_as, str) and held_as:
            return held_as
        return fit_for_log(_classify(reply), self._secret)

    async def check(self) -> str | None:
        """Ask for the phone number's health, which covers the account and the app behind it."""
        reply = await self._transport.get(self._health, self._headers)
        if isinstance(reply, Answer):
            return check_failure("WhatsApp", "WHATSAPP_API_URL", reply)
        if reply.status == 200 and "id" in reply.body:
            return _ill_health(reply.body)
        answer = fit_for_log(_classify(reply), self._secret)
        return _refusal(_code(reply), answer.detail) or check_failure("WhatsApp", "WHATSAPP_API_URL", answer)


def reason_of(code: int) -> Reason:
    """Why a message failed after it had been taken; the codes are those of a refusal."""
    return _CODES.get(code, CONTENT).reason or Reason.CONTENT


def _message(content: Content) -> dict[str, Any]:
    """The type, and under its name the content."""
    if content.template is not None:
        return {"type": "template", "template": _template(content.template)}
    if content.media:
        (media,) = content.media
        where, held = source(media, Messenger.WHATSAPP)
        file: dict[str, Any] = {"id" if held else "link": where}
        file |= {"caption": content.text} if content.text else {}
        named = media.kind is MediaKind.DOCUMENT and media.name
        kind = _KINDS[media.kind]
        return {"type": kind, kind: {**file, **({"filename": media.name} if named else {})}}
    for button in content.all_buttons():
        parameters = {"display_text": button.text, "url": button.url}
        action = {"name": "cta_url", "parameters": parameters}
        body = {"text": content.text}
        return {"type": "interactive", "interactive": {"type": "cta_url", "body": body, "action": action}}
    return {"type": "text", "text": {"body": content.text, "preview_url": False}}


def _template(template: Template) -> dict[str, Any]:
    parameters = [
        {"type": "text", **({"parameter_name": one.name} if one.name else {}), "text": one.text}
        for one in template.parameters
    ]
    filled = {"components": [{"type": "body", "parameters": parameters}]} if parameters else {}
    return {"name": template.name, "language": {"code": template.language}, **filled}


def _classify(reply: Reply) -> Answer:
    message_id = _message_id(reply.body)
    if message_id:
        return Answer(outcome=Outcome.SENT, message_id=message_id)
    code = _code(reply)
    if code is None:
        return from_http_status(reply)
    words = _words(code, part(reply.body, "error"))
    answer = _NO_FILE if _UNKNOWN_FILE in words.lower() else _CODES.get(code) or _of_unlisted(reply)
    return replace(answer, detail=words)


def _message_id(body: Mapping[str, object]) -> str:
    messages = body.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    message_id = first.get("id") if isinstance(first, dict) else None
    return message_id if isinstance(message_id, str) else ""


def _code(reply: Reply) -> int | None:
    code = part(reply.body, "error").get("code")
    return code if isinstance(code, int) else None


def _of_unlisted(reply: Reply) -> Answer:
    if reply.status == 429:
        return too_fast(60.0, whole_messenger=True)
    return CONTENT if 400 <= reply.status < 500 else NO_ANSWER


def _words(code: int, error: Mapping[str, object]) -> str:
    details = part(error, "error_data").get("details")
    message = f"{code}: {error.get('message', '')}"
    return f"{message} ({details})" if details else message


def _ill_health(body: Mapping[str, object]) -> str | None:
    if part(body, "health_status").get("can_send_message") != "BLOCKED":
        return None
    return sentence(
        "WhatsApp has blocked the number of WHATSAPP_PHONE_NUMBER_ID; the reason stands in the WhatsApp Manager."
    )


def _refusal(code: int | None, detail: str) -> str | None:
    if code in _TOKEN_CODES:
        return sentence("WhatsApp does not accept WHATSAPP_TOKEN ({answer}).", answer=detail)
    if code in _NUMBER_CODES:
        return sentence(
            "WhatsApp does not know WHATSAPP_PHONE_NUMBER_ID, or WHATSAPP_TOKEN may not use it ({answer}).",
            answer=detail,
        )
    if code is not None and (answer := _CODES.get(code)) and answer.outcome is Outcome.CONFIGURATION:
        return sentence(
            "WHATSAPP_TOKEN lacks a permission, or the account may not send ({answer}).", answer=detail
        )
    return None
