"""What the services need from the outside, as narrow protocols. The store and the queue carry them out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.domain.audience import Audience
from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, BroadcastStatus, NewBroadcast
from core.domain.delivery import Delivery
from core.domain.messengers.account_status import AccountEvent
from core.domain.messengers.events import ReceiptCounts
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.panic import Stop
from core.domain.quiet_hours import QuietHours
from core.domain.recipients import Recipient
from core.domain.team import Reader


class Index(StrEnum):
    """The lists of broadcasts, each kept in order of time."""

    UNAPPROVED = "unapproved"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    ENDED = "ended"
    FAILURES = "failures"
    CANCELLED = "cancelled"


class Verb(StrEnum):
    """What a user may do to a broadcast that was accepted."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RESCHEDULE = "reschedule"
    HOLD = "hold"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Steered:
    """Whether the move was made, and the status that stands now; None = no such broadcast."""

    done: bool
    status: BroadcastStatus | None
    same: bool = False
    """It was so already, and nothing had to be changed."""


class Ledger(Protocol):
    """The store of all broadcasts and their deliveries."""

    async def now(self) -> datetime:
        """By the store's clock, which is the same for all programs."""

    async def reserve_id(self) -> str:
        """A broadcast id nobody has."""

    async def accept(self, broadcast_id: str, order: NewBroadcast) -> Broadcast:
        """Durable when it returns. An id accepted before keeps what it has: that broadcast is returned."""

    async def replace(self, broadcast_id: str, order: NewBroadcast, *, edition: int) -> bool:
        """Another order in the place of the one that waits for its time. False, and nothing is changed, when it does
        not wait any more, is held, or is not of this edition any more."""

    async def get(self, broadcast_id: str) -> Broadcast | None:
        """None when there is none of that id, or it was deleted."""

    async def start(self, broadcast_id: str, *, whatever_the_time: bool = False) -> BroadcastStatus | None:
        """scheduled -> sending, once and never early. Returns the status after; None = no such broadcast."""

    async def steer(
        self, broadcast_id: str, verb: Verb, send_at: datetime | None = None, *, asker: Actor | None = None
    ) -> Steered:
        """`asker`: with RESCHEDULE and HOLD, who asks for the approval without which the change does not hold."""

    async def delete(self, broadcast_id: str) -> bool:
        """Deletes an ended broadcast; False when it is not ended or not there."""

    async def count(self, index: Index, *, until: datetime | None = None) -> int:
        """With `until`: those no later than that; what is late and waits for an answer counts only without it."""

    async def page(
        self, index: Index, start: int, count: int, *, newest_first: bool, until: datetime | None = None
    ) -> list[Broadcast]:
        """From place `start` on, counted from 0, at most `count`; -1 = all that follow."""

    async def ids(self, index: Index, *, until: datetime | None = None, most: int | None = None) -> list[str]:
        """The ids in an index, oldest first, at most `most`."""

    def deliveries(self, broadcast: Broadcast) -> AsyncIterator[Delivery]:
        """All of them, messenger by messenger, read in chunks."""

    async def deliveries_at(self, broadcast: Broadcast, start: int, count: int) -> list[Delivery]:
        """In the same order, from place `start` on, counted from 0, at most `count`."""

    async def troubles(self, broadcast: Broadcast, start: int, count: int) -> tuple[list[Delivery], int]:
        """Failed and unknown deliveries in the order they came, and how many there are."""

    def each_trouble(self, broadcast: Broadcast) -> AsyncIterator[Delivery]:
        """All of them, read in chunks."""

    async def empty_trash(self) -> None:
        """Removes the rows of deleted broadcasts and of orders never accepted; safe to run many times at once."""


class Resender(Protocol):
    """Puts unknown deliveries back to the queue."""

    async def resend(self, broadcast_id: str, *, before: int) -> int | None:
        """Returns how many; None when it was asked for more than `before` times already, or has not finished."""


class Starter(Protocol):
    """Gets `start_broadcast` run, now or at a time."""

    async def start_now(self, broadcast_id: str) -> None: ...

    async def start_at(self, broadcast_id: str, moment: datetime) -> None:
        """One entry for each broadcast, whatever its size; a later call replaces the earlier one."""

    async def forget(self, broadcast_ids: Sequence[str]) -> None: ...

    async def make_at(self, series_id: str, moment: datetime) -> None:
        """Gets the next broadcast of a series made; one entry for each, a later call replaces the earlier one."""

    async def forget_series(self, series_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Halt:
    """A whole messenger waits. `until` None = until an admin resumes it."""

    until: datetime | None
    reason: str


class Gauges(Protocol):
    """What the store knows about the running system."""

    async def alive(self) -> dict[str, int]:
        """How many of each program ("bot", "worker", "scheduler", "api") have shown a sign of life lately."""

    async def versions(self) -> tuple[str, ...]:
        """The versions of the programs that have shown a sign of life lately, in order."""

    async def halt(self, messenger: Messenger) -> Halt | None:
        """None while nothing holds it up."""

    async def resume(self, messenger: Messenger) -> bool:
        """Ends a halt; False when there is none."""

    async def receipts(self, messenger: Messenger) -> ReceiptCounts: ...

    async def report_problem(self, messenger: Messenger, complaint: str | None) -> None:
        """Keeps why a messenger could not send when it was asked; None: it could."""

    async def complaints(self) -> Mapping[Messenger, str]: ...

    async def refused_jobs(self) -> int:
        """Jobs on our queues that were refused, as we did not make them, or that failed in a worker not of ours."""

    async def set_aside(self) -> int:
        """Rows of the ledger that made no sense, kept for a week; the last hundred at most."""

    async def memory(self) -> tuple[int, int | None]:
        """Bytes used, and the most the store may use (None = no limit)."""

    async def warnings(self) -> tuple[str, ...]:
        """One sentence for each setting of the store that weakens the promise."""

    async def ping(self) -> bool:
        """Whether the store answers now; False, never an error, when it does not."""

    async def beat(self, program: str) -> None:
        """Shows a sign of life of this process, good for half a minute. A store that is away is borne."""


class Brake(Protocol):
    """The one flag that stops everything."""

    async def stop(self, author: str, name: str) -> bool:
        """False when everything is stopped already."""

    async def standing(self) -> Stop | None: ...

    async def release(self, stop: Stop) -> bool:
        """Ends that stop. False when another one stands, or none: nothing was changed; so with the next two."""

    async def release_messenger(self, stop: Stop, messenger: Messenger) -> bool: ...

    async def release_broadcast(self, stop: Stop, broadcast_id: str) -> bool: ...


class Reach(Protocol):
    """Who cannot or will not be reached any more."""

    async def out_of_reach(self, messenger: Messenger, addresses: Sequence[str]) -> Mapping[str, Reason]:
        """Those of the addresses that nothing shall be sent to, and why."""

    async def moved(self, messenger: Messenger) -> Mapping[str, str]:
        """Addresses that were given up for another one, and that other one."""


class Letters(Protocol):
    """When people last wrote to us."""

    async def last_wrote(self, messenger: Messenger, addresses: Sequence[str]) -> Mapping[str, datetime]:
        """Those of the addresses who wrote within the messenger's window, and when they last did."""


class Put(StrEnum):
    """What became of a change to an audience."""

    NAMED = "named"
    TAKEN = "taken"
    DROPPED = "dropped"
    CHANGED = "changed"
    GONE = "gone"


class AudienceLists(Protocol):
    """Lists of recipients by id, and which of them have which name. One without a name is kept for a day."""

    async def names(self) -> Mapping[str, str]:
        """The ids of all that have a name, by that name folded."""

    async def get_many(self, list_ids: Sequence[str]) -> list[Audience]:
        """Those that are there."""

    async def create(self, *, expected: int, source: str, created_by: str, creator_name: str) -> str:
        """The id of a new list without a name. `expected`: how many it shall hold well."""

    async def put(self, list_id: str, recipients: Iterable[Recipient]) -> int | None:
        """How many are new on it; None when it is gone. Variables replace those that stand, none leave them."""

    async def take(self, list_id: str, recipients: Iterable[Recipient]) -> int | None:
        """How many were on it; None when it is gone."""

    async def name(self, list_id: str, name: str) -> Put:
        """NAMED, TAKEN or GONE."""

    async def set_joinable(self, list_id: str, joinable: bool) -> bool:
        """False when it was so already."""

    async def set_quiet(self, list_id: str, hours: QuietHours | None) -> bool:
        """False when it was so already."""

    async def keep(self, list_id: str, *, for_good: bool) -> bool:
        """Keeps a list without a name for good, or for a day again; False when it is gone."""

    async def drop(self, list_id: str, expected: int) -> Put:
        """DROPPED, CHANGED (it has not so many recipients) or GONE."""

    def recipients(self, list_id: str) -> AsyncIterator[list[Recipient]]:
        """Everybody, in portions; who is put on it meanwhile may be missing."""

    async def keep_left_out(self, list_id: str, rows: str) -> None:
        """Keeps a text beside the list for a day."""

    async def left_out(self, list_id: str) -> str | None: ...


class StandingBook(Protocol):
    """What messengers have said of our account."""

    async def lately(self, messenger: Messenger) -> Sequence[AccountEvent]:
        """In the last days, that there is nothing any more included; the oldest first."""


class Noticeboard(Protocol):
    """A note that outlives the process that wrote it."""

    async def read(self) -> str | None: ...

    async def write(self, text: str) -> None: ...


class Readers(Protocol):
    """How each person reads, by the id of the person on Telegram."""

    async def of(self, person: int) -> Reader: ...

    async def remember_language(self, person: int, language: str) -> None: ...

    async def remember_zone(self, person: int, zone: str) -> None:
        """`zone`: IANA, or empty for the one of the settings."""
