"""Contents of the broadcasts being sent, rendered once per messenger."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from redis.exceptions import RedisError

from core.domain.content.content import Content
from core.domain.content.limits import beside_template
from core.domain.content.rendering import carried
from core.domain.content.variables import filled, has_gaps, placeholders
from core.domain.messengers.traits import Messenger
from core.store.deliveries import Claim, DeliveryQueue

log = logging.getLogger(__name__)

# More than one step of a worker can claim from.
KNOWN_BROADCASTS: Final = 1024
# Contents of running broadcasts do not change, but those of an older copy of the store that was put back are others.
KNOWN_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class _Known:
    content: Content | None
    """None: cannot be read."""
    personal: bool
    since: float
    ready: dict[tuple[Messenger, bool], Content] = field(default_factory=dict)
    """Rendered contents that are the same for everybody, by messenger and Claim.in_window."""

    def has_two_forms(self, messenger: Messenger) -> bool:
        """True if people in the messenger's service window can get other content than its template."""
        content = self.content
        if content is None or content.template is None or messenger.traits.window_hours == 0:
            return False
        return bool(content.text or content.media)


class UnreadableContentError(Exception):
    """The content of the broadcast cannot be read, and never will be."""


class ContentCache:
    """The contents used last. Those without variables are rendered once per messenger."""

    def __init__(self, deliveries: DeliveryQueue, *, known_seconds: float = KNOWN_SECONDS) -> None:
        self._deliveries = deliveries
        self._known_seconds = known_seconds
        self._known: dict[str, _Known] = {}

    async def learn(self, claims: Sequence[Claim]) -> tuple[Claim, ...]:
        """Fetch the contents of one messenger's claims. Returns the claims with `in_window` set."""
        await self._learn_new(claims)
        asked = [claim for claim in claims if self._has_two_forms(claim)]
        if not asked:
            return tuple(claims)
        inside = await self._inside(asked)
        return tuple(replace(claim, in_window=claim.token in inside) for claim in claims)

    def _has_two_forms(self, claim: Claim) -> bool:
        known = self._known.get(claim.delivery_id.broadcast_id)
        return known is not None and known.has_two_forms(claim.delivery_id.messenger)

    async def _inside(self, claims: Sequence[Claim]) -> set[str]:
        """Tokens of the claims whose recipients are in the service window."""
        messenger = claims[0].delivery_id.messenger
        try:
            inside = await self._deliveries.in_window(
                messenger, [claim.recipient.address for claim in claims]
            )
        except RedisError as error:
            log.warning("could not read the service windows, everybody gets the template: %s", error)
            return set()
        return {one.token for one in claims if one.recipient.address in inside}

    async def _learn_new(self, claims: Sequence[Claim]) -> None:
        now = asyncio.get_running_loop().time()
        self._forget_before(now - self._known_seconds)
        new = list({claim.delivery_id.broadcast_id for claim in claims} - self._known.keys())
        if not new:
            return
        try:
            contents = await self._deliveries.contents_of(new)
        except RedisError as error:
            log.warning("could not read the contents of %s broadcasts: %s", len(new), error)
            return
        for broadcast_id, content in contents.items():
            if content is None:
                self._known[broadcast_id] = _Known(None, personal=True, since=now)
                continue
            personal = bool(placeholders(content))
            whole = content if personal or not has_gaps(content) else filled(content, {})
            self._known[broadcast_id] = _Known(whole, personal, now)
        while len(self._known) > KNOWN_BROADCASTS:
            del self._known[next(iter(self._known))]

    def _forget_before(self, moment: float) -> None:
        # Entries are in the order in which they were fetched.
        while self._known and self._known[first := next(iter(self._known))].since <= moment:
            del self._known[first]

    def same_for_all(self, claim: Claim) -> bool:
        """True if everybody gets the same content as this claim's recipient."""
        known = self._known.get(claim.delivery_id.broadcast_id)
        return known is not None and not known.personal

    def of(self, claim: Claim) -> Content | None:
        """The recipient's content, None if not fetched yet. Raises MissingVariable and UnreadableContentError."""
        known = self._known.get(claim.delivery_id.broadcast_id)
        messenger = claim.delivery_id.messenger
        if known is None:
            return None
        if known.content is None:
            raise UnreadableContentError
        if known.personal:
            return _form(filled(known.content, claim.recipient.variables), claim)
        key = messenger, claim.in_window
        if key not in known.ready:
            known.ready[key] = _form(known.content, claim)
        return known.ready[key]

    def template_of(self, claim: Claim) -> Content | None:
        """The template to send instead of of(), for a recipient whose window the messenger found closed."""
        return self.of(replace(claim, in_window=False)) if claim.in_window else None


def _form(content: Content, claim: Claim) -> Content:
    messenger = claim.delivery_id.messenger
    own = beside_template(content, messenger) if claim.in_window else None
    return carried(own or content, messenger)
