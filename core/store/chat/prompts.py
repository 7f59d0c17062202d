"""The question in the chat that each admin's next typed text answers."""

from __future__ import annotations

from typing import Final, NamedTuple

from redis.asyncio import Redis

_LIFE_SECONDS: Final = 86_400


class OpenPrompt(NamedTuple):
    about: str
    """The id of the subject, for example a draft."""
    field: str
    """What is asked of it; details follow behind a colon."""

    @property
    def name(self) -> str:
        """The field without details."""
        return self.field.partition(":")[0]


class PromptStore:
    """At most one prompt for each admin, for a day."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def open(self, admin_id: int, about: str, field: str, *, asked_on: int | None = None) -> None:
        """Take this admin's next text for that field of a subject, for example a draft.

        `asked_on`: the message that asks, where it belongs to no draft.
        """
        card = "" if asked_on is None else f"\n{asked_on}"
        await self._client.set(f"ms:awaiting:{admin_id}", f"{about} {field}{card}", ex=_LIFE_SECONDS)

    async def current(self, admin_id: int) -> OpenPrompt | None:
        found = await self._client.get(f"ms:awaiting:{admin_id}")
        if not found:
            return None
        about, _, field = str(found).partition("\n")[0].partition(" ")
        return OpenPrompt(about, field)

    async def asked_on(self, admin_id: int) -> int | None:
        """The message that asks, where it belongs to no draft."""
        found = await self._client.get(f"ms:awaiting:{admin_id}")
        card = str(found or "").partition("\n")[2]
        return int(card) if card else None

    async def close(self, admin_id: int) -> None:
        await self._client.unlink(f"ms:awaiting:{admin_id}")
