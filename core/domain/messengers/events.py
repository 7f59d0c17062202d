"""Webhook events: receipts, opt-outs, opt-ins, inbound messages, account events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.domain.delivery import DeliveryState
from core.domain.inbound import InboundMessage
from core.domain.messengers.account_status import AccountEvent, AccountTrouble
from core.domain.messengers.billing import Bill
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """A new state of one message, matched by `reference` where the messenger returns it, else by `message_id`."""

    state: DeliveryState
    """SENT, DELIVERED, READ or FAILED."""
    at: datetime
    """When, by the messenger's clock."""
    reason: Reason | None = None
    """Why it failed."""
    words: str = ""
    """The messenger's own words for it."""
    bill: Bill | None = None
    """Charging of the message, where the messenger reports it."""
    key: str = ""
    for_all: bool = False
    """With a reason that others of the broadcast will meet too: as in Answer."""
    reference: str = ""
    """Our own id of the attempt: "d-A7KQ-w15-0"."""
    message_id: str = ""
    address: str = ""
    """The recipient: messages of one request to many people share an id."""
    all_earlier: bool = False
    """Applies to everything sent to `address` until `at`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OptOut:
    """This address has opted out or cannot be reached."""

    address: str
    reason: Reason
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class OptIn:
    """This address can be reached again. `asked`: at the person's request, which ends an opt-out."""

    address: str
    at: datetime
    asked: bool
    name: str = ""
    """From the person's profile, where the messenger says it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressChange:
    """A person has a new address: contact, lists, subscription, opt-out and service window follow."""

    address: str
    new_address: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part of a webhook that cannot be read."""

    detail: str


Report = (
    Receipt | OptOut | OptIn | InboundMessage | AddressChange | AccountEvent | AccountTrouble | Unreadable
)


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOut:
    """A recipient who gets nothing, and why."""

    recipient: Recipient
    reason: Reason


LeftOutCounts = Mapping[Messenger, Mapping[Reason, int]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reachable:
    """A list split into people who can be reached and those left out."""

    recipients: tuple[Recipient, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def counts(self) -> LeftOutCounts:
        return count_left_out(self.left_out)


def count_left_out(left_out: Iterable[LeftOut], before: LeftOutCounts | None = None) -> LeftOutCounts:
    """Left-out recipients per messenger and reason. `before`: those counted already."""
    counts = {messenger: dict(reasons) for messenger, reasons in (before or {}).items()}
    for one in left_out:
        reasons = counts.setdefault(one.recipient.messenger, {})
        reasons[one.reason] = reasons.get(one.reason, 0) + 1
    return counts


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptCounts:
    """Counters of a messenger's webhooks."""

    waiting: int = 0
    """Bodies accepted and not applied yet."""
    refused: int = 0
    """Requests with a wrong signature."""
    malformed: int = 0
    """Signed, but unreadable."""
    unmatched: int = 0
    """Receipts for messages that are not in the ledger."""
