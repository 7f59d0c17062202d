"""One content to many recipients at one time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType

from core.domain.audit import Actor, AuditAction, LastAction
from core.domain.content.content import Content
from core.domain.delivery import OPEN, REACHED_MESSENGER, DeliveryState
from core.domain.messengers.account_status import Hold
from core.domain.messengers.billing import Bill
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.quiet_hours import QuietHours
from core.domain.recipients import Recipient, count_people
from core.domain.translatable import Sentence, sentence


class BroadcastStatus(StrEnum):
    """Status of a broadcast. Drafts are not in the ledger."""

    UNAPPROVED = "unapproved"
    """Accepted, and waiting for approval by another person."""
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class Late(StrEnum):
    """The choice for a planned broadcast whose time passed while nothing ran."""

    SEND = "send"
    ASK = "ask"
    SKIP = "skip"


class Index(StrEnum):
    """The lists of broadcasts, each ordered by time."""

    UNAPPROVED = "unapproved"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    ENDED = "ended"
    ANSWERS = "answers"
    """Of those that have ended, answers to people and automatic texts."""
    FAILURES = "failures"
    CANCELLED = "cancelled"


class Verb(StrEnum):
    """An action on an accepted broadcast."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RESCHEDULE = "reschedule"
    SEND_SOON = "hold"
    """Start when the undo time is over."""
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Steered:
    """The result of a Verb: done or refused, and the status after it; None = no such broadcast."""

    done: bool
    status: BroadcastStatus | None
    same: bool = False
    """No-op: already in that state."""


WAITING = frozenset({BroadcastStatus.UNAPPROVED, BroadcastStatus.SCHEDULED})


RUNNING = frozenset({BroadcastStatus.SENDING, BroadcastStatus.PAUSED})
ENDED = frozenset({BroadcastStatus.FINISHED, BroadcastStatus.CANCELLED})


def read_id(text: str) -> str:
    """ "#A7KQ" and "a7kq" as "A7KQ"."""
    return text.strip().lstrip("#").upper()


def not_found(broadcast_id: str) -> Sentence:
    return sentence("Message #{id} not found. It may have been deleted.", id=broadcast_id[:12])


def why_not(broadcast_id: str, status: BroadcastStatus) -> Sentence:
    match status:
        case BroadcastStatus.UNAPPROVED:
            return sentence("#{id} is waiting for approval.", id=broadcast_id)
        case BroadcastStatus.SCHEDULED:
            return sentence("#{id} hasn't started yet.", id=broadcast_id)
        case BroadcastStatus.SENDING:
            return sentence("#{id} is already being sent.", id=broadcast_id)
        case BroadcastStatus.PAUSED:
            return sentence("#{id} is paused.", id=broadcast_id)
        case BroadcastStatus.FINISHED:
            return sentence("#{id} has already finished.", id=broadcast_id)
        case _:
            return sentence("#{id} was cancelled.", id=broadcast_id)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Position of a broadcast in its series."""

    series_id: str
    due: datetime
    following: datetime | None
    """Time of the next one; None for the last."""
    following_id: str


@dataclass(frozen=True, slots=True)
class ChosenLists:
    """The lists of an order. `alone`: recipients were named one by one beside them."""

    ids: tuple[str, ...]
    alone: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class NewBroadcast:
    content: Content
    recipients: tuple[Recipient, ...]
    """Each once, in the order given."""
    counted_people: int = 0
    """Number of people, where some get it on several messengers and their addresses are no longer marked."""
    duplicates: int = 0
    """Number of recipients named more than once."""
    passed_on: tuple[tuple[Messenger, Recipient], ...] = ()
    """As in Gathered; told in the preview, and not kept."""
    send_at: datetime | None
    """Aware; None = now."""
    created_by: Actor
    co_authors: tuple[Actor, ...] = ()
    """Others who wrote a part of its words or lists; they cannot approve it either."""
    left_out: Mapping[Messenger, Mapping[Reason, int]] = field(default_factory=dict)
    """Recipients left out because they cannot be reached."""
    answer: bool = False
    """True for an answer to a person, by an admin or automatic: it is not listed among the broadcasts."""
    again_of: str = ""
    """The broadcast that this one retries."""
    lists: ChosenLists | None = None
    """The lists that its recipients come from."""
    undo_time: timedelta = timedelta()
    """The wait before an immediate order starts, so that it can be undone."""
    once: str = ""
    """Digest of the Idempotency-Key."""

    late: Late | None = None
    """None = as the settings say."""
    late_after: timedelta = timedelta()
    """Delay after which `late` applies; 0 = never."""
    ignore_quiet_hours: bool = False
    quiet_hours: QuietHours | None = None
    """For recipients who have none of their own."""
    try_again_days: int = 0
    """Days after the start in which people who cannot be reached for now are tried again; 0 = once only."""
    receipt_wait: Mapping[Messenger, timedelta] = field(default_factory=dict)
    """The wait for a receipt of the first few before the rest goes, where receipts tell of refusals."""
    occurrence: Occurrence | None = None

    needs_approval: bool = False
    """True when another person has to approve it first."""

    def __post_init__(self) -> None:
        if self.send_at is not None and self.send_at.tzinfo is None:
            raise ValueError("send_at must be an aware datetime")

    @property
    def people(self) -> int:
        """Number of people; some may get it on several messengers."""
        return self.counted_people or count_people(self.recipients)


MOST_TRY_AGAIN_DAYS: Final = 14
USUAL_TRY_AGAIN_DAYS: Final = 3

PreparedOrder = NewType("PreparedOrder", NewBroadcast)
"""A valid order to people who can be reached, with everything filled in that the settings say."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """Deliveries per messenger and state, and reasons of failures."""

    counts: Mapping[Messenger, Mapping[DeliveryState, int]]
    reasons: Mapping[Messenger, Mapping[Reason, int]] = field(default_factory=dict)

    def of(self, *states: DeliveryState) -> int:
        return sum(counts.get(state, 0) for counts in self.counts.values() for state in states)

    @property
    def total(self) -> int:
        return sum(sum(counts.values()) for counts in self.counts.values())

    def total_on(self, messenger: Messenger) -> int:
        return sum(self.counts.get(messenger, {}).values())

    @property
    def reached(self) -> int:
        """Accepted by the messenger."""
        return self.of(*REACHED_MESSENGER)

    @property
    def open(self) -> int:
        return self.of(*OPEN)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    number: int
    """Grows with each change that needs approval again."""
    by: Actor
    """Cannot approve it."""
    at: datetime
    until: datetime
    """Deadline."""
    words_by: Actor
    """Author of the words; cannot approve them either."""
    recipients_by: Actor
    """Author of the list of recipients; cannot approve it either."""
    co_authors: tuple[Actor, ...] = ()
    """Others who wrote a part of either; they cannot."""

    @property
    def authors(self) -> tuple[Actor, ...]:
        """Everybody who cannot approve it, each once."""
        everybody = (self.by, self.words_by, self.recipients_by, *self.co_authors)
        return tuple({one.id: one for one in everybody}.values())

    def is_author(self, telegram_id: int) -> bool:
        return any(one.telegram_id == telegram_id for one in self.authors)


@dataclass(frozen=True, kw_only=True, slots=True)
class Broadcast:
    id: str
    status: BroadcastStatus
    content: Content
    created_by: Actor
    accepted_at: datetime
    send_at: datetime
    planned: bool
    """True = at a set time, False = at once."""
    started_at: datetime | None
    finished_at: datetime | None
    progress: Progress
    counted_people: int = 0
    """Number of people, where some get it on several messengers."""
    left_out: Mapping[Messenger, Mapping[Reason, int]] = field(default_factory=dict)
    """Recipients left out because they cannot be reached."""
    again_of: str = ""
    """The broadcast that this one retries."""
    lists: ChosenLists | None = None
    """The lists that its recipients came from; None for none, and for an order that does not tell."""
    resends: int = 0
    """Number of resends to unknown recipients."""
    can_be_undone: bool = False
    """While scheduled: it was sent at once, and waits for the end of its undo time."""

    edition: int = 0
    """Number of changes of its order."""
    late: Late = Late.SEND
    late_since: datetime | None = None
    """While scheduled: when its time passed while nothing ran; it waits for a decision."""
    missed: bool = False
    """Cancelled because its time passed while nothing ran."""
    series_id: str = ""
    """The series that it is an occurrence of."""
    ignore_quiet_hours: bool = False
    quiet_waits: Mapping[QuietHours, int] = field(default_factory=dict)
    """Recipients waiting per quiet hours."""
    try_again_days: int = 0
    """Days after the start in which people who cannot be reached for now are tried again; 0 = once only."""
    again_waits: Mapping[Messenger, Mapping[Reason, int]] = field(default_factory=dict)
    """Recipients waiting for another try, by the reason of the last refusal."""
    holds: Mapping[Messenger, Hold] = field(default_factory=dict)
    """Parts that wait for an admin's decision after repeated refusals by the messenger."""
    bills: Mapping[Messenger, Mapping[Bill, int]] = field(default_factory=dict)
    """Number of messages per way of charging, as far as the messengers report it."""
    without: frozenset[Messenger] = frozenset()
    """Messengers left out while it ran: what was still queued there counts as cancelled."""
    asked: Asked | None = None
    """While unapproved: the request for approval."""
    last_actions: Mapping[AuditAction, LastAction] = field(default_factory=dict)
    """Last use of each action."""

    def is_of(self, order: NewBroadcast, edition: int) -> bool:
        return (
            self.edition == edition
            and self.content == order.content
            and self.progress.total == len(order.recipients)
        )

    @property
    def people(self) -> int:
        """Number of people; some may get it on several messengers."""
        return self.counted_people or self.progress.total

    @property
    def tried_again(self) -> int:
        """Number of people who wait for another try."""
        if self.status not in RUNNING:
            return 0
        return sum(
            max(0, count)
            for on, reasons in self.again_waits.items()
            if on not in self.without
            for count in reasons.values()
        )

    @property
    def waits_for_later_tries(self) -> bool:
        """True when all who are left wait for another try."""
        return 0 < self.progress.open == self.tried_again

    @property
    def tries_until(self) -> datetime | None:
        """End of further tries; None before it starts, and if it tries everybody once."""
        if self.started_at is None or not self.try_again_days:
            return None
        return self.started_at + timedelta(days=self.try_again_days)

    @property
    def is_late(self) -> bool:
        """True when its time has passed and it waits for a decision."""
        return (
            self.status is BroadcastStatus.SCHEDULED
            and self.late_since is not None
            and not self.can_be_undone
        )

    @property
    def stopped(self) -> bool:
        """True if the rest of it was cancelled."""
        return self.status is BroadcastStatus.CANCELLED and self.started_at is not None

    @property
    def is_under_way(self) -> bool:
        """True when it runs, or can be undone before it runs."""
        return self.status in RUNNING or (self.status is BroadcastStatus.SCHEDULED and self.can_be_undone)
