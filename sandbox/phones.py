"""Phones of recipients: reach and messages."""

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.crowds import Crowds
from sandbox.people import PROFILES, Reach

Json = dict[str, Any]
KEPT_PER_PERSON: Final = 200
KEPT_PER_CROWD_PHONE: Final = 3


@dataclass(slots=True)
class Phone:
    """One phone. `landed_at`: Unix time of the last delivered message.

    `messages` are {"id", "text", "media"?, "buttons"?, "date", "state": delivered or read, "reference"?}, with media
    {"kind", "name", "url"?} and buttons [{"text", "url"}]; the owner's own have "own": True, and "answers" with
    the id of a message that they quote.
    """

    address: str
    name: str
    reach: Reach
    messages: deque[Json]
    crowd: bool = False
    landed_at: float = 0.0


@dataclass(slots=True)
class Phones:
    """All phones of one messenger."""

    messenger: str
    crowds: Crowds
    _phones: dict[str, Phone] = field(default_factory=dict)
    _landed_last: deque[Phone] = field(default_factory=lambda: deque(maxlen=32))

    def __post_init__(self) -> None:
        for person in PROFILES[self.messenger].people:
            messages: deque[Json] = deque(maxlen=KEPT_PER_PERSON)
            self._phones[person.address] = Phone(person.address, person.name, person.reach, messages)

    def find(self, address: str) -> Phone | None:
        """The phone at that address, or None."""
        phone = self._phones.get(address)
        if phone is None and self.crowds.has(self.messenger, address):
            kept: deque[Json] = deque(maxlen=KEPT_PER_CROWD_PHONE)
            phone = Phone(address, f"Crowd {address}", Reach.OK, kept, crowd=True)
            self._phones[address] = phone
        return phone

    def land(self, phone: Phone, message_id: str, message: Json, reference: str = "") -> None:
        """Put {"text", "media"?, "buttons"?} on a phone. `reference` is returned in receipts."""
        phone.landed_at = time.time()
        stamp = {"id": message_id, "date": int(phone.landed_at), "state": "delivered"}
        phone.messages.append({**message, **stamp, **({"reference": reference} if reference else {})})
        if phone.crowd:
            self._landed_last.append(phone)

    def own(self, phone: Phone, text: str, answers: str = "") -> None:
        """Add a message of the owner; `answers`: the id of the message that it quotes."""
        now = time.time()
        quoted = {"answers": answers} if answers else {}
        phone.messages.append({"id": f"own-{now:.6f}", "text": text, "date": int(now), "own": True, **quoted})

    def named(self) -> list[Phone]:
        """The phones of the named people."""
        return [phone for phone in self._phones.values() if not phone.crowd]

    def crowd_landed_last(self) -> list[Phone]:
        """Crowd phones that got a message, the latest first."""
        return list({id(phone): phone for phone in reversed(self._landed_last)}.values())

    def to_json(self) -> Json:
        """Address -> reach and messages of the named people."""
        return {p.address: {"reach": p.reach.value, "messages": list(p.messages)} for p in self.named()}

    def load(self, saved: Json) -> None:
        """Restore what `to_json` returned."""
        for address, entry in saved.items():
            phone = self._phones.get(address)
            if phone is not None:
                phone.reach = Reach(entry["reach"])
                phone.messages.extend(entry["messages"])
