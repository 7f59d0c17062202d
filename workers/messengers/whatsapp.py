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

from core.domain.content.content import ButtonValue, Content, Media, Parameter, Template
from core.domain.content.rendering import sent_as, source
from core.domain.content.templates import ListedTemplate, header_media
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.outcome import Answer, Outcome
from core.domain.messengers.traits import Messenger
from core.domain.translatable import sentence
from workers.messengers.backoff import Backoff
from workers.messengers.files import hand_over
from workers.messengers.outcomes import (
    CONFIGURATION,
    NO_ANSWER,
    UNLISTED,
    check_failure,
    fit_for_log,
    from_http_status,
    keyed,
    part,
    too_fast,
)
from workers.messengers.port import File
from workers.messengers.transport import JSON_HEADERS, Reply, Transport
from workers.messengers.whatsapp_codes import CODES, NO_FILE, error_words, of_code
from workers.messengers.whatsapp_templates import FIELDS, account_of, listed, next_page

_KINDS = {
    MediaKind.PHOTO: "image",
    MediaKind.VIDEO: "video",
    MediaKind.DOCUMENT: "document",
    MediaKind.AUDIO: "audio",
    MediaKind.VOICE: "audio",
    MediaKind.STICKER: "sticker",
}
# The id of a file that is gone, or was uploaded for another number: no code of its own, only these words.
_UNKNOWN_FILE = "media attachment id"
_TOKEN_CODES = frozenset({0, 190})
# "Object does not exist, or cannot be loaded due to missing permissions" comes as 100 when one asks for it.
_NUMBER_CODES = frozenset({33, 100})
_NO_SUCH_OBJECT = 33
# Of a hundred templates: an account may have 6,000, in several languages each.
_MOST_PAGES = 200


class WhatsApp:
    """Sends from the phone number of `phone_number_id`. `api_url` includes the version: ".../v26.0"."""

    def __init__(self, transport: Transport, *, api_url: str, token: str, phone_number_id: str) -> None:
        self._transport = transport
        self._secret = token
        self._headers = {**JSON_HEADERS, "Authorization": f"Bearer {token}"}
        self._root = URL(api_url.rstrip("/"))
        number = f"{self._root}/{phone_number_id}"
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
        return fit_for_log(self._with_backoff(_classify(reply), _code(reply), address), self._secret)

    def _with_backoff(self, answer: Answer, code: int | None, address: str) -> Answer:
        """The Cloud API names no times: who was too fast waits longer each time, one person by Meta's rule of 4^n."""
        if code is None or answer.outcome is not Outcome.RATE_LIMITED or answer.retry_after is None:
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

    async def templates(self) -> list[ListedTemplate] | Answer:
        """List the templates of the account that the phone number belongs to, page by page."""
        if isinstance(account := await self._account_id(), Answer):
            return account
        found: list[ListedTemplate] = []
        after = ""
        for _ in range(_MOST_PAGES):
            query = {"fields": FIELDS, "limit": "100", **({"after": after} if after else {})}
            url = (self._root / account / "message_templates").with_query(query)
            reply = await self._transport.get(url, self._headers)
            if isinstance(reply, Answer):
                return reply
            if reply.status != 200 or "data" not in reply.body:
                return fit_for_log(_classify(reply), self._secret)
            found += listed(reply.body)
            if not (after := next_page(reply.body)):
                break
        return found

    async def _account_id(self) -> str | Answer:
        reply = await self._transport.get(self._health, self._headers)
        if isinstance(reply, Answer):
            return reply
        if reply.status == 200 and (account := account_of(reply.body)):
            return account
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


def _message(content: Content) -> dict[str, Any]:
    """The type, and under its name the content."""
    if content.template is not None:
        return {"type": "template", "template": _template(content, content.template)}
    if content.media:
        return _attached(content.media[0], content.text)
    for button in content.all_buttons():
        parameters = {"display_text": button.text, "url": button.url}
        action = {"name": "cta_url", "parameters": parameters}
        body = {"text": content.text}
        return {"type": "interactive", "interactive": {"type": "cta_url", "body": body, "action": action}}
    with_preview = content.link_preview is not None
    return {"type": "text", "text": {"body": content.text, "preview_url": with_preview}}


def _attached(media: Media, text: str) -> dict[str, Any]:
    if (place := media.place) is not None:
        named = {name: one for name, one in (("name", place.title), ("address", place.address)) if one}
        where = {"latitude": place.latitude, "longitude": place.longitude, **named}
        return {"type": "location", "location": where}
    if (card := media.contact) is not None:
        last_name = {"last_name": card.last_name} if card.last_name else {}
        name = {"formatted_name": card.name, "first_name": card.first_name, **last_name}
        return {"type": "contacts", "contacts": [{"name": name, "phones": [{"phone": card.phone_number}]}]}
    kind = _KINDS[sent_as(media, Messenger.WHATSAPP) or media.kind]
    caption = {"caption": text} if text else {}
    voice = {"voice": True} if media.kind is MediaKind.VOICE else {}
    return {"type": kind, kind: {**_file(media), **caption, **voice}}


def _file(media: Media) -> dict[str, str]:
    where, held = source(media, Messenger.WHATSAPP)
    named = media.kind is MediaKind.DOCUMENT and media.name
    return {"id" if held else "link": where, **({"filename": media.name} if named else {})}


def _template(content: Content, template: Template) -> dict[str, Any]:
    components: list[dict[str, Any]] = []
    if (top := header_media(content)) is not None:
        kind = _KINDS[top.kind]
        components.append({"type": "header", "parameters": [{"type": kind, kind: _file(top)}]})
    if template.header is not None:
        components.append({"type": "header", "parameters": [_parameter(template.header)]})
    if template.parameters:
        components.append({"type": "body", "parameters": [*map(_parameter, template.parameters)]})
    components += map(_button, template.buttons)
    filled = {"components": components} if components else {}
    return {"name": template.name, "language": {"code": template.language}, **filled}


def _parameter(one: Parameter) -> dict[str, str]:
    return {"type": "text", **({"parameter_name": one.name} if one.name else {}), "text": one.text}


def _button(one: ButtonValue) -> dict[str, Any]:
    code = one.kind == "copy_code"
    value = {"type": "coupon_code", "coupon_code": one.text} if code else {"type": "text", "text": one.text}
    return {"type": "button", "sub_type": one.kind, "index": str(one.place), "parameters": [value]}


def _classify(reply: Reply) -> Answer:
    message_id = _message_id(reply.body)
    if message_id:
        return Answer(outcome=Outcome.SENT, message_id=message_id)
    code = _code(reply)
    if code is None:
        return from_http_status(reply)
    words = error_words(code, part(reply.body, "error"))
    return replace(_of_error(code, words, reply), detail=words)


def _of_error(code: int, words: str, reply: Reply) -> Answer:
    if _UNKNOWN_FILE in words.lower():
        return keyed(NO_FILE, str(code))
    if code in _NUMBER_CODES and _is_about_the_number(part(reply.body, "error")):
        return CONFIGURATION
    return of_code(code) or _of_unlisted(code, reply)


def _is_about_the_number(error: Mapping[str, object]) -> bool:
    """100 is a bad parameter, but also "Object with ID ... does not exist", or may not be used with this token."""
    return (
        error.get("error_subcode") == _NO_SUCH_OBJECT or "object with id" in str(error.get("message")).lower()
    )


def _message_id(body: Mapping[str, object]) -> str:
    messages = body.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    message_id = first.get("id") if isinstance(first, dict) else None
    return message_id if isinstance(message_id, str) else ""


def _code(reply: Reply) -> int | None:
    error = part(reply.body, "error")
    code = error.get("code")
    if not isinstance(code, int):
        return None
    # Gateways answer {"error": {"code": 403, ...}} too: the HTTP status, without the id by which Meta finds the call.
    return code if code != reply.status or code in CODES or "fbtrace_id" in error else None


def _of_unlisted(code: int, reply: Reply) -> Answer:
    if reply.status == 429 or "rate limit" in str(part(reply.body, "error").get("message")).lower():
        return too_fast(60.0, whole_messenger=True)
    return keyed(UNLISTED, str(code)) if 400 <= reply.status < 500 else NO_ANSWER


def _ill_health(body: Mapping[str, object]) -> str | None:
    if part(body, "health_status").get("can_send_message") != "BLOCKED":
        return None
    return sentence(
        "WhatsApp has blocked the number of WHATSAPP_PHONE_NUMBER_ID. WhatsApp Manager shows the reason."
    )


def _refusal(code: int | None, detail: str) -> str | None:
    if code in _TOKEN_CODES:
        return sentence("WhatsApp doesn't accept WHATSAPP_TOKEN ({answer}).", answer=detail)
    if code in _NUMBER_CODES:
        return sentence(
            "WhatsApp doesn't know WHATSAPP_PHONE_NUMBER_ID, or WHATSAPP_TOKEN has no access to it ({answer}).",
            answer=detail,
        )
    if code is not None and (answer := CODES.get(code)) and answer.outcome is Outcome.CONFIGURATION:
        return sentence(
            "WHATSAPP_TOKEN lacks a permission, or the account may not send ({answer}).", answer=detail
        )
    return None
