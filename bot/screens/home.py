"""The home screen, the help, and what subscribers read."""
# ruff: noqa: RUF001 - dashes are meant for the eye

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from bot.screens.panic import resume_row, stop_lines
from bot.screens.time_zone import zone_line
from bot.text import formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _, amount, dated, plural, translate
from bot.ui.callback_data import (
    AUDIENCES,
    BOT,
    HELP,
    NO_ACTION,
    PEOPLE,
    WELCOME,
    ChooseZone,
    ListPage,
    LogPage,
)
from bot.ui.screen import Button, Row, Rows, Screen, Style, plain, screen
from core.domain.auto_text import AutoText
from core.domain.messengers.traits import Messenger
from core.domain.team import Role
from core.parsing.order_line import EXAMPLE
from core.services.status import Status


def new_button() -> Button:
    return Button(_("✍ New message"), BOT.to("new"), Style.PRIMARY)


def home_row() -> Row:
    return (Button(_("« Home"), BOT.to("home")),)


def welcome_question(name: str, clock: Clock) -> Screen:
    """The first thing that an owner reads."""
    time = f"{clock.now.astimezone(clock.zone):%H:%M}"
    lines = [
        _("<b>Hi, {name}!</b>").format(name=escaped(name)),
        _("Write a message once, and I'll send it to many people."),
        _("They get it on Telegram, WhatsApp or Viber, now or later."),
        "",
        formatting.bold(_("Is it {time} where you are?").format(time=time)),
    ]
    here = ChooseZone(WELCOME, zone=clock.zone.key)
    return screen(
        "\n".join(lines),
        (Button(_("Yes"), here, Style.PRIMARY), Button(_("Choose city"), ChooseZone(WELCOME))),
    )


def invite(link: str) -> Screen:
    """Below the QR code of the link that people subscribe by."""
    words = _("Get our news on Telegram:")
    share = f"https://t.me/share/url?{urlencode({'url': link, 'text': words})}"
    lines = [
        formatting.bold(_("Your invite link")),
        escaped(link),
        _("Anyone who opens it and presses Start gets your messages. Print the code, or share the link."),
    ]
    return screen(lines, (Button(_("Share"), NO_ACTION, url=share), new_button()))


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
        _("<b>Hi, {name}!</b>").format(name=escaped(name)),
        _counts(status, failed_today, clock),
        "" if role.may(Role.EDITOR) else _("You can see everything but can't send messages."),
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
    scheduled, sent = _("🗓 Scheduled"), _("📤 Sent")
    if status.scheduled:
        scheduled += f" {amount(status.scheduled)}"
    if finished:
        sent += f" {amount(finished)}"
    return (
        (Button(scheduled, ListPage("s", 1, "a")), Button(sent, ListPage("f", 1, "a"))),
        (Button(_("👥 Lists"), AUDIENCES.to("page", 1)), Button(_("More"), BOT.to("more"))),
    )


def more_screen() -> Screen:
    return screen(
        formatting.bold(_("More")),
        (Button(_("⚙ Status"), BOT.to("status")), Button(_("👤 Team"), PEOPLE.to("list"))),
        (Button(_("📜 History"), LogPage(1)), Button(_("🗑 Delete history"), BOT.to("purge"))),
        (Button(_("❓ Help"), BOT.to("help")), *home_row()),
    )


def _counts(status: Status, failed_today: int, clock: Clock) -> str:
    """Only counts above 0."""
    due = formatting.moment_in_city(status.next_due, clock.zone) if status.next_due else ""
    parts = (
        plural("▶ Sending {count} message", "▶ Sending {count} messages", status.running)
        if status.running
        else "",
        _("🗓 Next: {due}").format(due=due) if due else "",
        _("✖ {count} failed today").format(count=amount(failed_today)) if failed_today else "",
    )
    return " · ".join(part for part in parts if part) or _("Nothing scheduled. Ready when you are.")


def admin_help(clock: Clock, role: Role = Role.OWNER) -> Screen:
    """The commands of a role, the order in one line and the time zone."""
    lines = [
        (Role.EDITOR, _("/send – write a message")),
        (Role.VIEWER, _("/scheduled – messages to come: edit, move or cancel them")),
        (Role.VIEWER, _("/sent – messages that went out, and who got them")),
        (Role.VIEWER, _("/lists – people you write to often. Send me an Excel or CSV file to make one")),
        (Role.VIEWER, _("/cancel – cancel what you're doing")),
        (Role.EDITOR, _("/panic – pause all sending, /resume – continue")),
        (Role.VIEWER, _("/status – is everything running?")),
        (Role.VIEWER, _("/log – who did what, /admins – your team and its roles")),
        (Role.OWNER, _("/forget – remove everything about one person")),
        (Role.OWNER, _("/purge – delete history (I ask first)")),
        (Role.EDITOR, ""),
        (Role.EDITOR, _("In a hurry? Type it all in one line, /send WHO | WHEN | TEXT:")),
        (Role.EDITOR, f"<code>/send {translate(EXAMPLE)}</code>"),
        (Role.VIEWER, ""),
        (Role.VIEWER, zone_line(clock)),
    ]
    change = Button(_("🌍 Change time zone"), ChooseZone(HELP))
    auto = Button(_("💬 Welcome and away texts"), BOT.to("auto"))
    return screen("\n".join(line for needed, line in lines if role.may(needed)), change, auto)


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
