"""What the broadcasts that are being sent say, kept ready in the form each messenger carries."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from redis.exceptions import RedisError

from core.domain.carrying import carried
from core.domain.content import Content
from core.domain.messengers import Messenger
from core.domain.variables import filled, has_gaps, placeholders
from core.store.moves import Claim, Moves

log = logging.getLogger(__name__)

KNOWN_BROADCASTS: Final = 256
AT_ONCE: Final = 16


@dataclass(frozen=True, slots=True)
class _Known:
    content: Content
    personal: bool
    ready: dict[Messenger, Content] = field(default_factory=dict)
    """For those that are the same for everybody."""


class Contents:
    """The last few contents; those without gaps are made ready once for each messenger."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves
        self._known: dict[str, _Known] = {}

    async def learn(self, claims: Sequence[Claim]) -> None:
        """Fetches the contents of broadcasts not met before."""
        new = list({claim.delivery_id.broadcast_id for claim in claims} - self._known.keys())
        for first in range(0, len(new), AT_ONCE):
            await asyncio.gather(*map(self._learn, new[first : first + AT_ONCE]))
        while len(self._known) > KNOWN_BROADCASTS:
            del self._known[next(iter(self._known))]

    async def _learn(self, broadcast_id: str) -> None:
        try:
            content = await self._moves.content_of(broadcast_id)
        except RedisError as error:
            log.warning("broadcast=%s its content could not be read: %s", broadcast_id, error)
            return
        if content is not None:
            personal = bool(placeholders(content))
            whole = content if personal or not has_gaps(content) else filled(content, {})
            self._known[broadcast_id] = _Known(whole, personal)

    def same_for_all(self, claim: Claim) -> bool:
        """Whether everybody gets exactly what this claim's recipient gets."""
        known = self._known.get(claim.delivery_id.broadcast_id)
        return known is not None and not known.personal

    def of(self, claim: Claim) -> Content | None:
        """What this recipient gets; None where it is not known yet. Raises MissingVariable."""
        known = self._known.get(claim.delivery_id.broadcast_id)
        messenger = claim.delivery_id.messenger
        if known is None:
            return None
        if known.personal:
            return carried(filled(known.content, claim.recipient.variables), messenger)
        if messenger not in known.ready:
            known.ready[messenger] = carried(known.content, messenger)
        return known.ready[messenger]
