"""Orders with an idempotency key: a repeated request never sends again."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from core.store.scripts import Scripts

LIFE_SECONDS: Final = 86_400
LEASE_SECONDS: Final = 15
_CHUNK: Final = 64 * 1024


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
    packed: str = ""
    """The answer, as the store keeps it."""
    wait: float = 0.0
    """Seconds until a try in progress counts as cut off."""

    async def answer(self) -> AsyncIterator[bytes]:
        """The answer in chunks."""
        unpacker, rest = zlib.decompressobj(), base64.b85decode(self.packed)
        while rest or not unpacker.eof:
            chunk = await asyncio.to_thread(unpacker.decompress, rest, _CHUNK)
            rest = unpacker.unconsumed_tail
            if chunk:
                yield chunk
            elif not rest:
                return


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
                return IdempotentRequest(RequestState.DONE, name, packed=value)
            case RequestState.RUNNING:
                return IdempotentRequest(RequestState.RUNNING, name, wait=int(value) / 1000)
            case other:
                return IdempotentRequest(other, name, broadcast_id=value)

    async def answered(self, once: IdempotentRequest, chunks: AsyncIterator[bytes]) -> IdempotentRequest:
        """Keep the answer, and return the request with it."""
        packer, packed = zlib.compressobj(), bytearray()
        async for chunk in chunks:
            packed += await asyncio.to_thread(packer.compress, chunk)
        text = base64.b85encode(packed + packer.flush()).decode()
        await self._scripts.run("once", "finish", once.name, once.broadcast_id, text)
        return replace(once, packed=text)

    async def refused(self, once: IdempotentRequest) -> None:
        """Free the key: nothing was done, and it may be used for another order."""
        await self._scripts.run("once", "finish", once.name, once.broadcast_id, "")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
