"""/admins and its buttons: the team and its roles."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from functools import partial
from typing import Final

from bot.context import BotContext, CallbackAnswer, Reply, Result, already, redraw
from bot.handlers import drafts
from bot.permissions import demand
from bot.requests import Admin, ButtonPress, IncomingMessage
from bot.routes import PERSON, button
from bot.screens.team import (
    change_message,
    member_card,
    member_prompt,
    remove_question,
    role_message,
    team_list,
)
from bot.telegram.errors import TelegramFailure
from bot.text.reader import as_reader
from bot.text.translation import _
from bot.ui.callback_data import PEOPLE
from bot.ui.screen import Screen
from core.domain.errors import NotFound
from core.domain.team import Role, TeamMember
from core.domain.translatable import sentence

log = logging.getLogger(__name__)

PROMPT: Final = "staff-add"
"""The prompt for the user id of a new member."""
_NOBODY: Final = "-"
_LONGEST: Final = 40
_ID: Final = re.compile(r"[1-9]\d{0,17}", re.ASCII)


async def command(context: BotContext, message: IncomingMessage) -> Screen:
    """/admins: everybody; with an id behind it, that person's card. Raises NotFound, Denied."""
    if not message.argument:
        return await _overview(context)
    await demand(context, message.admin, Role.OWNER)
    return await _card(context, message.argument)


async def _overview(context: BotContext) -> Screen:
    return team_list(await _everybody(context), await context.core.invitations.all())


async def _everybody(context: BotContext) -> tuple[TeamMember, ...]:
    """The team; looks up missing names on Telegram."""
    nameless = [one.id for one in await context.core.team.people() if not one.name]
    for person in nameless:
        if name := await context.chat.name_of(person):
            await context.core.team.meet(person, name)
    return await context.core.team.people()


async def handle_text(context: BotContext, message: IncomingMessage, _about: str, _field: str) -> Screen:
    """The card of a typed user id. Raises NotFound; the question stays open."""
    named = message.text.strip()
    screen = await _card(context, named)
    if _ID.fullmatch(named):
        await context.core.prompts.close(message.admin.id)
    return screen


async def _card(context: BotContext, named: str) -> Screen:
    if _ID.fullmatch(named):
        return await _member(context, int(named), *await _known(context, int(named)))
    return member_prompt(_("“{name}” isn't a Telegram user ID.").format(name=named[:_LONGEST]))


async def _known(context: BotContext, person: int) -> tuple[str, Role | None]:
    """Name and role. Raises NotFound for a person the bot does not know."""
    found = await context.core.team.find(person)
    if found is not None:
        return found.name, found.role
    name = await context.core.subscribers.name_of(person) or await context.chat.name_of(person)
    if not name:
        raise NotFound(
            sentence("I don't know {id} yet. Ask them to press Start in this bot first.", id=str(person))
        )
    return name, None


async def _list(context: BotContext, press: ButtonPress) -> Screen:
    await drafts.close_prompt(context, press.admin.id, _NOBODY, PROMPT)
    await context.core.invitations.leave_card(press.admin.chat_id, press.message_id)
    return await _overview(context)


async def _add(context: BotContext, press: ButtonPress) -> Screen:
    await context.core.prompts.open(press.admin.id, _NOBODY, PROMPT)
    return member_prompt()


async def _view(context: BotContext, _press: ButtonPress, person: int) -> Screen:
    return await _member(context, person, *await _known(context, person))


async def _remove(context: BotContext, press: ButtonPress, person: int) -> Screen:
    found = await context.core.team.find(person)
    return await _list(context, press) if found is None else remove_question(found)


async def _give(context: BotContext, press: ButtonPress, person: int, *, role: Role | None) -> Result:
    """Give or remove a role, tell the person, and set their menu."""
    known = await context.core.team.find(person)
    name = known.name if known is not None else ""
    if known is None and role is not None:
        # A forged id is checked like a typed one.
        name, _none = await _known(context, person)
    fresh = await context.core.team.give(press.admin.id, person, role, name)
    screen = await _overview(context) if role is None else await _member(context, person, name, role)
    if not fresh:
        return Reply(screen, already())
    if person == press.admin.id:
        context = replace(context, chat=context.chat.filtering(None))
    await redraw(context, press, screen)
    return await announce(context, press.admin, person, name, role)


async def announce(
    context: BotContext, admin: Admin, person: int, name: str, role: Role | None
) -> CallbackAnswer:
    """Tell the other owners and the person of a role that was given or removed, and set the person's menu."""
    await _tell_owners(context, admin, person, name, role)
    if person == admin.id or await _tell(context, admin, person, role):
        return CallbackAnswer()
    return CallbackAnswer(_("Done, but I couldn't tell them."), alert=True)


async def _member(context: BotContext, person: int, name: str, role: Role | None) -> Screen:
    return member_card(person, name, role, fixed=context.core.team.is_fixed(person))


async def _tell_owners(context: BotContext, admin: Admin, person: int, name: str, role: Role | None) -> None:
    """Tell all other owners of a change."""
    for owner in await context.core.team.ids(Role.OWNER):
        if owner not in (admin.id, person):
            await context.outbox.tell(
                owner, lambda _clock: change_message(f"{admin.name} ({admin.id})", f"{name} ({person})", role)
            )


async def _tell(context: BotContext, admin: Admin, person: int, role: Role | None) -> bool:
    """False if the message cannot be delivered."""
    try:
        with as_reader(await context.core.readers.of(person)):
            await context.chat.send(person, role_message(admin.name, role))
    except TelegramFailure as error:
        log.info("%s could not be told of the role: %s", person, error)
        return False
    finally:
        await context.menu.set_for(person, role)
    return True


BUTTONS = (
    button(PEOPLE.to("list"), Role.VIEWER, _list),
    button(PEOPLE.to("add"), Role.OWNER, _add),
    PERSON.button("view", Role.VIEWER, _view),
    *(PERSON.button(role.value, Role.OWNER, partial(_give, role=role)) for role in Role),
    PERSON.button("remove", Role.OWNER, _remove),
    PERSON.button("removed", Role.OWNER, partial(_give, role=None)),
)
