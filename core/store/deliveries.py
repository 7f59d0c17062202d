"""The moves of deliveries through the ledger: fed to RQ, claimed, recorded, reaped. Each is one atomic script.

Feeding makes RQ's jobs and claiming takes them off RQ's queue inside the same script that moves the ledger, so no
crash can fall between the two. The keys of RQ that they touch are pinned by tests/contract against RQ itself.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from redis.asyncio import Redis

from core.domain.content.content import Content
from core.domain.delivery import DeliveryId, DeliveryState, job_id
from core.domain.messengers.retry import Again, Failed, Move, Sent, Unknown
from core.domain.messengers.traits import TRAITS, Messenger
from core.domain.recipients import Recipient
from core.store.connection import STORE_ERRORS
from core.store.reachability import InboundMessageStore
from core.store.row_format import CHUNK, unpack_address
from core.store.scripts import Argument, Scripts
from core.store.serialization import unpack_content

LEASE_SECONDS: Final = 20
_WIP_SECONDS: Final = 90
# Messengers count what arrives in any one second. What gathers in a burst, and what the network brings closer
# together, must fit in it too: so a little less than the allowed rate is used.
_BURST_MS: Final = 20
_SHARE_OF_RATE: Final = 0.965
# Where one request reaches many, a second's worth may gather for it.
_BLOCK_BURST_MS: Final = 1000
_LEAST_WINDOW: Final = 10
_LARGEST_WINDOW: Final = 1500
_WINDOW_SECONDS: Final = 2.0
_REFEED_AFTER_MS: Final = 30_000
_LONGEST_MESSAGE_ID: Final = 200
_CHUNKS_A_LOOK: Final = 100
_STARTS_A_STEP: Final = 100
_to_json: Final = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to make one attempt, until the lease is over."""

    delivery_id: DeliveryId
    recipient: Recipient
    attempt: int
    tries: int
    """Attempts before this one that count against RETRY_COUNT."""
    token: str
    in_window: bool = False
    """Whether the person wrote so lately that the content may go out in place of its template."""
    handed_out: bool = False
    """A stock RQ worker holds the job, and clears it away itself."""

    @property
    def job_id(self) -> str:
        return job_id(str(self.delivery_id), self.attempt)


@dataclass(frozen=True, slots=True)
class ClaimBatch:
    """What one call took: claims, jobs that were refused as forged, and when to come again."""

    claims: tuple[Claim, ...] = ()
    refused: tuple[str, ...] = ()
    wait: float | None = None
    """Seconds until more may be taken; None = the queue is empty."""
    recorded: bool = True
    """False where nobody knows whether the outcomes that went along were written: write them again."""


@dataclass(frozen=True, slots=True)
class RecordedOutcome:
    """One outcome to be written: what the holder of `claim` decided."""

    claim: Claim
    move: Move


def window(rate: float) -> int:
    """How many jobs of a messenger may stand in RQ: about two seconds' worth, so that nobody new waits long."""
    return int(min(_LARGEST_WINDOW, max(_LEAST_WINDOW, rate * _WINDOW_SECONDS)))


def _iso_now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _packed(outcomes: Sequence[RecordedOutcome]) -> str:
    """As outcomes.lua takes them: one text is cheaper to hand over than eight arguments for each."""
    return _to_json([_outcome_fields(outcome.claim, outcome.move) for outcome in outcomes])


def _outcome_fields(claim: Claim, move: Move) -> tuple[Argument, ...]:
    traits = claim.delivery_id.messenger.traits
    queue = "" if claim.handed_out else claim.delivery_id.messenger.value
    return claim.job_id, claim.token, queue, *_move_fields(move), int(not traits.echoes_reference)


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
    """The messenger may call its message what it likes; whatever it is, the outcome must be written."""
    return message_id.encode(errors="replace").decode()[:_LONGEST_MESSAGE_ID].replace("|", "_")


class DeliveryQueue:
    """Feeding, claiming, recording, repairing; safe to call from any number of processes at once."""

    def __init__(
        self,
        client: Redis,
        once: Redis,
        scripts: Scripts,
        rates: dict[Messenger, float],
        *,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        """`once`: a client that does not repeat commands; `rates`: messages a second for each messenger."""
        self._client = client
        self._once = once
        self._scripts = scripts
        self._rates = rates
        self._lease_ms = round(lease_seconds * 1000)

    async def feed(self, messenger: Messenger, *, quantum: int = 20, most: int = 500) -> int:
        """Tops the messenger's RQ queue up, `quantum` from each running broadcast in turn. Returns how many."""
        code, rate = messenger.traits.code, self._rates[messenger]
        return int(
            await self._scripts.run("feed", code, messenger.value, window(rate), quantum, most, _iso_now())
        )

    async def claim(
        self,
        messenger: Messenger,
        most: int,
        *,
        worker: str,
        jobs: Sequence[str] = (),
        outcomes: Sequence[RecordedOutcome] = (),
    ) -> ClaimBatch:
        """Claims up to `most` deliveries off the RQ queue, or those of the given `jobs` that RQ has handed out.

        Before that and in the same step it writes `outcomes`, as record() does.
        """
        traits, base = messenger.traits, secrets.token_hex(5)
        arguments: list[Argument] = [
            traits.code,
            "" if jobs else messenger.value,
            most,
            self._lease_ms,
            base,
        ]
        burst = _BLOCK_BURST_MS if traits.block > 1 else _BURST_MS
        arguments += [self._rates[messenger] * _SHARE_OF_RATE, burst]
        arguments += [traits.recipient_interval_ms, traits.group_interval_ms]
        arguments += [worker, _iso_now(), _WIP_SECONDS, _packed(outcomes) if outcomes else "", *jobs]
        recorded = True
        try:
            wait, refused, rows = await self._scripts.run("claim", *arguments, client=self._once)
        except STORE_ERRORS:
            # The answer is lost, the claims may stand: ask for them by their token, else they end as unknown.
            wait, refused, rows, recorded = 0, [], await self._scripts.run("recall", base), False
        return ClaimBatch(
            claims=tuple(_read_claim(messenger, row, handed_out=bool(jobs)) for row in rows),
            refused=tuple(refused),
            wait=None if wait == -1 else wait / 1000,
            recorded=recorded,
        )

    async def record(self, outcomes: Sequence[RecordedOutcome]) -> int:
        """Writes outcomes; returns how many counted. Repeating a call changes nothing."""
        return int(await self._scripts.run("record", _packed(outcomes)))

    async def permits(self, messenger: Messenger, most: int, broadcast_id: str) -> tuple[int, float]:
        """For calls about a broadcast that send nothing new, out of the same shared rate.

        How many now, and seconds until more.
        """
        rate = self._rates[messenger] * _SHARE_OF_RATE
        arguments = (messenger.traits.code, rate, _BURST_MS, most, broadcast_id)
        granted, wait = await self._scripts.run("permits", *arguments)
        return int(granted), wait / 1000

    async def change_address(self, claim: Claim, address: str) -> bool:
        """The recipient has moved to `address`: the row says so from now on, and so do later orders.

        False when that address is on the broadcast's list by itself: nothing may be sent for this delivery any more.
        """
        twin = await self._is_on_list(claim.delivery_id, address)
        here = str(claim.delivery_id), claim.recipient.address
        await self._scripts.run("readdress", *here, address, int(twin))
        return not twin

    async def _is_on_list(self, but: DeliveryId, address: str) -> bool:
        """Whether another delivery of the broadcast goes there. No list changes once its broadcast is sending."""
        code = but.messenger.traits.code
        list_id, size = await self._client.hmget(f"ms:b:{but.broadcast_id}", ["list", f"size:{code}"])
        for first in range(0, int(size or 0) // CHUNK + 1, _CHUNKS_A_LOOK):
            span = first, first + _CHUNKS_A_LOOK - 1
            if await self._scripts.run("on_list", str(list_id), code, *span, address, but.index):
                return True
        return False

    async def halt(self, messenger: Messenger, seconds: float, reason: str) -> bool:
        """Makes the whole messenger wait; 0 s = until an admin resumes it. False when a longer halt stands."""
        code, ms = messenger.traits.code, round(seconds * 1000)
        return bool(await self._scripts.run("halt", code, ms, reason))

    async def reap(self, *, most: int = 500) -> int:
        """Claims whose lease is over become unknown. Returns how many."""
        queues = [part for messenger, traits in TRAITS.items() for part in (traits.code, messenger.value)]
        return int(await self._scripts.run("reap", *queues, LEASE_SECONDS * 1000, most))

    async def refeed(self, messenger: Messenger, *, most: int = 50) -> int:
        """Makes again the jobs that RQ has lost. Returns how many."""
        code = messenger.traits.code
        return int(
            await self._scripts.run("refeed", code, messenger.value, _REFEED_AFTER_MS, most, _iso_now())
        )

    async def last_wrote(self, messenger: Messenger, addresses: Sequence[str]) -> Mapping[str, datetime]:
        """As InboundMessageStore.last_wrote()."""
        return await InboundMessageStore(self._client).last_wrote(messenger, addresses)

    async def start(self, broadcast_ids: Sequence[str]) -> tuple[str, ...]:
        """scheduled -> sending, once and never early. Returns each one's status after; "" = no such broadcast."""
        return tuple(await self._scripts.run("start", 0, *broadcast_ids)) if broadcast_ids else ()

    async def start_due(self) -> None:
        """Starts all broadcasts whose time has come by the store's clock, some in each step."""
        passed, looked = 0, _STARTS_A_STEP
        while looked == _STARTS_A_STEP:
            looked, left = await self._scripts.run("start_due", passed, _STARTS_A_STEP)
            passed += int(left)

    async def contents_of(self, broadcast_ids: Sequence[str]) -> dict[str, Content]:
        """The contents of those that are there. A content no longer changes once its broadcast is sending."""
        pipe = self._client.pipeline(transaction=False)
        for broadcast_id in broadcast_ids:
            pipe.hmget(f"ms:b:{broadcast_id}", ["text", "content"])
        found = zip(broadcast_ids, await pipe.execute(), strict=True)
        return {
            broadcast_id: unpack_content(str(text), str(packed or ""))
            for broadcast_id, (text, packed) in found
            if text is not None
        }


def _read_claim(messenger: Messenger, row: Sequence[str], *, handed_out: bool) -> Claim:
    delivery_id, attempt, tries, token, address = row
    return Claim(
        delivery_id=DeliveryId.parse(delivery_id),
        recipient=unpack_address(messenger, address),
        attempt=int(attempt),
        tries=int(tries),
        token=token,
        handed_out=handed_out,
    )
