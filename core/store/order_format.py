"""Orders as the ledger's texts; row_format.py reads them back as broadcasts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from core.domain.broadcast import BroadcastStatus, NewBroadcast
from core.domain.messengers.traits import Messenger
from core.domain.quiet_hours import QuietHours
from core.domain.recipients import Recipient
from core.store.scripts import Argument
from core.store.serialization import pack_content
from core.store.times import to_ms

_FIRST: Final = 3
"""Size of the vanguard where everybody may be refused: with a template, a file, or receipts to tell."""
_APPROVAL_LIFE: Final = timedelta(days=1)


def order_fields(order: NewBroadcast, sizes: Mapping[Messenger, int], now: datetime) -> dict[str, str | int]:
    """`sizes`: recipients per messenger; `now`: by the store's clock."""
    fields: dict[str, str | int | None] = {
        "text": order.content.text,
        "created_by": order.created_by.id,
        "creator_name": order.created_by.name,
        "accepted_at": to_ms(now),
        "planned": int(order.send_at is not None),
        "held": int(order.send_at is None and bool(order.undo_time)),
        "codes": "".join(messenger.traits.code for messenger in sizes),
        "open": len(order.recipients),
        "content": pack_content(order.content) or None,
        "people": order.counted_people or None,
        "again_of": order.again_of or None,
        "lists": ",".join(order.lists.ids) if order.lists else None,
        "alone": 1 if order.lists and order.lists.alone else None,
        "answer": 1 if order.answer else None,
        "once": order.once or None,
        "loud": 1 if order.ignore_quiet_hours else None,
        "quiet": str(order.quiet_hours) if order.quiet_hours else None,
        "again_days": order.try_again_days or None,
        "series": order.occurrence.series_id if order.occurrence else None,
    }
    if order.send_at is not None and order.late is not None and order.late_after:
        fields |= {"late": order.late.value, "late_after": round(order.late_after.total_seconds() * 1000)}
    for messenger, size in sizes.items():
        fields |= {f"size:{messenger.traits.code}": size, f"n:{messenger.traits.code}:q": size}
        wait = order.receipt_wait.get(messenger)
        if wait:
            fields[f"first_waits:{messenger.traits.code}"] = round(wait.total_seconds() * 1000)
        if wait or order.content.media or (order.content.template and messenger.traits.templates):
            fields[f"first:{messenger.traits.code}"] = _FIRST
    for messenger, reasons in order.left_out.items():
        code = messenger.traits.code
        fields |= {f"left:{code}:{reason}": count for reason, count in reasons.items()}
    if order.needs_approval:
        fields |= _approval_fields(order, now)
    return {name: value for name, value in fields.items() if value is not None}


def _approval_fields(order: NewBroadcast, now: datetime) -> dict[str, str | int]:
    """A request for approval. An occurrence of a series may be approved after its time."""
    until = now + _APPROVAL_LIFE
    if order.send_at is not None and order.occurrence is None:
        until = min(until, order.send_at)
    return {
        "status": BroadcastStatus.UNAPPROVED.value,
        "held": 0,
        "asks": 1,
        "asked_by": order.created_by.id,
        "asked_name": order.created_by.name,
        "asked_at": to_ms(now),
        "asked_until": to_ms(until),
        "list_digest": _digest(order.recipients),
        "co_authors": json.dumps([(one.id, one.name) for one in order.co_authors]),
    }


def _digest(recipients: Sequence[Recipient]) -> str:
    """Equal for the same people with the same values, so that a change tells whose list it is."""
    digest = blake2b(digest_size=12)
    for one in recipients:
        digest.update(repr((one.messenger.value, one.address, sorted(one.variables.items()))).encode())
    return digest.hexdigest()


def place_in_series(order: NewBroadcast) -> tuple[Argument, ...]:
    """Arguments by which commit.lua advances the series; empty without one."""
    if (one := order.occurrence) is None:
        return ()
    return one.series_id, to_ms(one.due), to_ms(one.following) if one.following else "", one.following_id


def quiet_hours_of(order: NewBroadcast) -> set[QuietHours]:
    hours = {order.quiet_hours, *(one.quiet_hours for one in order.recipients)}
    return {one for one in hours if one is not None}
