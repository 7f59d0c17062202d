"""The home screen, the welcome of an owner, and the help."""
# ruff: noqa: RUF001 - dashes are meant for the eye

from __future__ import annotations

from urllib.parse import urlencode

from bot.requests import Admin
from bot.screens.panic import resume_row, stop_lines
from bot.screens.time_zone import zone_line
from bot.text import formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _, amount, plural, translate
from bot.ui.callback_data import (
    AUDIENCE_LIST,
    BOT,
    HELP,
    NO_ACTION,
    PEOPLE,
    RUNNING_LIST,
    SCHEDULED_LIST,
    SENT_LIST,
    WELCOME,
    ChooseZone,
    LogPage,
)
from bot.ui.screen import Button, Row, Rows, Screen, Style, screen
from core.domain.team import Role
from core.parsing.order_line import EXAMPLE
from core.services.status import Status

_MOST_OTHERS = 2
"""Buttons that only some homes have."""


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
    admin: Admin, status: Status, clock: Clock, *, finished: int, failed_today: int, urgent: Rows = ()
) -> Screen:
    """The answer to /start. `failed_today`: deliveries; `urgent`: buttons to open drafts and approvals."""
    lines = [
        _("<b>Hi, {name}!</b>").format(name=escaped(admin.name)),
        _counts(status, failed_today, clock),
        "" if admin.role.may(Role.EDITOR) else _("You can see everything but can't send messages."),
        *(f"🛑 {escaped(sentence)}" for sentence in stop_lines(status.stop, clock)),
    ]
    # There is no room for all: what is urgent or paused takes the place of others.
    others = (*urgent, *_running(status)[:1])[:_MOST_OTHERS]
    first: Rows = ((new_button(),),) if len(others) < _MOST_OTHERS else ()
    return screen(lines, *first, *others, *_places(status, finished))


def _running(status: Status) -> Rows:
    """Buttons to the panic stop and to the broadcasts that are sending, if any."""
    rows: Rows = () if status.stop is None else (resume_row(status.stop),)
    if not status.running:
        return rows
    sending = _("▶ Sending {count}").format(count=amount(status.running))
    return (*rows, (Button(sending, RUNNING_LIST),))


def _places(status: Status, finished: int) -> Rows:
    scheduled, sent = _("🗓 Scheduled"), _("📤 Sent")
    if status.scheduled:
        scheduled += f" {amount(status.scheduled)}"
    if finished:
        sent += f" {amount(finished)}"
    return (
        (Button(scheduled, SCHEDULED_LIST), Button(sent, SENT_LIST)),
        (Button(_("👥 Lists"), AUDIENCE_LIST), Button(_("More"), BOT.to("more"))),
    )


def more_screen() -> Screen:
    return screen(
        formatting.bold(_("More")),
        (Button(_("⚙ Status"), BOT.to("status")), Button(_("👤 Team"), PEOPLE.to("list"))),
        (Button(_("📜 Log"), LogPage(1)), Button(_("🗑 Delete history"), BOT.to("purge"))),
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
    return screen("\n".join(line for needed, line in lines if role.may(needed)), change, auto, home_row())
