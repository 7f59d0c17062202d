"""The menu of commands that Telegram shows: one for subscribers, one for each admin. It is help, not access control."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from telegram import Bot, BotCommand, BotCommandScope, BotCommandScopeChat, BotCommandScopeDefault

from bot.permissions import COMMANDS
from bot.telegram.errors import Rejected, translated_errors
from bot.text.translation import ENGLISH, LANGUAGES, _, in_language, language
from core.domain.team import Role, TeamMember

log = logging.getLogger(__name__)


def _subscribers() -> list[BotCommand]:
    return [
        BotCommand("start", _("Get our news here")),
        BotCommand("stop", _("Get them no more")),
        BotCommand("help", _("What you can do")),
    ]


def _admins() -> list[BotCommand]:
    return [
        BotCommand("send", _("Write a broadcast")),
        BotCommand("scheduled", _("What waits for its time")),
        BotCommand("finished", _("What went out, and to whom")),
        BotCommand("audiences", _("Saved lists of recipients")),
        BotCommand("status", _("How everything stands")),
        BotCommand("log", _("Who did what")),
        BotCommand("admins", _("Who works here, in which role")),
        BotCommand("zone", _("Your time zone")),
        BotCommand("purge", _("Clear away history")),
        BotCommand("panic", _("Stop everything at once")),
        BotCommand("resume", _("Let go on what was stopped")),
        BotCommand("cancel", _("Close what is open")),
        BotCommand("help", _("What I can do")),
    ]


async def set_all(bot: Bot, people: Sequence[TeamMember]) -> None:
    """In every language: Telegram shows each person the one of their app."""
    for spoken in LANGUAGES:
        with in_language(spoken):
            await _set(bot, _subscribers(), BotCommandScopeDefault())
    for person in people:
        await set_for(bot, person.id, person.role)


async def set_for(bot: Bot, person: int, role: Role | None) -> None:
    """The commands that this role may give; without one, those of subscribers.

    Somebody who has not pressed Start yet gets the menu at the first /start.
    """
    try:
        for spoken in LANGUAGES:
            with in_language(spoken):
                await _set_one(bot, person, role)
    except Rejected as error:
        log.info("no menu for %d yet: %s", person, error)


async def _set_one(bot: Bot, person: int, role: Role | None) -> None:
    scope = BotCommandScopeChat(person)
    if role is None:
        with translated_errors():
            await bot.delete_my_commands(scope, language_code=_code())
    else:
        able = [one for one in _admins() if role.may(COMMANDS.get(one.command, Role.OWNER))]
        await _set(bot, able, scope)


def _code() -> str | None:
    """English is what everybody gets whose language we do not speak."""
    return None if language() == ENGLISH else language()


async def _set(bot: Bot, commands: list[BotCommand], scope: BotCommandScope) -> None:
    with translated_errors():
        await bot.set_my_commands(commands, scope, language_code=_code())
