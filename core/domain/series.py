"""A content that goes to the same people again and again; each time is a broadcast of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from core.domain.audience import Chosen
from core.domain.audit import Actor
from core.domain.broadcast import Late
from core.domain.content.content import Content
from core.domain.recurrence import Recurrence


class SeriesStatus(StrEnum):
    """Where a series stands."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"
    """It came to the end that was set for it."""
    STOPPED = "stopped"
    """Somebody stopped it."""


OPEN_SERIES = frozenset({SeriesStatus.ACTIVE, SeriesStatus.PAUSED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeat:
    """When a series goes out, and how long."""

    rule: Recurrence
    zone: str
    """IANA: the clock that the rule reads."""
    until: date | None = None
    """The last day, in that zone."""
    times: int | None = None
    """How often in all."""

    def following(self, after: datetime, *, made: int) -> datetime | None:
        """The first moment later than `after`; None when it is over before. `made`: how often it was until then."""
        if self.times is not None and made >= self.times:
            return None
        moment = self.rule.following(after, self.clock)
        if moment is None or self.until is None:
            return moment
        return moment if moment.astimezone(self.clock).date() <= self.until else None

    @property
    def clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def latest(self, due: datetime, now: datetime) -> datetime:
        """The last moment that is not later than `now`, from `due` on."""
        found = due
        while (ahead := self.following(found, made=0)) is not None and ahead <= now:
            found = ahead
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class NewSeries:
    """An order for a series that waits to be accepted."""

    content: Content
    audiences: tuple[Chosen, ...]
    """Whoever is in them when an occurrence is due gets it."""
    repeat: Repeat
    late: Late | None = None
    """None = as the settings say."""
    ignore_quiet_hours: bool = False
    created_by: Actor


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """A series as it stands."""

    id: str
    status: SeriesStatus
    revision: int
    """Grows with every change; whoever changes it names the one that they have seen."""
    order: NewSeries
    next_at: datetime | None
    """None when nothing comes any more."""
    next_id: str
    """The id that the next broadcast will have."""
    made: int = 0
    """How many broadcasts it has become."""
    made_ids: tuple[str, ...] = ()
    """The latest of them, newest first."""
    trouble: tuple[str, ...] = ()
    """Why the last occurrence could not be made; empty when it could."""
    created_at: datetime

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_SERIES

    @property
    def total(self) -> int:
        """How many it goes to, as far as that was known when it was ordered."""
        return sum(one.total for one in self.order.audiences)
