"""Invitations: an owner makes a link for a role, one person opens it, and an owner lets them in.

A link alone gives nobody a role. It works once, for a day, and while its maker is an owner.
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import Final

from core.domain.audit import Actor, AuditAction
from core.domain.errors import NotFound
from core.domain.team import Invitation, Role
from core.domain.translatable import sentence
from core.services.audit_log import AuditLog
from core.services.team import Team
from core.store.invitations import InvitationStore

LIFE: Final = timedelta(hours=24)
"""Of a link, and of the question about the person who opened it."""
_BYTES: Final = 24
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)


def is_token(text: str) -> bool:
    """True for a text of the form that tokens have."""
    return _TOKEN.fullmatch(text) is not None


class Invitations:
    def __init__(self, store: InvitationStore, team: Team, audit_log: AuditLog) -> None:
        self._store = store
        self._team = team
        self._audit_log = audit_log

    async def make(self, by: int, role: Role) -> tuple[Invitation, str]:
        """The invitation, and the token of its link. Raises Denied if `by` is no owner."""
        await self._team.demand(by, Role.OWNER)
        token = secrets.token_urlsafe(_BYTES)
        made = await self.get(await self._store.make(token, role, by, LIFE))
        await self._audit_log.note(AuditAction.INVITED, role=role)
        return made, token

    async def open(
        self, token: str, person: int, name: str, *, username: str = "", language: str = ""
    ) -> bool:
        """Ask for the role of a link. False for one that has ended, was used, was revoked, or was never made."""
        found = await self._store.of_token(token)
        if found is None or await self._team.role(found.by) is not Role.OWNER:
            return False
        answer = await self._store.open(token, person, name, username, language, LIFE)
        if answer == "new":
            asker = Actor(f"telegram:{person}", name)
            await self._audit_log.note(AuditAction.INVITATION_OPENED, "", asker, role=found.role)
        return answer != "ended"

    async def all(self) -> list[Invitation]:
        return await self._store.all()

    async def get(self, invitation_id: str) -> Invitation:
        """Raises NotFound."""
        found = await self._store.get(invitation_id)
        if found is None:
            raise NotFound(sentence("This invitation has ended."))
        return found

    async def mark_asked(self, invitation_id: str) -> None:
        """The owner has been asked, or cannot be written to."""
        await self._store.mark_asked(invitation_id)

    async def keep_card(self, invitation_id: str, chat_id: int, message_id: int) -> None:
        """Remember the message that shows the link, so that its buttons can go when it has ended."""
        await self._store.keep_card(invitation_id, chat_id, message_id)

    async def cards(self) -> dict[str, tuple[int, int]]:
        """Chat and message by invitation; ended ones among them."""
        return await self._store.cards()

    async def drop_card(self, invitation_id: str) -> None:
        await self._store.drop_card(invitation_id)

    async def leave_card(self, chat_id: int, message_id: int) -> None:
        """The message shows something else from now on."""
        for invitation_id, place in (await self._store.cards()).items():
            if place == (chat_id, message_id):
                await self._store.drop_card(invitation_id)

    async def admit(self, by: int, invitation_id: str) -> tuple[Invitation, bool]:
        """Give the role to the person who opened the link; False if they have it already.

        Raises NotFound, Denied, and Conflict as Team.give().
        """
        found = await self.get(invitation_id)
        if found.person is None:
            raise NotFound(sentence("No one has opened this invitation yet."))
        await self._take(by, invitation_id)
        return found, await self._team.give(by, found.person, found.role, found.name)

    async def end(self, by: int, invitation_id: str) -> Invitation:
        """Decline the person who opened the link, or revoke it. Raises NotFound, Denied."""
        found = await self._take(by, invitation_id)
        if found.person is None:
            await self._audit_log.note(AuditAction.INVITATION_REVOKED, role=found.role)
        else:
            await self._audit_log.note(
                AuditAction.INVITATION_DECLINED, person=found.person, name=found.name, role=found.role
            )
        return found

    async def _take(self, by: int, invitation_id: str) -> Invitation:
        """Remove it: of two owners who decide at once, one does."""
        await self._team.demand(by, Role.OWNER)
        found = await self.get(invitation_id)
        if not await self._store.take(invitation_id):
            raise NotFound(sentence("This invitation has ended."))
        return found
