"""The people who live in the sandbox, and whether each messenger reaches them at first."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

TELEGRAM: Final = "telegram"
WHATSAPP: Final = "whatsapp"
VIBER: Final = "viber"
WEBHOOK: Final = "webhook"
MESSENGERS: Final = (TELEGRAM, WHATSAPP, VIBER, WEBHOOK)


class Reach(StrEnum):
    """Whether a message reaches somebody. Everything but OK is the reason why it does not."""

    OK = "ok"
    BLOCKED = "blocked"
    NEVER_STARTED = "never_started"
    NOT_ON_MESSENGER = "not_on_messenger"
    OUTSIDE_WINDOW = "outside_window"
    UNSUBSCRIBED = "unsubscribed"
    KICKED = "kicked"


BADGES: Final = {
    Reach.BLOCKED: "blocked the bot",
    Reach.NEVER_STARTED: "never pressed Start",
    Reach.NOT_ON_MESSENGER: "not on WhatsApp",
    Reach.OUTSIDE_WINDOW: "outside the 24 h window",
    Reach.UNSUBSCRIBED: "unsubscribed",
    Reach.KICKED: "removed the bot",
}


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody with a phone. `role` is set for those who chat with the bot on the page."""

    messenger: str
    address: str
    name: str
    reach: Reach = Reach.OK
    role: str = ""


PEOPLE: Final = (
    Person(messenger=TELEGRAM, address="100", name="Ann", role="admin"),
    Person(messenger=TELEGRAM, address="101", name="Ben", role="admin"),
    Person(messenger=TELEGRAM, address="200", name="Sam", role="stranger", reach=Reach.NEVER_STARTED),
    Person(messenger=TELEGRAM, address="1001", name="Alice"),
    Person(messenger=TELEGRAM, address="1002", name="Bob"),
    Person(messenger=TELEGRAM, address="1003", name="Carol", reach=Reach.BLOCKED),
    Person(messenger=TELEGRAM, address="1004", name="Dave", reach=Reach.NEVER_STARTED),
    Person(messenger=WHATSAPP, address="+12025550123", name="Alice"),
    Person(messenger=WHATSAPP, address="+12025550124", name="Bob"),
    Person(messenger=WHATSAPP, address="US.13491208655302741918", name="Erin"),
    Person(messenger=WHATSAPP, address="+12025550199", name="Carol", reach=Reach.NOT_ON_MESSENGER),
    Person(messenger=WHATSAPP, address="+12025550147", name="Dave", reach=Reach.OUTSIDE_WINDOW),
    Person(messenger=VIBER, address="alice", name="Alice"),
    Person(messenger=VIBER, address="bob", name="Bob"),
    Person(messenger=VIBER, address="carol", name="Carol", reach=Reach.UNSUBSCRIBED),
    Person(messenger=WEBHOOK, address="customer-42", name="Alice"),
)


_SUBSCRIBED_OR_NOT: Final = {
    "start": Reach.OK,
    "unblock": Reach.OK,
    "block": Reach.UNSUBSCRIBED,
    "leave": Reach.UNSUBSCRIBED,
}
# What a person's action does to the reach of that person, on each messenger.
ACTIONS: Final[dict[str, dict[str, Reach]]] = {
    TELEGRAM: {"start": Reach.OK, "unblock": Reach.OK, "block": Reach.BLOCKED, "leave": Reach.BLOCKED},
    WHATSAPP: {"start": Reach.OK, "unblock": Reach.OK, "block": Reach.BLOCKED, "leave": Reach.OUTSIDE_WINDOW},
    VIBER: _SUBSCRIBED_OR_NOT,
    WEBHOOK: _SUBSCRIBED_OR_NOT,
}


def people_of(messenger: str) -> tuple[Person, ...]:
    """The named people of one messenger, in the order of the page."""
    return tuple(person for person in PEOPLE if person.messenger == messenger)
