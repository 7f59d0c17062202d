"""Viber's webhook: receipts, subscriptions and opt-outs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

from core.domain.delivery import DeliveryState
from core.domain.inbound import InboundKind, InboundMessage
from core.domain.messengers.events import OptIn, OptOut, Receipt, Report
from core.domain.messengers.outcome import Reason
from core.parsing.opt_out import wants_messages
from workers.messengers.outcomes import part
from workers.messengers.reports import Json, moment, person_name, prose, read_object, text, unreadable

_MILLI: Final = 1000
_LONGEST_LINK: Final = 2000
_KINDS: Final = {
    "text": InboundKind.TEXT,
    "url": InboundKind.TEXT,
    "picture": InboundKind.PHOTO,
    "video": InboundKind.VIDEO,
    "file": InboundKind.DOCUMENT,
    "sticker": InboundKind.STICKER,
    "location": InboundKind.PLACE,
    "contact": InboundKind.CONTACT,
}


def parse_reports(body: str) -> list[Report]:
    """Parse one webhook call. Each is one event; some mean nothing here."""
    try:
        event = read_object(body)
        read = _READERS.get(text(event, "event"))
        if "event" not in event:
            raise ValueError("no event")
        return [] if read is None else list(read(event, moment(event.get("timestamp"), per_second=_MILLI)))
    except ValueError as error:
        return [unreadable(error)]


def _delivered(event: Json, at: datetime) -> Iterator[Report]:
    person = _person(event, "user_id")
    yield Receipt(state=DeliveryState.DELIVERED, message_id=_token(event), address=person, at=at)


def _seen(event: Json, at: datetime) -> Iterator[Report]:
    """Comes once when the chat is opened, and covers all earlier messages."""
    person = _person(event, "user_id")
    yield Receipt(state=DeliveryState.READ, message_id=_token(event), address=person, all_earlier=True, at=at)


def _failed(event: Json, at: datetime) -> Iterator[Report]:
    """The recipient's app could not show a message that Viber had accepted."""
    person, why = _person(event, "user_id"), Reason.CONTENT
    yield Receipt(state=DeliveryState.FAILED, reason=why, message_id=_token(event), address=person, at=at)


def _unsubscribed(event: Json, at: datetime) -> Iterator[Report]:
    yield OptOut(address=_person(event, "user_id"), reason=Reason.UNSUBSCRIBED, at=at)


def _subscribed(event: Json, at: datetime) -> Iterator[Report]:
    user = part(event, "user")
    yield OptIn(address=_person(user, "id"), at=at, asked=True, name=person_name(user.get("name")))


def _opened(event: Json, at: datetime) -> Iterator[Report]:
    """Opening the chat does not subscribe; the event says if the person had subscribed before."""
    if event.get("subscribed") is True:
        yield OptIn(address=_person(part(event, "user"), "id"), at=at, asked=False)


def _wrote(event: Json, at: datetime) -> Iterator[Report]:
    """Writing subscribes."""
    sender, message = part(event, "sender"), part(event, "message")
    person = _person(sender, "id")
    wanted = wants_messages(str(message.get("text", ""))[:100])
    if wanted is False:
        yield OptOut(address=person, reason=Reason.OPTED_OUT, at=at)
        return
    yield OptIn(address=person, at=at, asked=wanted is True)
    if wanted is None and text(event, "message_token"):
        kind = _KINDS.get(str(message.get("type")), InboundKind.OTHER)
        yield InboundMessage(
            address=person,
            at=at,
            message_id=_token(event),
            name=person_name(sender.get("name")),
            text=_said(kind, message),
            kind=kind,
            file=str(message.get("media", ""))[:_LONGEST_LINK],
            file_name=prose(message.get("file_name")),
        )


def _said(kind: InboundKind, message: Json) -> str:
    """The text, or a line that describes a place or a contact."""
    match kind:
        case InboundKind.PLACE:
            place = part(message, "location")
            return f"{place.get('lat')}, {place.get('lon')}"
        case InboundKind.CONTACT:
            contact = part(message, "contact")
            return prose(f"{contact.get('name', '')} {contact.get('phone_number', '')}".strip())
        case _:
            text = prose(message.get("text"))
            link = prose(message.get("media")) if message.get("type") == "url" else ""
            return text if link in text else f"{text}\n{link}".strip()


def _token(event: Json) -> str:
    token = text(event, "message_token")
    if not token:
        raise ValueError("no message_token")
    return token


def _person(where: Json, name: str) -> str:
    person = text(where, name)
    if not person:
        raise ValueError("nobody is named")
    return person


_READERS: Final[Mapping[str, Callable[[Json, datetime], Iterator[Report]]]] = {
    "delivered": _delivered,
    "seen": _seen,
    "failed": _failed,
    "unsubscribed": _unsubscribed,
    "subscribed": _subscribed,
    "conversation_started": _opened,
    "message": _wrote,
}
