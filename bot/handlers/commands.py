"""The table of commands: used by the dispatcher, the menu and the hint for an unknown command."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from bot.context import BotContext, Result
from bot.handlers import (
    audiences,
    audit_log,
    drafts,
    forget,
    home,
    order_line,
    panic,
    search,
    series,
    team,
    time_zone,
)
from bot.permissions import demand
from bot.requests import IncomingMessage
from bot.routes import Command
from bot.screens.ended import broadcast_card
from bot.text import formatting
from bot.text.command_words import nearest
from bot.text.translation import _
from bot.ui.callback_data import SCHEDULED_LIST, SENT_LIST, ListPage
from bot.ui.screen import Screen, plain
from core.domain.errors import NotFound
from core.domain.team import Role
from core.domain.translatable import sentence

_NAMED: Final = re.compile(r"/(\w+)(?:@\w+)?")
_ID: Final = re.compile(r"#?[A-Za-z0-9]{1,7}")
_MOST_QUOTED: Final = 40


async def run(context: BotContext, message: IncomingMessage) -> Result:
    """Carry out the command that a message begins with. Raises SenderError."""
    match = _NAMED.match(message.text)
    name = match[1].lower() if match else ""
    command = next((one for one in COMMANDS if one.name == name), None)
    if command is None:
        return _unknown(name)
    await demand(context, message.admin, command.role)
    return await command.handler(context, message)


def _unknown(name: str) -> Screen:
    near = nearest(name, [one.name for one in COMMANDS])
    answer = _("I don't know /{name}. /help lists what I can do.")
    if near:
        answer = _("I don't know /{name}. Did you mean /{near}?")
    return plain(answer.format(name=name[:32], near=near))


async def _finished(context: BotContext, message: IncomingMessage) -> Screen | None:
    """The list; with an id, that broadcast; with other words, a search."""
    if message.argument and not await _names_one(context, message.argument):
        return await search.begin(context, message, message.argument)
    return await _list_or_item(context, message, SENT_LIST)


async def _names_one(context: BotContext, named: str) -> bool:
    """True for "#..." and for the id of a broadcast."""
    if named.startswith("#") or not _ID.fullmatch(named):
        return named.startswith("#")
    try:
        await context.core.broadcasts.get(named)
    except NotFound:
        return False
    return True


async def _list_or_item(context: BotContext, message: IncomingMessage, first: ListPage) -> Screen | None:
    """The first page of the list, or the broadcast or series of the given id. Raises NotFound."""
    named = message.argument
    if not named:
        return await home.list_screen(context, first)
    if not _ID.fullmatch(named):
        return plain(_no_id(message.text, named))
    if await drafts.is_series(context, named):
        return await series.screen(context, await context.core.series.get(named), first)
    broadcast = await context.core.broadcasts.get(named)
    status, missed = await context.core.status.read(), await context.core.retries.missed(broadcast)
    screen = broadcast_card(broadcast, status, context.clock(), first, missed)
    if not broadcast.is_under_way:
        return screen
    message_id = await context.chat.send(message.admin.chat_id, screen)
    await context.live.attach(broadcast.id, message.admin.chat_id, message_id)
    return None


def _no_id(text: str, named: str) -> str:
    match = _NAMED.match(text)
    command = match[0] if match else text
    sentence = _("“{name}” isn't a message ID. Send {command} to see them all, or {command} A7KQ to see one.")
    return sentence.format(name=formatting.clip(named, _MOST_QUOTED), command=command)


_SCHEDULED: Final = partial(_list_or_item, first=SCHEDULED_LIST)
COMMANDS: Final = (
    Command("start", Role.VIEWER, home.start),
    Command("send", Role.EDITOR, order_line.send, sentence("New message")),
    Command("scheduled", Role.VIEWER, _SCHEDULED, sentence("Scheduled messages")),
    Command("sent", Role.VIEWER, _finished, sentence("Sent messages and results")),
    Command("finished", Role.VIEWER, _finished),
    Command("lists", Role.VIEWER, audiences.command, sentence("Lists of people")),
    Command("audiences", Role.VIEWER, audiences.command),
    Command("status", Role.VIEWER, home.status),
    Command("log", Role.VIEWER, audit_log.command),
    Command("admins", Role.VIEWER, team.command),
    Command("zone", Role.VIEWER, time_zone.command),
    Command("purge", Role.OWNER, home.purge),
    Command("forget", Role.OWNER, forget.command),
    Command("panic", Role.EDITOR, panic.stop),
    Command("resume", Role.EDITOR, panic.resume),
    Command("cancel", Role.VIEWER, drafts.cancel),
    Command("help", Role.VIEWER, time_zone.help_screen, sentence("Help")),
)
"""In the order of the menu."""
