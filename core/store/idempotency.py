"""Orders with an idempotency key: a repeated request never sends again."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.store.scripts import Scripts

LIFE_SECONDS: Final = 86_400
LEASE_SECONDS: Final = 15


class RequestState(StrEnum):
    BEGUN = "begun"
    """New: carry it out under the given broadcast id."""
    ACCEPTED = "accepted"
    """An earlier try was accepted under the given broadcast id, and cut off before its answer."""
    RUNNING = "running"
    """Another try is in progress."""
    DONE = "done"
    OTHER = "other"
    """The key belongs to a different order."""


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """An order under its key. `name`: hash of the key; `broadcast_id`: of an order to carry out."""

    turn: RequestState
    name: str
    broadcast_id: str = ""
    answer: str = ""
    wait: float = 0.0
    """Seconds until a try in progress counts as cut off."""


class IdempotencyStore:
    """Keys, kept for a day with the answer of their order."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    async def begin(self, key: str, content: str, fresh_id: str) -> IdempotentRequest:
        """`content`: the whole order; `fresh_id`: the broadcast id to use if it is new."""
        name = _digest(key)
        turn, value = await self._scripts.run(
            "once",
            "begin",
            name,
            _digest(content),
            fresh_id,
            secrets.token_hex(8),
            LEASE_SECONDS * 1000,
            LIFE_SECONDS * 1000,
        )
        match RequestState(turn):
            case RequestState.DONE:
                return IdempotentRequest(
                    RequestState.DONE, name, answer=await asyncio.to_thread(_unpacked, value)
                )
            case RequestState.RUNNING:
                return IdempotentRequest(RequestState.RUNNING, name, wait=int(value) / 1000)
            case other:
                return IdempotentRequest(other, name, broadcast_id=value)

    async def answered(self, once: IdempotentRequest, answer: str) -> None:
        await self._scripts.run(
            "once", "finish", once.name, once.broadcast_id, await asyncio.to_thread(_packed, answer)
        )

    async def refused(self, once: IdempotentRequest) -> None:
        """Free the key: nothing was done, and it may be used for another order."""
        await self._scripts.run("once", "finish", once.name, once.broadcast_id, "")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _packed(text: str) -> str:
    return base64.b85encode(zlib.compress(text.encode(errors="surrogatepass"))).decode()


def _unpacked(packed: str) -> str:
    return zlib.decompress(base64.b85decode(packed)).decode(errors="surrogatepass")
