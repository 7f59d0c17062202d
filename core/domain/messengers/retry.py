"""Decides when to try again: a pure function from an answer to the next move of the delivery."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.messengers.billing import Bill
from core.domain.messengers.outcome import Answer, Outcome, Reason

DEFAULT_RATE_LIMIT_PAUSE = 5.0
LONGEST_BACKOFF = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Sent:
    """Final: the messenger took it."""

    message_id: str
    bill: Bill | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """Final: not delivered."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have arrived; only a user decides to send again."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Again:
    """Back to queued, not before `delay` seconds from now."""

    delay: float
    reason: Reason
    costs_try: bool
    halt: float | None = None
    """Seconds for which the whole messenger waits; 0 = until an admin resumes it."""


Move = Sent | Failed | Unknown | Again


@dataclass(frozen=True, kw_only=True, slots=True)
class RetryPolicy:
    """`retry_count`: tries after the first. `retry_interval`: seconds before the second, doubled each time."""

    retry_count: int
    retry_interval: float

    def decide(self, answer: Answer, *, tries: int, jitter: float) -> Move:
        """The move for a delivery that has spent `tries` tries before this one; `jitter` is in [0, 1)."""
        match answer.outcome:
            case Outcome.SENT:
                return Sent(answer.message_id, answer.bill)
            case Outcome.RECIPIENT_REFUSED:
                return Failed(answer.reason or Reason.NOT_FOUND)
            case Outcome.CONTENT_REFUSED:
                return Failed(answer.reason or Reason.CONTENT)
            case Outcome.UNKNOWN:
                return Unknown(answer.reason or Reason.NO_ANSWER)
            case Outcome.CONFIGURATION:
                return Again(0.0, answer.reason or Reason.CONFIGURATION, costs_try=False, halt=0.0)
            case Outcome.RATE_LIMITED:
                pause = DEFAULT_RATE_LIMIT_PAUSE if answer.retry_after is None else answer.retry_after
                reason = answer.reason or Reason.TOO_FAST
                if not answer.whole_messenger:
                    return Again(pause, reason, costs_try=False)
                # All of them wait, so this one needs no long wait of its own: it goes out with the others when an
                # admin resumes the messenger.
                return Again(min(pause, DEFAULT_RATE_LIMIT_PAUSE), reason, costs_try=False, halt=pause)
            case Outcome.TRANSIENT:
                return self._back_off(answer, tries, jitter)

    def _back_off(self, answer: Answer, tries: int, jitter: float) -> Move:
        reason = answer.reason or Reason.BUSY
        allowed = (
            self.retry_count if answer.max_tries is None else min(self.retry_count, answer.max_tries - 1)
        )
        # What never left this machine says nothing about this person: nobody fails for it, however few tries there are.
        costs_try = reason is not Reason.UNREACHABLE
        if costs_try and tries >= allowed:
            return Failed(reason)
        delay = min(LONGEST_BACKOFF, self.retry_interval * 2.0**tries)
        if answer.retry_after is not None:
            delay = max(delay, answer.retry_after)
        # Up to a fifth more, so that a thousand deliveries that failed together do not come back together.
        return Again(delay * (1 + jitter / 5), reason, costs_try)
