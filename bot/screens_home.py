"""The screens that belong to no single broadcast: home, help, status, and what subscribers read."""
# ruff: noqa: RUF001 - dashes are meant for the eye

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape

from bot import screens_stop, words
from bot.language import _, amount, dated, told
from bot.pick import Present
from bot.screen import Button, Row, Screen, Style
from bot.wire import AudienceTap, ListTap, MenuTap
from core.domain.messengers import Messenger
from core.services.orders import EXAMPLE
from core.services.status import MessengerStatus, Status


def new_button() -> Button:
    return Button(_("✍ New broadcast"), str(MenuTap("new")), Style.PRIMARY)


def home_row() -> Row:
    return (Button(_("« Home"), str(MenuTap("home"))),)


def home(name: str, status: Status, finished: int, present: Present) -> Screen:
    """What /start shows an admin. `finished`: how many broadcasts have ended."""
    html = "\n".join(
        [
            _("<b>Message Sender</b> · you are an admin ({name})").format(name=escape(name, quote=False)),
            _counts(status, finished, present),
            escape(_readiness(status.messengers), quote=False),
            *(
                f"🛑 {escape(sentence, quote=False)}"
                for sentence in screens_stop.stop_words(status.stop, present)
            ),
        ]
    )
    running: tuple[Row, ...] = () if status.stop is None else (screens_stop.resume_row(status.stop),)
    if status.running:
        running = (
            *running,
            (Button(_("▶ Sending {count}").format(count=amount(status.running)), str(ListTap("r", 1, "a"))),),
        )
    return Screen(
        html,
        (
            (new_button(),),
            *running,
            (
                Button(
                    _("🗓 Scheduled {count}").format(count=amount(status.scheduled)),
                    str(ListTap("s", 1, "a")),
                ),
                Button(_("📋 Finished {count}").format(count=amount(finished)), str(ListTap("f", 1, "a"))),
            ),
            (
                Button(_("👥 Audiences"), str(AudienceTap("", "page", "1"))),
                Button(_("⚙ Status"), str(MenuTap("status"))),
            ),
            (Button(_("🗑 Purge"), str(MenuTap("purge"))),),
        ),
    )


def _counts(status: Status, finished: int, present: Present) -> str:
    scheduled = _("🗓 {count} scheduled").format(count=amount(status.scheduled))
    if status.next_due:
        due = words.short(status.next_due, present.zone)
        scheduled = _("🗓 {count} scheduled, next {due}").format(count=amount(status.scheduled), due=due)
    sending = _("▶ {count} sending").format(count=amount(status.running))
    ended = _("📋 {count} finished").format(count=amount(finished))
    return " · ".join([sending, scheduled, ended])


def _readiness(messengers: Mapping[Messenger, MessengerStatus]) -> str:
    return " · ".join(
        _("{messenger}: not set up ({missing})").format(
            messenger=messenger.traits.title, missing=", ".join(state.missing)
        )
        if state.missing
        else _("{messenger} ready").format(messenger=messenger.traits.title)
        for messenger, state in messengers.items()
    )


def admin_help(present: Present) -> Screen:
    """Five lines, two examples and the zone."""
    return Screen(
        "\n".join(
            [
                _("/send – write a broadcast, step by step or in one line"),
                _("/scheduled – what waits for its time: look, move, send now, cancel"),
                _("/finished – what went out: who got it, who did not and why"),
                _("/audiences – saved lists of recipients; a CSV or XLSX file sent to me becomes one"),
                _("/purge – clear away history, or cancel all that waits; asks first"),
                _("/status – how everything stands; /cancel closes what is open here"),
                _("/panic – stop everything at once, on all messengers; /resume lets it go on"),
                "",
                _("In one line, /send WHO | WHEN | TEXT, for example:"),
                f"<code>/send {told(EXAMPLE)}</code>",
                _("<code>/send +4915112345678, tg:1001 | Doors open at 7</code>"),
                "",
                _("All times are {zone}.").format(zone=escape(present.zone.key)),
            ]
        )
    )


def subscribed(since: datetime, present: Present) -> Screen:
    """The answer to a stranger's /start: new, or since when."""
    if (present.now - since).total_seconds() < 60:
        return Screen(_("Welcome! You will get our news here. /stop ends it."))
    day = dated(since.astimezone(present.zone), "d MMMM y")
    return Screen(_("You are subscribed since {day}. /stop ends it.").format(day=day))


def unsubscribed(*, was_subscribed: bool) -> Screen:
    """The answer to a stranger's /stop."""
    if was_subscribed:
        return Screen(_("You will get no more news from us. /start subscribes you again."))
    return Screen(_("You are not subscribed. /start subscribes you."))


def subscriber_help() -> Screen:
    return Screen("\n".join([_("/start – get our news here"), _("/stop – get them no more")]))


def friendly() -> Screen:
    """The answer to whatever else a subscriber writes."""
    return Screen(_("Hello! I send out news, and cannot read what you write. /help shows what you can do."))
