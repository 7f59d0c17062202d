"""WhatsApp's webhook: receipts, inbound messages and opt-outs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

from core.domain.delivery import DeliveryState
from core.domain.inbound import InboundKind, InboundMessage
from core.domain.messengers.account_status import AccountEvent, AccountTrouble, Issue, Subject
from core.domain.messengers.billing import Bill
from core.domain.messengers.events import AddressChange, OptIn, OptOut, Receipt, Report
from core.domain.messengers.outcome import Answer, Reason
from core.parsing.numbering_plans import forms_of
from core.parsing.opt_out import wants_messages
from workers.messengers.outcomes import UNLISTED, keyed, part, plain_words, refused
from workers.messengers.reports import (
    Json,
    moment,
    objects,
    person_name,
    prose,
    read_object,
    text,
    unreadable,
)
from workers.messengers.whatsapp_account import FIELDS
from workers.messengers.whatsapp_codes import error_words, halting_reason, of_code

_STATES: Final = {
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "played": DeliveryState.READ,
    "failed": DeliveryState.FAILED,
}
_NOT_BY_PEOPLE: Final = frozenset({"system"})
"""Message types about a person, for example a changed number."""
_KINDS: Final = {
    "text": InboundKind.TEXT,
    "button": InboundKind.TEXT,
    "interactive": InboundKind.TEXT,
    "image": InboundKind.PHOTO,
    "video": InboundKind.VIDEO,
    "audio": InboundKind.AUDIO,
    "document": InboundKind.DOCUMENT,
    "sticker": InboundKind.STICKER,
    "location": InboundKind.PLACE,
    "contacts": InboundKind.CONTACT,
    "reaction": InboundKind.REACTION,
}
_FILES: Final = frozenset(
    {InboundKind.PHOTO, InboundKind.VIDEO, InboundKind.AUDIO, InboundKind.DOCUMENT, InboundKind.STICKER}
)
_MOVES: Final = frozenset({"user_changed_number", "user_changed_user_id"})
_NUMBER: Final = re.compile(r"[1-9][0-9]{5,14}")
_USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")


def parse_reports(body: str, number_id: str = "") -> list[Report]:
    """Parse one webhook call. Malformed parts become Unreadable.

    `number_id`: our phone number's id; what is about another number of the same Meta app is left out. Empty = all.
    """
    try:
        frame = read_object(body)
    except ValueError as error:
        return [unreadable(error)]
    if not isinstance(frame.get("entry"), list):
        return [unreadable(ValueError("no entry"))]
    changes = [
        (entry, change) for entry in objects(frame["entry"]) for change in objects(entry.get("changes"))
    ]
    return [
        report
        for entry, change in changes
        if not number_id or _number_of(change) in ("", number_id)
        for report in _of_change(entry, change)
    ]


def _number_of(change: Json) -> str:
    """The id of the phone number that a change is about; empty where none is named."""
    number = part(part(change, "value"), "metadata").get("phone_number_id")
    return str(number) if isinstance(number, int | str) else ""


def _of_change(entry: Json, change: Json) -> Iterator[Report]:
    value, read = part(change, "value"), FIELDS.get(str(change.get("field")))
    if read is None:
        yield from _of_value(value)
        return
    try:
        yield from read(value, moment(entry.get("time")))
    except ValueError as error:
        yield unreadable(error)


def _of_value(value: Json) -> Iterator[Report]:
    names = _names(value)
    for field, read in _READERS.items():
        for one in objects(value.get(field)):
            try:
                yield from read(one, names)
            except ValueError as error:
                yield unreadable(error)


def _names(value: Json) -> Mapping[str, str]:
    """The names in people's profiles, by number and by user id."""
    return {
        str(contact[by]): person_name(part(contact, "profile").get("name"))
        for contact in objects(value.get("contacts"))
        for by in ("wa_id", "user_id")
        if contact.get(by)
    }


def _of_status(status: Json, _names: Mapping[str, str]) -> Iterator[Report]:
    state = _STATES.get(text(status, "status"))
    if state is None:
        return
    at, failed = moment(status.get("timestamp")), state is DeliveryState.FAILED
    code, words = _why(status) if failed else (None, "")
    answer = _meaning(code) if failed else None
    yield Receipt(
        state=state,
        reason=answer.reason if answer else None,
        words=words,
        key=answer.key if answer else "",
        for_all=answer.for_all if answer else False,
        reference=text(status, "biz_opaque_callback_data"),
        message_id=text(status, "id"),
        at=at,
        bill=_bill(part(status, "pricing")),
    )
    if code is not None and (halting := halting_reason(code)) is not None:
        yield AccountTrouble(halting, words, at)


def _bill(pricing: Json) -> Bill | None:
    billable = pricing.get("billable")
    if not isinstance(billable, bool):
        return None
    try:
        return Bill(billable, text(pricing, "category"), text(pricing, "pricing_model"))
    except ValueError:
        # The receipt counts, whatever the bill says.
        return None


def _why(status: Json) -> tuple[int | None, str]:
    """The code of the first error that has one, and WhatsApp's words for it."""
    for error in objects(status.get("errors")):
        code = error.get("code")
        if isinstance(code, int):
            return code, plain_words(error_words(code, error))
    return None, ""


def _meaning(code: int | None) -> Answer:
    return refused(Reason.NOT_ALLOWED) if code is None else of_code(code) or keyed(UNLISTED, str(code))


def _of_message(message: Json, names: Mapping[str, str]) -> Iterator[Report]:
    """Any message opens the service window; opt-outs and opt-ins are recognised."""
    at = moment(message.get("timestamp"))
    if message.get("type") == "system":
        yield from _of_move(message, at)
    button = part(message, "button")
    pressed = part(part(message, "interactive"), "button_reply")
    said = [
        (part(message, "text"), "body"),
        (button, "text"),
        (button, "payload"),
        (pressed, "title"),
        (pressed, "id"),
    ]
    wanted = [wants_messages(str(where.get(name, ""))[:100]) for where, name in said]
    if message.get("type") not in _NOT_BY_PEOPLE:
        written = None if {True, False} & set(wanted) else _written(message, names, at)
        for address in _addresses(message, "from"):
            told = written is not None and written.address == address
            yield written if told and written else InboundMessage(address=address, at=at)
    if False in wanted:
        for address in _addresses(message, "from"):
            yield OptOut(address=address, reason=Reason.OPTED_OUT, at=at)
    elif True in wanted:
        for address in _addresses(message, "from"):
            yield OptIn(address=address, at=at, asked=True)


def _written(message: Json, names: Mapping[str, str], at: datetime) -> InboundMessage | None:
    """A message for the admins; None for one without an id, and for a removed reaction."""
    addresses, sender = _addresses(message, "from"), text(message, "from")
    number, type_ = f"+{sender}", text(message, "type")
    kind = _KINDS.get(type_, InboundKind.OTHER)
    words, answers = _said(message, kind), text(part(message, "context"), "id")
    if kind is InboundKind.REACTION:
        answers = text(part(message, "reaction"), "message_id")
    if not text(message, "id") or not addresses or (kind is InboundKind.REACTION and not words):
        return None
    user_id = text(message, "from_user_id") or text(message, "user_id")
    return InboundMessage(
        address=number if number in addresses else addresses[-1],
        at=at,
        message_id=text(message, "id"),
        name=names.get(sender) or names.get(user_id) or "",
        text=words,
        kind=kind,
        file=text(part(message, type_), "id") if kind in _FILES else "",
        file_name=prose(part(message, type_).get("filename")),
        answers=answers,
    )


def _said(message: Json, kind: InboundKind) -> str:
    """The text or caption; of a place or a contact a line that describes it."""
    given = part(message, text(message, "type"))
    match kind:
        case InboundKind.REACTION:
            return prose(given.get("emoji"))
        case InboundKind.PLACE:
            names = [prose(given.get(name)) for name in ("name", "address")]
            return ", ".join([*filter(None, names), f"{given.get('latitude')}, {given.get('longitude')}"])
        case InboundKind.CONTACT:
            return "\n".join(_card(one) for one in objects(message.get("contacts")))
        case _:
            chosen = part(given, "button_reply") or part(given, "list_reply")
            said = (given.get("body"), given.get("text"), given.get("caption"), chosen.get("title"))
            return next(filter(None, map(prose, said)), "")


def _card(contact: Json) -> str:
    phones = [prose(one.get("phone")) for one in objects(contact.get("phones"))]
    return " ".join([prose(part(contact, "name").get("formatted_name")), *phones]).strip()


def _of_move(message: Json, at: datetime) -> Iterator[Report]:
    """Somebody has another number, another user id, or both: a new number brings a new user id."""
    told = part(message, "system")
    if text(told, "type") not in _MOVES:
        return
    moves = _moves(message, told)
    if not moves:
        raise ValueError("a change of address without both addresses")
    for old, new in moves.items():
        yield AddressChange(address=old, new_address=new, at=at)
    # The first is the number, where one is told: the admins know people by that.
    name = " → ".join(next(iter(moves.items())))
    yield AccountEvent(subject=Subject.PERSON, name=name, issue=Issue.MOVED, at=at)


def _moves(message: Json, told: Json) -> dict[str, str]:
    """New addresses by old ones. A new number brings a new user id; if it is not told, only the user id moves."""
    number, user_id = text(told, "new_wa_id") or text(told, "wa_id"), text(told, "user_id")
    before, id_before = text(message, "from"), text(told, "previous_user_id") or text(message, "from_user_id")
    moves = {before: number, id_before: user_id or number} if number else {id_before or before: user_id}
    pairs = {_address(old): _address(new) for old, new in moves.items() if old and new}
    return {old: new for old, new in pairs.items() if old != new}


def _address(told: str) -> str:
    return f"+{told}" if _NUMBER.fullmatch(told) else told


def _of_preference(preference: Json, _names: Mapping[str, str]) -> Iterator[Report]:
    at, value = moment(preference.get("timestamp")), preference.get("value")
    for address in _addresses(preference, "wa_id"):
        if value == "stop":
            yield OptOut(address=address, reason=Reason.OPTED_OUT, at=at)
        elif value == "resume":
            yield OptIn(address=address, at=at, asked=True)


def _addresses(where: Json, name: str) -> list[str]:
    """All addresses of the person: the forms of their number, and the user id if they hide it."""
    wa_id = text(where, name)
    forms = forms_of(f"+{wa_id}") if _NUMBER.fullmatch(wa_id) else set()
    named = (text(where, field) for field in (f"{name}_user_id", "user_id"))
    user_ids = [user_id for user_id in named if _USER_ID.fullmatch(user_id)][:1]
    return [*sorted(forms), *user_ids]


_READERS: Final[Mapping[str, Callable[[Json, Mapping[str, str]], Iterator[Report]]]] = {
    "statuses": _of_status,
    "messages": _of_message,
    "user_preferences": _of_preference,
}
