"""One broadcast to one recipient: its states, its moves, its ids.

    queued ──claim──▶ sending ──yes────────────▶ sent ──receipt──▶ delivered ──▶ read
      ▲  │               │ ├──no───────────────▶ failed(reason)
      │  └─user─▶ cancelled│ └──no answer known──▶ unknown ──late yes, same claim──▶ sent
      └────not now───────┘                                   └──user asks to resend──▶ queued

- A delivery is `sending` before the first byte leaves, durably; from `sending` nothing is ever sent again by itself.
- Every move is a compare-and-set in the ledger; only the holder of the claim's token records its outcome.
- Final states never move, except as drawn.
- Receipts come in any order, so each moves a delivery to the furthest state told: sent, then failed, delivered, read.
  They move whatever the attempt was believed to have come to: proof that it arrived ends an unknown, a wait, a failure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import BY_CODE, Messenger
from core.domain.recipients import Recipient


class DeliveryState(StrEnum):
    """State of a delivery. The ledger stores `code`."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @property
    def code(self) -> str:
        return _CODES[self]


_CODES = dict(zip(DeliveryState, "qgsdrfcu", strict=True))
STATE_BY_CODE = {code: state for state, code in _CODES.items()}

REACHED_MESSENGER = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ})
OPEN = frozenset({DeliveryState.QUEUED, DeliveryState.SENDING})

_DELIVERY = re.compile(r"([A-Z0-9]{3,12})-([a-z])(\d{1,9})")


@dataclass(frozen=True, slots=True)
class DeliveryId:
    """Broadcast, messenger, and index among that messenger's recipients; as text "A7KQ-t15"."""

    broadcast_id: str
    messenger: Messenger
    index: int

    def __str__(self) -> str:
        return f"{self.broadcast_id}-{self.messenger.traits.code}{self.index}"

    @classmethod
    def parse(cls, text: str) -> DeliveryId:
        """Raises ValueError for anything that str() did not make."""
        match = _DELIVERY.fullmatch(text)
        if match is None or match[2] not in BY_CODE:
            raise ValueError(f"{text!r} is no delivery id")
        return cls(match[1], BY_CODE[match[2]], int(match[3]))


def job_id(delivery_id: str, attempt: int) -> str:
    """The RQ job that carries the given attempt (from 0) of a delivery."""
    return f"d-{delivery_id}-{attempt}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    id: DeliveryId
    recipient: Recipient
    state: DeliveryState
    attempts: int
    at: datetime | None
    """Time at which it entered this state; None before the first attempt."""
    reason: Reason | None = None
    """Why it failed, is unknown, or waits for another attempt."""
    message_id: str | None = None
    """The messenger's own id of the message, once sent."""
