"""Webhook bodies of messengers: accepted at once, applied to the ledger a little later, in batches.

A body stays in the inbox until all of it is in the ledger. Applying is idempotent, so a crash in between, or two
workers at once, do no harm.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from redis.asyncio import Redis

from core.domain.delivery import DeliveryState
from core.domain.inbound import InboundMessage
from core.domain.messengers.account_status import AccountEvent, AccountTrouble
from core.domain.messengers.events import (
    AddressChange,
    OptIn,
    OptOut,
    Receipt,
    Report,
    Unreadable,
)
from core.domain.messengers.outcome import Answer, Outcome, Reason
from core.domain.messengers.traits import Messenger
from core.store.account_status import AccountStatusStore
from core.store.holds import HoldStore
from core.store.inbound import InboundStore
from core.store.portions import portions
from core.store.scripts import Argument, Scripts, Store
from core.store.serialization import unpack_content
from core.store.times import to_ms

log = logging.getLogger(__name__)

MOST_WAITING_BYTES: Final = 128 * 1024 * 1024
_LEASE_MS: Final = 5000
_MOST_BODIES: Final = 500
_MOST_BYTES: Final = 1024 * 1024
_REPORTS_A_TRIP: Final = 200
_REFERENCE: Final = re.compile(r"d-([A-Z0-9]{3,12})-")
"""Our own id of an attempt, which begins with the broadcast's."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The oldest bodies of a messenger's inbox; they stay there until done()."""

    messenger: Messenger
    bodies: tuple[str, ...]
    head: int
    token: str


def _arguments(report: OptIn | OptOut | Receipt | InboundMessage | AddressChange) -> list[Argument]:
    """kind, reference, message id, state, reason, at, address, bill: as receipts.lua takes them."""
    match report:
        case Receipt():
            state, reason = report.state.code, report.reason.value if report.reason else ""
            found_by = [report.reference, report.message_id.replace("|", "_")]
            kind = "all" if report.all_earlier else "r"
            bill = report.bill.pack() if report.bill else ""
            return [kind, *found_by, state, reason, to_ms(report.at), report.address, bill]
        case OptOut():
            return ["out", "", "", "", report.reason.value, to_ms(report.at), report.address, ""]
        case OptIn():
            return ["asked" if report.asked else "in", "", "", "", "", to_ms(report.at), report.address, ""]
        case AddressChange():
            return ["moved", "", report.new_address, "", "", to_ms(report.at), report.address, ""]
        case InboundMessage():
            return ["wrote", "", "", "", "", to_ms(report.at), report.address, ""]


class ReceiptInboxStore(Store):
    """Webhook bodies, and counters of bad ones. Safe for concurrent use by any number of processes."""

    def __init__(self, client: Redis, scripts: Scripts) -> None:
        super().__init__(client, scripts)
        self._account_status = AccountStatusStore(client, scripts)
        self._holds = HoldStore(scripts)
        self._inbound = InboundStore(client, scripts)

    async def put(self, messenger: Messenger, bodies: Sequence[str]) -> bool:
        """Durable on return; False when the inbox is full."""
        code = messenger.traits.code
        return bool(await self._scripts.run("inbox", "put", code, MOST_WAITING_BYTES, *bodies))

    async def take(self, messenger: Messenger) -> Taken | None:
        """Lease the oldest bodies, about a megabyte; None when there are none, or another worker has the lease."""
        token, code = secrets.token_hex(6), messenger.traits.code
        asked = (code, token, _LEASE_MS, _MOST_BODIES, _MOST_BYTES)
        head, bodies = await self._scripts.run("inbox", "take", *asked)
        return Taken(messenger, tuple(bodies), int(head), token) if bodies else None

    async def apply(self, messenger: Messenger, reports: Sequence[Report]) -> None:
        """Apply receipts, opt-outs, opt-ins, messages of people and account news. Idempotent."""
        code = messenger.traits.code
        written = [one for one in reports if isinstance(one, InboundMessage)]
        moves = [
            one
            for one in reports
            if not isinstance(one, Unreadable | AccountEvent | AccountTrouble)
            and (messenger.traits.window_hours or not isinstance(one, InboundMessage))
        ]
        for some in portions(moves, _REPORTS_A_TRIP):
            await self._scripts.run("receipts", code, *(part for one in some for part in _arguments(one)))
        await self._inbound.put(messenger, written)
        await self._count_refusals(messenger, [one for one in moves if isinstance(one, Receipt)])
        for one in reports:
            if isinstance(one, AccountTrouble) and await self._account_status.halt(messenger, one):
                log.warning("%s waits until resumed: %s: %s", messenger, one.reason, one.words)
            if isinstance(one, AccountEvent) and await self._account_status.note(messenger, one):
                log.warning("%s says of the %s %s: %s", messenger, one.subject, one.name, one.issue or "well")
                if one.reaches_nobody:
                    await self._hold_template(messenger, one)
        if unreadable := sum(isinstance(one, Unreadable) for one in reports):
            await self.note(messenger, "malformed", unreadable)

    async def _count_refusals(self, messenger: Messenger, receipts: Sequence[Receipt]) -> None:
        """Refusals that come later hold a part of a broadcast back as those that come at once do."""
        told: defaultdict[str, list[Receipt]] = defaultdict(list)
        for one in receipts:
            counts = one.key or one.state is DeliveryState.SENT
            if counts and (match := _REFERENCE.match(one.reference)) is not None:
                told[match[1]].append(one)
        for broadcast_id, found in told.items():
            await self._holds.told(broadcast_id, messenger, found)

    async def _hold_template(self, messenger: Messenger, event: AccountEvent) -> None:
        """Hold broadcasts with a template that the messenger has withdrawn."""
        refusal = Answer(
            outcome=Outcome.CONTENT_REFUSED,
            reason=Reason.TEMPLATE,
            detail=f"{event.name}: {event.issue}",
            key=str(event.issue),
            for_all=True,
        )
        for broadcast_id in map(str, await self._client.zrange("ms:i:running", 0, -1)):
            text, packed = await self._client.hmget(f"ms:b:{broadcast_id}", ["text", "content"])
            template = unpack_content(str(text or ""), str(packed or "")).template
            if template is None or event.name not in (template.name, f"{template.name} {template.language}"):
                continue
            await self._holds.strike(broadcast_id, messenger, refusal, in_the_air=0)

    async def done(self, taken: Taken) -> None:
        """Remove applied bodies; a no-op when another worker has removed them."""
        code = taken.messenger.traits.code
        await self._scripts.run("inbox", "done", code, taken.token, taken.head, len(taken.bodies))

    async def note(self, messenger: Messenger, what: str, count: int = 1) -> None:
        """Count "refused" or "malformed" calls."""
        await self._scripts.run("inbox", "count", messenger.traits.code, what, count)


MOST_AT_ONCE: Final = 500


class ReceiptBatcher:
    """Batches bodies: while one batch is written, the next one gathers."""

    def __init__(self, inbox: ReceiptInboxStore) -> None:
        self._inbox = inbox
        self._waiting: dict[Messenger, list[tuple[str, asyncio.Future[bool]]]] = {}
        self._writers: dict[Messenger, asyncio.Task[None]] = {}

    async def put(self, messenger: Messenger, body: str) -> bool:
        """Durable on return; False when the inbox is full. Raises redis.RedisError."""
        taken: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(messenger, []).append((body, taken))
        if messenger not in self._writers:
            self._writers[messenger] = asyncio.create_task(self._write(messenger))
        return await taken

    async def _write(self, messenger: Messenger) -> None:
        # Bodies of this turn of the event loop join the first batch.
        await asyncio.sleep(0)
        while waiting := self._waiting.pop(messenger, []):
            batch, rest = waiting[:MOST_AT_ONCE], waiting[MOST_AT_ONCE:]
            if rest:
                self._waiting[messenger] = rest
            try:
                stored = await self._inbox.put(messenger, [body for body, _ in batch])
            except Exception as error:  # noqa: BLE001  # every caller must get it, whatever it is
                _tell(batch, error)
            else:
                _tell(batch, stored)
        del self._writers[messenger]


def _tell(batch: list[tuple[str, asyncio.Future[bool]]], result: bool | Exception) -> None:
    for _, taken in batch:
        if taken.done():  # the call was broken off
            continue
        if isinstance(result, Exception):
            taken.set_exception(result)
        else:
            taken.set_result(result)
