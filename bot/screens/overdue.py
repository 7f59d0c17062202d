"""Screens of a broadcast whose time passed while nothing ran."""

from __future__ import annotations

from bot.screens.broadcasts import list_button, recipients_line
from bot.text import audit, formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped, title
from bot.text.translation import _
from bot.ui.callback_data import SCHEDULED_LIST, ListPage, subject
from bot.ui.screen import Button, Screen, Style, screen
from core.domain.broadcast import Broadcast, Late


def late_text(late: Late) -> str:
    match late:
        case Late.SEND:
            return _("send anyway")
        case Late.SKIP:
            return _("skip")
        case Late.ASK:
            return _("ask me")


def overdue_card(broadcast: Broadcast, clock: Clock, back: ListPage | None = None) -> Screen:
    """Asks the team what to do with it."""
    to = subject(broadcast).to
    due = _("It was due {moment}. It's {now} now.").format(
        moment=formatting.full_moment(broadcast.send_at, clock.zone),
        now=f"{clock.now.astimezone(clock.zone):%H:%M}",
    )
    lines = [
        _("⏰ Late: {title}").format(title=title(broadcast)),
        recipients_line(broadcast),
        escaped(due),
        _("The server was down, so nothing was sent. What would you like to do?"),
    ]
    return screen(
        lines,
        (Button(_("🚀 Send now"), to("send"), Style.PRIMARY), Button(_("🕒 Reschedule"), to("when"))),
        (Button(_("✖ Cancel"), to("cancel"), Style.DANGER), *((list_button(back),) if back else ())),
    )


def decided_card(broadcast: Broadcast, clock: Clock) -> Screen:
    """In place of the question, once somebody has decided."""
    return screen(
        [_("⏰ Late: {title}").format(title=title(broadcast)), escaped(audit.history(broadcast, clock))]
    )


def overdue_pointer(broadcast: Broadcast) -> Screen:
    """The live card of a late broadcast; the question below says the rest."""
    return Screen(_("⏰ Late: {title}. Please decide below.").format(title=title(broadcast)))


def missed_message(broadcast: Broadcast, clock: Clock) -> Screen:
    """Tells the team that it was left out, as chosen."""
    due = formatting.full_moment(broadcast.send_at, clock.zone)
    lines = [_("⏭ Skipped: {title}").format(title=title(broadcast)), missed_line(due)]
    return screen(lines, Button(_("📋 Open"), subject(broadcast).to("view", SCHEDULED_LIST)))


def missed_line(due: str) -> str:
    """The reason, as HTML."""
    told = _("It was due {moment}, but the server was down. It's set to be skipped when late.")
    return escaped(told.format(moment=due))
