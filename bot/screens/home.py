"""The home screen, the help, and what subscribers read."""
# ruff: noqa: RUF001 - dashes are meant for the eye

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.screens.panic import resume_row, stop_lines
from bot.screens.time_zone import zone_line
from bot.text import formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _, amount, dated, translate
from bot.ui.callback_data import AUDIENCES, BOT, HELP, PEOPLE, ChooseZone, ListPage, LogPage
from bot.ui.screen import Button, Row, Rows, Screen, Style, screen
from core.domain.messengers.traits import Messenger
from core.domain.team import Role
from core.parsing.order_line import EXAMPLE
from core.services.status import MessengerStatus, Status


def new_button() -> Button:
    return Button(_("✍ New broadcast"), BOT.to("new"), Style.PRIMARY)


def home_row() -> Row:
    return (Button(_("« Home"), BOT.to("home")),)


def _greeting(name: str, role: Role) -> str:
    greetings = {
        Role.OWNER: _("<b>Message Sender</b> · you are an admin ({name})"),
        Role.EDITOR: _("<b>Message Sender</b> · you are an editor ({name})"),
        Role.VIEWER: _("<b>Message Sender</b> · you can look at everything ({name})"),
    }
    return greetings[role].format(name=escaped(name))


def home_screen(
    name: str,
    role: Role,
    status: Status,
    clock: Clock,
    *,
    finished: int,
    failed_today: int,
    going_on: Rows = (),
) -> Screen:
    """The answer to /start of an admin. `failed_today`: deliveries; `going_on`: buttons to an open draft."""
    lines = [
        _greeting(name, role),
        _counts(status, failed_today, clock),
        escaped(_readiness(status.messengers)),
        *(f"🛑 {escaped(sentence)}" for sentence in stop_lines(status.stop, clock)),
    ]
    return screen(lines, new_button(), *going_on, *_running(status), *_places(status, finished))


def _running(status: Status) -> Rows:
    """Buttons to the panic stop and to the broadcasts that are sending, if any."""
    rows: Rows = () if status.stop is None else (resume_row(status.stop),)
    if not status.running:
        return rows
    sending = _("▶ Sending {count}").format(count=amount(status.running))
    return (*rows, (Button(sending, ListPage("r", 1, "a")),))


def _places(status: Status, finished: int) -> Rows:
    scheduled = _("🗓 Scheduled {count}").format(count=amount(status.scheduled))
    ended = _("📋 Finished {count}").format(count=amount(finished))
    return (
        (Button(scheduled, ListPage("s", 1, "a")), Button(ended, ListPage("f", 1, "a"))),
        (Button(_("👥 Audiences"), AUDIENCES.to("page", 1)), Button(_("⚙ Status"), BOT.to("status"))),
        (
            Button(_("📜 Log"), LogPage(1)),
            Button(_("👤 People"), PEOPLE.to("list")),
            Button(_("🗑 Purge"), BOT.to("purge")),
        ),
    )


def _counts(status: Status, failed_today: int, clock: Clock) -> str:
    """Only counts above 0."""
    scheduled = _("🗓 {count} scheduled")
    if status.next_due:
        due = formatting.moment_in_city(status.next_due, clock.zone)
        scheduled = _("🗓 {count} scheduled, next {due}").replace("{due}", due)
    parts = (
        (status.running, _("▶ {count} sending")),
        (status.scheduled, scheduled),
        (failed_today, _("✖ {count} failed today")),
    )
    shown = [template.format(count=amount(count)) for count, template in parts if count]
    return " · ".join(shown) or _("Nothing is being sent, nothing is planned.")


def _readiness(messengers: Mapping[Messenger, MessengerStatus]) -> str:
    ready, missing = _("{messenger} ready"), _("{messenger}: not set up ({missing})")
    return " · ".join(
        (missing if state.missing else ready).format(
            messenger=messenger.traits.title, missing=", ".join(state.missing)
        )
        for messenger, state in messengers.items()
    )


def admin_help(clock: Clock, role: Role = Role.OWNER) -> Screen:
    """The commands of a role, two examples and the time zone."""
    lines = [
        (Role.EDITOR, _("/send – write a broadcast, step by step or in one line")),
        (Role.VIEWER, _("/scheduled – what waits for its time: look, move, send now, cancel")),
        (Role.VIEWER, _("/finished – what went out: who got it, who did not and why")),
        (Role.VIEWER, _("/audiences – saved lists of recipients; a CSV or XLSX file sent to me becomes one")),
        (Role.OWNER, _("/forget – remove all that is kept of a person")),
        (Role.OWNER, _("/purge – clear away history, or cancel all that waits; asks first")),
        (Role.VIEWER, _("/status – how everything stands; /cancel closes what is open here")),
        (Role.EDITOR, _("/panic – stop everything at once, on all messengers; /resume lets it go on")),
        (Role.VIEWER, _("/log – who did what; /admins – who works here, in which role")),
        (Role.EDITOR, ""),
        (Role.EDITOR, _("In one line, /send WHO | WHEN | TEXT, for example:")),
        (Role.EDITOR, f"<code>/send {translate(EXAMPLE)}</code>"),
        (Role.EDITOR, _("<code>/send +4915112345678, tg:1001 | Doors open at 7</code>")),
        (Role.VIEWER, ""),
        (Role.VIEWER, zone_line(clock)),
    ]
    change = Button(_("🌍 Change it"), ChooseZone(HELP))
    return screen("\n".join(line for needed, line in lines if role.may(needed)), change)


def subscribed_message(since: datetime, clock: Clock) -> Screen:
    if (clock.now - since).total_seconds() < 60:
        return Screen(_("Welcome! You will get our news here. /stop ends it."))
    day = dated(since.astimezone(clock.zone), "d MMMM y")
    return Screen(_("You are subscribed since {day}. /stop ends it.").format(day=day))


def unsubscribed_message(*, was_subscribed: bool) -> Screen:
    if was_subscribed:
        return Screen(_("You will get no more news from us. /start subscribes you again."))
    return Screen(_("You are not subscribed. /start subscribes you."))


def subscriber_help() -> Screen:
    return screen([_("/start – get our news here"), _("/stop – get them no more")])


def subscriber_reply() -> Screen:
    """The answer to any other message of a subscriber."""
    return Screen(_("Thanks! This account only sends updates. /help shows what you can do."))
