"""Receipts of WhatsApp for an attempt."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from core.domain.delivery import DeliveryState
from core.domain.messengers.events import Receipt
from core.domain.messengers.outcome import Reason
from core.store.deliveries import Claim


def receipt(state: DeliveryState, claim: Claim | None = None, **more: Any) -> Receipt:  # noqa: ANN401 - as Receipt
    """As WhatsApp would send it for that attempt."""
    reference = "" if claim is None else claim.job_id
    reason = Reason.NOT_FOUND if state is DeliveryState.FAILED else None
    given = {"reference": reference, "message_id": "wamid.1", **more}
    return Receipt(state=state, reason=reason, at=datetime.now(UTC), **given)
