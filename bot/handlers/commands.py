"""The commands of admins."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from difflib import get_close_matches

from bot import permissions
from bot.context import BotContext, IncomingMessage
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
from bot.screens.ended import broadcast_card
from bot.telegram import incoming
from bot.text import formatting
from bot.text.translation import _
from bot.ui.callback_data import ListTap
from bot.ui.screen import Screen, plain
from core.domain.audience import EVERYTHING
from core.domain.errors import NotFound
from core.domain.team import Role
from core.services.purge import PurgeKind

Command = Callable[[BotContext, IncomingMessage], Awaitable[None]]

_NAMED = re.compile(r"/(\w+)(?:@\w+)?")
_ID = re.compile(r"#?[A-Za-z0-9]{1,7}")
_MOST_QUOTED = 40


async def run(context: BotContext, message: IncomingMessage) -> None:
    """Carries out the command that a message begins with."""
    match = _NAMED.match(message.text)
    name = match[1].lower() if match else ""
    command = COMMANDS.get(name)
    if command is None:
        await _unknown(context, message, name)
        return
    await permissions.demand(context, message.admin, permissions.COMMANDS.get(name, Role.OWNER))
    await command(context, message)


async def _unknown(context: BotContext, message: IncomingMessage, name: str) -> None:
    near = get_close_matches(name, COMMANDS, n=1)
    answer = _("I do not know /{name}. /help shows what there is.")
    if near:
        answer = _("I do not know /{name}. Did you mean /{near}?")
    await _say(context, message, plain(answer.format(name=name[:32], near="".join(near))))


async def _say(context: BotContext, message: IncomingMessage, screen: Screen) -> None:
    await context.chat.send(message.admin.chat_id, screen)


async def _start(context: BotContext, message: IncomingMessage) -> None:
    await _say(context, message, await home.home_screen(context, message.admin))


async def _help(context: BotContext, message: IncomingMessage) -> None:
    await _say(context, message, await time_zone.help_screen(context, message.admin))


async def _status(context: BotContext, message: IncomingMessage) -> None:
    await _say(context, message, await home.status_screen(context))


async def _scheduled(context: BotContext, message: IncomingMessage) -> None:
    await _list_or_item(context, message, ListTap("s", 1, "a"))


async def _finished(context: BotContext, message: IncomingMessage) -> None:
    """With words behind it that are no id: a search for them."""
    named = incoming.without_command(message.text).strip()
    if named and not await _names_one(context, named):
        await search.begin(context, message, named)
        return
    await _list_or_item(context, message, ListTap("f", 1, "a"))


async def _names_one(context: BotContext, named: str) -> bool:
    """Whether it is meant as an id: by its mark, or as there is such a broadcast."""
    if named.startswith("#") or not _ID.fullmatch(named):
        return named.startswith("#")
    try:
        await context.core.broadcasts.get(named)
    except NotFound:
        return False
    return True


async def _list_or_item(context: BotContext, message: IncomingMessage, tap: ListTap) -> None:
    """The first page; with an id behind the command, that broadcast. Raises NotFound."""
    named = incoming.without_command(message.text).strip()
    if not named:
        await _say(context, message, await home.list_screen(context, tap))
        return
    if not _ID.fullmatch(named):
        await _say(context, message, plain(_no_id(message.text, named)))
        return
    if await series.is_one(context, named):
        await _say(
            context, message, await series.screen(context, await context.core.recurring.get(named), tap)
        )
        return
    broadcast = await context.core.broadcasts.get(named)
    status = await context.core.status.read()
    message_id = await context.chat.send(
        message.admin.chat_id, broadcast_card(broadcast, status, context.clock(), tap)
    )
    if broadcast.is_under_way:
        await context.live.attach(broadcast.id, message.admin.chat_id, message_id)


def _no_id(text: str, named: str) -> str:
    match = _NAMED.match(text)
    command = match[0] if match else text
    sentence = _(
        "“{name}” is no id of a broadcast. {command} alone shows the list; "
        "with an id, such as {command} A7KQ, it shows that one."
    )
    return sentence.format(name=formatting.clip(named, _MOST_QUOTED), command=command)


async def _purge(context: BotContext, message: IncomingMessage) -> None:
    """/purge all goes straight to the question about all finished ones."""
    if incoming.without_command(message.text).strip().casefold() in EVERYTHING:
        await _say(context, message, await home.purge_question(context, PurgeKind.FINISHED))
        return
    await _say(context, message, await home.purge_screen(context))


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
