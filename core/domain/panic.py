"""Everything stopped at once, and what has been let go on since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.domain.audit import Actor
from core.domain.messengers.traits import Messenger


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """A stop that stands. Nothing is sent but what was let go on."""

    at: datetime
    by: Actor
    messengers: frozenset[Messenger] = frozenset()
    """Let go on, for every broadcast."""
    broadcasts: frozenset[str] = frozenset()
    """Ids of those let go on, on every messenger."""

    def holds(self, broadcast_id: str, messenger: Messenger) -> bool:
        """Whether this broadcast waits on this messenger."""
        return messenger not in self.messengers and broadcast_id not in self.broadcasts
