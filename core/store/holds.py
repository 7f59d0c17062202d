"""Parts of broadcasts on hold for an admin's decision: core/store/lua/hold.lua."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.domain.messengers.events import Receipt
from core.domain.messengers.outcome import Answer, Reason
from core.domain.messengers.traits import Messenger
from core.store.scripts import Scripts
from core.store.times import to_ms

EQUAL_REFUSALS: Final = 5
_LONGEST_WORDS: Final = 200


class HoldStore:
    """`hold:<m>`, `out:<m>` of a broadcast, and `ms:strikes:<broadcast>:<m>` with its `:seen`."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    async def strike(
        self,
        broadcast_id: str,
        messenger: Messenger,
        refusal: Answer,
        *,
        count: int = 1,
        in_the_air: int | None = None,
    ) -> bool:
        """Count `count` equal refusals; True when that part of the broadcast is held back, now or already.

        `in_the_air`: how many of them the ledger still counts as sending; None: all.
        """
        here = count if in_the_air is None else in_the_air
        reason, words = (refusal.reason or Reason.CONTENT).value, _storable(refusal.detail)
        arguments = (refusal.key, count, reason, words, _most(for_all=refusal.for_all), here)
        return bool(await self._run("strike", broadcast_id, messenger, *arguments))

    async def told(self, broadcast_id: str, messenger: Messenger, receipts: Sequence[Receipt]) -> None:
        """Count the refusals among a broadcast's receipts, each attempt once; those sent on after them end a row."""
        arguments: list[str | int] = []
        ordered = sorted(receipts, key=lambda one: one.at)
        for one, after in zip(ordered, [*ordered[1:], None], strict=True):
            if not one.key and after is not None and not after.key:
                continue  # The last of those that were sent on says it for all.
            reason = (one.reason or Reason.CONTENT).value if one.key else ""
            found = (one.key, to_ms(one.at), one.reference, reason)
            arguments += [*found, _storable(one.words), _most(for_all=one.for_all)]
        await self._run("told", broadcast_id, messenger, *arguments)

    async def clear(self, broadcast_id: str, messenger: Messenger) -> None:
        """Count refusals in a row from 0 again: somebody was reached."""
        await self._run("clear", broadcast_id, messenger)

    async def release(self, broadcast_id: str, messenger: Messenger) -> bool:
        """Continue; False when nothing was held back."""
        return bool(await self._run("release", broadcast_id, messenger))

    async def leave_out(self, broadcast_id: str, messenger: Messenger) -> bool:
        """Cancel what waits there; False when that was done before, or the broadcast does not run."""
        return bool(await self._run("leave_out", broadcast_id, messenger))

    async def _run(self, verb: str, broadcast_id: str, messenger: Messenger, *arguments: str | int) -> int:
        return int(await self._scripts.run("hold", verb, broadcast_id, messenger.traits.code, *arguments))


def _most(*, for_all: bool) -> int:
    return 1 if for_all else EQUAL_REFUSALS


def _storable(words: str) -> str:
    return words[:_LONGEST_WORDS].replace("|", "/")
