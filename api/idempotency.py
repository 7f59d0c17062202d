"""Orders with an Idempotency-Key: a repeated order gets the first answer, and nothing is sent again."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable
from typing import Final

from fastapi import HTTPException

from api.line_answers import Lists, as_json
from api.orders import accept, accepted_lines
from api.schemas import SendMessageBody
from core.app import Core
from core.domain.errors import SenderError, ValidationError
from core.store.idempotency import IdempotentRequest, RequestState

LONGEST_KEY: Final = 255


async def accept_once(
    key: str, body: SendMessageBody, core: Core, warn: Callable[[str], None]
) -> AsyncIterator[bytes]:
    """Accept the order, or repeat its first answer, then without warnings. Returns the answer as JSON, in chunks.

    Raises SenderError, or HTTPException when the key is taken.
    """
    if not (key.isascii() and key.isprintable() and 0 < len(key) <= LONGEST_KEY):
        raise ValidationError([f"Idempotency-Key must be 1 to {LONGEST_KEY} printable ASCII characters."])
    found = await core.idempotency.begin(key, body.model_dump_json(), await core.ledger.reserve_id())
    match found.turn:
        case RequestState.DONE:
            return found.answer()
        case RequestState.OTHER:
            raise HTTPException(
                422, "This Idempotency-Key belongs to another order. Use a new key for every order."
            )
        case RequestState.RUNNING:
            raise HTTPException(
                409,
                "The order with this Idempotency-Key is still being processed. Repeat it in a moment.",
                headers={"Retry-After": str(max(1, math.ceil(found.wait)))},
            )
        case RequestState.ACCEPTED:
            return await _remember(found, core, await _accepted_earlier(found, core))
        case RequestState.BEGUN:
            return await _remember(found, core, await _accept(found, body, core, warn))


async def _accepted_earlier(found: IdempotentRequest, core: Core) -> Lists:
    broadcast = await core.ledger.get(found.broadcast_id)
    if broadcast is None:
        raise HTTPException(
            409, f"This order was accepted as #{found.broadcast_id} and has been deleted since."
        )
    return accepted_lines(broadcast, core)


async def _accept(
    found: IdempotentRequest, body: SendMessageBody, core: Core, warn: Callable[[str], None]
) -> Lists:
    try:
        return await accept(body, core, warn, broadcast_id=found.broadcast_id, once=found.name)
    except SenderError:
        await core.idempotency.refused(found)
        raise


async def _remember(found: IdempotentRequest, core: Core, lists: Lists) -> AsyncIterator[bytes]:
    return (await core.idempotency.answered(found, as_json(lists))).answer()
