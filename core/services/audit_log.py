"""The audit log: one line per action, written after the store has accepted it.

A crash in between loses the line, never the action. Refused actions leave no line.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from core.domain.audit import PROGRAM, Actor, AuditAction, AuditEntry, Detail, is_important
from core.domain.broadcast import Broadcast, BroadcastStatus, Verb
from core.domain.page import Page, load_page
from core.domain.translatable import sentence
from core.files.csv_export import as_file, csv_rows, guarded
from core.store.audit import AuditStore

_HEADS: Final = (
    sentence("id"),
    sentence("name"),
    sentence("from"),
    sentence("action"),
    sentence("broadcast"),
    sentence("details"),
    sentence("in words"),
)


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Selects lines; empty fields select all."""

    broadcast_id: str = ""
    person_id: str = ""
    """As an actor's id: "telegram:100"."""
    important: bool = False

    def takes(self, line: AuditEntry) -> bool:
        return (
            (not self.broadcast_id or line.broadcast_id == self.broadcast_id)
            and (not self.person_id or line.actor.id == self.person_id)
            and (not self.important or is_important(line.action, line.details))
        )


EVERYTHING: Final = LogFilter()


class AuditLog:
    def __init__(self, store: AuditStore) -> None:
        self._store = store

    async def note(
        self, action: AuditAction, broadcast_id: str = "", author: Actor | None = None, /, **details: Detail
    ) -> None:
        """Write a line. `author`: the actor where the program acts by itself. `details`: no texts, no addresses."""
        actor = current_actor()
        named = author if author is not None and actor == PROGRAM else actor
        await self._store.append(named, actor.channel, action, broadcast_id, details)

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
            return await self._store.count()
        return sum([1 async for _ in self._lines(which)])

    async def _lines(self, which: LogFilter) -> AsyncIterator[AuditEntry]:
        async for line in self._store.newest_first():
            if which.takes(line):
                yield line

    async def person_named(self, name: str) -> str | None:
        """The id of the person who last acted under this name or id: "Ben", "101" or "telegram:101"."""
        wanted = name.casefold()
        async for line in self._store.newest_first():
            if wanted in (line.actor.name.casefold(), line.actor.id, line.actor.id.partition(":")[2]):
                return line.actor.id
        return None

    async def export(
        self,
        which: LogFilter,
        zone: ZoneInfo,
        *,
        say: Callable[[str], str] = str,
        describe: Callable[[AuditEntry], str] = lambda line: line.action.value,
    ) -> bytes:
        """All lines as CSV, newest first. The export is logged as well.

        `say` translates the headings, `describe` puts an entry in words.
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
        line.action.value,
        line.broadcast_id,
        guarded(details),
    ]


_actor: ContextVar[Actor] = ContextVar("actor", default=PROGRAM)


def set_actor(actor: Actor) -> None:
    _actor.set(actor)


def current_actor() -> Actor:
    """The actor of the current task; PROGRAM when none was set."""
    return _actor.get()


OF_VERB: Final[Mapping[Verb, AuditAction]] = {
    Verb.PAUSE: AuditAction.PAUSED,
    Verb.RESUME: AuditAction.RESUMED,
    Verb.CANCEL: AuditAction.CANCELLED,
    Verb.RESCHEDULE: AuditAction.MOVED,
    Verb.SEND_SOON: AuditAction.SENT_NOW,
    Verb.UNDO: AuditAction.UNDONE,
}


def of_acceptance(broadcast: Broadcast) -> AuditAction:
    """The action to log for an order that was just accepted."""
    if broadcast.status is BroadcastStatus.UNAPPROVED:
        return AuditAction.ASKED
    return AuditAction.SCHEDULED if broadcast.planned else AuditAction.ORDERED


def about(broadcast: Broadcast) -> dict[str, Detail]:
    """Details of a broadcast: people, time, and the broadcast it repeats."""
    details: dict[str, Detail] = {"people": broadcast.people}
    if broadcast.planned:
        details |= moment(broadcast.send_at)
    if broadcast.again_of:
        details["again_of"] = broadcast.again_of
    return details


def moment(at: datetime | None) -> dict[str, Detail]:
    """A time as a detail, in UTC."""
    return {} if at is None else {"send_at": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
