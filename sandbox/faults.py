"""Faults on demand: which calls fail, how, and how often."""

import dataclasses
import itertools
import math
import random
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sandbox.books import Call
from sandbox.people import PROFILES, VIBER, WHATSAPP

Json = dict[str, Any]


class FaultKind(StrEnum):
    """Kinds of faults. With DROP_AFTER, INVALID_JSON and `effect` the message is delivered; with FAIL_LATER it is
    accepted, then reported as failed."""

    DELAY = "delay"
    RATE_LIMIT = "rate_limit"
    BLOCKED = "blocked"
    HTML_ERROR = "html_error"
    JSON_ERROR = "json_error"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    INVALID_JSON = "invalid_json"
    ERROR = "error"
    FAIL_LATER = "fail_later"


class FaultRefusedError(ValueError):
    """An invalid fault or limit; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault. Empty `method`, `recipient` and `text` mean any; `ms`: delay in milliseconds; `share`: part of the
    matching calls that it hits; `status`, `code`, `description` and `parameters`: the error, where there is one."""

    messenger: str
    kind: FaultKind
    method: str = ""
    recipient: str = ""
    text: str = ""
    times: int | None = None
    share: float = 1.0
    seed: int = 0
    ms: int = 0
    retry_after: int = 1
    status: int = 0
    code: int = 0
    description: str = ""
    parameters: Json = field(default_factory=dict)
    effect: bool = False

    def __post_init__(self) -> None:
        if self.messenger not in PROFILES:
            raise FaultRefusedError(f'messenger "{self.messenger}" is none of {", ".join(PROFILES)}')
        if self.kind is FaultKind.FAIL_LATER and self.messenger not in (WHATSAPP, VIBER):
            raise FaultRefusedError("only WhatsApp and Viber report failures later")
        if not 0 <= self.share <= 1:
            raise FaultRefusedError("share is a number from 0 to 1")
        if self.times is not None and self.times < 1:
            raise FaultRefusedError("times is at least 1")

    def covers(self, call: Call) -> bool:
        """True if the call is in the fault's scope."""
        return (
            self.messenger == call.messenger
            and self.method.lower() in ("", call.method.lower())
            and self.recipient in ("", call.recipient)
            and self.text in call.text
        )

    @property
    def lands(self) -> bool:
        """True if the call takes effect in spite of the fault."""
        return self.effect or self.kind in (FaultKind.DROP_AFTER, FaultKind.INVALID_JSON)


@dataclass(slots=True)
class _Active:
    fault: Fault
    dice: random.Random
    used: int = 0

    def hits(self, call: Call) -> bool:
        if not self.fault.covers(call) or self.dice.random() >= self.fault.share:
            return False
        self.used += 1
        return True

    @property
    def spent(self) -> bool:
        return self.fault.times is not None and self.used >= self.fault.times


class Faults:
    """All active faults."""

    def __init__(self) -> None:
        self._active: dict[int, _Active] = {}
        self._ids = itertools.count(1)

    def set(self, wanted: Json) -> int:
        """Add a fault from its JSON; return its id. Raises FaultRefusedError."""
        try:
            fault = Fault(**{**wanted, "kind": FaultKind(wanted.get("kind", ""))})
        except (TypeError, ValueError) as error:
            raise FaultRefusedError(str(error)) from error
        fault_id = next(self._ids)
        self._active[fault_id] = _Active(fault, random.Random(fault.seed))  # noqa: S311 - repeatable dice, no secret
        return fault_id

    def clear(self, fault_id: int | None = None) -> None:
        """Remove one fault, or all."""
        if fault_id is None:
            self._active.clear()
        else:
            self._active.pop(fault_id, None)

    def listed(self) -> list[Json]:
        """Active faults, each with its number of hits."""
        return [
            {**dataclasses.asdict(active.fault), "id": fault_id, "used": active.used}
            for fault_id, active in self._active.items()
        ]

    def take_for_one(self, call: Call) -> Fault | None:
        """The first fault, but delays, set for this recipient of a call to many."""
        for fault_id, active in list(self._active.items()):
            if not active.fault.recipient or active.fault.kind is FaultKind.DELAY or not active.hits(call):
                continue
            if active.spent:
                del self._active[fault_id]
            return active.fault
        return None

    def take(self, call: Call) -> tuple[float, Fault | None]:
        """Seconds to delay this call, and the first other fault that hits it."""
        if not self._active:
            return 0.0, None
        wait, chosen = 0.0, None
        for fault_id, active in list(self._active.items()):
            delays = active.fault.kind is FaultKind.DELAY
            if (chosen is not None and not delays) or not active.hits(call):
                continue
            if delays:
                wait += active.fault.ms / 1000
            else:
                chosen = active.fault
            if active.spent:
                del self._active[fault_id]
        return wait, chosen


@dataclass(slots=True)
class _Bucket:
    rate: float
    burst: float
    tokens: float
    filled_at: float

    def wait(self) -> float:
        """Take a token and return 0, or return the seconds until there is one."""
        now = time.monotonic()
        self.tokens = min(self.burst, self.tokens + (now - self.filled_at) * self.rate)
        self.filled_at = now
        if self.tokens >= 1:
            self.tokens -= 1
            return 0.0
        return (1 - self.tokens) / self.rate


class Limits:
    """A strict token bucket per messenger; none by default."""

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}

    def set(self, messenger: str, wanted: Json | None) -> None:
        """Set {"messages_per_second": n, "burst": n} (burst defaults to one second's worth); None removes the limit."""
        if messenger not in PROFILES:
            raise FaultRefusedError(f'messenger "{messenger}" is none of {", ".join(PROFILES)}')
        if wanted is None:
            self._buckets.pop(messenger, None)
            return
        rate = float(wanted.get("messages_per_second", 0))
        if rate <= 0:
            raise FaultRefusedError("messages_per_second is a number above 0")
        burst = max(1.0, float(wanted.get("burst", rate)))
        self._buckets[messenger] = _Bucket(rate, burst, burst, time.monotonic())

    def clear(self) -> None:
        """Remove all limits."""
        self._buckets.clear()

    def seconds_to_wait(self, call: Call) -> int:
        """0 if the call may pass, else whole seconds until it may."""
        bucket = self._buckets.get(call.messenger) if call.sends else None
        return 0 if bucket is None else math.ceil(bucket.wait())
