"""The messengers of the sandbox, the people on them, and whether a message reaches each of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

TELEGRAM: Final = "telegram"
WHATSAPP: Final = "whatsapp"
VIBER: Final = "viber"
WEBHOOK: Final = "webhook"


class Reach(StrEnum):
    """OK, or the reason why a message does not reach a person."""

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
    Reach.OUTSIDE_WINDOW: "has not written for 24 h",
    Reach.UNSUBSCRIBED: "unsubscribed",
    Reach.KICKED: "removed the bot",
}


@dataclass(frozen=True, kw_only=True)
class Person:
    """A person with a phone.

    `role` is set for those who chat with the bot on the page; `front`: shown before the others; `phone_number`: of
    Telegram's people, for contact cards.
    """

    address: str
    name: str
    reach: Reach = Reach.OK
    role: str = ""
    front: bool = False
    phone_number: str = ""


def _subscribing() -> dict[str, Reach]:
    return {
        "start": Reach.OK,
        "unblock": Reach.OK,
        "block": Reach.UNSUBSCRIBED,
        "leave": Reach.UNSUBSCRIBED,
    }


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A messenger as the page shows it, and who can be reached there.

    `actions`: what a person's action does to the reach of that person. A crowd's addresses are `crowd_address` with
    numbers from `crowd_start` on.
    """

    title: str
    colour: str
    people: tuple[Person, ...]
    actions: Mapping[str, Reach] = field(default_factory=_subscribing)
    crowd_address: str = "crowd-{}"
    crowd_start: int = 1


PROFILES: Final[Mapping[str, Profile]] = {
    TELEGRAM: Profile(
        title="Telegram",
        colour="#2a8bd0",
        people=(
            Person(address="100", name="Ann", role="owner", phone_number="+12025550100"),
            Person(address="101", name="Ben", role="owner", phone_number="+12025550101"),
            Person(
                address="200",
                name="Sam",
                role="not on the team",
                reach=Reach.NEVER_STARTED,
                phone_number="+12025550120",
            ),
            Person(address="1001", name="Alice", front=True, phone_number="+12025550123"),
            Person(address="1002", name="Bob", phone_number="+12025550124"),
            Person(address="1003", name="Frank", reach=Reach.BLOCKED, phone_number="+12025550199"),
            Person(address="1004", name="Dave", reach=Reach.NEVER_STARTED, phone_number="+12025550147"),
        ),
        actions={"start": Reach.OK, "unblock": Reach.OK, "block": Reach.BLOCKED, "leave": Reach.BLOCKED},
        crowd_address="{}",
        crowd_start=1_000_000,
    ),
    WHATSAPP: Profile(
        title="WhatsApp",
        colour="#1e8e5a",
        people=(
            Person(address="+12025550123", name="Alice"),
            Person(address="+12025550124", name="Bob", front=True),
            Person(address="US.13491208655302741918", name="Erin"),
            Person(address="+12025550199", name="Frank", reach=Reach.NOT_ON_MESSENGER),
            Person(address="+12025550147", name="Dave", reach=Reach.OUTSIDE_WINDOW),
        ),
        actions={
            "start": Reach.OK,
            "unblock": Reach.OK,
            "block": Reach.BLOCKED,
            "leave": Reach.OUTSIDE_WINDOW,
        },
        crowd_address="+{}",
        crowd_start=12_025_600_000,
    ),
    VIBER: Profile(
        title="Viber",
        colour="#7360c8",
        people=(
            Person(address="alice", name="Alice"),
            Person(address="bob", name="Bob"),
            Person(address="Q2Fyb2w=", name="Carol", front=True),
            Person(address="carol", name="Frank", reach=Reach.UNSUBSCRIBED),
        ),
    ),
    WEBHOOK: Profile(
        title="Webhook", colour="#8a4b08", people=(Person(address="customer-42", name="Alice"),)
    ),
}
"""Every messenger by its name, in the order of the page."""
