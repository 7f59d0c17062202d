"""Asks owners about the people who opened their invitations, and takes the buttons off links that have ended.

What was asked, and which messages show a link, is kept in the store.
"""

from __future__ import annotations

import logging

from bot.screens.invitations import ended, question, used_card
from bot.tasks.periodic import PeriodicTask
from bot.telegram.errors import Rejected
from core.domain.errors import NotFound
from core.domain.team import Invitation, Role

log = logging.getLogger(__name__)


class InvitationRequests(PeriodicTask):
    """Asks owners to let people in; twice rather than not at all if the bot is killed between asking and noting it."""

    name = "invitations"
    every = 60.0

    async def round(self) -> None:
        """Raises Unavailable while Telegram does not answer."""
        for one in await self._core.invitations.all():
            if one.person is not None and not one.asked:
                await self._ask(one)
        for invitation_id, (chat_id, message_id) in (await self._core.invitations.cards()).items():
            await self._close_card(invitation_id, chat_id, message_id)

    async def _close_card(self, invitation_id: str, chat_id: int, message_id: int) -> None:
        """Say on the card of a link that it no longer works."""
        try:
            found = await self._core.invitations.get(invitation_id)
        except NotFound:
            found = None
        if found is not None and found.person is None:
            return
        try:
            async with self._outbox.writing_to(chat_id):
                await self._outbox.chat.edit(chat_id, message_id, used_card(found) if found else ended())
        except Rejected as error:
            log.info("the card of an invitation is not redrawn: %s", error)
        await self._core.invitations.drop_card(invitation_id)

    async def _ask(self, invitation: Invitation) -> None:
        """Ask its maker; where they cannot be asked, all other owners."""
        owners = await self._core.team.ids(Role.OWNER)
        for group in ([invitation.by], [one for one in owners if one != invitation.by]):
            if [one for one in group if one in owners and await self._send(one, invitation)]:
                break
        await self._core.invitations.mark_asked(invitation.id)

    async def _send(self, owner: int, invitation: Invitation) -> bool:
        try:
            await self._outbox.send(owner, lambda clock: question(invitation, clock))
        except Rejected as error:
            log.info("%s is not asked about an invitation: %s", owner, error)
            return False
        return True
