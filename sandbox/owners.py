"""Actions of the owners of phones, and the events that the messenger reports about them."""

import itertools
import time
from collections.abc import Iterator
from typing import Any, Final

from sandbox.people import PROFILES, Reach
from sandbox.phones import Phone, Phones
from sandbox.webhook_sender import WebhookSender, milliseconds, seconds
from sandbox.whatsapp_templates import CATEGORIES

Json = dict[str, Any]
STOP: Final = "STOP"


def _new_tokens() -> Iterator[int]:
    """Ids of what people write: other ones after each start, as one that came before is taken for the same message."""
    return itertools.count(6_000_000_000_000_000_000 + time.time_ns() // 1_000)


class EventReporter:
    """Reports the events of a messenger; this one for messengers that report nothing."""

    def failed(self, phone: Phone, message_id: str, reference: str, code: int) -> None:
        """An accepted message could not be delivered."""

    def arrived(self, phone: Phone, message: Json) -> None:
        """A message is on the phone."""

    def seen(self, phone: Phone, messages: list[Json]) -> None:
        """The owner opened the chat with these unread `messages`."""

    def inbound_message(self, phone: Phone, text: str, answers: str = "") -> None:
        """The owner wrote to the shop. `answers`: the id of the message that it answers."""

    def keep_in_touch(self, phone: Phone) -> None:
        """The owner counts as having written lately, without a word."""

    def changed(self, phone: Phone, before: Reach) -> None:
        """The reach of the phone changed."""


class WhatsAppReporter(EventReporter):
    """One status per message; blocks are not reported."""

    def __init__(self, webhook_sender: WebhookSender) -> None:
        self._webhook_sender = webhook_sender
        self._tokens = _new_tokens()

    def failed(self, phone: Phone, message_id: str, reference: str, code: int) -> None:
        """One status, with the error under its code."""
        error = {"code": code, "title": f"(#{code})", "message": f"(#{code})", "error_data": {"details": ""}}
        self._tell(phone, {"id": message_id, "reference": reference}, "failed", errors=[error])

    def arrived(self, phone: Phone, message: Json) -> None:
        """Two statuses, in no guaranteed order."""
        for status in ("sent", "delivered"):
            self._tell(phone, message, status, pricing=_pricing(message))

    def seen(self, phone: Phone, messages: list[Json]) -> None:
        """One status for each message."""
        for message in messages:
            self._tell(phone, message, "read")

    def inbound_message(self, phone: Phone, text: str, answers: str = "") -> None:
        """Opens the 24 h window as well."""
        phone.reach = Reach.OK if phone.reach is Reach.OUTSIDE_WINDOW else phone.reach
        context = {"context": {"id": answers}} if answers else {}
        self._say(phone, type="text", text={"body": text}, **context)

    def keep_in_touch(self, phone: Phone) -> None:
        """A reaction that is taken back opens the window, and there is nothing in it to read."""
        self._say(phone, type="reaction", reaction={"message_id": "wamid.0"})

    def _say(self, phone: Phone, **message: object) -> None:
        said = {
            **_known_as(phone, "from", "from_user_id"),
            "id": f"wamid.{next(self._tokens)}",
            "timestamp": seconds(),
        }
        profile = {**_known_as(phone, "wa_id", "user_id"), "profile": {"name": phone.name}}
        self._webhook_sender.send({"messages": {**said, **message}, "contacts": profile})

    def changed(self, phone: Phone, before: Reach) -> None:
        """Not reported."""

    def _tell(self, phone: Phone, message: Json, status: str, **more: object) -> None:
        told = {
            "id": message["id"],
            "status": status,
            "timestamp": seconds(),
            **_known_as(phone, "recipient_id", "recipient_user_id"),
            **more,
        }
        echo = {"biz_opaque_callback_data": message["reference"]} if message.get("reference") else {}
        self._webhook_sender.send({"statuses": {**told, **echo}})


def _pricing(message: Json) -> Json:
    """Templates are charged for, answers within the 24 hours are not."""
    if "template" not in message:
        return {
            "billable": False,
            "pricing_model": "PMP",
            "type": "free_customer_service",
            "category": "service",
        }
    category = CATEGORIES[message["template"]].lower()
    return {"billable": True, "pricing_model": "PMP", "type": "regular", "category": category}


def _known_as(phone: Phone, by_number: str, by_user_id: str) -> Json:
    """The phone's number, or the user id of a person who hides it."""
    number = phone.address.startswith("+")
    return {by_number: phone.address[1:]} if number else {by_user_id: phone.address}


class ViberReporter(EventReporter):
    """Events with message tokens, subscribing and unsubscribing included; no reference of the sender's own."""

    def __init__(self, webhook_sender: WebhookSender) -> None:
        self._webhook_sender = webhook_sender
        self._tokens = _new_tokens()

    def failed(self, phone: Phone, message_id: str, reference: str, code: int) -> None:
        """The app on the phone could not show it."""
        self._tell(
            "failed", message_token=int(message_id), user_id=phone.address, desc=f"failure was forced: {code}"
        )

    def arrived(self, phone: Phone, message: Json) -> None:
        """One event: each person has one device."""
        self._tell("delivered", message_token=int(message["id"]), user_id=phone.address)

    def seen(self, phone: Phone, messages: list[Json]) -> None:
        """One event for all of them, naming the last."""
        self._tell("seen", message_token=int(messages[-1]["id"]), user_id=phone.address)

    def inbound_message(self, phone: Phone, text: str, answers: str = "") -> None:
        """Subscribes as well. Viber does not say what it answers."""
        phone.reach = Reach.OK
        said = {"type": "text", "text": text}
        self._tell("message", message_token=next(self._tokens), sender=_user(phone), message=said)

    def keep_in_touch(self, phone: Phone) -> None:
        """Not reported: Viber has no window."""

    def changed(self, phone: Phone, before: Reach) -> None:
        """Subscribed or unsubscribed."""
        if phone.reach is before:
            return
        if phone.reach is Reach.OK:
            self._tell("subscribed", message_token=next(self._tokens), user=_user(phone))
        else:
            self._tell("unsubscribed", message_token=next(self._tokens), user_id=phone.address)

    def _tell(self, event: str, **more: object) -> None:
        self._webhook_sender.send({"event": event, "timestamp": milliseconds(), **more})


def _user(phone: Phone) -> Json:
    return {"id": phone.address, "name": phone.name, "language": "en", "country": "US", "api_version": 10}


class Owners:
    """The owners of one messenger's phones."""

    def __init__(self, phones: Phones, reporter: EventReporter) -> None:
        self._phones = phones
        self._reporter = reporter

    def arrived(self, phone: Phone) -> None:
        """Report that the last message reached its phone."""
        self._reporter.arrived(phone, phone.messages[-1])

    def failed(self, phone: Phone, message_id: str, code: int, reference: str = "") -> None:
        """Report that an accepted message failed."""
        self._reporter.failed(phone, message_id, reference, code)

    def keep_in_touch(self) -> None:
        """Report everyone who is reached as having written lately."""
        for phone in self._phones.named():
            if phone.reach is Reach.OK:
                self._reporter.keep_in_touch(phone)

    def act(self, address: str, action: str, text: str = "", answers: str = "") -> Reach:
        """Do `action`: read, write, stop, or one that changes the reach. Raises KeyError if unknown.

        `text` and `answers`: what is written, and the id of the message that it answers.
        """
        phone = self._phones.find(address)
        if phone is None:
            raise KeyError(address)
        match action:
            case "read":
                self._read(phone)
            case "write" | "stop":
                said = STOP if action == "stop" else text
                self._phones.own(phone, said, answers)
                self._reporter.inbound_message(phone, said, answers)
            case _:
                before, phone.reach = phone.reach, PROFILES[self._phones.messenger].actions[action]
                self._reporter.changed(phone, before)
        return phone.reach

    def _read(self, phone: Phone) -> None:
        unread = [message for message in phone.messages if message.get("state") == "delivered"]
        for message in unread:
            message["state"] = "read"
        if unread:
            self._reporter.seen(phone, unread)
