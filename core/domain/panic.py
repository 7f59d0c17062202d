"""The panic stop, and what was released since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.domain.audit import Actor
from core.domain.messengers.traits import Messenger


@dataclass(frozen=True, kw_only=True, slots=True)
class PanicStop:
    """A stop in force: only released messengers and broadcasts are sent."""

    at: datetime
    by: Actor
    since: datetime | None = None
    """The last sign of life before, when the programs stopped by themselves after a gap."""
    lost: bool = False
    """True if the store has lost what happened after `since`."""
    released_messengers: frozenset[Messenger] = frozenset()
    """For every broadcast."""
    released_broadcasts: frozenset[str] = frozenset()
    """Ids; on every messenger."""

    def holds(self, broadcast_id: str, messenger: Messenger) -> bool:
        return messenger not in self.released_messengers and broadcast_id not in self.released_broadcasts
