"""What the owners of WhatsApp and Viber phones do, and what the messenger tells the product about it."""

import itertools
from typing import Any, Final, Protocol

from sandbox.people import ACTIONS, Reach
from sandbox.phones import Phone, Phones
from sandbox.postman import Postman, milliseconds, seconds

Json = dict[str, Any]
STOP: Final = "STOP"
_tokens = itertools.count(6_000_000_000_000_000_000)


class Teller(Protocol):
    """How one messenger words what happened."""

    def failed(self, phone: Phone, message_id: str, reference: str, code: int) -> None:
        """A message that was taken could not be delivered after all."""

    def arrived(self, phone: Phone, message: Json) -> None:
        """A message is on the phone."""

    def seen(self, phone: Phone, messages: list[Json]) -> None:
        """The owner has opened the chat; `messages` had not been read before."""

    def wrote(self, phone: Phone, text: str) -> None:
        """The owner has written to the shop."""

    def changed(self, phone: Phone, before: Reach) -> None:
        """The phone is reached now, or no longer."""


class WhatsAppTeller:
    """Statuses for each message; who blocks the shop is not told."""

    def __init__(self, postman: Postman) -> None:
        self._postman = postman

    def failed(self, phone: Phone, message_id: str, reference: str, code: int) -> None:
        """One status, with the error under its code."""
        error = {"code": code, "title": f"(#{code})", "message": f"(#{code})", "error_data": {"details": ""}}
        self._tell(phone, {"id": message_id, "reference": reference}, "failed", errors=[error])

    def arrived(self, phone: Phone, message: Json) -> None:
        """Two statuses, whose order nobody promises."""
        for status in ("sent", "delivered"):
            self._tell(phone, message, status)

    def seen(self, phone: Phone, messages: list[Json]) -> None:
        """One status for each message."""
        for message in messages:
            self._tell(phone, message, "read")

    def wrote(self, phone: Phone, text: str) -> None:
        """Opens the 24 h window as well."""
        phone.reach = Reach.OK if phone.reach is Reach.OUTSIDE_WINDOW else phone.reach
        said = {
            **_known_as(phone, "from", "from_user_id"),
            "id": f"wamid.{next(_tokens)}",
            "timestamp": seconds(),
        }
        self._postman.bring({"messages": {**said, "type": "text", "text": {"body": text}}})

    def changed(self, phone: Phone, before: Reach) -> None:
        """Nothing: WhatsApp keeps it to itself."""

    def _tell(self, phone: Phone, message: Json, status: str, **more: object) -> None:
        told = {
            "id": message["id"],
            "status": status,
            "timestamp": seconds(),
            **_known_as(phone, "recipient_id", "recipient_user_id"),
            **more,
        }
        echo = {"biz_opaque_callback_data": message["reference"]} if message.get("reference") else {}
        self._postman.bring({"statuses": {**told, **echo}})


def _known_as(phone: Phone, by_number: str, by_user_id: str) -> Json:
    """Those who hide their number are named by the id that the shop knows them by."""
    number = phone.address.startswith("+")
    return {by_number: phone.address[1:]} if number else {by_user_id: phone.address}


class ViberTeller:
    """Events with message tokens; coming and going is told, our own data is not given back."""

    def __init__(self, postman: Postman) -> None:
        self._postman = postman

    def failed(self, phone: Phone, message_id: str, reference: str, code: int) -> None:
        """The app on the phone could not show it."""
        self._tell(
            "failed", message_token=int(message_id), user_id=phone.address, desc=f"failure was forced: {code}"
        )

    def arrived(self, phone: Phone, message: Json) -> None:
        """Once for each device; here there is one."""
        self._tell("delivered", message_token=int(message["id"]), user_id=phone.address)

    def seen(self, phone: Phone, messages: list[Json]) -> None:
        """One event for all of them, naming the last."""
        self._tell("seen", message_token=int(messages[-1]["id"]), user_id=phone.address)

    def wrote(self, phone: Phone, text: str) -> None:
        """Subscribes as well."""
        phone.reach = Reach.OK
        said = {"type": "text", "text": text}
        self._tell("message", message_token=next(_tokens), sender=_user(phone), message=said)

    def changed(self, phone: Phone, before: Reach) -> None:
        """Whoever was there before and is not now has left, and the other way round."""
        if phone.reach is before:
            return
        if phone.reach is Reach.OK:
            self._tell("subscribed", message_token=next(_tokens), user=_user(phone))
        else:
            self._tell("unsubscribed", message_token=next(_tokens), user_id=phone.address)

    def _tell(self, event: str, **more: object) -> None:
        self._postman.bring({"event": event, "timestamp": milliseconds(), **more})


class SilentTeller:
    """For messengers that report nothing."""

    def failed(self, phone: Phone, message_id: str, reference: str, code: int) -> None:
        """Told to nobody."""

    def arrived(self, phone: Phone, message: Json) -> None:
        """Told to nobody."""

    def seen(self, phone: Phone, messages: list[Json]) -> None:
        """Told to nobody."""

    def wrote(self, phone: Phone, text: str) -> None:
        """Told to nobody."""

    def changed(self, phone: Phone, before: Reach) -> None:
        """Told to nobody."""


def _user(phone: Phone) -> Json:
    return {"id": phone.address, "name": phone.name, "language": "en", "country": "US", "api_version": 10}


class Owners:
    """The owners of one messenger's phones."""

    def __init__(self, phones: Phones, teller: Teller) -> None:
        self._phones = phones
        self._teller = teller

    def arrived(self, phone: Phone) -> None:
        """Tells that the last message has reached its phone."""
        self._teller.arrived(phone, phone.messages[-1])

    def failed(self, phone: Phone, message_id: str, code: int, reference: str = "") -> None:
        """Tells that a message which was taken does not reach its phone."""
        self._teller.failed(phone, message_id, reference, code)

    def keep_in_touch(self) -> None:
        """Everybody who is reached has lately written to the shop, in a talk that is not shown."""
        for phone in self._phones.named():
            if phone.reach is Reach.OK:
                self._teller.wrote(phone, "Hello")

    def act(self, address: str, action: str, text: str = "") -> Reach:
        """Does `action`: read, write (`text`), stop, or one that changes the reach. Raises KeyError if unknown."""
        phone = self._phones.find(address)
        if phone is None:
            raise KeyError(address)
        match action:
            case "read":
                self._read(phone)
            case "write" | "stop":
                said = STOP if action == "stop" else text
                self._phones.own(phone, said)
                self._teller.wrote(phone, said)
            case _:
                before, phone.reach = phone.reach, ACTIONS[self._phones.messenger][action]
                self._teller.changed(phone, before)
        return phone.reach

    def _read(self, phone: Phone) -> None:
        unread = [message for message in phone.messages if message.get("state") == "delivered"]
        for message in unread:
            message["state"] = "read"
        if unread:
            self._teller.seen(phone, unread)
