"""One claim, or a block of them, to its end: at most one request that can arrive, and the outcome in the ledger."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from redis.exceptions import RedisError

from core.domain.content.content import Content
from core.domain.content.variables import MissingVariable
from core.domain.messengers.outcome import Answer, Outcome, Reason
from core.domain.messengers.retry import Again, Move, RetryPolicy, Sent
from core.domain.messengers.traits import Messenger
from core.store.deliveries import LEASE_SECONDS, Claim, DeliveryQueue, RecordedOutcome
from workers.content_cache import ContentCache
from workers.messengers.port import BlockPort, MessengerPort
from workers.messengers.transport import TOTAL_SECONDS
from workers.outcome_writer import OutcomeWriter
from workers.uploads import Uploads

log = logging.getLogger(__name__)

# An attempt begun later than this after its claim could outlive the lease, and be called unknown while in the air.
LATEST_START_SECONDS: Final = LEASE_SECONDS - TOTAL_SECONDS - 4
_LAST_MOMENT_SECONDS: Final = 0.5
_UNREADY: Final = Again(0.0, Reason.BUSY, costs_try=False)
# As long as a file is being uploaded; asking more often would use up the rate.
_NOTHING_YET: Final = Again(1.0, Reason.BUSY, costs_try=False)
_UNKNOWN: Final = Answer(outcome=Outcome.UNKNOWN, reason=Reason.NO_ANSWER)


class Attempts:
    """Makes attempts and records what became of them."""

    def __init__(
        self,
        moves: DeliveryQueue,
        messengers: Mapping[Messenger, MessengerPort],
        policy: RetryPolicy,
        contents: ContentCache,
        recorders: Mapping[Messenger, OutcomeWriter],
        uploads: Uploads,
    ) -> None:
        self._moves = moves
        self._messengers = messengers
        self._policy = policy
        self._contents = contents
        self._recorders = recorders
        self._uploads = uploads

    async def one(self, claim: Claim, claimed_at: float) -> None:
        """One claim: one request, and a second one only where the first said how else it is to be made."""
        try:
            move = await self._made(claim, claimed_at)
        except Exception:
            log.exception("delivery=%s the attempt failed", claim.delivery_id)
            move = self._decided(claim, _UNKNOWN)
        self._record(claim, move)

    async def _made(self, claim: Claim, claimed_at: float) -> Move:
        content = await self._content(claim, claimed_at)
        if content is None:
            log.info("delivery=%s given back unsent, what it says is not ready", claim.delivery_id)
            return _NOTHING_YET
        if _late(claimed_at):
            log.warning("delivery=%s given back unsent", claim.delivery_id)
            return _UNREADY
        answer = content if isinstance(content, Answer) else await self._ask(claim, content, claimed_at)
        if answer.reason is Reason.FILE and isinstance(content, Content):
            await self._uploads.forget(content, claim.delivery_id.messenger)
        move = self._decided(claim, answer)
        if isinstance(move, Again) and move.halt is not None:
            await self._halt(claim.delivery_id.messenger, move)
        return move

    async def block(self, claims: Sequence[Claim], claimed_at: float) -> None:
        """Many claims of one broadcast with one request, or one by one where the account may not do that."""
        try:
            answers = await self._ask_many(claims, claimed_at)
            if answers is None:
                await asyncio.gather(*(self.one(claim, claimed_at) for claim in claims))
                return
            moves = [self._decided(claim, answer) for claim, answer in zip(claims, answers, strict=True)]
        except Exception:
            # A claim without an outcome would keep its slot for ever.
            log.exception("broadcast=%s a block failed", claims[0].delivery_id.broadcast_id)
            moves = [self._decided(claim, _UNKNOWN) for claim in claims]
        halting = next((move for move in moves if isinstance(move, Again) and move.halt is not None), None)
        if halting is not None:
            await self._halt(claims[0].delivery_id.messenger, halting)
        for claim, move in zip(claims, moves, strict=True):
            self._record(claim, move)

    async def _content(self, claim: Claim, claimed_at: float) -> Content | Answer | None:
        """What to send; an answer where it cannot be made, None where it is not known (yet)."""
        try:
            content = self._contents.of(claim)
        except MissingVariable as missing:
            return Answer(outcome=Outcome.CONTENT_REFUSED, detail=f"there is no {missing.args[0]}")
        if content is None or not content.media:
            return content
        until = claimed_at + LATEST_START_SECONDS - _LAST_MOMENT_SECONDS
        return await self._uploads.placed(content, claim.delivery_id.messenger, until)

    async def _ask(self, claim: Claim, content: Content, claimed_at: float) -> Answer:
        answer = await self._send(claim, claim.recipient.address, content)
        if answer.reason is Reason.OUTSIDE_WINDOW and not _late(claimed_at):
            # They wrote lately, but the messenger's window is closed: nothing was delivered by this request.
            template = self._contents.template_of(claim)
            return answer if template is None else await self._send(claim, claim.recipient.address, template)
        if not answer.migrated_to:
            return answer
        log.info("delivery=%s moved to %s", claim.delivery_id, answer.migrated_to)
        try:
            if not await self._moves.change_address(claim, answer.migrated_to):
                return replace(answer, reason=Reason.DUPLICATE)
        except RedisError as error:
            log.warning("delivery=%s its new address could not be stored: %s", claim.delivery_id, error)
            return replace(answer, outcome=Outcome.TRANSIENT, reason=Reason.BUSY)
        if _late(claimed_at):
            return replace(answer, outcome=Outcome.TRANSIENT, reason=Reason.BUSY)
        return await self._send(claim, answer.migrated_to, content)

    async def _send(self, claim: Claim, address: str, content: Content) -> Answer:
        messenger = self._messengers[claim.delivery_id.messenger]
        try:
            return await messenger.send(address, content, claim.job_id)
        except Exception:
            # Whatever went wrong in an adapter, the request may have left: the one answer that is never a lie.
            log.exception("delivery=%s the adapter failed", claim.delivery_id)
            return _UNKNOWN

    async def _ask_many(self, claims: Sequence[Claim], claimed_at: float) -> Sequence[Answer] | None:
        first = claims[0].delivery_id
        messenger, content = self._messengers[first.messenger], await self._content(claims[0], claimed_at)
        if not isinstance(messenger, BlockPort) or not isinstance(content, Content) or _late(claimed_at):
            return None
        addresses = [claim.recipient.address for claim in claims]
        try:
            return await messenger.send_many(addresses, content, f"b-{first.broadcast_id}")
        except Exception:
            log.exception("broadcast=%s the adapter failed with a block", first.broadcast_id)
            return [_UNKNOWN] * len(claims)

    def _decided(self, claim: Claim, answer: Answer) -> Move:
        move = self._policy.decide(answer, tries=claim.tries, jitter=random.random())  # noqa: S311 - spreads load
        if not isinstance(move, Sent):
            log.info(
                "delivery=%s attempt=%s outcome=%s reason=%s next=%s: %s",
                claim.delivery_id,
                claim.attempt,
                answer.outcome,
                answer.reason,
                type(move).__name__,
                answer.detail,
            )
        return move

    def _record(self, claim: Claim, move: Move) -> None:
        self._recorders[claim.delivery_id.messenger].add(RecordedOutcome(claim, move))

    async def _halt(self, messenger: Messenger, move: Again) -> None:
        seconds = move.halt or 0.0
        try:
            fresh = await self._moves.halt(messenger, seconds, move.reason.sentence)
        except RedisError as error:
            # The next answer of this kind halts it; what must not be lost is the outcome of this attempt.
            log.warning("%s could not be halted: %s", messenger, error)
            return
        if fresh:
            log.warning(
                "%s waits %s: %s", messenger, f"{seconds:g} s" if seconds else "until resumed", move.reason
            )


def _late(claimed_at: float) -> bool:
    return asyncio.get_running_loop().time() - claimed_at > LATEST_START_SECONDS
