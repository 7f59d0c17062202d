"""The menu of commands that Telegram shows: one for subscribers, one for each admin. It is help, not access control."""

from __future__ import annotations

import logging

from telegram import Bot, BotCommand, BotCommandScope, BotCommandScopeChat, BotCommandScopeDefault
from telegram.error import BadRequest, Forbidden

from bot.language import ENGLISH, LANGUAGES, _, speaking, spoken

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
        BotCommand("purge", _("Clear away history")),
        BotCommand("panic", _("Stop everything at once")),
        BotCommand("resume", _("Let go on what was stopped")),
        BotCommand("cancel", _("Close what is open")),
        BotCommand("help", _("What I can do")),
    ]


async def set_all(bot: Bot, admin_ids: frozenset[int]) -> None:
    """In every language: Telegram shows each person the one of their app."""
    for language in LANGUAGES:
        with speaking(language):
            await _set(bot, _subscribers(), BotCommandScopeDefault())
    for admin_id in sorted(admin_ids):
        await set_for(bot, admin_id)


async def set_for(bot: Bot, admin_id: int) -> None:
    """An admin who has not pressed Start yet gets the menu at the first /start."""
    try:
        for language in LANGUAGES:
            with speaking(language):
                await _set(bot, _admins(), BotCommandScopeChat(admin_id))
    except (BadRequest, Forbidden) as error:
        log.info("no menu for admin %d yet: %s", admin_id, error.message)


async def _set(bot: Bot, commands: list[BotCommand], scope: BotCommandScope) -> None:
    # English is what everybody gets whose language we do not speak.
    code = None if spoken() == ENGLISH else spoken()
    await bot.set_my_commands(commands, scope, language_code=code)
