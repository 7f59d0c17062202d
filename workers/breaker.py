"""Stops before the damage: what is refused or unclear again and again is not tried on everybody.

Refusals that everybody of a broadcast would meet hold that messenger's part of it back. They are counted in the store,
so all workers count together, and only when there are any. Unclear answers, and none at all, make the whole messenger
wait. They are counted here: each worker finds out for itself, with a few messages in flight until an answer is clear.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from typing import Final

from redis.exceptions import RedisError

from core.domain.messengers.outcome import NO_CLEAR_ANSWERS, NOT_REACHED, Answer, Outcome, Reason
from core.domain.messengers.retry import Again, Move, Sent
from core.domain.messengers.traits import Messenger
from core.domain.translatable import sentence
from core.store.deliveries import Claim, DeliveryQueue
from workers.messengers.port import MessengerPort

log = logging.getLogger(__name__)

UNCLEAR_IN_A_ROW: Final = 5
# Or more than a tenth: each clear answer takes back so much of an unclear one.
_TAKEN_BACK: Final = 0.1
# In flight until an answer has been clear: at the start, after a rest, and after an answer that was not.
FIRST_IN_FLIGHT: Final = 3
_REST_SECONDS: Final = 15.0
# Where nothing was answered for so long, nothing more is sent: what hangs may have arrived.
SILENT_SECONDS: Final = 2.0
FIRST_PAUSE_SECONDS: Final = 10.0
_LONGEST_PAUSE_SECONDS: Final = 300.0
# The check comes a little before the end of the pause, so that the pause can be made longer.
_CHECK_SHARE: Final = 0.8
_UNLIMITED: Final = 1_000_000


class Breaker:
    """One messenger's, in one worker."""

    def __init__(self, deliveries: DeliveryQueue, messenger: Messenger, port: MessengerPort) -> None:
        self._deliveries = deliveries
        self._messenger = messenger
        self._port = port
        self._struck: set[str] = set()
        """Broadcasts with refusals since they last reached a recipient."""
        self._cautious = True
        self._unclear = 0
        self._doubt = 0.0
        """Answers to messages that may have arrived, less what clear ones have taken back."""
        self._waits = False
        self._pause = FIRST_PAUSE_SECONDS
        self._answered_at = 0.0
        self._asked_at: float | None = None
        """Time of the first request after the last answer."""
        self._watch: asyncio.Task[None] | None = None

    @property
    def most_in_flight(self) -> int:
        """Number of messages in flight at most."""
        if self._waits:
            return 1
        now = _now()
        silent = self._asked_at is not None and now - self._asked_at > SILENT_SECONDS
        if self._cautious or silent or now - self._answered_at > _REST_SECONDS:
            return FIRST_IN_FLIGHT
        return _UNLIMITED

    def close(self) -> None:
        """Watch no longer."""
        if self._watch is not None:
            self._watch.cancel()

    def asked(self) -> None:
        """Note that a request is about to be made."""
        if self._asked_at is None:
            self._asked_at = _now()

    def passes(self) -> bool:
        """Note that a message was taken. Returns True if no trouble came before it: then judge() need not be called."""
        self._answered_at, self._asked_at = _now(), None
        return not (self._cautious or self._unclear or self._doubt or self._waits or self._struck)

    async def judge(
        self, claims: Sequence[Claim], answers: Sequence[Answer], moves: Sequence[Move]
    ) -> Sequence[Move]:
        """The moves for the answers to one request, after what was answered before."""
        self._answered_at, self._asked_at = _now(), None
        if all(isinstance(move, Sent) for move in moves):
            await self._reached(claims)
            return moves
        moves = await self._judge_messenger(answers, moves)
        return await self._judge_broadcasts(claims, answers, moves)

    async def _reached(self, claims: Sequence[Claim]) -> None:
        self._cautious, self._unclear = False, 0
        self._doubt = max(0.0, self._doubt - _TAKEN_BACK * len(claims))
        if self._waits:
            await self._recovered()
        if not self._struck:
            return
        for broadcast_id in {claim.delivery_id.broadcast_id for claim in claims} & self._struck:
            self._struck.discard(broadcast_id)
            try:
                await self._deliveries.holds.clear(broadcast_id, self._messenger)
            except RedisError as error:
                log.warning("broadcast=%s its refusals could not be forgotten: %s", broadcast_id, error)

    async def _judge_messenger(self, answers: Sequence[Answer], moves: Sequence[Move]) -> Sequence[Move]:
        unclear = [answer for answer in answers if _is_unclear(answer)]
        if not unclear:
            self._unclear = 0
            if any(answer.key for answer in answers):
                self._cautious = True
            elif any(answer.outcome is Outcome.RECIPIENT_REFUSED for answer in answers):
                # A clear no about one person: the messenger works.
                self._cautious = False
            if self._waits:
                await self._recovered()
            return moves
        self._cautious = True
        self._unclear += len(unclear)
        self._doubt += sum(not _never_left(answer) for answer in unclear)
        if self._waits or max(self._unclear, self._doubt) >= UNCLEAR_IN_A_ROW:
            await self._wait(unclear[-1])
            return [
                Again(FIRST_PAUSE_SECONDS, Reason.UNREACHABLE, costs_try=False)
                if _never_left(answer)
                else move
                for answer, move in zip(answers, moves, strict=True)
            ]
        return moves

    async def _wait(self, answer: Answer) -> None:
        if self._watch is not None and not self._watch.done():
            return
        if not self._waits:
            log.warning("%s waits, its answers are unclear: %s", self._messenger, answer.detail)
        self._waits = True
        await self._halt(answer)
        self._watch = asyncio.create_task(self._check_later(answer))

    async def _halt(self, answer: Answer) -> None:
        reason = NOT_REACHED if _never_left(answer) else NO_CLEAR_ANSWERS
        fields = {"messenger": self._messenger.traits.title, "answer": answer.detail}
        complaint = (
            sentence("{messenger} can't be reached ({answer}). Sending continues when it's back.", **fields)
            if _never_left(answer)
            else sentence(
                "{messenger} gives unclear answers ({answer}). I'm testing with one message at a time.",
                **fields,
            )
        )
        try:
            await self._deliveries.halt(self._messenger, self._pause, reason, answer.detail)
        except RedisError as error:
            log.warning("%s could not be halted: %s", self._messenger, error)
        await self._deliveries.health.report_problem(self._messenger, complaint)

    async def _check_later(self, answer: Answer) -> None:
        """Make the pause longer for as long as the messenger does not pass its check; then one message tries it."""
        while True:
            await asyncio.sleep(self._pause * _CHECK_SHARE)
            self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)
            try:
                complaint = await self._port.check()
            except Exception:
                log.exception("%s could not be checked", self._messenger)
                complaint = ""
            if complaint is None:
                return
            await self._halt(answer)

    async def _recovered(self) -> None:
        self._waits, self._pause, self._doubt = False, FIRST_PAUSE_SECONDS, 0.0
        self.close()
        self._watch = None
        log.info("%s gives clear answers again", self._messenger)
        await self._deliveries.health.report_problem(self._messenger, None)

    async def _judge_broadcasts(
        self, claims: Sequence[Claim], answers: Sequence[Answer], moves: Sequence[Move]
    ) -> Sequence[Move]:
        refused = Counter(
            (claim.delivery_id.broadcast_id, answer.key)
            for claim, answer in zip(claims, answers, strict=True)
            if answer.key
        )
        if not refused:
            if any(isinstance(move, Sent) for move in moves):
                await self._reached(claims)
            return moves
        by_key = {answer.key: answer for answer in reversed(answers)}
        held = {
            (broadcast_id, key)
            for (broadcast_id, key), count in refused.items()
            if await self._strike(broadcast_id, by_key[key], count)
        }
        return [
            Again(0.0, answer.reason or Reason.CONTENT, costs_try=False)
            if (claim.delivery_id.broadcast_id, answer.key) in held
            else move
            for claim, answer, move in zip(claims, answers, moves, strict=True)
        ]

    async def _strike(self, broadcast_id: str, refusal: Answer, count: int) -> bool:
        self._struck.add(broadcast_id)
        try:
            return await self._deliveries.holds.strike(broadcast_id, self._messenger, refusal, count=count)
        except RedisError as error:
            # What must not be lost is the outcome of this attempt.
            log.warning("broadcast=%s its refusals could not be counted: %s", broadcast_id, error)
            return False


def _now() -> float:
    return asyncio.get_running_loop().time()


def _is_unclear(answer: Answer) -> bool:
    return answer.outcome is Outcome.UNKNOWN or _never_left(answer)


def _never_left(answer: Answer) -> bool:
    return answer.outcome is Outcome.TRANSIENT and answer.reason is Reason.UNREACHABLE
