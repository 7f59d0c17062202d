"""The log of who did what: one stream, `ms:audit`, cut at its older end."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Final, cast

from redis.asyncio import Redis

from core.domain.audit import Actor, AuditAction, AuditEntry, Channel, Detail
from core.store.row_format import from_ms
from core.store.scripts import Scripts

_KEY: Final = "ms:audit"
_LINES_A_TRIP: Final = 500


class AuditStore:
    """Audit log entries in the order written; the oldest go when there are more than `keep`."""

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
        packed = json.dumps(details, ensure_ascii=False)
        await self._scripts.run(
            "audit", self._keep, actor.id, actor.name, channel.value, action.value, broadcast_id, packed
        )

    async def newest_first(self) -> AsyncIterator[AuditEntry]:
        before = "+"
        while True:
            answer = await self._client.xrevrange(_KEY, max=before, count=_LINES_A_TRIP)
            found = cast("list[tuple[str, dict[str, str]]]", answer)
            for entry_id, fields in found:
                if (line := _read(entry_id, fields)) is not None:
                    yield line
            if len(found) < _LINES_A_TRIP:
                return
            before = f"({found[-1][0]}"

    async def count(self) -> int:
        return int(await self._client.xlen(_KEY))


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
