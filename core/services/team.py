"""Roles: from the settings, overridden by what owners changed in the chat.

The people in ADMIN_IDS are owners whatever was changed in the chat, so that nobody can lock them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from core.domain.audit import Actor, AuditAction
from core.domain.errors import ConfigurationError, Conflict, Denied
from core.domain.team import Role, TeamMember
from core.domain.translatable import Sentence, sentence
from core.services.audit_log import AuditLog
from core.settings import Settings
from core.store.team import TeamStore

NEEDED_TO_APPROVE: Final = 2
"""One to order, another to approve."""
_MOST_NAMED: Final = 5

_REFUSALS: Final[Mapping[str, Sentence]] = {
    "not_owner": sentence("Only an owner can do that, and you're no longer one."),
    "last_owner": sentence("There must be at least one owner. Make someone else owner first."),
    "too_few": sentence(
        "Large messages need a second person's approval (APPROVAL_ABOVE), so keep at least two editors "
        "or owners."
    ),
}


_FIXED: Final = sentence("This person is an owner because of ADMIN_IDS. Change it there.")


class Team:
    """Reads roles on every call, so that a revoked role is gone at the next press."""

    def __init__(self, store: TeamStore, settings: Settings, audit_log: AuditLog) -> None:
        self._store = store
        self._audit_log = audit_log
        self._last_read: dict[int, Role] = {}
        self._approvers = NEEDED_TO_APPROVE if settings.approval_above else 0
        self._set = {
            **dict.fromkeys(sorted(settings.viewer_ids), Role.VIEWER),
            **dict.fromkeys(sorted(settings.editor_ids), Role.EDITOR),
            **dict.fromkeys(sorted(settings.admin_ids), Role.OWNER),
        }

    def _effective(self, given: Mapping[int, Role | None]) -> dict[int, Role]:
        roles = {person: role for person, role in {**self._set, **given}.items() if role is not None}
        roles |= {person: role for person, role in self._set.items() if role is Role.OWNER}
        self._last_read = roles
        return roles

    def is_fixed(self, person: int) -> bool:
        """True for the people in ADMIN_IDS, whose role the chat cannot change."""
        return self._set.get(person) is Role.OWNER

    def was_known(self, person: int) -> bool:
        """True for people who had a role at the last read. Works while the store is down."""
        return person in (self._last_read or self._set)

    async def demand(self, person: int, needed: Role) -> None:
        """Raises Denied unless that person has this role; it names who has it, to people with a role only."""
        role = await self.role(person)
        if role is not None and role.may(needed):
            return
        if role is None:
            raise Denied(sentence("You aren't on the team."))
        able = await self.people(needed)
        names = ", ".join(one.called for one in able[:_MOST_NAMED])
        match needed:
            case Role.OWNER:
                raise Denied(sentence("Only an owner can do that: {names}.", names=names))
            case _:
                raise Denied(sentence("Only editors and owners can do that: {names}.", names=names))

    async def people(self, at_least: Role = Role.VIEWER) -> tuple[TeamMember, ...]:
        """People with this role or a higher one; owners first, then by name."""
        given, names = await self._store.read()
        found = [
            TeamMember(one, names.get(one, ""), role)
            for one, role in self._effective(given).items()
            if role.may(at_least)
        ]
        return tuple(sorted(found, key=lambda one: (-one.role.rank, one.called.casefold())))

    async def ids(self, at_least: Role = Role.VIEWER) -> list[int]:
        return sorted(person.id for person in await self.people(at_least))

    async def can_be_approved(self, authors: Iterable[Actor]) -> bool:
        """False if everybody who may approve is among the authors."""
        barred = {one.telegram_id for one in authors}
        return any(one not in barred for one in await self.ids(Role.EDITOR))

    async def role(self, person: int) -> Role | None:
        """None for subscribers and strangers."""
        given, _ = await self._store.read()
        return self._effective(given).get(person)

    async def find(self, person: int) -> TeamMember | None:
        return next((one for one in await self.people() if one.id == person), None)

    async def meet(self, person: int, name: str) -> Role | None:
        """The role of a person who has just written or tapped; remembers the name of those with a role."""
        given, names = await self._store.read()
        role = self._effective(given).get(person)
        if role is not None and names.get(person) != name:
            await self._store.remember(person, name)
        return role

    async def give(self, by: int, person: int, role: Role | None, name: str = "") -> bool:
        """Give a role; None removes it. False when nothing changes. Raises Conflict with the reason for a refusal."""
        if self.is_fixed(person) and role is not Role.OWNER:
            raise Conflict(_FIXED)
        answer, was = await self._store.give(by, person, role, settings=self._set, approvers=self._approvers)
        if answer in _REFUSALS:
            raise Conflict(_REFUSALS[answer])
        if name:
            await self._store.remember(person, name)
        else:
            name = (await self._store.read())[1].get(person, "")
        if answer == "same":
            return False
        await self._audit_log.note(
            AuditAction.ROLE_GIVEN, person=person, name=name, role=role or "none", before=was or "none"
        )
        return True

    async def check(self) -> None:
        """Raises ConfigurationError if nobody could approve large broadcasts."""
        if self._approvers and len(await self.people(Role.EDITOR)) < self._approvers:
            raise ConfigurationError(
                "APPROVAL_ABOVE: it needs two people who are editor or owner, one to order and another one to approve. "
                "Name a second one in ADMIN_IDS or EDITOR_IDS. Example: EDITOR_IDS=987654321"
            )
