"""Summary of the values that fill a broadcast's gaps, for its approver."""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from core.domain.audit import AuditAction
from core.domain.broadcast import Broadcast
from core.domain.content.content import Content
from core.domain.content.variables import MissingVariable, filled, placeholders
from core.domain.recipients import Recipient
from core.domain.translatable import sentence
from core.files.csv_export import MOST_ROWS_A_FILE, as_file, csv_rows, guarded
from core.files.headings import heading_of
from core.services.audit_log import AuditLog
from core.store.ledger import LedgerStore

_SAMPLES: Final = 3
_SHORT: Final = 64
"""Characters that gaps may hold whatever the length of the text around them."""
_LINK: Final = re.compile(r"\w://|\bwww\.|[^\W\d_][\w-]*\.[^\W\d_]{2,}(?:$|[/\s:?#,.!)])|@\w", re.IGNORECASE)
_PHONE: Final = re.compile(r"\+?\d(?:[\s().-]{0,2}\d){6,}")


@dataclass(frozen=True, slots=True)
class GapSummary:
    """The values of one gap over all recipients, each value counted once."""

    name: str
    count: int
    shortest: str
    longest: str
    samples: tuple[str, ...]
    """Drawn at random."""
    suspicious: tuple[str, ...]
    """Values with a link, an address or a phone number."""


class GapValues:
    """Reads the values of a stored broadcast."""

    def __init__(self, ledger: LedgerStore, audit_log: AuditLog) -> None:
        self._ledger = ledger
        self._audit_log = audit_log

    async def summary(self, broadcast: Broadcast) -> tuple[GapSummary, ...]:
        """One for each gap, in the order of the content; empty for a content without gaps."""
        names = placeholders(broadcast.content)
        values: dict[str, dict[str, None]] = {name: {} for name in names}
        if names:
            async for delivery in self._ledger.deliveries(broadcast):
                for name in names:
                    values[name][delivery.recipient.variables.get(name, "")] = None
        return tuple(_summary(name, list(some)) for name, some in values.items() if some)

    async def files(self, broadcast: Broadcast, say: Callable[[str], str]) -> AsyncIterator[bytes]:
        """CSV files of all recipients with the values of all gaps."""
        names = placeholders(broadcast.content)
        header = csv_rows([[say(sentence("recipient")), *map(heading_of, names)]])
        await self._audit_log.note(AuditAction.EXPORTED, broadcast.id, people=broadcast.people)
        parts = [header]
        async for delivery in self._ledger.deliveries(broadcast):
            values = delivery.recipient.variables
            row = [delivery.recipient.label, *(guarded(values.get(name, "")) for name in names)]
            parts.append(csv_rows([row]))
            if len(parts) > MOST_ROWS_A_FILE:
                yield as_file("".join(parts))
                parts = [header]
        if len(parts) > 1:
            yield as_file("".join(parts))


def _summary(name: str, values: Sequence[str]) -> GapSummary:
    return GapSummary(
        name=name,
        count=len(values),
        shortest=min(values, key=len),
        longest=max(values, key=len),
        samples=tuple(random.sample(values, min(_SAMPLES, len(values)))),
        suspicious=tuple(one for one in values if _LINK.search(one) or _PHONE.search(one)),
    )


def is_mostly_gaps(content: Content, recipients: Sequence[Recipient]) -> bool:
    """True if a recipient would read more of the values than of the text that is approved."""
    if not placeholders(content):
        return False
    names = placeholders(content)
    empty = dict.fromkeys(names, "")
    fixed = len(filled(content, empty).text.strip())
    for one in recipients:
        try:
            whole = len(filled(content, one.variables).text)
        except MissingVariable:
            continue
        if whole - fixed > max(fixed, _SHORT):
            return True
    return False
