"""The commands of admins."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from difflib import get_close_matches

from bot import permissions
from bot.context import Desk, Said
from bot.handlers import (
    audiences,
    audit_log,
    home,
    order_line,
    panic,
    search,
    series,
    team,
    time_zone,
    typed_text,
)
from bot.screens.ended import screen_of
from bot.telegram import incoming
from bot.text import formatting
from bot.text.translation import _
from bot.ui.callback_data import ListTap
from bot.ui.screen import Screen, plain
from core.domain.audience import EVERYTHING
from core.domain.errors import NotFound
from core.domain.team import Role
from core.services.purge import PurgeKind

Command = Callable[[Desk, Said], Awaitable[None]]

_NAMED = re.compile(r"/(\w+)(?:@\w+)?")
_ID = re.compile(r"#?[A-Za-z0-9]{1,7}")
_MOST_QUOTED = 40


async def run(desk: Desk, said: Said) -> None:
    """Carries out the command that a message begins with."""
    match = _NAMED.match(said.text)
    name = match[1].lower() if match else ""
    command = COMMANDS.get(name)
    if command is None:
        await _unknown(desk, said, name)
        return
    await permissions.demand(desk, said.admin, permissions.COMMANDS.get(name, Role.OWNER))
    await command(desk, said)


async def _unknown(desk: Desk, said: Said, name: str) -> None:
    near = get_close_matches(name, COMMANDS, n=1)
    answer = _("I do not know /{name}. /help shows what there is.")
    if near:
        answer = _("I do not know /{name}. Did you mean /{near}?")
    await _say(desk, said, plain(answer.format(name=name[:32], near="".join(near))))


async def _say(desk: Desk, said: Said, screen: Screen) -> None:
    await desk.chat.send(said.admin.chat_id, screen)


async def _start(desk: Desk, said: Said) -> None:
    await _say(desk, said, await home.home_screen(desk, said.admin))


async def _help(desk: Desk, said: Said) -> None:
    await _say(desk, said, await time_zone.help_screen(desk, said.admin))


async def _status(desk: Desk, said: Said) -> None:
    await _say(desk, said, await home.status_screen(desk))


async def _scheduled(desk: Desk, said: Said) -> None:
    await _list_or_item(desk, said, ListTap("s", 1, "a"))


async def _finished(desk: Desk, said: Said) -> None:
    """With words behind it that are no id: a search for them."""
    named = incoming.without_command(said.text).strip()
    if named and not await _names_one(desk, named):
        await search.begin(desk, said, named)
        return
    await _list_or_item(desk, said, ListTap("f", 1, "a"))


async def _names_one(desk: Desk, named: str) -> bool:
    """Whether it is meant as an id: by its mark, or as there is such a broadcast."""
    if named.startswith("#") or not _ID.fullmatch(named):
        return named.startswith("#")
    try:
        await desk.core.broadcasts.get(named)
    except NotFound:
        return False
    return True


async def _list_or_item(desk: Desk, said: Said, tap: ListTap) -> None:
    """The first page; with an id behind the command, that broadcast. Raises NotFound."""
    named = incoming.without_command(said.text).strip()
    if not named:
        await _say(desk, said, await home.list_screen(desk, tap))
        return
    if not _ID.fullmatch(named):
        await _say(desk, said, plain(_no_id(said.text, named)))
        return
    if await series.is_one(desk, named):
        await _say(desk, said, await series.screen(desk, await desk.core.recurring.get(named), tap))
        return
    broadcast = await desk.core.broadcasts.get(named)
    status = await desk.core.status.read()
    message_id = await desk.chat.send(said.admin.chat_id, screen_of(broadcast, status, desk.present(), tap))
    if broadcast.is_under_way:
        await desk.live.adopt(broadcast.id, said.admin.chat_id, message_id)


def _no_id(text: str, named: str) -> str:
    match = _NAMED.match(text)
    command = match[0] if match else text
    sentence = _(
        "“{name}” is no id of a broadcast. {command} alone shows the list; "
        "with an id, such as {command} A7KQ, it shows that one."
    )
    return sentence.format(name=formatting.clip(named, _MOST_QUOTED), command=command)


async def _purge(desk: Desk, said: Said) -> None:
    """/purge all goes straight to the question about all finished ones."""
    if incoming.without_command(said.text).strip().casefold() in EVERYTHING:
        await _say(desk, said, await home.purge_question(desk, PurgeKind.FINISHED))
        return
    await _say(desk, said, await home.purge_screen(desk))


COMMANDS: dict[str, Command] = {
    "start": _start,
    "help": _help,
    "zone": time_zone.command,
    "send": order_line.send,
    "scheduled": _scheduled,
    "finished": _finished,
    "purge": _purge,
    "audiences": audiences.command,
    "log": audit_log.command,
    "admins": team.command,
    "status": _status,
    "cancel": typed_text.cancel,
    "panic": panic.panic,
    "resume": panic.resume,
}
