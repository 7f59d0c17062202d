"""Messages to subscribers of the bot, and the automatic texts."""
# ruff: noqa: RUF001 - dashes are meant for the eye

from __future__ import annotations

from datetime import datetime

from bot.text.clock import Clock
from bot.text.translation import _, dated
from bot.ui.screen import Screen, plain, screen
from core.domain.auto_text import AutoText
from core.domain.messengers.traits import Messenger


def subscribed_message(since: datetime, clock: Clock, welcome: str | None) -> Screen:
    """`welcome`: the text in the admins' words, if they have set one."""
    if (clock.now - since).total_seconds() < 60:
        return plain(auto_text(Messenger.TELEGRAM, AutoText.WELCOME, welcome))
    day = dated(since.astimezone(clock.zone), "d MMMM y")
    return Screen(_("You've been subscribed since {day}. To unsubscribe, send /stop.").format(day=day))


def unsubscribed_message(*, was_subscribed: bool) -> Screen:
    if was_subscribed:
        return Screen(_("You're unsubscribed. To subscribe again, send /start."))
    return Screen(_("You aren't subscribed. To subscribe, send /start."))


def subscriber_help() -> Screen:
    return screen([_("/start – get our news here"), _("/stop – unsubscribe")])


def auto_text(messenger: Messenger, which: AutoText, own: str | None) -> str:
    """The automatic text; empty: none. `own`: in the admins' words, if they have set one."""
    return standard_text(messenger, which) if own is None else own


def standard_text(messenger: Messenger, which: AutoText) -> str:
    """The automatic text where no admin has set one; empty: none."""
    if messenger is not Messenger.TELEGRAM:
        return ""
    match which:
        case AutoText.WELCOME:
            return _("Welcome! You'll get our news here. To unsubscribe, send /stop.")
        case AutoText.AWAY:
            return _("Thanks! This account only sends updates. /help shows what you can do.")
