"""The log of who did what: a stream of important entries and one of all others, each cut at its older end.

Other entries, however many, never push out an important one. Earlier versions wrote all of them into the first stream.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Final, cast

from redis.asyncio import Redis

from core.domain.audit import Actor, AuditAction, AuditEntry, Channel, Detail, is_important
from core.store.scripts import Scripts
from core.store.times import from_ms

_IMPORTANT: Final = "ms:audit"
_OTHERS: Final = "ms:audit_others"
_LINES_A_TRIP: Final = 500


class AuditStore:
    """Audit log entries in the order written; of each stream the oldest go when there are more than `keep`."""

    def __init__(self, client: Redis, scripts: Scripts, keep: int) -> None:
        self._client = client
        self._scripts = scripts
        self._keep = keep

    async def append(
        self,
        actor: Actor,
        channel: Channel,
        action: AuditAction,
        broadcast_id: str,
        details: dict[str, Detail],
    ) -> None:
        stream = _IMPORTANT if is_important(action, details) else _OTHERS
        packed = json.dumps(details, ensure_ascii=False)
        await self._scripts.run(
            "audit",
            self._keep,
            actor.id,
            actor.name,
            channel.value,
            action.value,
            broadcast_id,
            packed,
            keys=[stream],
        )

    async def newest_first(self) -> AsyncIterator[AuditEntry]:
        streams = [self._lines(_IMPORTANT), self._lines(_OTHERS)]
        heads = [await anext(stream, None) for stream in streams]
        while waiting := [(head, number) for number, head in enumerate(heads) if head is not None]:
            (entry_id, fields), number = max(waiting, key=lambda one: _order(one[0][0]))
            if (line := _read(entry_id, fields)) is not None:
                yield line
            heads[number] = await anext(streams[number], None)

    async def _lines(self, stream: str) -> AsyncIterator[tuple[str, dict[str, str]]]:
        before = "+"
        while True:
            answer = await self._client.xrevrange(stream, max=before, count=_LINES_A_TRIP)
            found = cast("list[tuple[str, dict[str, str]]]", answer)
            for one in found:
                yield one
            if len(found) < _LINES_A_TRIP:
                return
            before = f"({found[-1][0]}"

    async def count(self) -> int:
        return int(await self._client.xlen(_IMPORTANT)) + int(await self._client.xlen(_OTHERS))


def _order(entry_id: str) -> tuple[int, int]:
    """Milliseconds and number of an entry: "1700000000000-0"."""
    milliseconds, _, number = entry_id.partition("-")
    return int(milliseconds), int(number)


def _read(entry_id: str, fields: Mapping[str, str]) -> AuditEntry | None:
    """None for an action that only another version of the program knows."""
    at = from_ms(entry_id.partition("-")[0])
    try:
        action, channel = AuditAction(fields["deed"]), Channel(fields["door"])
    except ValueError:
        return None
    if at is None:
        return None
    return AuditEntry(
        at=at,
        actor=Actor(fields["by"], fields["name"]),
        channel=channel,
        action=action,
        broadcast_id=fields["bid"],
        details=json.loads(fields["details"]),
    )
