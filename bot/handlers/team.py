"""/admins and its buttons: who works here, and owners who give roles."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Final

from telegram.error import TelegramError

from bot import command_menu
from bot.context import Admin, Desk, Said, Toast, Touch, already, redraw
from bot.screens import team as screens_team
from bot.telegram import incoming
from bot.text.reader import read_by
from bot.text.translation import _
from bot.ui.callback_data import StaffTap
from bot.ui.screen import plain
from core.domain.errors import NotFound
from core.domain.team import Person, Role
from core.domain.translatable import sentence

log = logging.getLogger(__name__)

ADD: Final = "staff-add"
"""What is awaited: the id of somebody who shall get a role."""
_NOBODY: Final = "-"
_LONGEST: Final = 40
_ID: Final = re.compile(r"[1-9]\d{0,17}", re.ASCII)


async def command(desk: Desk, said: Said) -> None:
    """/admins: everybody; with an id behind it, that person's card. Raises NotFound, Denied."""
    named = incoming.without_command(said.text).strip()
    if not named:
        await desk.chat.send(said.admin.chat_id, screens_team.people(await _everybody(desk)))
        return
    await _open(desk, said.admin, named)


async def _everybody(desk: Desk) -> tuple[Person, ...]:
    """Those with a role, by the names that Telegram gives of all who have ever written to the bot."""
    nameless = [one.id for one in await desk.core.staff.people() if not one.name]
    for person in nameless:
        if name := await desk.chat.name_of(person):
            await desk.core.staff.meet(person, name)
    return await desk.core.staff.people()


async def typed(desk: Desk, said: Said) -> None:
    """The id that was asked for. Raises NotFound, Denied: the question stays open."""
    if await _open(desk, said.admin, said.text.strip()):
        await desk.core.drafts.stop_awaiting(said.admin.id)


async def _open(desk: Desk, admin: Admin, named: str) -> bool:
    await desk.core.staff.demand(admin.id, Role.OWNER)
    is_id = _ID.fullmatch(named) is not None
    if is_id:
        screen = screens_team.card(int(named), *await _known(desk, int(named)))
    else:
        screen = screens_team.ask_whom(_("“{name}” is no user id.").format(name=named[:_LONGEST]))
    await desk.chat.send(admin.chat_id, screen)
    return is_id


async def _known(desk: Desk, person: int) -> tuple[str, Role | None]:
    """The name and the role. Raises NotFound for somebody we have never heard of."""
    found = await desk.core.staff.find(person)
    if found is not None:
        return found.name, found.role
    name = await desk.core.contacts.subscriber_name(person) or await desk.chat.name_of(person)
    if not name:
        raise NotFound(
            sentence("I do not know {id} yet: they have to write /start to me first.", id=str(person))
        )
    return name, None


async def tapped(desk: Desk, touch: Touch, tap: StaffTap) -> Toast | None:
    """Carries the tap out. Raises SenderError."""
    return await _VERBS[tap.verb](desk, touch, tap)


async def _list(desk: Desk, touch: Touch, _tap: StaffTap) -> Toast:
    waiting = await desk.core.drafts.awaiting(touch.admin.id)
    if waiting is not None and waiting[1] == ADD:
        await desk.core.drafts.stop_awaiting(touch.admin.id)
    await redraw(desk, touch, screens_team.people(await _everybody(desk)))
    return Toast()


async def _add(desk: Desk, touch: Touch, _tap: StaffTap) -> Toast:
    await desk.core.drafts.await_input(touch.admin.id, _NOBODY, ADD)
    await redraw(desk, touch, screens_team.ask_whom())
    return Toast()


async def _view(desk: Desk, touch: Touch, tap: StaffTap) -> Toast:
    await redraw(desk, touch, screens_team.card(tap.person, *await _known(desk, tap.person)))
    return Toast()


async def _give(desk: Desk, touch: Touch, tap: StaffTap) -> Toast:
    return await _change(desk, touch, tap.person, Role(tap.verb))


async def _remove(desk: Desk, touch: Touch, tap: StaffTap) -> Toast:
    person = await desk.core.staff.find(tap.person)
    if person is None:
        return await _list(desk, touch, tap)
    await redraw(desk, touch, screens_team.ask_remove(person))
    return Toast()


async def _removed(desk: Desk, touch: Touch, tap: StaffTap) -> Toast:
    return await _change(desk, touch, tap.person, None)


async def _change(desk: Desk, touch: Touch, person: int, role: Role | None) -> Toast:
    """Gives the role and shows it; the one whom it concerns hears of it and sees another menu."""
    known = await desk.core.staff.find(person)
    name = known.name if known is not None else ""
    if known is None and role is not None:
        # Whoever forges an id finds nobody behind it, as whoever types one.
        name, _none = await _known(desk, person)
    fresh = await desk.core.staff.give(touch.admin.id, person, role, name)
    if role is None:
        await redraw(desk, touch, screens_team.people(await _everybody(desk)))
    else:
        await redraw(desk, touch, screens_team.card(person, name, role))
    if not fresh:
        return already()
    heard = person == touch.admin.id or await _tell(desk, touch.admin, person, role)
    return Toast() if heard else Toast(_("Done, but I could not write to them."), alert=True)


async def _tell(desk: Desk, admin: Admin, person: int, role: Role | None) -> bool:
    """False when that person cannot be written to."""
    try:
        with read_by(await desk.core.readers.of(person)):
            await desk.chat.send(person, plain(screens_team.told(admin.name, role)))
    except TelegramError as error:
        log.info("%s could not be told of the role: %s", person, error.message)
        return False
    finally:
        await command_menu.set_for(desk.chat.bot, person, role)
    return True


_VERBS: Final[dict[str, Callable[[Desk, Touch, StaffTap], Awaitable[Toast | None]]]] = {
    "list": _list,
    "add": _add,
    "view": _view,
    **dict.fromkeys((role.value for role in Role), _give),
    "remove": _remove,
    "removed": _removed,
}
