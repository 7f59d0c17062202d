"""Series: a content sent to audiences repeatedly, each time as a broadcast of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from core.domain.audience import Chosen
from core.domain.audit import Actor
from core.domain.broadcast import Late
from core.domain.content.content import Content
from core.domain.messengers.traits import Messenger
from core.domain.recurrence import Recurrence


class SeriesStatus(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"
    """It reached its end."""
    STOPPED = "stopped"
    """A user stopped it."""


MOST_SKIPPED: Final = 100
OPEN_SERIES = frozenset({SeriesStatus.ACTIVE, SeriesStatus.PAUSED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeat:
    """The times of a series and its end."""

    rule: Recurrence
    zone: str
    """IANA: the clock that the rule reads."""
    until: date | None = None
    """The last day, in that zone."""
    times: int | None = None
    """Number of broadcasts in all."""

    def following(self, after: datetime, *, made: int) -> datetime | None:
        """The first moment after `after`; None when the series ends before. `made`: occurrences so far."""
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
        """The last moment up to `now`, from `due` on."""
        end = now
        if self.until is not None:
            next_day = datetime.combine(self.until + timedelta(days=1), time(), self.clock)
            end = min(now, next_day.astimezone(UTC) - timedelta(microseconds=1))
        return max(due, self.rule.preceding(end, self.clock) or due)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewSeries:
    content: Content
    audiences: tuple[Chosen, ...]
    """Their members at the time of each occurrence get it."""
    repeat: Repeat
    late: Late | None = None
    """None = as the settings say."""
    ignore_quiet_hours: bool = False
    try_again_days: int = 0
    """Of each broadcast: as in NewBroadcast."""
    everywhere: bool = False
    """People get it at all their addresses, not at one."""
    messenger_order: tuple[Messenger, ...] = ()
    """On which messenger first; empty: as their lists say."""
    created_by: Actor
    co_authors: tuple[Actor, ...] = ()
    """Actors who made or changed it before; none of them approves one of its broadcasts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    id: str
    status: SeriesStatus
    revision: int
    """Grows with every change; a change names the revision it is based on."""
    order: NewSeries
    next_at: datetime | None
    """None when no occurrence follows."""
    next_id: str
    """The id that the next broadcast will have."""
    made: int = 0
    """Number of broadcasts made."""
    made_ids: tuple[str, ...] = ()
    """The latest of them, newest first."""
    trouble: tuple[str, ...] = ()
    """Why the last occurrence could not be made; empty = it was."""
    created_at: datetime

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_SERIES

    def skipped(self, now: datetime) -> list[datetime]:
        """The skipped times that are still ahead, the latest first; at most MOST_SKIPPED."""
        found: list[datetime] = []
        if self.status is not SeriesStatus.ACTIVE or self.next_at is None:
            return found
        rule, zone, before = self.order.repeat.rule, self.order.repeat.clock, self.next_at
        while len(found) < MOST_SKIPPED:
            earlier = rule.preceding(before - timedelta(microseconds=1), zone)
            if earlier is None or earlier <= now:
                break
            found.append(earlier)
            before = earlier
        return found

    def is_own_list(self, one: Chosen) -> bool:
        """True for the list of the people who were named one by one."""
        return one.title == f"#{self.id}"
