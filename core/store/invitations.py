"""Invitations to the team: `ms:invite:<id>` (hash; ends by itself), `ms:invites` (the ids) and `ms:invite_cards`
(hash: id -> chat and message that show the link).

The token of a link is kept as a digest only. The id is a part of the digest: it names an invitation, and opens none.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Final, cast

from core.domain.team import Invitation, Role
from core.store.scripts import Store
from core.store.times import moment

_ALL: Final = "ms:invites"
_CARDS: Final = "ms:invite_cards"
_LENGTH: Final = 12


class InvitationStore(Store):
    async def make(self, token: str, role: Role, by: int, life: timedelta) -> str:
        """Keep an invitation; return its id."""
        digest = _digest(token)
        seconds = int(life.total_seconds())
        await self._scripts.run("invitation", "make", digest[:_LENGTH], digest, role, by, seconds)
        return digest[:_LENGTH]

    async def open(
        self, token: str, person: int, name: str, username: str, language: str, life: timedelta
    ) -> str:
        """Keep who has opened the link: "new", "again" for the same person, or "ended". Atomic."""
        digest, seconds = _digest(token), int(life.total_seconds())
        about = (person, name, username, language)
        return str(await self._scripts.run("invitation", "open", digest[:_LENGTH], digest, *about, seconds))

    async def of_token(self, token: str) -> Invitation | None:
        digest = _digest(token)
        same = await self._client.hget(f"ms:invite:{digest[:_LENGTH]}", "digest") == digest
        return await self.get(digest[:_LENGTH]) if same else None

    async def get(self, invitation_id: str) -> Invitation | None:
        pipe = self._client.pipeline(transaction=True)
        pipe.hgetall(f"ms:invite:{invitation_id}")
        pipe.pexpiretime(f"ms:invite:{invitation_id}")
        found, until = cast("tuple[dict[str, str], int]", await pipe.execute())
        return _read(invitation_id, found, until) if found.get("digest") else None

    async def all(self) -> list[Invitation]:
        """Open ones, those that end first in front; drops the ids of ended ones."""
        found: list[Invitation] = []
        for invitation_id in await self._client.smembers(_ALL):
            one = await self.get(str(invitation_id))
            if one is None:
                await self._client.srem(_ALL, str(invitation_id))
            else:
                found.append(one)
        return sorted(found, key=lambda one: one.until)

    async def mark_asked(self, invitation_id: str) -> None:
        await self._scripts.run("invitation", "asked", invitation_id)

    async def keep_card(self, invitation_id: str, chat_id: int, message_id: int) -> None:
        await self._client.hset(_CARDS, invitation_id, f"{chat_id}:{message_id}")

    async def cards(self) -> dict[str, tuple[int, int]]:
        """Chat and message by invitation; ended ones among them."""
        found = {}
        for invitation_id, place in (await self._client.hgetall(_CARDS)).items():
            chat_id, _colon, message_id = str(place).partition(":")
            found[str(invitation_id)] = int(chat_id), int(message_id)
        return found

    async def drop_card(self, invitation_id: str) -> None:
        await self._client.hdel(_CARDS, invitation_id)

    async def take(self, invitation_id: str) -> bool:
        """Remove it; False when it has ended."""
        return bool(await self._scripts.run("invitation", "take", invitation_id))


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _read(invitation_id: str, found: dict[str, str], until: int) -> Invitation:
    """`until`: ms since 1970."""
    role = found["role"]
    return Invitation(
        id=invitation_id,
        # A role that only another version knows may do the least.
        role=Role(role) if role in list(Role) else Role.VIEWER,
        by=int(found["by"]),
        until=moment(str(until)),
        person=int(found["person"]) if "person" in found else None,
        name=found.get("name", ""),
        username=found.get("username", ""),
        language=found.get("language", ""),
        asked="asked" in found,
    )
