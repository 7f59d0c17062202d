"""/admins and its buttons: who works here, and owners who give roles."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from bot import command_menu, permissions
from bot.context import Admin, BotContext, ButtonPress, CallbackAnswer, IncomingMessage, already, redraw
from bot.screens import team as screens_team
from bot.telegram import incoming
from bot.telegram.errors import TelegramFailure
from bot.text.reader import as_reader
from bot.text.translation import _
from bot.ui.callback_data import StaffTap
from bot.ui.screen import plain
from core.domain.errors import NotFound
from core.domain.team import Role, TeamMember
from core.domain.translatable import sentence

log = logging.getLogger(__name__)

ADD: Final = "staff-add"
"""What is awaited: the id of somebody who shall get a role."""
_NOBODY: Final = "-"
_LONGEST: Final = 40
_ID: Final = re.compile(r"[1-9]\d{0,17}", re.ASCII)


async def command(context: BotContext, message: IncomingMessage) -> None:
    """/admins: everybody; with an id behind it, that person's card. Raises NotFound, Denied."""
    named = incoming.without_command(message.text).strip()
    if not named:
        await context.chat.send(message.admin.chat_id, screens_team.team_list(await _everybody(context)))
        return
    await _open(context, message.admin, named)


async def _everybody(context: BotContext) -> tuple[TeamMember, ...]:
    """Those with a role, by the names that Telegram gives of all who have ever written to the bot."""
    nameless = [one.id for one in await context.core.staff.people() if not one.name]
    for person in nameless:
        if name := await context.chat.name_of(person):
            await context.core.staff.meet(person, name)
    return await context.core.staff.people()


async def handle_text(context: BotContext, message: IncomingMessage) -> None:
    """The id that was asked for. Raises NotFound, Denied: the question stays open."""
    if await _open(context, message.admin, message.text.strip()):
        await context.core.drafts.stop_awaiting(message.admin.id)


async def _open(context: BotContext, admin: Admin, named: str) -> bool:
    await permissions.demand(context, admin, Role.OWNER)
    is_id = _ID.fullmatch(named) is not None
    if is_id:
        screen = screens_team.member_card(int(named), *await _known(context, int(named)))
    else:
        screen = screens_team.member_prompt(_("“{name}” is no user id.").format(name=named[:_LONGEST]))
    await context.chat.send(admin.chat_id, screen)
    return is_id


async def _known(context: BotContext, person: int) -> tuple[str, Role | None]:
    """The name and the role. Raises NotFound for somebody we have never heard of."""
    found = await context.core.staff.find(person)
    if found is not None:
        return found.name, found.role
    name = await context.core.contacts.subscriber_name(person) or await context.chat.name_of(person)
    if not name:
        raise NotFound(
            sentence("I do not know {id} yet: they have to write /start to me first.", id=str(person))
        )
    return name, None


async def handle(context: BotContext, press: ButtonPress, tap: StaffTap) -> CallbackAnswer | None:
    """Carries the tap out. Raises SenderError."""
    return await _VERBS[tap.verb](context, press, tap)


async def _list(context: BotContext, press: ButtonPress, _tap: StaffTap) -> CallbackAnswer:
    waiting = await context.core.drafts.awaiting(press.admin.id)
    if waiting is not None and waiting[1] == ADD:
        await context.core.drafts.stop_awaiting(press.admin.id)
    await redraw(context, press, screens_team.team_list(await _everybody(context)))
    return CallbackAnswer()


async def _add(context: BotContext, press: ButtonPress, _tap: StaffTap) -> CallbackAnswer:
    await context.core.drafts.await_input(press.admin.id, _NOBODY, ADD)
    await redraw(context, press, screens_team.member_prompt())
    return CallbackAnswer()


async def _view(context: BotContext, press: ButtonPress, tap: StaffTap) -> CallbackAnswer:
    await redraw(context, press, screens_team.member_card(tap.person, *await _known(context, tap.person)))
    return CallbackAnswer()


async def _give(context: BotContext, press: ButtonPress, tap: StaffTap) -> CallbackAnswer:
    return await _change(context, press, tap.person, Role(tap.verb))


async def _remove(context: BotContext, press: ButtonPress, tap: StaffTap) -> CallbackAnswer:
    person = await context.core.staff.find(tap.person)
    if person is None:
        return await _list(context, press, tap)
    await redraw(context, press, screens_team.remove_question(person))
    return CallbackAnswer()


async def _removed(context: BotContext, press: ButtonPress, tap: StaffTap) -> CallbackAnswer:
    return await _change(context, press, tap.person, None)


async def _change(context: BotContext, press: ButtonPress, person: int, role: Role | None) -> CallbackAnswer:
    """Gives the role and shows it; the one whom it concerns hears of it and sees another menu."""
    known = await context.core.staff.find(person)
    name = known.name if known is not None else ""
    if known is None and role is not None:
        # Whoever forges an id finds nobody behind it, as whoever types one.
        name, _none = await _known(context, person)
    fresh = await context.core.staff.give(press.admin.id, person, role, name)
    if person == press.admin.id:
        context = replace(context, chat=context.chat.drawing(None))
    if role is None:
        await redraw(context, press, screens_team.team_list(await _everybody(context)))
    else:
        await redraw(context, press, screens_team.member_card(person, name, role))
    if not fresh:
        return already()
    heard = person == press.admin.id or await _tell(context, press.admin, person, role)
    return (
        CallbackAnswer() if heard else CallbackAnswer(_("Done, but I could not write to them."), alert=True)
    )


async def _tell(context: BotContext, admin: Admin, person: int, role: Role | None) -> bool:
    """False when that person cannot be written to."""
    try:
        with as_reader(await context.core.readers.of(person)):
            await context.chat.send(person, plain(screens_team.role_message(admin.name, role)))
    except TelegramFailure as error:
        log.info("%s could not be told of the role: %s", person, error)
        return False
    finally:
        await command_menu.set_for(context.chat.bot, person, role)
    return True


_VERBS: Final[dict[str, Callable[[BotContext, ButtonPress, StaffTap], Awaitable[CallbackAnswer | None]]]] = {
    "list": _list,
    "add": _add,
    "view": _view,
    **dict.fromkeys((role.value for role in Role), _give),
    "remove": _remove,
    "removed": _removed,
}
