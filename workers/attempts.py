"""Attempts: at most one request that can arrive for each claim, and what its answer means for the delivery."""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from redis.exceptions import RedisError

from core.domain.content.content import Content
from core.domain.content.variables import MissingVariable
from core.domain.messengers.outcome import Answer, Outcome, Reason
from core.domain.messengers.retry import Again, Move, RetryPolicy, Sent, Unknown
from core.domain.messengers.traits import Messenger
from core.logging import HIDDEN
from core.store.deliveries import LEASE_SECONDS, Claim, DeliveryQueue
from workers.breaker import Breaker
from workers.content_cache import ContentCache, UnreadableContentError
from workers.messengers.port import BlockPort, MessengerPort
from workers.messengers.transport import TOTAL_SECONDS
from workers.uploads import Uploads

log = logging.getLogger(__name__)

# An attempt begun later than this after its claim could outlive the lease, and be called unknown while in flight.
LATEST_START_SECONDS: Final = LEASE_SECONDS - TOTAL_SECONDS - 4
_TOO_LATE: Final = Again(0.0, Reason.BUSY, costs_try=False)
# As long as a file takes to upload; asking more often would use up the rate.
_NOT_READY: Final = Again(1.0, Reason.BUSY, costs_try=False)
_UNKNOWN: Final = Answer(outcome=Outcome.UNKNOWN, reason=Reason.NO_ANSWER)


class Attempts:
    """Makes attempts on one messenger."""

    def __init__(
        self,
        deliveries: DeliveryQueue,
        messenger: Messenger,
        port: MessengerPort,
        policy: RetryPolicy,
        contents: ContentCache,
        uploads: Uploads,
    ) -> None:
        self.breaker = Breaker(deliveries, messenger, port)
        self._deliveries = deliveries
        self._messenger = messenger
        self._port = port
        self._policy = policy
        self._contents = contents
        self._uploads = uploads

    async def groups(self, claims: Sequence[Claim]) -> Sequence[Sequence[Claim]]:
        """The claims in the groups that one request each can serve, with their contents at hand."""
        claims = await self._contents.learn(claims)
        if not isinstance(self._port, BlockPort):
            return [(claim,) for claim in claims]
        groups: dict[str, list[Claim]] = {}
        for claim in claims:
            name = claim.delivery_id.broadcast_id if self._contents.same_for_all(claim) else claim.token
            groups.setdefault(name, []).append(claim)
        size = self._messenger.traits.block
        return [group[at : at + size] for group in groups.values() for at in range(0, len(group), size)]

    async def make(self, claims: Sequence[Claim]) -> Sequence[Move] | None:
        """Make one attempt for a group: the move for each claim. None = nothing was sent, make them one by one."""
        if len(claims) == 1:
            return [await self.one(claims[0])]
        try:
            answers = await self._ask_many(claims)
            if answers is None:
                return None
            moves = [self._decided(claim, answer) for claim, answer in zip(claims, answers, strict=True)]
            return await self._settled(claims, answers, moves)
        except Exception:
            # A claim without an outcome would keep its slot forever.
            log.exception("broadcast=%s a block failed", claims[0].delivery_id.broadcast_id)
            return [self._decided(claim, _UNKNOWN) for claim in claims]

    async def one(self, claim: Claim) -> Move:
        """Make one request; a second one only if the answer to the first names another address or form."""
        try:
            return await self._made(claim)
        except Exception:
            log.exception("delivery=%s the attempt failed", claim.delivery_id)
            return self._decided(claim, _UNKNOWN)

    async def _made(self, claim: Claim) -> Move:
        try:
            content = await self._content(claim)
        except UnreadableContentError:
            log.error("delivery=%s gets nothing: its content cannot be read", claim.delivery_id)
            return Unknown(Reason.UNREADABLE)
        if content is None:
            log.info("delivery=%s given back unsent: its content is not ready", claim.delivery_id)
            return _NOT_READY
        if _late(claim):
            log.warning("delivery=%s given back unsent: its claim is too old", claim.delivery_id)
            return _TOO_LATE
        answer = content if isinstance(content, Answer) else await self._ask(claim, content)
        if answer.reason is Reason.FILE and isinstance(content, Content):
            await self._uploads.forget(content, self._messenger)
        move = self._decided(claim, answer)
        # For most messages nothing has gone wrong before: this runs once for each of them.
        if isinstance(move, Sent) and self.breaker.passes():
            return move
        (move,) = await self._settled([claim], [answer], [move])
        return move

    async def _settled(
        self, claims: Sequence[Claim], answers: Sequence[Answer], moves: Sequence[Move]
    ) -> Sequence[Move]:
        """The moves for the answers to one request, the halt of the whole messenger and the breaker included."""
        for answer, move in zip(answers, moves, strict=True):
            halt = move.halt if isinstance(move, Again) else 0.0 if answer.halts else None
            if halt is not None:
                await self._halt(halt, answer)
                break
        return await self.breaker.judge(claims, answers, moves)

    async def _content(self, claim: Claim) -> Content | Answer | None:
        """The message to send. An Answer says why it cannot be made; None = not known yet."""
        try:
            content = self._contents.of(claim)
        except MissingVariable as missing:
            return Answer(outcome=Outcome.CONTENT_REFUSED, detail=f"there is no {missing.args[0]}")
        if content is None or not content.media:
            return content
        return await self._uploads.prepare(content, self._messenger)

    async def _ask(self, claim: Claim, content: Content) -> Answer:
        answer = await self._send(claim, claim.recipient.address, content)
        if answer.reason is Reason.OUTSIDE_WINDOW and not _late(claim):
            # They wrote lately, but the messenger's window is closed: nothing was delivered by this request.
            template = self._contents.template_of(claim)
            return answer if template is None else await self._send(claim, claim.recipient.address, template)
        if not answer.migrated_to:
            return answer
        log.info("delivery=%s moved to another chat", claim.delivery_id)
        try:
            if not await self._deliveries.change_address(claim, answer.migrated_to):
                return replace(answer, reason=Reason.DUPLICATE)
        except RedisError as error:
            log.warning("delivery=%s its new address could not be stored: %s", claim.delivery_id, error)
            return replace(answer, outcome=Outcome.TRANSIENT, reason=Reason.BUSY)
        if _late(claim):
            return replace(answer, outcome=Outcome.TRANSIENT, reason=Reason.BUSY)
        return await self._send(claim, answer.migrated_to, content)

    async def _send(self, claim: Claim, address: str, content: Content) -> Answer:
        self.breaker.asked()
        try:
            return await self._port.send(address, content, claim.job_id)
        except Exception:
            # The request may have left: "unknown" is the one answer that is always true.
            log.exception("delivery=%s the adapter failed", claim.delivery_id)
            return _UNKNOWN

    async def _ask_many(self, claims: Sequence[Claim]) -> Sequence[Answer] | None:
        content = await self._content(claims[0])
        if not isinstance(self._port, BlockPort) or not isinstance(content, Content) or _late(claims[0]):
            return None
        addresses = [claim.recipient.address for claim in claims]
        broadcast_id = claims[0].delivery_id.broadcast_id
        self.breaker.asked()
        try:
            return await self._port.send_many(addresses, content, f"b-{broadcast_id}")
        except Exception:
            log.exception("broadcast=%s the adapter failed with a block", broadcast_id)
            return [_UNKNOWN] * len(claims)

    def _decided(self, claim: Claim, answer: Answer) -> Move:
        move = self._policy.decide(answer, tries=claim.tries, jitter=random.random())  # noqa: S311 - spreads load
        if isinstance(move, Sent):
            log.debug("delivery=%s attempt=%s was taken", claim.delivery_id, claim.attempt)
        else:
            log.info(
                "delivery=%s attempt=%s outcome=%s reason=%s next=%s: %s",
                claim.delivery_id,
                claim.attempt,
                answer.outcome,
                answer.reason,
                type(move).__name__,
                _without(claim.recipient.address, answer.detail),
            )
        return move

    async def _halt(self, seconds: float, answer: Answer) -> None:
        reason = answer.reason or Reason.CONFIGURATION
        try:
            fresh = await self._deliveries.halt(self._messenger, seconds, reason.sentence, answer.detail)
        except RedisError as error:
            # The next answer of this kind halts it; what must not be lost is the outcome of this attempt.
            log.warning("%s could not be halted: %s", self._messenger, error)
            return
        if fresh:
            pause = f"{seconds:g} s" if seconds else "until resumed"
            log.warning("%s waits %s: %s: %s", self._messenger, pause, reason, answer.detail)


def _without(address: str, words: str) -> str:
    """A messenger's words for the log, which holds no addresses."""
    return re.sub(rf"(?<!\w){re.escape(address.lstrip('+'))}(?!\w)", HIDDEN, words)


def _late(claim: Claim) -> bool:
    return time.monotonic() - claim.claimed_at > LATEST_START_SECONDS
