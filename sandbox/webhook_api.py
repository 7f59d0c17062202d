"""A service behind the messenger "webhook": signed POSTs to /webhook, see docs/webhook.md."""

import hashlib
import hmac
import itertools
import time
from typing import Any, Final

from aiohttp import web

from sandbox.bodies import json_object
from sandbox.books import Call
from sandbox.call_pipeline import Answer, CallPipeline, json_answer
from sandbox.changes import Changes
from sandbox.faults import Fault
from sandbox.owners import Owners
from sandbox.people import WEBHOOK, Reach
from sandbox.phones import Phones

Json = dict[str, Any]
SECRET: Final = "sandbox-webhook"  # noqa: S105 - the fake's only secret, printed in its README
_CARDS: Final = {"location": "place", "contact": "contact", "poll": "poll"}
"""Names of a place, a contact card and a poll in a message, and on the page."""
_STATUSES: Final = {"account": 401, "too_fast": 429, "busy": 503}


class _RefusedError(Exception):
    pass


def _refusal(error: str, message: str = "", **more: object) -> Answer:
    status = _STATUSES.get(error, 400)
    return json_answer({"error": error, "message": message, **more}, status, status)


class WebhookDialect:
    """The protocol's refusals."""

    def rate_limited(self, retry_after: int) -> Answer:
        """too_fast with the delay."""
        return _refusal("too_fast", retry_after=retry_after)

    def blocked(self) -> Answer:
        """unsubscribed."""
        return _refusal("unsubscribed")

    def broken(self) -> Answer:
        """An error outside the protocol."""
        return json_answer({"failure": "database"}, 500, 500)

    def error(self, fault: Fault) -> Answer:
        """The error word of the fault."""
        return _refusal(fault.description)


class WebhookApi:
    """The HTTP side of the fake."""

    def __init__(self, phones: Phones, owners: Owners, pipeline: CallPipeline, changes: Changes) -> None:
        self._phones = phones
        self._owners = owners
        self._pipeline = pipeline
        self._changes = changes
        self._dialect = WebhookDialect()
        self._numbers = itertools.count(time.time_ns())

    def add_routes(self, app: web.Application) -> None:
        """Add the route."""
        app.router.add_post("/webhook", self._message)

    async def _message(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        try:
            body = json_object(raw)
        except ValueError:
            body = {}
        call = Call(WEBHOOK, "message", str(body.get("to", "")), str(body.get("text", "")))
        call.sends = "check" not in body

        async def act() -> Answer:
            try:
                _check_signature(request, raw)
                return self._answer(body)
            except _RefusedError as error:
                return _refusal(str(error))

        return await self._pipeline.serve(request, call, self._dialect, act)

    def _answer(self, body: Json) -> Answer:
        message_id = f"hook-{next(self._numbers):x}"
        if body.get("check") is True:
            return json_answer({"id": message_id})
        message = _shown(body)
        phone = self._phones.find(body["to"])
        if phone is None:
            raise _RefusedError("unknown_recipient")
        if phone.reach is not Reach.OK:
            raise _RefusedError("unsubscribed")
        self._phones.land(phone, message_id, message)
        self._owners.arrived(phone)
        self._pipeline.books.landed(WEBHOOK, phone.address, message["text"], message_id)
        self._changes.notify()
        return json_answer({"id": message_id})


def _check_signature(request: web.Request, raw: bytes) -> None:
    wanted = "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(request.headers.get("X-Signature-256", "").encode(), wanted.encode()):
        raise _RefusedError("account")


def _shown(body: Json) -> Json:
    right = isinstance(body.get("id"), str) and isinstance(body.get("to"), str)
    if not right or not isinstance(body.get("text"), str) or not (body["text"] or body.get("files")):
        raise _RefusedError("content")
    files = [
        {"kind": one["kind"], "name": one["name"], "url": one["link"]}
        for one in body.get("files", [])
        if not _CARDS.keys() & one
    ]
    cards = {_CARDS[name]: one[name] for one in body.get("files", []) for name in _CARDS.keys() & one}
    buttons = [button for row in body.get("buttons", []) for button in row]
    return {
        "text": body["text"],
        **{name: _shown_card(name, card) for name, card in cards.items()},
        **({"media": files[0]} if files else {}),
        **({"buttons": buttons} if buttons else {}),
    }


def _shown_card(name: str, card: Json) -> Json:
    match name:
        case "contact":
            return {"name": f"{card['first_name']} {card['last_name']}".strip(), **card}
        case "poll":
            return card | {"options": [{"text": option} for option in card["options"]]}
        case _:
            return card
