"""Lists of people that wait for an answer before they can be read; kept for a day, so that a restart loses nothing.

Keys: `ms:pending:<id>` (JSON) · `ms:region:<whose>` (the country of numbers without a country code, by list or admin) ·
`ms:piece:<kind>:<admin>` (a long message's id and its end, for some seconds).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

from redis.asyncio import Redis

_LIFE_SECONDS: Final = 86_400
_PIECE_SECONDS: Final = 20
_REMEMBERED_SECONDS: Final = 180 * 86_400
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_ID_LENGTH: Final = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingList:
    """A file, or words that were typed, with the answers given so far."""

    admin_id: int
    target: str
    """Its target: "" (nothing open), "draft:<id>", "add:<list>", "remove:<list>"."""
    file_id: str = ""
    """Telegram's id of the file, which it can be downloaded by again."""
    file_name: str = ""
    text: str = ""
    """Typed text, in place of a file."""
    pasted: bool = False
    """True if the text is a table that is read like a file."""
    message_id: int = 0
    """The message that it came in."""
    question: str = ""
    """The key of the question that is asked."""
    choices: tuple[str, ...] = ()
    """The keys of its answers, in the order of the buttons."""
    answers: Mapping[str, str] = field(default_factory=dict)
    step: int = 0
    """Number of answers so far, including replaced ones."""

    @property
    def draft_id(self) -> str:
        """The draft that the list is for, or empty."""
        return self._id_after("draft:")

    @property
    def audience_id(self) -> str:
        """The audience that people are added to or removed from, or empty."""
        return self._id_after("add:", "remove:")

    @property
    def leaving(self) -> bool:
        """True if the people are to be removed from the audience."""
        return self.target.startswith("remove:")

    def _id_after(self, *kinds: str) -> str:
        return self.target.partition(":")[2] if self.target.startswith(kinds) else ""


class PendingListStore:
    """Pending lists by id, and the countries that were answered."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def keep(self, pending: PendingList, list_id: str = "") -> str:
        """Returns its id, a new one where none is given."""
        name = list_id or "".join(secrets.choice(_LETTERS) for _ in range(_ID_LENGTH))
        await self._client.set(f"ms:pending:{name}", json.dumps(asdict(pending)), ex=_LIFE_SECONDS)
        return name

    async def get(self, list_id: str) -> PendingList | None:
        packed = await self._client.get(f"ms:pending:{list_id}")
        if not packed:
            return None
        fields = json.loads(packed)
        # Lists kept by an earlier version have no step.
        step = fields.get("step", len(fields["answers"]))
        return PendingList(**{**fields, "choices": tuple(fields["choices"]), "step": step})

    async def region(self, whose: str) -> str:
        """The country last answered for a list or by an admin; empty where there is none."""
        return str(await self._client.get(f"ms:region:{whose}") or "")

    async def remember_region(self, whose: str, region: str) -> None:
        await self._client.set(f"ms:region:{whose}", region, ex=_REMEMBERED_SECONDS)

    async def keep_piece(self, admin_id: int, kind: str, message_id: int, text: str) -> None:
        """Keep the end of a long message, which the next one may continue."""
        await self._client.set(f"ms:piece:{kind}:{admin_id}", f"{message_id}\n{text}", ex=_PIECE_SECONDS)

    async def piece(self, admin_id: int, kind: str) -> tuple[int, str] | None:
        """Take the id of the last long message and what was kept of it."""
        key = f"ms:piece:{kind}:{admin_id}"
        found = await self._client.get(key)  # GETDEL, repeated after a lost answer, would find nothing
        await self._client.unlink(key)
        if not found:
            return None
        number, _newline, text = str(found).partition("\n")
        return int(number), text
