"""Amendments: deleting sent messages or changing their text.

An amendment goes through the deliveries of a broadcast in units of a few; each unit is leased to one worker, and its
results are counted once, when all of it is done. A worker that dies leaves its unit to the next one, which may ask for
the same again: a message that is gone already counts as deleted, one that says the new text already as changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.broadcast import Broadcast, Progress
from core.domain.content.content import Content
from core.domain.content.rendering import has_room_for_text
from core.domain.delivery import REACHED_MESSENGER
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger


class AmendmentKind(StrEnum):
    DELETE = "delete"
    EDIT = "edit"

    def is_possible_on(self, messenger: Messenger, content: Content) -> bool:
        """True when the messenger allows it for a message like this: a sticker, for example, has no text to edit."""
        if self is AmendmentKind.EDIT:
            return messenger.traits.edits and has_room_for_text(content, messenger)
        return messenger.traits.deletes_within is not None


class AmendmentStatus(StrEnum):
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


@dataclass(frozen=True, kw_only=True, slots=True)
class Amendment:
    """The latest amendment of a broadcast. `serial` counts those it has had."""

    broadcast_id: str
    serial: int
    kind: AmendmentKind
    status: AmendmentStatus
    by: str
    """Name of the person who ordered it."""
    asked_at: datetime
    ended_at: datetime | None
    total: int
    """Messages that could be amended when it was ordered."""
    done: int
    """Messages amended so far."""
    reasons: Mapping[Reason, int]
    """Why others could not be amended."""
    content: Content | None
    """The new content; None for deletions."""

    @property
    def failed(self) -> int:
        return sum(self.reasons.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Number of messages an amendment changes, and of those it cannot change per messenger."""

    reached: int
    kept: Mapping[Messenger, int]


def scope(broadcast: Broadcast, kind: AmendmentKind) -> Scope:
    """Counts those who have the message now."""
    had = dict(_had(broadcast.progress))
    able = {one for one in had if kind.is_possible_on(one, broadcast.content)}
    return Scope(
        reached=sum(count for messenger, count in had.items() if messenger in able),
        kept={messenger: count for messenger, count in had.items() if messenger not in able},
    )


def _had(progress: Progress) -> Iterator[tuple[Messenger, int]]:
    for messenger in Messenger:
        if count := sum(progress.counts.get(messenger, {}).get(state, 0) for state in REACHED_MESSENGER):
            yield messenger, count


@dataclass(frozen=True, slots=True)
class MessageIds:
    """The messenger's ids of the messages that one delivery came to: several for an album. As text "7" or "7+2"."""

    first: int
    more: int = 0
    """Number of rows that follow the first one without a gap."""

    def __str__(self) -> str:
        return f"{self.first}+{self.more}" if self.more else str(self.first)

    def __iter__(self) -> Iterator[int]:
        yield from range(self.first, self.first + self.more + 1)

    @classmethod
    def parse(cls, text: str) -> MessageIds:
        """Raises ValueError."""
        first, _, more = text.partition("+")
        return cls(int(first), int(more or "0"))
