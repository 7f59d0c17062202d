"""What the admins must hear of by themselves: told once when it begins, and once when it is over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from core.ports import Noticeboard
from core.services.status import Status

MEMORY_SHARE: Final = 0.7
LONG_HALT: Final = timedelta(seconds=60)
LOOKS_BEFORE_ALARM: Final = 3


@dataclass(frozen=True, slots=True)
class Alert:
    """`over`: it has ended, and `text` says so."""

    text: str
    over: bool


def troubles(status: Status, *, now: datetime) -> dict[str, str]:
    """What is wrong now: a name for each cause, and its sentence."""
    found: dict[str, str] = {}
    waiting = sum(one.waiting for one in status.messengers.values())
    if waiting and status.workers == 0:
        found["workers"] = (
            f"No worker has been heard of for 30 s, and {waiting:,} messages wait. Nothing is lost; sending goes on "
            "when a worker starts."
        )
    if status.scheduled and status.schedulers == 0:
        found["scheduler"] = (
            "The scheduler has not been heard of for 30 s. The workers start what is due until it is back."
        )
    if status.memory_limit and status.memory_used > MEMORY_SHARE * status.memory_limit:
        share = round(100 * status.memory_used / status.memory_limit)
        found["memory"] = (
            f"The store has used {share} % of its memory. Clear away with /purge or give it more (maxmemory): "
            "when it is full, nothing new can be accepted or sent."
        )
    for messenger, one in status.messengers.items():
        if one.halted and (one.halted_until is None or one.halted_until - now > LONG_HALT):
            until = "until somebody resumes it in /status" if one.halted_until is None else "for a while"
            found[f"halt {messenger}"] = (
                f"{messenger.traits.title} has stopped {until}: {one.halt_reason}. What waits keeps waiting."
            )
    if len(status.versions) > 1:
        found["versions"] = (
            f"Programs of different versions share one store: {', '.join(status.versions)}. Start all from one."
        )
    return found


_OVER: Final[Mapping[str, str]] = {
    "workers": "A worker is back; sending goes on.",
    "scheduler": "The scheduler is back.",
    "memory": "The store has room again.",
    "versions": "All programs are of one version again.",
}


def _over(name: str) -> str:
    return _OVER.get(name) or f"{name.removeprefix('halt ').capitalize()} goes on."


class Alarm:
    """Compares what is wrong with what was told before; the memory of it lives in the store."""

    def __init__(self, board: Noticeboard) -> None:
        self._board = board
        self._looks: dict[str, int] = {}

    async def look(self, status: Status) -> list[Alert]:
        """What is to be told now. Something new must be seen a few times in a row, so that a restart rings no bell."""
        wrong = troubles(status, now=datetime.now(UTC))
        told = json.loads(await self._board.read() or "[]")
        self._looks = {name: self._looks.get(name, 0) + 1 for name in wrong}
        fresh = [name for name in wrong if name not in told and self._looks[name] >= LOOKS_BEFORE_ALARM]
        gone = [name for name in told if name not in wrong]
        if fresh or gone:
            await self._board.write(json.dumps([*(name for name in told if name in wrong), *fresh]))
        over = [Alert(_over(name), over=True) for name in gone]
        return [*(Alert(wrong[name], over=False) for name in fresh), *over]
