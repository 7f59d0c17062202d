"""The log of who did what: a line for each deed, written right after the store has said yes to it.

A crash between the two loses the line, never the deed. A deed that was refused leaves no line.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from core.domain.audit import PROGRAM, Actor, AuditAction, AuditEntry, Detail
from core.domain.broadcast import Broadcast, BroadcastStatus, Verb
from core.domain.page import Page, load_page
from core.domain.translatable import sentence
from core.files.csv_export import as_file, csv_rows, guarded
from core.store.audit import AuditStore

_HEADS: Final = (
    sentence("id"),
    sentence("name"),
    sentence("from"),
    sentence("deed"),
    sentence("broadcast"),
    sentence("details"),
    sentence("in words"),
)


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which lines to show. Empty = all."""

    broadcast_id: str = ""
    person_id: str = ""
    """As an actor's id: "telegram:100"."""

    def takes(self, line: AuditEntry) -> bool:
        return (not self.broadcast_id or line.broadcast_id == self.broadcast_id) and (
            not self.person_id or line.actor.id == self.person_id
        )


EVERYTHING: Final = LogFilter()


class AuditLog:
    """Writes lines and reads them."""

    def __init__(self, trail: AuditStore) -> None:
        self._trail = trail

    async def note(
        self, deed: AuditAction, broadcast_id: str = "", author: Actor | None = None, /, **details: Detail
    ) -> None:
        """Write a line. `author`: the actor where the program acts by itself. `details`: no texts, no addresses."""
        actor = current_actor()
        named = author if author is not None and actor == PROGRAM else actor
        await self._trail.append(named, actor.channel, deed, broadcast_id, details)

    async def page(self, which: LogFilter = EVERYTHING, *, page: int = 1, size: int = 10) -> Page[AuditEntry]:
        """Newest first."""

        async def load(start: int) -> list[AuditEntry]:
            found: list[AuditEntry] = []
            async for line in self._lines(which):
                found.append(line)
                if len(found) == start + size:
                    break
            return found[start:]

        return await load_page(page, size, await self._count(which), load)

    async def _count(self, which: LogFilter) -> int:
        if which == EVERYTHING:
            return await self._trail.count()
        return sum([1 async for _ in self._lines(which)])

    async def _lines(self, which: LogFilter) -> AsyncIterator[AuditEntry]:
        async for line in self._trail.newest_first():
            if which.takes(line):
                yield line

    async def person_named(self, name: str) -> str | None:
        """The id of who acted last under that name, or has that id: "Ben", "101" or "telegram:101"."""
        wanted = name.casefold()
        async for line in self._trail.newest_first():
            if wanted in (line.actor.name.casefold(), line.actor.id, line.actor.id.partition(":")[2]):
                return line.actor.id
        return None

    async def export(
        self,
        which: LogFilter,
        zone: ZoneInfo,
        *,
        say: Callable[[str], str] = str,
        describe: Callable[[AuditEntry], str] = lambda line: line.deed.value,
    ) -> bytes:
        """All lines as CSV, newest first; that it was taken becomes a line as well.

        `say` translates the heads, `describe` puts a deed in words.
        """
        heads = (sentence("time {zone}", zone="UTC"), sentence("time {zone}", zone=zone.key), *_HEADS)
        rows = [[say(head) for head in heads]]
        rows += [[*_row(line, zone), guarded(describe(line))] async for line in self._lines(which)]
        await self.note(AuditAction.LOG_EXPORTED, which.broadcast_id, lines=len(rows) - 1)
        return as_file(csv_rows(rows))


def _row(line: AuditEntry, zone: ZoneInfo) -> list[str]:
    local = line.at.astimezone(zone)
    details = ", ".join(f"{name}={value}" for name, value in line.details.items())
    return [
        f"{line.at:%Y-%m-%d %H:%M:%S}",
        f"{local:%Y-%m-%d %H:%M:%S}",
        line.actor.id,
        guarded(line.actor.name),
        line.channel.value,
        line.deed.value,
        line.broadcast_id,
        guarded(details),
    ]


_acting: ContextVar[Actor] = ContextVar("acting", default=PROGRAM)


def set_actor(actor: Actor) -> None:
    """For the rest of the present task."""
    _acting.set(actor)


def current_actor() -> Actor:
    """PROGRAM where nobody has come in."""
    return _acting.get()


OF_VERB: Final[Mapping[Verb, AuditAction]] = {
    Verb.PAUSE: AuditAction.PAUSED,
    Verb.RESUME: AuditAction.RESUMED,
    Verb.CANCEL: AuditAction.CANCELLED,
    Verb.RESCHEDULE: AuditAction.MOVED,
    Verb.HOLD: AuditAction.SENT_NOW,
    Verb.UNDO: AuditAction.UNDONE,
}


def of_acceptance(broadcast: Broadcast) -> AuditAction:
    """How an order that was just accepted is written down."""
    if broadcast.status is BroadcastStatus.UNAPPROVED:
        return AuditAction.ASKED
    return AuditAction.SCHEDULED if broadcast.planned else AuditAction.ORDERED


def about(broadcast: Broadcast) -> dict[str, Detail]:
    """To how many it goes, when, and what it repeats."""
    details: dict[str, Detail] = {"people": broadcast.progress.total}
    if broadcast.planned:
        details |= moment(broadcast.send_at)
    if broadcast.again_of:
        details["again_of"] = broadcast.again_of
    return details


def moment(at: datetime | None) -> dict[str, Detail]:
    """A time as a detail, in UTC."""
    return {} if at is None else {"send_at": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
