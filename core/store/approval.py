"""Questions for approval: kept in the broadcast itself, decided in core/store/lua/steer.lua."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from core.domain.audit import Actor
from core.domain.broadcast import BroadcastStatus, NewBroadcast
from core.store.rows import to_ms
from core.store.scripts import Scripts

LIFE: Final = timedelta(days=1)


def question(order: NewBroadcast, now: datetime) -> dict[str, str | int]:
    """What a broadcast that waits for approval says of it. An occurrence of a series may be approved after its time."""
    until = now + LIFE
    if order.send_at is not None and order.occurrence is None:
        until = min(until, order.send_at)
    return {
        "status": BroadcastStatus.UNAPPROVED.value,
        "held": 0,
        "asks": 1,
        "asked_by": order.created_by,
        "asked_name": order.creator_name,
        "asked_at": to_ms(now),
        "asked_until": to_ms(until),
    }


class RedisDecisions:
    """The Decisions port of the approval on Redis."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    async def approve(self, broadcast_id: str, number: int, by: Actor, hold: timedelta) -> str:
        return await self._decide("approve", broadcast_id, number, by, hold)

    async def refuse(self, broadcast_id: str, number: int, by: Actor) -> str:
        return await self._decide("refuse", broadcast_id, number, by, timedelta())

    async def _decide(self, verb: str, broadcast_id: str, number: int, by: Actor, hold: timedelta) -> str:
        milliseconds = round(hold.total_seconds() * 1000)
        done, status, *why = await self._scripts.run(
            "steer", broadcast_id, verb, milliseconds, by.id, by.name, number
        )
        return "done" if done else str(why[0] if why else status)
