"""Messages of people to us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.messengers.traits import Messenger


class InboundKind(StrEnum):
    """Kind of a message, beside its text or caption."""

    TEXT = "text"
    PHOTO = "photo"
    VIDEO = "video"
    VOICE = "voice"
    AUDIO = "audio"
    DOCUMENT = "document"
    STICKER = "sticker"
    PLACE = "place"
    CONTACT = "contact"
    REACTION = "reaction"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class InboundMessage:
    """A person wrote to us, which opens the customer service window.

    Without `message_id` there is nothing for the admins to read: an opt-out word, or a second form of the address.
    """

    address: str
    at: datetime
    message_id: str = ""
    """The messenger's id; unique for the address."""
    name: str = ""
    """From the person's profile."""
    text: str = ""
    """The text or caption; of a reaction its emoji, of a place or a contact a line that describes it."""
    kind: InboundKind = InboundKind.TEXT
    file: str = ""
    """Id or address of its file at the messenger."""
    file_name: str = ""
    answers: str = ""
    """The messenger's id of our message that it answers."""
    quote: str = ""
    """The text of that message, where the messenger repeats it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Inbound:
    """A stored message. `number`: counts all of them, in the order in which they came."""

    number: int
    messenger: Messenger
    message: InboundMessage
    broadcast_id: str = ""
    """The broadcast that it answers, where known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownTo:
    """Place up to which an admin has been shown the messages of people."""

    last: int
    """The number of the newest message."""
    done: int
    """Everything up to this number is shown."""
    claimed: int = 0
    """Up to this number it is being shown; 0 = nothing is."""
    card: int = 0
    """The message that gathers a storm; 0 = none is open."""
    first: int = 0
    """The first number on that card."""
    grew_at: datetime | None = None
    drawn: int = 0
    """Up to this number the card shows them."""
    now: datetime
    """The store's clock."""
