"""The ledger's texts as domain objects, and back. The scripts in core/store/lua share these formats."""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Final

from core.domain.audit import Actor, AuditAction, LastAction
from core.domain.broadcast import Asked, Broadcast, BroadcastStatus, ChosenLists, Late, Progress
from core.domain.content.content import Content
from core.domain.delivery import REACHED_MESSENGER, STATE_BY_CODE, Delivery, DeliveryId, DeliveryState
from core.domain.messengers.account_status import Hold
from core.domain.messengers.billing import Bill
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import BY_CODE, Messenger
from core.domain.quiet_hours import QuietHours
from core.domain.recipients import FORGOTTEN, Recipient, full_name_in
from core.store.serialization import read_content
from core.store.times import from_ms, moment

log = logging.getLogger(__name__)

CHUNK: Final = 100
_UNIT: Final = "\x1f"
_UNITS: Final = 4
"""In front of the person in a packed recipient."""
variables_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_ROW: Final = re.compile(r"([qgsdrfuc])\|(\d+)\|(\d+)\|(\d+)\|([^|]*)\|([^|]*)")


def pack_address(recipient: Recipient) -> str:
    """address, contact's id, variables as JSON, quiet hours, person; empty ones at the end are left out.

    The scripts read the address, which comes first, and the quiet hours, which come fourth. Nothing at all: the person
    was forgotten.
    """
    variables = variables_json(recipient.variables) if recipient.variables else ""
    quiet = str(recipient.quiet_hours) if recipient.quiet_hours else ""
    parts = (recipient.address, recipient.contact_id or "", variables, quiet, recipient.person)
    return _UNIT.join(parts).rstrip(_UNIT)


def addresses_in(packed: Iterable[bytes]) -> list[str]:
    """The addresses of packed recipients, without forgotten ones. Fast: they are decoded as one text."""
    found = list(filter(None, packed))
    unit = _UNIT.encode()
    # Most orders have nothing behind an address.
    if unit in b"".join(found):
        found = [one.partition(unit)[0] for one in found]
    return b"\n".join(found).decode(errors="replace").split("\n") if found else []


def persons_in(messenger: Messenger, addresses: Iterable[str], rests: Iterable[str]) -> list[str]:
    """The person of each packed recipient, given without its address; of an address by itself, its own name."""
    code = messenger.traits.code
    return [
        # What follows the person is of a later version.
        (rest.rpartition(_UNIT)[2] if units == _UNITS else rest.split(_UNIT)[_UNITS])
        if (units := rest.count(_UNIT)) >= _UNITS
        else code + address
        for address, rest in zip(addresses, rests, strict=True)
    ]


def name_of_rest(rest: str) -> str:
    """The full name in a packed recipient, given without its address. Fast: most lists have a column "name"."""
    before, _, name = rest.partition('"name":"')
    if name and '"vorname"' not in rest and before[-1:] != "\\":
        found = name.partition('"')[0]
        if found and "\\" not in found:
            return found
    variables = rest.split(_UNIT)[2] if rest.count(_UNIT) > 1 else ""
    return full_name_in(json.loads(variables)) if variables else ""


def address_in(packed: str) -> str:
    """The address alone: quicker than unpack_address(). Empty for a person who was forgotten."""
    return packed.partition(_UNIT)[0]


def unpack_address(messenger: Messenger, packed: str) -> Recipient:
    address, _, rest = packed.partition(_UNIT)
    if not rest:
        return Recipient(messenger=messenger, address=address or FORGOTTEN)
    contact_id, variables, quiet, person, *_ = (*rest.split(_UNIT), "", "", "")
    return Recipient(
        messenger=messenger,
        address=address,
        contact_id=contact_id or None,
        variables=json.loads(variables) if variables else {},
        quiet_hours=_read_quiet(quiet),
        person=person,
    )


def read_recipient(messenger: Messenger, packed: str) -> Recipient | None:
    """As unpack_address(); None for one that cannot be read."""
    try:
        return unpack_address(messenger, packed)
    except (ValueError, TypeError):
        return None


def read_broadcast(broadcast_id: str, fields: Mapping[str, str]) -> Broadcast | None:
    """None, and a line in the log, for one that this version cannot read."""
    try:
        return _read_broadcast(broadcast_id, fields)
    except (KeyError, ValueError, TypeError) as error:
        log.error("broadcast=%s cannot be read by this version: %s", broadcast_id, type(error).__name__)
        return None


def _read_broadcast(broadcast_id: str, fields: Mapping[str, str]) -> Broadcast:
    return Broadcast(
        id=broadcast_id,
        status=BroadcastStatus(fields["status"]),
        content=read_content(fields["text"], fields.get("content")) or Content(text=fields["text"]),
        created_by=Actor(fields["created_by"], fields["creator_name"]),
        accepted_at=moment(fields["accepted_at"]),
        send_at=moment(fields["send_at"]),
        planned=fields["planned"] == "1",
        started_at=from_ms(fields.get("started_at")),
        finished_at=from_ms(fields.get("finished_at")),
        progress=_read_progress(fields),
        counted_people=int(fields.get("people", "0")),
        left_out=_read_reasons(fields, "left"),
        again_of=fields.get("again_of", ""),
        lists=_read_lists(fields),
        resends=int(fields.get("resends", "0")),
        can_be_undone=fields.get("held") == "1",
        edition=int(fields.get("edition", "0")),
        late=Late(fields.get("late", Late.SEND)),
        late_since=from_ms(fields.get("late_since")),
        missed=fields.get("missed") == "1",
        series_id=fields.get("series", ""),
        ignore_quiet_hours=fields.get("loud") == "1",
        quiet_waits=_read_quiet_waits(fields),
        try_again_days=int(fields.get("again_days", "0")),
        again_waits=_read_reasons(fields, "again"),
        holds=_read_holds(fields),
        bills=_read_bills(fields),
        without=frozenset(
            BY_CODE[name[4:]] for name in fields if name.startswith("out:") and name[4:] in BY_CODE
        ),
        asked=_read_asked(fields) if fields["status"] == "unapproved" else None,
        last_actions=_read_last_actions(fields),
    )


def _read_lists(fields: Mapping[str, str]) -> ChosenLists | None:
    ids = fields.get("lists", "")
    return ChosenLists(tuple(ids.split(",")), fields.get("alone") == "1") if ids else None


@cache
def _read_quiet(text: str | None) -> QuietHours | None:
    return QuietHours.parse(text) if text else None


def _read_quiet_waits(fields: Mapping[str, str]) -> dict[QuietHours, int]:
    """The fields waits:<quiet hours> that are above 0."""
    found = {name[6:]: int(value) for name, value in fields.items() if name.startswith("waits:")}
    return {QuietHours.parse(text): count for text, count in found.items() if count > 0}


def _read_holds(fields: Mapping[str, str]) -> dict[Messenger, Hold]:
    """The fields hold:<messenger>: at ms|reason|words."""
    found: dict[Messenger, Hold] = {}
    for name, value in fields.items():
        first, _, code = name.partition(":")
        if first == "hold" and code in BY_CODE:
            _at, reason, words = value.split("|", 2)
            found[BY_CODE[code]] = Hold(Reason(reason), words)
    return found


def _read_bills(fields: Mapping[str, str]) -> dict[Messenger, dict[Bill, int]]:
    """The fields bill:<messenger>:<bill>."""
    found: dict[Messenger, dict[Bill, int]] = {}
    for name, count in fields.items():
        if name.startswith("bill:"):
            _, code, packed = name.split(":", 2)
            if code not in BY_CODE:
                continue
            found.setdefault(BY_CODE[code], {})[Bill.parse(packed)] = int(count)
    return found


_ACTIONS = {f"did:{action}": action for action in AuditAction}


def _read_asked(fields: Mapping[str, str]) -> Asked | None:
    at, until = from_ms(fields.get("asked_at")), from_ms(fields.get("asked_until"))
    if at is None or until is None:
        return None
    words_by, recipients_by = (
        Actor(
            fields.get(f"{part}_by", fields["created_by"]), fields.get(f"{part}_name", fields["creator_name"])
        )
        for part in ("words", "list")
    )
    return Asked(
        number=int(fields["asks"]),
        by=Actor(fields["asked_by"], fields["asked_name"]),
        at=at,
        until=until,
        words_by=words_by,
        recipients_by=recipients_by,
        co_authors=tuple(Actor(*one) for one in json.loads(fields.get("co_authors", "[]"))),
    )


def _read_last_actions(fields: Mapping[str, str]) -> dict[AuditAction, LastAction]:
    found: dict[AuditAction, LastAction] = {}
    for name, value in fields.items():
        action = _ACTIONS.get(name)
        at, _, who = value.partition("|")
        if action is not None and (when := from_ms(at)) is not None:
            found[action] = LastAction(who, when)
    return found


def _read_progress(fields: Mapping[str, str]) -> Progress:
    counts: dict[Messenger, Counter[DeliveryState]] = {}
    for messenger, what, count in _counters(fields, "n"):
        state = STATE_BY_CODE.get(what, DeliveryState.UNKNOWN)
        counts.setdefault(messenger, Counter())[state] += count
    return Progress(counts=counts, reasons=_read_reasons(fields, "why"))


def _read_reasons(fields: Mapping[str, str], kind: str) -> dict[Messenger, Counter[Reason]]:
    reasons: dict[Messenger, Counter[Reason]] = {}
    for messenger, what, count in _counters(fields, kind):
        reasons.setdefault(messenger, Counter())[Reason(what)] += count
    return reasons


def _counters(fields: Mapping[str, str], kind: str) -> Iterator[tuple[Messenger, str, int]]:
    """The fields <kind>:<messenger>:<what> that are not 0, but those of messengers that only another version knows."""
    for name, value in fields.items():
        first, _, rest = name.partition(":")
        if first == kind and value != "0":
            code, _, what = rest.partition(":")
            if code in BY_CODE:
                yield BY_CODE[code], what, int(value)


def read_delivery(
    delivery_id: DeliveryId, packed: str | None, row: str | None, *, cancelled: bool
) -> Delivery:
    """`cancelled`: the broadcast was, which makes its queued deliveries cancelled."""
    text, messenger = "?" if packed is None else packed, delivery_id.messenger
    recipient = read_recipient(messenger, text) or unpack_address(messenger, text.partition(_UNIT)[0])
    try:
        return _read_row(delivery_id, recipient, row, cancelled=cancelled)
    except (ValueError, OverflowError):
        return Delivery(
            id=delivery_id,
            recipient=recipient,
            state=DeliveryState.UNKNOWN,
            attempts=0,
            at=None,
            reason=Reason.UNREADABLE,
        )


def _read_row(delivery_id: DeliveryId, recipient: Recipient, row: str | None, *, cancelled: bool) -> Delivery:
    """Raises ValueError or OverflowError when the row makes no sense."""
    match = _ROW.fullmatch(row or "q|0|0|0||")
    if match is None:
        raise ValueError("not in the form of a row")
    state, extra = STATE_BY_CODE[match[1]], match[5]
    if state is DeliveryState.QUEUED and cancelled:
        state = DeliveryState.CANCELLED
    explained = state in (DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.QUEUED)
    return Delivery(
        id=delivery_id,
        recipient=recipient,
        state=state,
        attempts=int(match[2]),
        at=from_ms(match[4]),
        reason=Reason(extra) if explained and extra else None,
        message_id=extra if state in REACHED_MESSENGER and extra else None,
    )
