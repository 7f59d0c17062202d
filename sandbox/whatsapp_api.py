"""The fake WhatsApp Cloud API under /whatsapp/v26.0/<phone number id>: messages, media, health."""

import base64
import itertools
import re
import secrets
import time
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, Final

from aiohttp import web

from sandbox.bodies import json_object
from sandbox.books import Call
from sandbox.call_pipeline import Answer, CallPipeline, json_answer
from sandbox.changes import Changes
from sandbox.faults import Fault
from sandbox.owners import Owners
from sandbox.people import WHATSAPP, Reach
from sandbox.phones import Phones
from sandbox.webhook_sender import WebhookSender
from sandbox.whatsapp_account import WhatsAppAccount
from sandbox.whatsapp_media import Held, WhatsAppMedia
from sandbox.whatsapp_messages import shown, text_of
from sandbox.whatsapp_templates import WABA_ID, RefusedError, listing

Json = dict[str, Any]
TOKEN: Final = "sandbox-whatsapp"  # noqa: S105 - the fake's only token, printed in its README
PHONE_NUMBER_ID: Final = "100200300"
OTHER_NUMBER_ID: Final = "100200301"
_SENDERS_COUNTRY: Final = "1"
# code -> (HTTP status, title)
_TITLES: Final = {
    33: (400, "Unsupported post request. Object with that ID does not exist"),
    100: (400, "(#100) Invalid parameter"),
    190: (401, "Invalid OAuth access token - Cannot parse access token"),
    130429: (400, "(#130429) Rate limit hit"),
    131000: (500, "(#131000) Something went wrong"),
    131026: (400, "(#131026) Message undeliverable"),
    131008: (400, "(#131008) Required parameter is missing"),
    131009: (400, "(#131009) Parameter value is not valid"),
    131031: (403, "(#131031) Business Account locked"),
    131047: (400, "(#131047) Re-engagement message"),
    131051: (400, "(#131051) Unsupported message type"),
    131053: (400, "(#131053) Media upload error"),
    132000: (400, "(#132000) Number of parameters does not match the expected number of params"),
    132005: (400, "(#132005) Translated text too long"),
    132001: (404, "(#132001) Template name does not exist in the translation"),
    132015: (400, "(#132015) Template is paused"),
    132012: (400, "(#132012) Template parameter format mismatch"),
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
        """131026, the code for a block."""
        return _refusal(131026, _DETAILS[131026])

    def broken(self) -> Answer:
        """131000 with HTTP 500."""
        return _refusal(131000, "Message failed to send due to an unknown error.")

    def error(self, fault: Fault) -> Answer:
        """The code of the fault."""
        return _refusal(fault.code, fault.description, fault.status, fault.description)


class WhatsAppApi:
    """The HTTP side of the fake."""

    def __init__(
        self,
        phones: Phones,
        owners: Owners,
        media: WhatsAppMedia,
        account: WhatsAppAccount,
        pipeline: CallPipeline,
        changes: Changes,
        sender: WebhookSender,
    ) -> None:
        self._sender = sender
        self._phones = phones
        self._media = media
        self._account = account
        self._owners = owners
        self._pipeline = pipeline
        self._changes = changes
        self._dialect = WhatsAppDialect()
        self._numbers = itertools.count(time.time_ns())

    def add_routes(self, app: web.Application) -> None:
        """Add the API's routes."""
        app.router.add_get("/whatsapp/v26.0/{account_id}/message_templates", self._templates)
        app.router.add_get("/whatsapp/v26.0/{phone_number_id}", self._health)
        app.router.add_post("/whatsapp/v26.0/{phone_number_id}/messages", self._messages)
        app.router.add_post("/whatsapp/v26.0/{phone_number_id}/media", self._upload)

    async def _health(self, request: web.Request) -> web.StreamResponse:
        async def act() -> Answer:
            try:
                number = _check_account(request)
            except RefusedError as error:
                return _refusal(error.code, error.details)
            verdict = "BLOCKED" if self._account.barred else "AVAILABLE"
            ids = (
                ("PHONE_NUMBER", number),
                ("WABA", WABA_ID),
                ("BUSINESS", "100200500"),
                ("APP", "100200600"),
            )
            entities = [{"entity_type": kind, "id": one, "can_send_message": verdict} for kind, one in ids]
            asked = request.query.get("fields", "")
            told: Json = {"id": number, "health_status": {"can_send_message": verdict, "entities": entities}}
            if "webhook_configuration" in asked:
                told["webhook_configuration"] = {"application": self._sender.url} if self._sender.url else {}
            return json_answer(told)

        return await self._pipeline.serve(request, Call(WHATSAPP, "health"), self._dialect, act)

    async def _templates(self, request: web.Request) -> web.StreamResponse:
        async def act() -> Answer:
            try:
                _check_token(request)
                if request.match_info["account_id"] != WABA_ID:
                    raise RefusedError(33)
                return json_answer(self._page(request))
            except RefusedError as error:
                return _refusal(error.code, error.details)

        return await self._pipeline.serve(request, Call(WHATSAPP, "templates"), self._dialect, act)

    def _page(self, request: web.Request) -> Json:
        """One page of templates with the fields asked for; the cursor is the place after it."""
        fields = {*request.query.get("fields", "name,status,category,language,components").split(","), "id"}
        limit, start = int(request.query.get("limit", 25)), int(request.query.get("after", 0))
        found = listing(self._account.paused)
        page = [{name: one[name] for name in one if name in fields} for one in found[start : start + limit]]
        end = start + len(page)
        url = request.url.with_query({**request.query, "after": str(end)})
        paging = {"cursors": {"before": str(start), "after": str(end)}}
        return {"data": page, "paging": {**paging, **({"next": str(url)} if end < len(found) else {})}}

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        try:
            body = json_object(await request.read())
        except ValueError:
            body = {}
        recipient = str(body.get("to") or body.get("recipient") or "")
        account = request.match_info["phone_number_id"]
        call = Call(WHATSAPP, "messages", recipient, text_of(body), sends=True, account=account)

        async def act() -> Answer:
            try:
                return self._send(_check_account(request), body, call.fails_later)
            except RefusedError as error:
                return _refusal(error.code, error.details or _DETAILS.get(error.code, ""))

        return await self._pipeline.serve(request, call, self._dialect, act)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        form = await request.post() if request.content_type == "multipart/form-data" else {}

        async def act() -> Answer:
            try:
                number = _check_account(request)
                self._account.check()
                return json_answer({"id": self._take(number, form).id})
            except RefusedError as error:
                return _refusal(error.code, error.details)

        return await self._pipeline.serve(request, Call(WHATSAPP, "media"), self._dialect, act)

    def _take(self, number: str, form: Mapping[str, object]) -> Held:
        file = form.get("file")
        if form.get("messaging_product") != "whatsapp":
            raise RefusedError(100, "The parameter messaging_product is required.")
        if not isinstance(file, web.FileField):
            raise RefusedError(100, "The parameter file is required.")
        return self._media.add(number, PurePath(file.filename).name, file.content_type, file.file.read())

    def _send(self, sender: str, body: Json, fails_later: int) -> Answer:
        _check_frame(body)
        message = shown(body)
        self._account.check(message.get("template"))
        if "held" in message.get("media", {}):
            held = self._media.named(message["media"], sender)
            message["media"]["name"] = message["media"]["name"] or held.name
        given = str(body.get("to") or body.get("recipient"))
        number = _dialled(given) if body.get("to") else given
        phone = self._phones.find(number)
        if phone is None:
            raise RefusedError(131026)
        in_time = phone.reach is Reach.OK or (phone.reach is Reach.OUTSIDE_WINDOW and "template" in message)
        if not in_time:
            raise RefusedError(_REFUSALS[phone.reach])
        seed = f"{number}/{next(self._numbers):x}".encode()
        message_id = "wamid.HBg" + base64.b64encode(seed).decode()
        reference = str(body.get("biz_opaque_callback_data", ""))
        if fails_later:
            self._owners.failed(phone, message_id, fails_later, reference)
        else:
            self._phones.land(phone, message_id, message, reference)
            self._owners.arrived(phone)
            self._pipeline.books.landed(WHATSAPP, number, message["text"], message_id)
            self._changes.notify()
        return json_answer(
            {
                "messaging_product": "whatsapp",
                "contacts": [{"input": given, **({"wa_id": number[1:]} if body.get("to") else {})}],
                "messages": [{"id": message_id}],
            }
        )


def _check_account(request: web.Request) -> str:
    """The phone number id of the request. Raises RefusedError for a wrong token or id."""
    number = request.match_info["phone_number_id"]
    _check_token(request)
    if number not in (PHONE_NUMBER_ID, OTHER_NUMBER_ID):
        raise RefusedError(33)
    return number


def _check_token(request: web.Request) -> None:
    if request.headers.get("Authorization") != f"Bearer {TOKEN}":
        raise RefusedError(190)


def _check_frame(body: Json) -> None:
    if body.get("messaging_product") != "whatsapp":
        raise RefusedError(100, "The parameter messaging_product is required.")
    if body.get("recipient_type", "individual") != "individual":
        raise RefusedError(100, "recipient_type must be individual.")
    to = body.get("to") or body.get("recipient")
    if not isinstance(to, str) or not to.strip():
        raise RefusedError(100, "The parameter to is required.")
    if len(str(body.get("biz_opaque_callback_data", ""))) > 512:
        raise RefusedError(100, "Param biz_opaque_callback_data must be at most 512 characters long.")


def _dialled(to: str) -> str:
    """The number that is called: without a plus, it gets the sender's country code."""
    digits = re.sub(r"[\s()./-]", "", to)
    return digits if digits.startswith("+") else f"+{_SENDERS_COUNTRY}{digits}"
