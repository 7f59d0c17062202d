"""An order as the fields of the broadcast that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from core.domain.broadcast import NewBroadcast, Occurrence
from core.domain.messengers import Messenger
from core.domain.quiet import QuietHours
from core.store.approval import question
from core.store.contents import pack_content
from core.store.rows import to_ms


def fields_of(order: NewBroadcast, sizes: Mapping[Messenger, int], now: datetime) -> dict[str, str | int]:
    """`sizes`: how many recipients on which messenger; `now`: by the store's clock."""
    fields: dict[str, str | int] = {
        "text": order.content.text,
        "created_by": order.created_by,
        "creator_name": order.creator_name,
        "accepted_at": to_ms(now),
        "planned": int(order.send_at is not None),
        "held": int(order.send_at is None and bool(order.hold)),
        "codes": "".join(messenger.traits.code for messenger in sizes),
        "open": len(order.recipients),
    }
    if packed := pack_content(order.content):
        fields["content"] = packed
    if order.again_of:
        fields["again_of"] = order.again_of
    if order.once:
        fields["once"] = order.once
    for messenger, size in sizes.items():
        fields[f"size:{messenger.traits.code}"] = size
        fields[f"n:{messenger.traits.code}:q"] = size
    for messenger, reasons in order.left_out.items():
        code = messenger.traits.code
        fields |= {f"left:{code}:{reason}": count for reason, count in reasons.items()}
    asked = question(order, now) if order.needs_approval else {}
    return fields | _timing(order) | asked


def _timing(order: NewBroadcast) -> dict[str, str | int]:
    """What is to be known when its time has come."""
    fields: dict[str, str | int] = {} if order.quiet else {"loud": 1}
    if order.quiet_hours is not None:
        fields["quiet"] = str(order.quiet_hours)
    if order.send_at is not None and order.late is not None and order.late_after:
        fields |= {"late": order.late.value, "late_after": round(order.late_after.total_seconds() * 1000)}
    if order.occurrence is not None:
        fields["series"] = order.occurrence.series_id
    return fields


def place_of(occurrence: Occurrence) -> tuple[str | int, ...]:
    """What moves its series on: commit.lua tells."""
    following = to_ms(occurrence.following) if occurrence.following else ""
    return occurrence.series_id, to_ms(occurrence.due), following, occurrence.following_id


def hours_of(order: NewBroadcast) -> set[QuietHours]:
    """All quiet hours that somebody on the list has."""
    own = {one.quiet for one in order.recipients if one.quiet is not None}
    return own if order.quiet_hours is None else own | {order.quiet_hours}
