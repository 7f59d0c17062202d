"""Deliveries in the ledger: fed to RQ, claimed, recorded, reaped. Each step is one atomic script.

Feeding makes RQ's jobs, and claiming takes them off RQ's queue, inside the script that moves the ledger, so no crash
can fall between the two. Tests in tests/contract check the keys of RQ against RQ itself.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.domain.content.content import Content
from core.domain.delivery import DeliveryId, DeliveryState, job_id
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Again, Failed, Move, Sent, Unknown
from core.domain.messengers.traits import TRAITS, Messenger, is_open
from core.domain.recipients import FORGOTTEN, Recipient
from core.store.claim_memory import ClaimMemory, lane_seconds
from core.store.connection import WritesRefused, store_time
from core.store.health import HealthStore
from core.store.holds import HoldStore
from core.store.reachability import ReachabilityStore
from core.store.row_format import CHUNK, read_recipient
from core.store.scripts import Argument, Scripts
from core.store.serialization import read_content

log = logging.getLogger(__name__)

LEASE_SECONDS: Final = 20
_WIP_SECONDS: Final = 90
# Messengers count arrivals in any one second, which bursts and the network bring closer together: so a little less than
# the allowed rate is used.
_BURST_MS: Final = 20
_SHARE_OF_RATE: Final = 0.965
# A block request may gather a second's worth.
_BLOCK_BURST_MS: Final = 1000
_LOST: Final = -2
_LEAST_WINDOW: Final = 10
_LARGEST_WINDOW: Final = 1500
_WINDOW_SECONDS: Final = 2.0
_REFEED_AFTER_MS: Final = 30_000
_LONGEST_MESSAGE_ID: Final = 200
_CHUNKS_A_LOOK: Final = 100
_STARTS_A_STEP: Final = 100
_REAPED_A_STEP: Final = 100
_REFED_A_STEP: Final = 50
_PAUSE_SECONDS: Final = 0.25
# Outcomes are written again until the replicas have them, but not for longer than a program may take to stop.
_REPLICATION_SECONDS: Final = 20.0
_NOT_REPLICATED: Final = Again(0.0, Reason.BUSY, costs_try=False)
_REPLICAS_PAUSE_SECONDS: Final = 1.0
_to_json: Final = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to make one attempt, until the lease ends."""

    delivery_id: DeliveryId
    recipient: Recipient
    attempt: int
    tries: int
    """Attempts before this one that count against RETRY_COUNT."""
    token: str
    claimed_at: float
    """The earliest moment, by time.monotonic(), at which the lease can have begun."""
    in_window: bool = False
    """True if the recipient is in the service window, so that the content may be sent instead of its template."""
    handed_out: bool = False
    """A stock RQ worker holds the job and clears it away itself."""

    @property
    def job_id(self) -> str:
        return job_id(str(self.delivery_id), self.attempt)


@dataclass(frozen=True, slots=True)
class ClaimBatch:
    """The result of one call: claims, jobs refused as forged, and when to come again."""

    claims: tuple[Claim, ...] = ()
    refused: tuple[str, ...] = ()
    wait: float | None = None
    """Seconds until more may be taken; None = the queue is empty."""


@dataclass(frozen=True, slots=True)
class RecordedOutcome:
    """The outcome of a claim, to be written."""

    claim: Claim
    move: Move


@dataclass(slots=True)
class _Lane:
    """A name for one call at a time, under which the store numbers batches of claims: see claim.lua."""

    name: str
    had: int = 0
    had_at: int = 0
    """When the store gave its last batch; ms by the store's clock."""


def window(rate: float) -> int:
    """Most jobs of a messenger in RQ: about two seconds' worth, so that a new broadcast does not wait long."""
    return int(min(_LARGEST_WINDOW, max(_LEAST_WINDOW, rate * _WINDOW_SECONDS)))


def _lane_name() -> str:
    return secrets.token_hex(5)


def _iso_now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _outcome_fields(outcome: RecordedOutcome) -> tuple[Argument, ...]:
    """The arguments of outcomes.lua."""
    claim = outcome.claim
    traits = claim.delivery_id.messenger.traits
    queue = "" if claim.handed_out else claim.delivery_id.messenger.value
    index = 2 if traits.answers_name_message else int(not traits.echoes_reference)
    fields = claim.job_id, claim.token, queue, *_move_fields(outcome.move), index
    bill = outcome.move.bill if isinstance(outcome.move, Sent) else None
    return fields if bill is None else (*fields, bill.pack())


def _move_fields(move: Move) -> tuple[Argument, Argument, Argument, Argument]:
    """state, extra, delay ms, costs a try. `|` parts the fields of a row."""
    match move:
        case Sent(message_id):
            return DeliveryState.SENT.code, _storable(message_id), 0, 0
        case Failed(reason):
            return DeliveryState.FAILED.code, reason.value, 0, 0
        case Unknown(reason):
            return DeliveryState.UNKNOWN.code, reason.value, 0, 0
        case Again(delay, reason, costs_try):
            return DeliveryState.QUEUED.code, reason.value, round(delay * 1000), int(costs_try)


def _storable(message_id: str) -> str:
    """The message id in a form that fits a row, whatever the messenger sent."""
    return message_id.encode(errors="replace").decode()[:_LONGEST_MESSAGE_ID].replace("|", "_")


class DeliveryQueue:
    """Feeding, claiming, recording and repairing; safe in any number of processes at once."""

    def __init__(
        self,
        client: Redis,
        scripts: Scripts,
        rates: dict[Messenger, float],
        *,
        lease_seconds: float = LEASE_SECONDS,
        lane_life: float = lane_seconds(0),
        memory: ClaimMemory | None = None,
    ) -> None:
        """`rates`: messages a second for each messenger. `lane_life`: seconds. `memory`: of the latest claim."""
        self._client = client
        self._scripts = scripts
        self._rates = rates
        self._lease_ms = round(lease_seconds * 1000)
        self._lane_ms = round(lane_life * 1000)
        self._memory = memory
        self._free_lanes: defaultdict[Messenger, deque[_Lane]] = defaultdict(deque)
        self.holds = HoldStore(scripts)
        self.health = HealthStore(client, scripts)

    async def feed(self, messenger: Messenger, *, quantum: int = 20, most: int = 500) -> int:
        """Fill the messenger's RQ queue, `quantum` from each running broadcast in turn. Returns how many jobs."""
        code, rate = messenger.traits.code, self._rates[messenger]
        return int(
            await self._scripts.run("feed", code, messenger.value, window(rate), quantum, most, _iso_now())
        )

    async def now(self) -> datetime:
        """The store's clock."""
        return await store_time(self._client)

    async def next_feed(self, messenger: Messenger) -> float | None:
        """Seconds until feed() may have something to do; None = nothing waits."""
        return _seconds(await self._scripts.run("next_feed", messenger.traits.code))

    async def claim(
        self,
        messenger: Messenger,
        most: int,
        *,
        worker: str,
        jobs: Sequence[str] = (),
        outcomes: Sequence[RecordedOutcome] = (),
    ) -> ClaimBatch:
        """Claim up to `most` deliveries from the RQ queue, or those of the given `jobs`, handed out by RQ.

        Writes `outcomes` first, in the same step, as record() does. Repeats the call until the store answers, and with
        outcomes until it takes writes; however often it arrives, its claims are made once. Where the store has lost
        earlier claims of this process, everything is stopped and the admins are asked.
        """
        lanes = self._free_lanes[messenger]
        lane = lanes.popleft() if lanes else _Lane(_lane_name())
        call = self._pace(messenger) | {
            "queue": "" if jobs else messenger.value,
            "most": most,
            "lane": lane.name,
            "had": lane.had,
            "had_at": lane.had_at,
            "lane_life": self._lane_ms,
            "worker": worker,
            "iso": _iso_now(),
            "outcomes": [_outcome_fields(one) for one in outcomes],
            "jobs": jobs,
        }
        try:
            answer, replicated, asked_at = await self._answered(
                "claim", _to_json(call), insist=bool(outcomes)
            )
        except WritesRefused as error:
            log.warning("nothing could be claimed: %s", error)
            return ClaimBatch(wait=_PAUSE_SECONDS)
        finally:
            # In turn: where an earlier try did claim and its answer was lost, a later call gets the claims.
            lanes.append(lane)
        wait, refused, rows, age, now = answer
        if wait == _LOST:
            log.error(
                "the store has lost claims of this process: everything is stopped, and the admins are asked"
            )
            # New ones, so that what an admin resumes is not stopped again.
            self._free_lanes = defaultdict(deque)
            return ClaimBatch(refused=tuple(refused), wait=_PAUSE_SECONDS)
        if rows:
            self._count_batch(lane, now - age, replicated=bool(replicated))
        claims, unreadable = _read_claims(messenger, rows, asked_at - age / 1000, handed_out=bool(jobs))
        if unreadable:
            ids = ", ".join(str(claim.delivery_id) for claim in unreadable)
            log.error("recipients that cannot be read get nothing and count as unknown: %s", ids)
            await self.record([RecordedOutcome(claim, Unknown(Reason.UNREADABLE)) for claim in unreadable])
        if not replicated and (claims or outcomes):
            # After a failover now, they would be claimed once more.
            log.warning("%s claims given back unsent: too few replicas of the store have them", len(claims))
            await self.record([*outcomes, *(RecordedOutcome(claim, _NOT_REPLICATED) for claim in claims)])
            return ClaimBatch(refused=tuple(refused), wait=_REPLICAS_PAUSE_SECONDS)
        return ClaimBatch(claims=claims, refused=tuple(refused), wait=_seconds(wait))

    def _count_batch(self, lane: _Lane, given_at: int, *, replicated: bool) -> None:
        """Remember a batch of claims, given at `given_at` (ms, by the store's clock)."""
        if not replicated:
            # The next master need not have this batch.
            lane.name, lane.had = _lane_name(), 0
            return
        lane.had, lane.had_at = lane.had + 1, given_at
        if self._memory is not None:
            self._memory.keep(lane.name, lane.had, lane.had_at)

    def _pace(self, messenger: Messenger) -> dict[str, object]:
        """Arguments of claim.lua: rates and lease of a messenger."""
        traits = messenger.traits
        return {
            "code": traits.code,
            "lease": self._lease_ms,
            "rate": self._rates[messenger] * _SHARE_OF_RATE,
            "burst": _BLOCK_BURST_MS if traits.block > 1 else _BURST_MS,
            "interval": traits.recipient_interval_ms,
            "group_interval": traits.group_interval_ms,
            "wip_ttl": _WIP_SECONDS,
        }

    async def record(self, outcomes: Sequence[RecordedOutcome]) -> int:
        """Write outcomes, repeating the call until the store answers. Returns how many changed something.

        Writing an outcome again changes nothing.
        """
        fields = _to_json([_outcome_fields(one) for one in outcomes])
        recorded, replicated, began = await self._answered("record", fields)
        while not replicated and time.monotonic() - began < _REPLICATION_SECONDS:
            await asyncio.sleep(_PAUSE_SECONDS)
            more, replicated, _ = await self._answered("record", fields)
            recorded += more
        return int(recorded)

    async def _answered(self, script: str, argument: str, *, insist: bool = True) -> tuple[Any, bool, float]:
        """Run a script until the store answers. Raises WritesRefused if it takes no writes, unless `insist`.

        Returns the answer, True if enough replicas have what it wrote, and the time.monotonic() of the last call.
        """
        while True:
            asked_at = time.monotonic()
            try:
                return *await self._scripts.run_durably(script, argument), asked_at
            except RedisError as error:
                if isinstance(error, WritesRefused) and not insist:
                    raise
                log.warning("the store does not answer (%s); asking again", error)
                await asyncio.sleep(_PAUSE_SECONDS)

    async def permits(self, messenger: Messenger, most: int, broadcast_id: str) -> tuple[int, float]:
        """Take up to `most` calls about a broadcast from the shared rate. Returns how many, and seconds until more."""
        rate = self._rates[messenger] * _SHARE_OF_RATE
        arguments = (messenger.traits.code, rate, _BURST_MS, most, broadcast_id)
        granted, wait = await self._scripts.run("permits", *arguments)
        return int(granted), wait / 1000

    async def change_address(self, claim: Claim, address: str) -> bool:
        """Replace the recipient's address, in this broadcast and for later orders.

        Returns False if the broadcast has that address already: nothing more may be sent for this delivery.
        """
        return await self._change_address(claim.delivery_id, claim.recipient.address, address)

    async def follow_move(self, delivery_id: DeliveryId, old: str, new: str) -> None:
        """Replace the address of a delivery that waits; no-op for others.

        Where the new address is on the list too, the delivery fails: the person gets the message once, there.
        """
        await self._change_address(delivery_id, old, new, only_waiting=True)

    async def _change_address(
        self, delivery_id: DeliveryId, old: str, new: str, *, only_waiting: bool = False
    ) -> bool:
        twin = await self._is_on_list(delivery_id, new)
        await self._scripts.run("change_address", str(delivery_id), old, new, int(twin), int(only_waiting))
        return not twin

    async def _is_on_list(self, but: DeliveryId, address: str) -> bool:
        """True if another delivery of the broadcast has the address. Lists of sending broadcasts do not change."""
        code = but.messenger.traits.code
        list_id, size = await self._client.hmget(f"ms:b:{but.broadcast_id}", ["list", f"size:{code}"])
        for first in range(0, int(size or 0) // CHUNK + 1, _CHUNKS_A_LOOK):
            span = first, first + _CHUNKS_A_LOOK - 1
            if await self._scripts.run("on_list", str(list_id), code, *span, address, but.index):
                return True
        return False

    async def halt(self, messenger: Messenger, seconds: float, reason: str, words: str = "") -> bool:
        """Halt the whole messenger; 0 s = until an admin resumes it. Returns False if it is halted for longer.

        `words`: the messenger's own.
        """
        code, ms = messenger.traits.code, round(seconds * 1000)
        return bool(await self._scripts.run("halt", code, ms, reason, words, 0))

    async def reap(self, *, most: int = _REAPED_A_STEP) -> int:
        """Turn claims whose lease is over into unknown, `most` in a step. Returns how many."""
        queues = [part for messenger, traits in TRAITS.items() for part in (traits.code, messenger.value)]
        total, looked = 0, most
        while looked == most:
            looked, reaped = await self._scripts.run("reap", *queues, LEASE_SECONDS * 1000, most)
            total += int(reaped)
        return total

    async def refeed(self, messenger: Messenger) -> int:
        """Make jobs that RQ has lost again. Returns how many."""
        code = messenger.traits.code
        asked = (code, messenger.value, _REFEED_AFTER_MS, _REFED_A_STEP, _iso_now())
        return int(await self._scripts.run("refeed", *asked))

    async def in_window(self, messenger: Messenger, addresses: Sequence[str]) -> set[str]:
        """The addresses whose service window is open now, by the store's clock."""
        inbound = ReachabilityStore(self._client)
        wrote, now = await inbound.last_wrote(messenger, addresses), await inbound.now()
        return {address for address in addresses if is_open(messenger, wrote.get(address), now)}

    async def start(self, broadcast_ids: Sequence[str]) -> tuple[str, ...]:
        """scheduled -> sending, once and never early. Returns each one's status after; "" = no such broadcast."""
        return tuple(await self._scripts.run("start", *broadcast_ids)) if broadcast_ids else ()

    async def start_due(self) -> float | None:
        """Start all broadcasts that are due by the store's clock. Returns seconds until the next, None if none is."""
        passed, looked, upcoming = 0, _STARTS_A_STEP, -1
        while looked == _STARTS_A_STEP:
            looked, left, upcoming = await self._scripts.run("start_due", passed, _STARTS_A_STEP)
            passed += int(left)
        return _seconds(upcoming)

    async def contents_of(self, broadcast_ids: Sequence[str]) -> dict[str, Content | None]:
        """Contents of the broadcasts that exist, None for one that cannot be read.

        The content of a sending broadcast does not change.
        """
        pipe = self._client.pipeline(transaction=False)
        for broadcast_id in broadcast_ids:
            pipe.hmget(f"ms:b:{broadcast_id}", ["text", "content"])
        found = zip(broadcast_ids, await pipe.execute(), strict=True)
        return {
            broadcast_id: read_content(str(text), str(packed or ""))
            for broadcast_id, (text, packed) in found
            if text is not None
        }


def _seconds(milliseconds: int) -> float | None:
    """Seconds in an answer of a script, in which -1 is never."""
    return None if milliseconds == -1 else milliseconds / 1000


def _read_claims(
    messenger: Messenger, packed: str, claimed_at: float, *, handed_out: bool
) -> tuple[tuple[Claim, ...], tuple[Claim, ...]]:
    """The claims, and those whose recipients cannot be read."""
    claims: list[Claim] = []
    unreadable: list[Claim] = []
    for delivery_id, attempt, tries, token, address in json.loads(packed or "[]"):
        recipient = read_recipient(messenger, address)
        claim = Claim(
            delivery_id=DeliveryId.parse(delivery_id),
            recipient=recipient or Recipient(messenger=messenger, address=FORGOTTEN),
            attempt=attempt,
            tries=tries,
            token=token,
            claimed_at=claimed_at,
            handed_out=handed_out,
        )
        (unreadable if recipient is None else claims).append(claim)
    return tuple(claims), tuple(unreadable)
