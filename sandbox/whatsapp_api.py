"""The fake WhatsApp Cloud API: POST /whatsapp/v26.0/<phone number id>/messages."""

import base64
import itertools
import re
import secrets
import time
from typing import Any, Final

from aiohttp import web

from sandbox.bell import Bell
from sandbox.bodies import json_object
from sandbox.books import Call
from sandbox.faults import Fault
from sandbox.gate import Answer, Gate, json_answer
from sandbox.owners import Owners
from sandbox.people import WHATSAPP, Reach
from sandbox.phones import Phones

Json = dict[str, Any]
TOKEN: Final = "sandbox-whatsapp"  # noqa: S105 - the fake's only token, printed in its README
PHONE_NUMBER_ID: Final = "100200300"
MAX_TEXT: Final = 4096
_SENDERS_COUNTRY: Final = "1"
# code -> (HTTP status, title)
_TITLES: Final = {
    33: (400, "Unsupported post request. Object with that ID does not exist"),
    100: (400, "(#100) Invalid parameter"),
    190: (401, "Invalid OAuth access token - Cannot parse access token"),
    130429: (400, "(#130429) Rate limit hit"),
    131000: (500, "(#131000) Something went wrong"),
    131026: (400, "(#131026) Message undeliverable"),
    131047: (400, "(#131047) Re-engagement message"),
    131051: (400, "(#131051) Unsupported message type"),
}
_REFUSALS: Final = {
    Reach.BLOCKED: 131026,
    Reach.NOT_ON_MESSENGER: 131026,
    Reach.OUTSIDE_WINDOW: 131047,
}
_DETAILS: Final = {
    131026: "Message Undeliverable.",
    131047: "Message failed to send because more than 24 hours have passed since the customer last "
    "replied to this number.",
}


class _RefusedError(Exception):
    def __init__(self, code: int, details: str = "") -> None:
        self.code = code
        self.details = details or _DETAILS.get(code, "")
        super().__init__(details)


def _refusal(code: int, details: str, status: int = 0, title: str = "") -> Answer:
    usual_status, usual_title = _TITLES.get(code, (400, f"(#{code}) Error"))
    error = {
        "message": title or usual_title,
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": details},
        "fbtrace_id": "A" + secrets.token_urlsafe(16),
    }
    return json_answer({"error": error}, status or usual_status, code)


class WhatsAppDialect:
    """The Cloud API's error envelope."""

    def rate_limited(self, retry_after: int) -> Answer:
        """130429; the Cloud API names no delay."""
        return _refusal(130429, "Cloud API message throughput has been reached.")

    def blocked(self) -> Answer:
        """131026, as a block surfaces."""
        return _refusal(131026, _DETAILS[131026])

    def broken(self) -> Answer:
        """131000 with HTTP 500."""
        return _refusal(131000, "Message failed to send due to an unknown error.")

    def error(self, fault: Fault) -> Answer:
        """The code as the fault spells it."""
        return _refusal(fault.code, fault.description, fault.status, fault.description)


class WhatsAppApi:
    """The HTTP side of the fake."""

    def __init__(self, phones: Phones, owners: Owners, gate: Gate, bell: Bell) -> None:
        self._phones = phones
        self._owners = owners
        self._gate = gate
        self._bell = bell
        self._dialect = WhatsAppDialect()
        self._numbers = itertools.count(time.time_ns())

    def add_routes(self, app: web.Application) -> None:
        """Adds the API's one address."""
        app.router.add_post("/whatsapp/v26.0/{phone_number_id}/messages", self._messages)

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        try:
            body = json_object(await request.read())
        except ValueError:
            body = {}
        text = body.get("text")
        call = Call(WHATSAPP, "messages", str(body.get("to", "")), sends=True)
        call.text = str(text.get("body", "")) if isinstance(text, dict) else ""

        async def act() -> Answer:
            try:
                _check_account(request)
                return self._send(body, call.text)
            except _RefusedError as error:
                return _refusal(error.code, error.details)

        return await self._gate.serve(request, call, self._dialect, act)

    def _send(self, body: Json, text: str) -> Answer:
        _check_shape(body)
        number = _dialled(str(body["to"]))
        phone = self._phones.find(number)
        if phone is None:
            raise _RefusedError(131026)
        if phone.reach is not Reach.OK:
            raise _RefusedError(_REFUSALS[phone.reach])
        seed = f"{number}/{next(self._numbers):x}".encode()
        message_id = "wamid.HBg" + base64.b64encode(seed).decode()
        reference = body.get("biz_opaque_callback_data")
        self._phones.land(phone, message_id, text, reference if isinstance(reference, str) else "")
        self._owners.arrived(phone)
        self._gate.books.landed(WHATSAPP, number, text, message_id)
        self._bell.ring()
        return json_answer(
            {
                "messaging_product": "whatsapp",
                "contacts": [{"input": body["to"], "wa_id": number[1:]}],
                "messages": [{"id": message_id}],
            }
        )


def _check_account(request: web.Request) -> None:
    if request.headers.get("Authorization") != f"Bearer {TOKEN}":
        raise _RefusedError(190)
    if request.match_info["phone_number_id"] != PHONE_NUMBER_ID:
        raise _RefusedError(33)


def _check_shape(body: Json) -> None:
    if body.get("messaging_product") != "whatsapp":
        raise _RefusedError(100, "The parameter messaging_product is required.")
    if body.get("recipient_type", "individual") != "individual":
        raise _RefusedError(100, "recipient_type must be individual.")
    if not isinstance(body.get("to"), str) or not body["to"].strip():
        raise _RefusedError(100, "The parameter to is required.")
    if body.get("type", "text") != "text":
        raise _RefusedError(131051, "The sandbox takes text messages only.")
    text = body.get("text")
    content = text.get("body") if isinstance(text, dict) else None
    if not isinstance(content, str) or not content.strip():
        raise _RefusedError(100, "The parameter text['body'] is required.")
    if len(content) > MAX_TEXT:
        raise _RefusedError(100, f"Param text['body'] must be at most {MAX_TEXT} characters long.")
    if len(str(body.get("biz_opaque_callback_data", ""))) > 512:
        raise _RefusedError(100, "Param biz_opaque_callback_data must be at most 512 characters long.")


def _dialled(to: str) -> str:
    """The number that is really called: without a plus, the sender's own country code goes in front."""
    digits = re.sub(r"[\s()./-]", "", to)
    return digits if digits.startswith("+") else f"+{_SENDERS_COUNTRY}{digits}"
