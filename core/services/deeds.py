"""What the log says of the deeds that change a broadcast."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from core.domain.audit import PROGRAM, Actor, Deed, Detail, Door
from core.domain.broadcast import Broadcast, BroadcastStatus, NewBroadcast
from core.ports import Verb
from core.services.acting import acting

OF_VERB: Final[Mapping[Verb, Deed]] = {
    Verb.PAUSE: Deed.PAUSED,
    Verb.RESUME: Deed.RESUMED,
    Verb.CANCEL: Deed.CANCELLED,
    Verb.RESCHEDULE: Deed.MOVED,
    Verb.HOLD: Deed.SENT_NOW,
    Verb.UNDO: Deed.UNDONE,
}


def author_of(order: NewBroadcast) -> Actor:
    """Who ordered it: whoever acts now; else whom the order itself names."""
    return acting() if acting() != PROGRAM else Actor(order.created_by, order.creator_name, Door.PROGRAM)


def of_acceptance(broadcast: Broadcast) -> Deed:
    """How an order that was just accepted is written down."""
    if broadcast.status is BroadcastStatus.UNAPPROVED:
        return Deed.ASKED
    return Deed.SCHEDULED if broadcast.planned else Deed.ORDERED


def about(broadcast: Broadcast) -> dict[str, Detail]:
    """To how many it goes, when, and what it repeats."""
    details: dict[str, Detail] = {"people": broadcast.progress.total}
    if broadcast.planned:
        details |= moment(broadcast.send_at)
    if broadcast.again_of:
        details["again_of"] = broadcast.again_of
    return details


def moment(at: datetime | None) -> dict[str, Detail]:
    """A time as a detail, in UTC."""
    return {} if at is None else {"send_at": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
