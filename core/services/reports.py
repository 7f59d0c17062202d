"""Reports on a broadcast's deliveries: CSV files and a timeline."""

from __future__ import annotations

import asyncio
import csv
import re
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, TextIO
from zoneinfo import ZoneInfo

from core.domain.audit import AuditAction
from core.domain.broadcast import Broadcast, Index
from core.domain.delivery import Delivery, DeliveryState
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.domain.timeline import Timeline
from core.domain.translatable import sentence
from core.services.audit_log import AuditLog
from core.settings import Settings
from core.store.ledger import LedgerStore

LARGEST_PART: Final = 45_000_000
"""Bytes; Telegram takes files below 50 MB from bots."""
_ROWS_AT_ONCE: Final = 1000
_LOOKED_AT_FOR_FAILURES: Final = 100
_HEADS: Final = (
    sentence("recipient"), sentence("messenger"), sentence("state"), sentence("reason"), sentence("tries"),
)  # fmt: skip
_STATES: Final = {
    DeliveryState.QUEUED: sentence("queued"),
    DeliveryState.SENDING: sentence("sending"),
    DeliveryState.SENT: sentence("sent"),
    DeliveryState.DELIVERED: sentence("delivered"),
    DeliveryState.READ: sentence("read"),
    DeliveryState.FAILED: sentence("failed"),
    DeliveryState.CANCELLED: sentence("cancelled"),
    DeliveryState.UNKNOWN: sentence("unknown"),
}
_NUMBER: Final = re.compile(r"[+-]?\d+")


class Reports:
    def __init__(self, ledger: LedgerStore, settings: Settings, audit_log: AuditLog) -> None:
        self._ledger = ledger
        self._audit_log = audit_log
        self._zone = settings.zone

    async def failed_since(self, moment: datetime) -> int:
        """Failed deliveries since a moment, in the newest 100 broadcasts with failures."""
        ended = await self._ledger.page(Index.FAILURES, 0, _LOOKED_AT_FOR_FAILURES, newest_first=True)
        return sum(
            one.progress.of(DeliveryState.FAILED)
            for one in ended
            if one.finished_at is not None and one.finished_at >= moment
        )

    async def csv_parts(
        self,
        broadcast: Broadcast,
        folder: Path,
        *,
        largest: int = LARGEST_PART,
        say: Callable[[str], str] = str,
        zone: ZoneInfo | None = None,
    ) -> list[Path]:
        """Write every delivery into CSV files of about `largest` bytes each.

        `say` translates headings, states and reasons. Times are in UTC and in `zone` (default: the settings' zone).
        The columns that came in with the recipients follow behind.
        """
        table = _Table(folder, broadcast.id, zone or self._zone, largest, say)
        try:
            async for some in _in_chunks(self._ledger.deliveries(broadcast)):
                await asyncio.to_thread(table.write, some)
        finally:
            await asyncio.to_thread(table.close)
        parts = await asyncio.to_thread(table.finished)
        await self._audit_log.note(AuditAction.EXPORTED, broadcast.id, people=broadcast.people)
        return parts

    async def firsts(self, broadcast: Broadcast) -> dict[Messenger, Recipient]:
        """The first recipient on each messenger."""
        found: dict[Messenger, Recipient] = {}
        place = 0
        for messenger in Messenger:
            if count := broadcast.progress.total_on(messenger):
                for delivery in await self._ledger.deliveries_at(broadcast, place, 1):
                    found[messenger] = delivery.recipient
                place += count
        return found

    async def timeline(self, broadcast: Broadcast) -> Timeline:
        """Deliveries over time since the start; empty for a broadcast that never started."""
        timeline = Timeline(broadcast.started_at or broadcast.send_at)
        async for delivery in self._ledger.deliveries(broadcast):
            timeline.add(delivery.state, delivery.at)
        return timeline


async def _in_chunks(deliveries: AsyncIterator[Delivery]) -> AsyncIterator[list[Delivery]]:
    chunk: list[Delivery] = []
    async for delivery in deliveries:
        chunk.append(delivery)
        if len(chunk) >= _ROWS_AT_ONCE:
            yield chunk
            chunk = []
    yield chunk  # the last one, empty or not, so that there is always a header


class _Table:
    """The CSV files being written. Blocking: call it in a thread.

    Rows are written as they are read, with the columns met so far. The heads are put in front of them at the end, when
    all columns are known.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        zone: ZoneInfo,
        largest: int,
        say: Callable[[str], str],
    ) -> None:
        self._folder = folder
        self._name = name
        self._zones = tuple({one.key: one for one in (ZoneInfo("UTC"), zone)}.values())
        self._columns: dict[str, None] = {}
        """In the order met."""
        self._largest = largest
        self._say = say
        self._file: TextIO | None = None
        self._parts: list[tuple[Path, int]] = []
        """The rows of each file, and how many columns their first one has."""

    def write(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            self._columns |= dict.fromkeys(delivery.recipient.variables)
        if self._file is None or (deliveries and self._file.tell() > self._largest):
            self._file = self._next_part()
        csv.writer(self._file).writerows(self._row(delivery) for delivery in deliveries)
        self._file.flush()

    def _next_part(self) -> TextIO:
        self.close()
        path = self._folder / f"{len(self._parts) + 1}.rows"
        self._parts.append((path, len(self._columns)))
        return path.open("w", encoding="utf-8", newline="")

    def _row(self, delivery: Delivery) -> list[str | int]:
        reason = self._say(delivery.reason.sentence) if delivery.reason else ""
        at = delivery.at
        return [
            safe_cell(delivery.recipient.address),
            delivery.recipient.messenger.value,
            self._say(_STATES[delivery.state]),
            reason,
            delivery.attempts,
            *(f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if at else "" for zone in self._zones),
            *(safe_cell(delivery.recipient.variables.get(name, "")) for name in self._columns),
        ]

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None

    def finished(self) -> list[Path]:
        """The files with their heads; a single one has no number in its name."""
        names = [f"{self._name}-{number}.csv" for number in range(1, len(self._parts) + 1)]
        if len(names) == 1:
            names = [f"{self._name}.csv"]
        return [
            self._with_heads(self._folder / name, *part)
            for name, part in zip(names, self._parts, strict=True)
        ]

    def _with_heads(self, path: Path, rows: Path, columns: int) -> Path:
        times = [sentence("time {zone}", zone=zone.key) for zone in self._zones]
        heads = _each_once([*(self._say(head) for head in (*_HEADS, *times)), *self._columns])
        # The byte order mark tells spreadsheet programs that it is UTF-8.
        with (
            path.open("w", encoding="utf-8-sig", newline="") as file,
            rows.open(encoding="utf-8", newline="") as source,
        ):
            table = csv.writer(file)
            table.writerow([safe_cell(head) for head in heads])
            if columns == len(self._columns):
                shutil.copyfileobj(source, file)
            else:
                # A column was met after the first of these rows.
                table.writerows([*row, *[""] * (len(heads) - len(row))] for row in csv.reader(source))
        rows.unlink()
        return path


def _each_once(names: Sequence[str]) -> list[str]:
    """The names, numbered where one comes twice: "state", "state 2"."""
    found: list[str] = []
    taken: set[str] = set()
    for name in names:
        unique, number = name, 2
        while unique.casefold() in taken:
            unique, number = f"{name} {number}", number + 1
        taken.add(unique.casefold())
        found.append(unique)
    return found


def safe_cell(text: str) -> str:
    """Put an apostrophe before what a spreadsheet program would read as a formula; phones and chat ids are not."""
    if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text
