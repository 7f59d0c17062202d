"""Invitations to the team: making a link, revoking it, and letting in the person who opened it."""

from __future__ import annotations

from functools import partial
from typing import Final

from bot.access import INVITED
from bot.context import BotContext, CallbackAnswer, Reply, Result, already, old, redraw
from bot.handlers import team
from bot.requests import ButtonPress, IncomingMessage
from bot.routes import INVITATION, button, drawn
from bot.screens import invitations as screens_invitations
from bot.text.reader import as_reader
from bot.text.translation import translate
from bot.ui.callback_data import PEOPLE
from bot.ui.screen import Screen
from core.domain.errors import Conflict, NotFound
from core.domain.team import Invitation, Reader, Role
from core.services.invitations import is_token

_TAP: Final = "invite"


def own_link(message: IncomingMessage) -> Screen | None:
    """The answer to a team member who opens a link for a colleague; None for another /start."""
    payload = message.argument
    if payload.startswith(INVITED) and is_token(payload.removeprefix(INVITED)):
        return screens_invitations.own_link_message(message.admin.role)
    return None


async def _make(context: BotContext, press: ButtonPress, *, role: Role) -> Result:
    if not await context.core.presses.is_first(press.admin.id, press.message_id, _TAP):
        return already()
    made, token = await context.core.invitations.make(press.admin.id, role)
    link = f"https://t.me/{context.chat.bot_name}?start={INVITED}{token}"
    shown = await redraw(context, press, screens_invitations.link_card(made, link, context.clock()))
    await context.core.invitations.keep_card(made.id, press.admin.chat_id, shown)
    return CallbackAnswer()


async def _view(context: BotContext, _press: ButtonPress, invitation_id: str) -> Result:
    try:
        return screens_invitations.invitation_card(
            await context.core.invitations.get(invitation_id), context.clock()
        )
    except NotFound:
        return Reply(screens_invitations.ended(), old())


async def _admit(context: BotContext, press: ButtonPress, invitation_id: str) -> Result:
    """Give the role, and tell the person and the owners."""
    try:
        found, fresh = await context.core.invitations.admit(press.admin.id, invitation_id)
    except NotFound:
        return Reply(screens_invitations.ended(), old())
    except Conflict as error:
        return Reply(screens_invitations.ended(), CallbackAnswer(translate(str(error)), alert=True))
    if found.language and found.person is not None:
        await context.core.readers.remember_language(found.person, found.language)
    await redraw(context, press, screens_invitations.admitted_message(found))
    if not fresh or found.person is None:
        return already()
    return await team.announce(context, press.admin, found.person, found.name, found.role)


async def _end(context: BotContext, press: ButtonPress, invitation_id: str) -> Result:
    """Decline the person who opened the link, or revoke a link that nobody has opened."""
    try:
        found = await context.core.invitations.end(press.admin.id, invitation_id)
    except NotFound:
        return Reply(screens_invitations.ended(), old())
    finally:
        await context.core.invitations.leave_card(press.admin.chat_id, press.message_id)
    context.invitations.wake()
    if found.person is None:
        return screens_invitations.revoked_message()
    await _refuse(context, found, found.person)
    return screens_invitations.declined_message(found)


async def _refuse(context: BotContext, invitation: Invitation, person: int) -> None:
    """Tell the person, unless they are on the team by now."""
    if await context.core.team.role(person) is None:
        with as_reader(Reader(invitation.language)):
            context.strangers.put(person, screens_invitations.refusal_message())


BUTTONS = (
    button(PEOPLE.to("invite"), Role.OWNER, drawn(screens_invitations.role_choice)),
    *(button(PEOPLE.to(f"invite-{role.value}"), Role.OWNER, partial(_make, role=role)) for role in Role),
    INVITATION.button("view", Role.OWNER, _view),
    INVITATION.button("yes", Role.OWNER, _admit),
    INVITATION.button("no", Role.OWNER, _end),
    INVITATION.button("revoke", Role.OWNER, _end),
)
