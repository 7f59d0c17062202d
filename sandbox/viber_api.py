"""The fake Viber API under /viber/pa: send_message, broadcast_message, get_account_info and set_webhook."""

import itertools
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import aiohttp
from aiohttp import web

from sandbox.access import checked_webhook
from sandbox.bodies import json_object
from sandbox.books import Call
from sandbox.call_pipeline import Answer, CallPipeline, json_answer
from sandbox.changes import Changes
from sandbox.faults import Fault, FaultKind
from sandbox.owners import Owners
from sandbox.people import VIBER, Reach
from sandbox.phones import Phone, Phones
from sandbox.viber_messages import BAD_DATA, MISSING_DATA, RefusedError, shown
from sandbox.webhook_sender import VIBER_TOKEN, WebhookSender, call, milliseconds, viber_signature

Json = dict[str, Any]
MAX_REQUEST_BYTES: Final = 30 * 1024
MAX_RECEIVERS: Final = 300
OK, INVALID_URL, INVALID_TOKEN, NOT_REGISTERED, NOT_SUBSCRIBED = 0, 1, 2, 5, 6
WEBHOOK_NOT_SET, TOO_MANY, BROKEN = 10, 12, 99
_NAMES: Final = {
    INVALID_URL: "invalidUrl",
    INVALID_TOKEN: "invalidAuthToken",
    BAD_DATA: "badData",
    MISSING_DATA: "missingData",
    NOT_REGISTERED: "receiverNotRegistered",
    NOT_SUBSCRIBED: "receiverNotSubscribed",
    WEBHOOK_NOT_SET: "webhookNotSet",
    TOO_MANY: "tooManyRequests",
    BROKEN: "generalError",
}


_IN_A_BLOCK: Final = {FaultKind.BLOCKED: NOT_SUBSCRIBED, FaultKind.RATE_LIMIT: TOO_MANY}
_SET_UP_BEFORE: Final = "https://sandbox.example.com/receipts/viber"
_tokens = itertools.count(5_741_311_803_571_721_087)


def _refusal(status: int, message: str = "") -> Answer:
    body = {
        "status": status,
        "status_message": message or _NAMES.get(status, "error"),
        "message_token": next(_tokens),
        "chat_hostname": "SN-CHAT-05_",
    }
    return json_answer(body, code=status)


class ViberDialect:
    """Viber's errors: HTTP 200 with a status number."""

    def rate_limited(self, retry_after: int) -> Answer:
        """Status 12; Viber names no delay."""
        return _refusal(TOO_MANY)

    def blocked(self) -> Answer:
        """Status 6."""
        return _refusal(NOT_SUBSCRIBED)

    def broken(self) -> Answer:
        """A general error with HTTP 500."""
        answer = _refusal(BROKEN)
        answer.status = 500
        return answer

    def error(self, fault: Fault) -> Answer:
        """The status number of the fault."""
        answer = _refusal(fault.code, fault.description)
        answer.status = fault.status or 200
        return answer


class ViberApi:
    """The HTTP side of the fake. Its bot has a webhook until set_webhook removes it."""

    def __init__(
        self,
        phones: Phones,
        owners: Owners,
        webhook_sender: WebhookSender,
        pipeline: CallPipeline,
        changes: Changes,
    ) -> None:
        self._phones = phones
        self._owners = owners
        self._webhook_sender = webhook_sender
        self._pipeline = pipeline
        self._changes = changes
        self._dialect = ViberDialect()
        self._tokens = itertools.count(time.time_ns())
        self._webhook: str | None = None

    def add_routes(self, app: web.Application) -> None:
        """Add the API's routes."""
        methods: dict[str, Callable[[Json, Call], Awaitable[Answer]]] = {
            "send_message": self._send_message,
            "broadcast_message": self._broadcast_message,
            "get_account_info": self._account_info,
            "set_webhook": self._set_webhook,
        }
        for name, method in methods.items():
            app.router.add_post(f"/viber/pa/{name}", self._route(name, method))

    def _route(
        self, name: str, method: Callable[[Json, Call], Awaitable[Answer]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            raw = await request.read()
            body = _object(raw)
            text = str(body.get("text") or body.get("media") or "")
            call = Call(VIBER, name, str(body.get("receiver", "")), text)
            call.sends = name in ("send_message", "broadcast_message")
            call.block = _receivers(body)

            async def act() -> Answer:
                try:
                    _check_request(request, raw, body)
                    return await method(body, call)
                except RefusedError as error:
                    return _refusal(error.status, error.message)

            return await self._pipeline.serve(request, call, self._dialect, act)

        return handle

    async def _send_message(self, body: Json, call: Call) -> Answer:
        if not body.get("receiver"):
            raise RefusedError(MISSING_DATA)
        message, token = self._message(body), next(self._tokens)
        self._land(self._phone(body["receiver"]), message, token, call.fails_later)
        self._changes.notify()
        return json_answer(_yes(token) | {"billing_status": 1})

    async def _broadcast_message(self, body: Json, call: Call) -> Answer:
        """One token for all; `failed_list` has those who were not reached."""
        receivers = body.get("broadcast_list")
        if not receivers:
            raise RefusedError(MISSING_DATA)
        if not isinstance(receivers, list) or len(receivers) > MAX_RECEIVERS:
            raise RefusedError(BAD_DATA)
        message, token = self._message(body), next(self._tokens)
        failed = []
        for receiver in receivers:
            try:
                fails_later = self._check_fault(receiver, message) or call.fails_later
                self._land(self._phone(receiver), message, token, fails_later)
            except RefusedError as error:
                words = error.message or _NAMES.get(error.status, "error")
                failed.append({"receiver": receiver, "status": error.status, "status_message": words})
        self._changes.notify()
        return json_answer(_yes(token) | {"failed_list": failed, "billing_status": 1})

    def _message(self, body: Json) -> Json:
        if self._webhook == "":
            raise RefusedError(WEBHOOK_NOT_SET)
        return shown(body)

    def _check_fault(self, receiver: object, message: Json) -> int:
        """Apply a fault set for one recipient; return the code of one that is reported later."""
        call = Call(VIBER, "broadcast_message", str(receiver), message["text"], sends=True)
        fault = self._pipeline.faults.take_for_one(call)
        if fault is not None and fault.kind is FaultKind.FAIL_LATER:
            return fault.code
        if fault is not None:
            raise RefusedError(_IN_A_BLOCK.get(fault.kind, fault.code), fault.description)
        return 0

    def _phone(self, receiver: object) -> Phone:
        if not isinstance(receiver, str):
            raise RefusedError(BAD_DATA)
        phone = self._phones.find(receiver)
        if phone is None:
            raise RefusedError(NOT_REGISTERED)
        if phone.reach is not Reach.OK:
            raise RefusedError(NOT_SUBSCRIBED)
        return phone

    def _land(self, phone: Phone, message: Json, token: int, fails_later: int) -> None:
        if fails_later:
            self._owners.failed(phone, str(token), fails_later)
            return
        self._phones.land(phone, str(token), message)
        self._owners.arrived(phone)
        self._pipeline.books.landed(VIBER, phone.address, message["text"], str(token))

    async def _account_info(self, body: Json, call: Call) -> Answer:
        return json_answer(
            {
                "status": OK,
                "status_message": "ok",
                "id": "pa:sandbox",
                "name": "Sandbox",
                "uri": "sandbox",
                "webhook": _SET_UP_BEFORE if self._webhook is None else self._webhook,
                "subscribers_count": sum(phone.reach is Reach.OK for phone in self._phones.named()),
            }
        )

    async def _set_webhook(self, body: Json, call: Call) -> Answer:
        if "url" not in body:
            raise RefusedError(MISSING_DATA)
        url = body["url"]
        try:
            url = checked_webhook(str(url))
        except ValueError:
            raise RefusedError(INVALID_URL) from None
        if url and not await _listens(url):
            raise RefusedError(INVALID_URL)
        self._webhook = self._webhook_sender.url = url
        return json_answer({"status": OK, "status_message": "ok", "event_types": body.get("event_types", [])})


def _object(raw: bytes) -> Json:
    try:
        return json_object(raw)
    except ValueError:
        return {}


def _check_request(request: web.Request, raw: bytes, body: Json) -> None:
    token = request.headers.get("X-Viber-Auth-Token") or body.get("auth_token")
    if token is None:
        raise RefusedError(INVALID_TOKEN, "missing_auth_token")
    if token != VIBER_TOKEN:
        raise RefusedError(INVALID_TOKEN)
    if len(raw) > MAX_REQUEST_BYTES or (raw.strip() not in (b"", b"{}") and not body):
        raise RefusedError(BAD_DATA)


def _receivers(body: Json) -> list[str]:
    listed = body.get("broadcast_list")
    return list(map(str, listed)) if isinstance(listed, list) else []


def _yes(token: int) -> Json:
    return {
        "status": OK,
        "status_message": "ok",
        "message_token": token,
        "chat_hostname": "SN-CHAT-05_",
    }


async def _listens(url: str) -> bool:
    """True if the URL answers Viber's trial call with 200."""
    trial = {"event": "webhook", "timestamp": milliseconds(), "message_token": next(_tokens)}
    body = json.dumps(trial).encode()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        return await call(session, url, body, viber_signature(body))
