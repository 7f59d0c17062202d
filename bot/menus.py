"""The menu of commands that Telegram shows: one for subscribers, one for each admin. It is help, not access control."""

from __future__ import annotations

import logging

from telegram import Bot, BotCommand, BotCommandScopeChat, BotCommandScopeDefault
from telegram.error import BadRequest, Forbidden

log = logging.getLogger(__name__)

_SUBSCRIBERS = (
    BotCommand("start", "Get our news here"),
    BotCommand("stop", "Get them no more"),
    BotCommand("help", "What you can do"),
)
_ADMINS = (
    BotCommand("send", "Write a broadcast"),
    BotCommand("scheduled", "What waits for its time"),
    BotCommand("finished", "What went out, and to whom"),
    BotCommand("audiences", "Saved lists of recipients"),
    BotCommand("status", "How everything stands"),
    BotCommand("purge", "Clear away history"),
    BotCommand("panic", "Stop everything at once"),
    BotCommand("resume", "Let go on what was stopped"),
    BotCommand("cancel", "Close what is open"),
    BotCommand("help", "What I can do"),
)


async def set_all(bot: Bot, admin_ids: frozenset[int]) -> None:
    await bot.set_my_commands(_SUBSCRIBERS, BotCommandScopeDefault())
    for admin_id in sorted(admin_ids):
        await set_for(bot, admin_id)


async def set_for(bot: Bot, admin_id: int) -> None:
    """An admin who has not pressed Start yet gets the menu at the first /start."""
    try:
        await bot.set_my_commands(_ADMINS, BotCommandScopeChat(admin_id))
    except (BadRequest, Forbidden) as error:
        log.info("no menu for admin %d yet: %s", admin_id, error.message)
