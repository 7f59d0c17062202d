"""The roles given in the chat: `ms:staff` (id -> role) and `ms:staff:names` (id -> name)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from core.domain.team import Role
from core.store.scripts import Store

_ROLES: Final = "ms:staff"
_NAMES: Final = "ms:staff:names"


def _role(stored: str) -> Role | None:
    """The stored role; VIEWER for one that only another version knows."""
    return None if not stored else Role(stored) if stored in list(Role) else Role.VIEWER


class TeamStore(Store):
    async def read(self) -> tuple[dict[int, Role | None], dict[int, str]]:
        """Roles given in the chat (None = taken away), and names by id."""
        pipe = self._client.pipeline(transaction=False)
        pipe.hgetall(_ROLES)
        pipe.hgetall(_NAMES)
        roles, names = cast("list[dict[str, str]]", await pipe.execute())
        given = {int(person): _role(role) for person, role in roles.items()}
        return given, {int(person): name for person, name in names.items()}

    async def give(
        self, by: int, person: int, role: Role | None, *, settings: Mapping[int, Role], approvers: int
    ) -> tuple[str, Role | None]:
        """Atomic. Returns "done", "same", "not_owner", "last_owner" or "too_few", and the role before."""
        pairs = [part for one, set_role in settings.items() for part in (str(one), set_role.value)]
        answer, was = await self._scripts.run("team", by, person, role or "", approvers, *pairs)
        return str(answer), Role(was) if was else None

    async def remember(self, person: int, name: str) -> None:
        await self._client.hset(_NAMES, str(person), name)
