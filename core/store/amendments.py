"""Amendments of broadcasts.

Keys: `ms:amend:<broadcast>` (hash: request, progress, results), beside it `:out` (units leased or put off -> until
when); `ms:amending` lists the running ones, in the order of their turns.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from core.domain.amendment import Amendment, AmendmentKind, AmendmentStatus
from core.domain.broadcast import RUNNING, BroadcastStatus
from core.domain.content.content import Content
from core.domain.delivery import Delivery, DeliveryId
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.store.ledger import read_deliveries
from core.store.scripts import Store
from core.store.serialization import pack_content, unpack_content
from core.store.times import from_ms, moment

UNIT: Final = 20
"""Deliveries of a unit; a chunk of rows holds a whole number of units."""
LEASE_MS: Final = 30_000
DONE: Final = "ok"


@dataclass(frozen=True, slots=True)
class Unit:
    """A few deliveries of a broadcast, leased to one worker."""

    broadcast_id: str
    kind: AmendmentKind
    messenger: Messenger
    number: int
    token: str

    @property
    def member(self) -> str:
        return f"{self.messenger.traits.code}{self.number}"


class AmendmentStore(Store):
    """Amendments of sent broadcasts, at most one at a time for each; and the units that workers lease."""

    async def get(self, broadcast_id: str) -> Amendment | None:
        """The running amendment, or else the last one."""
        fields = cast("dict[str, str]", await self._client.hgetall(f"ms:amend:{broadcast_id}"))
        return _read(broadcast_id, fields) if fields else None

    async def begin(
        self,
        broadcast_id: str,
        kind: AmendmentKind,
        *,
        by: str,
        total: int,
        before: int,
        content: Content | None,
    ) -> bool:
        """False when one is running, or the last one was not number `before` (0 = there was none)."""
        fields = {"kind": kind.value, "by": by}
        if content is not None:
            fields |= {"text": content.text, "content": pack_content(content)}
        shown = content or Content(text="")
        codes = "".join(one.traits.code for one in Messenger if kind.is_possible_on(one, shown))
        pairs = [part for pair in fields.items() for part in pair]
        done, _ = await self._scripts.run("amend", "begin", broadcast_id, before, UNIT, codes, total, *pairs)
        return bool(done)

    async def stop(self, broadcast_id: str, serial: int) -> bool:
        """False when that one is not running."""
        return bool(await self._scripts.run("amend", "stop", broadcast_id, serial))

    async def take(self, messenger: Messenger) -> Unit | None:
        """Lease the next unit; None when there is nothing to do now."""
        token = secrets.token_hex(6)
        found = await self._scripts.run("amend", "take", messenger.traits.code, LEASE_MS, token)
        if not found:
            return None
        broadcast_id, _serial, kind, number = found
        return Unit(str(broadcast_id), AmendmentKind(kind), messenger, int(number), token)

    async def any_running(self) -> bool:
        """True while any amendment runs, on whatever messenger."""
        return bool(await self._client.exists("ms:amending"))

    async def keep(self, unit: Unit) -> bool:
        """Renew the lease. False when it was lost: leave the unit alone."""
        arguments = (unit.broadcast_id, unit.member, unit.token, LEASE_MS)
        return bool(await self._scripts.run("amend", "keep", *arguments))

    async def put_off(self, unit: Unit, seconds: float) -> None:
        """Give the unit back; it can be leased again after `seconds`."""
        delay = round(seconds * 1000)
        await self._scripts.run("amend", "keep", unit.broadcast_id, unit.member, unit.token, delay, 1)

    async def finish(self, unit: Unit, results: Mapping[str, int]) -> bool:
        """Count the unit, once. `results`: numbers by DONE or a reason's value. False: another worker holds it now."""
        pairs = [part for pair in results.items() for part in pair]
        return bool(
            await self._scripts.run("amend", "done", unit.broadcast_id, unit.member, unit.token, *pairs)
        )

    async def deliveries(self, unit: Unit) -> tuple[list[Delivery], bool]:
        """The deliveries of a unit; True while their broadcast is still being sent."""
        code, first = unit.messenger.traits.code, unit.number * UNIT
        names = ["list", "status", f"size:{code}"]
        list_id, status, size = await self._client.hmget(f"ms:b:{unit.broadcast_id}", names)
        span = range(first, min(first + UNIT, int(size or 0)))
        if not span:
            return [], False
        ids = [DeliveryId(unit.broadcast_id, unit.messenger, index) for index in span]
        found = await read_deliveries(self._client, str(list_id), ids, BroadcastStatus(str(status)))
        return found, status in RUNNING


def _reasons(counts: Mapping[str, int]) -> Counter[Reason]:
    found: Counter[Reason] = Counter()
    for name, count in counts.items():
        if count:
            found[Reason(name)] += count
    return found


def _read(broadcast_id: str, fields: Mapping[str, str]) -> Amendment:
    text = fields.get("text")
    counts = {name[2:]: int(value) for name, value in fields.items() if name.startswith("n:")}
    return Amendment(
        broadcast_id=broadcast_id,
        serial=int(fields["serial"]),
        kind=AmendmentKind(fields["kind"]),
        status=AmendmentStatus(fields["status"]),
        by=fields["by"],
        asked_at=moment(fields["asked_at"]),
        ended_at=from_ms(fields.get("ended_at")),
        total=int(fields["total"]),
        done=counts.pop(DONE, 0),
        reasons=_reasons(counts),
        content=None if text is None else unpack_content(text, fields.get("content")),
    )
