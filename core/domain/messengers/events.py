"""What messengers report on their own: what became of messages, and who wants none any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.domain.delivery import DeliveryState
from core.domain.messengers.account_status import AccountEvent
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """One message has gone further. Found by `reference` where the messenger gives it back, else by `message_id`."""

    state: DeliveryState
    """SENT, DELIVERED, READ or FAILED."""
    at: datetime
    """When, by the messenger's clock."""
    reason: Reason | None = None
    """Why it failed."""
    reference: str = ""
    """Our own id of the attempt: "d-A7KQ-w15-0"."""
    message_id: str = ""
    address: str = ""
    """Whose message it is: where one request reaches many, they get messages of the same id."""
    all_earlier: bool = False
    """Everything sent to `address` until `at` has come as far, not this message alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OptOut:
    """Nothing more shall, or can, be sent to this address."""

    address: str
    reason: Reason
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class OptIn:
    """This address can be written to again. `asked`: by the person's own word, which ends what their word began."""

    address: str
    at: datetime
    asked: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class InboundMessage:
    """Somebody has written to us, which lets us write to them for a while where the messenger has a window."""

    address: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part of a report that is not in the messenger's own form."""

    detail: str


Report = Receipt | OptOut | OptIn | InboundMessage | AccountEvent | Unreadable


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOut:
    """Somebody on the list who gets nothing, and why."""

    recipient: Recipient
    reason: Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Reachable:
    """A list parted into those who get the message and those who must not."""

    recipients: tuple[Recipient, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def counts(self) -> Mapping[Messenger, Mapping[Reason, int]]:
        """How many are left out on each messenger, by reason."""
        counts: dict[Messenger, dict[Reason, int]] = {}
        for one in self.left_out:
            reasons = counts.setdefault(one.recipient.messenger, {})
            reasons[one.reason] = reasons.get(one.reason, 0) + 1
        return counts


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptCounts:
    """How a messenger's reports have fared so far."""

    waiting: int = 0
    """Bodies taken in and not applied yet."""
    refused: int = 0
    """Calls without the right signature."""
    malformed: int = 0
    """Signed, but not in the messenger's own form."""
    unmatched: int = 0
    """About messages that are not in the ledger (any more)."""
