"""The screens that belong to no single broadcast: home, help, status, and what subscribers read."""
# ruff: noqa: RUF001 - dashes are meant for the eye

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape

from bot import screens_stop, words
from bot.pick import Present
from bot.screen import Button, Row, Screen, Style
from bot.wire import AudienceTap, ListTap, MenuTap, ResumeTap
from core.domain.messengers import Messenger
from core.domain.receipts import ReceiptCounts
from core.domain.stop import Stop
from core.services.orders import EXAMPLE
from core.services.status import MessengerStatus, Status

NEW = Button("✍ New broadcast", str(MenuTap("new")), Style.PRIMARY)
HOME_ROW: Row = (Button("« Home", str(MenuTap("home"))),)
_MEGABYTE = 1024 * 1024


def home(name: str, status: Status, finished: int, present: Present) -> Screen:
    """What /start shows an admin. `finished`: how many broadcasts have ended."""
    due = f", next {words.short(status.next_due, present.zone)}" if status.next_due else ""
    html = "\n".join(
        [
            f"{words.bold('Message Sender')} · you are an admin ({escape(name, quote=False)})",
            f"▶ {status.running:,} sending · 🗓 {status.scheduled:,} scheduled{due} · 📋 {finished:,} finished",
            escape(_readiness(status.messengers), quote=False),
            *(f"🛑 {escape(sentence, quote=False)}" for sentence in _stop_words(status.stop, present)),
        ]
    )
    running: tuple[Row, ...] = () if status.stop is None else (screens_stop.resume_row(status.stop),)
    if status.running:
        running = (
            *running,
            (Button(f"▶ Sending {status.running:,}", str(ListTap("r", 1, "a"))),),
        )
    return Screen(
        html,
        (
            (NEW,),
            *running,
            (
                Button(f"🗓 Scheduled {status.scheduled:,}", str(ListTap("s", 1, "a"))),
                Button(f"📋 Finished {finished:,}", str(ListTap("f", 1, "a"))),
            ),
            (
                Button("👥 Audiences", str(AudienceTap("", "page", "1"))),
                Button("⚙ Status", str(MenuTap("status"))),
            ),
            (Button("🗑 Purge", str(MenuTap("purge"))),),
        ),
    )


def _readiness(messengers: Mapping[Messenger, MessengerStatus]) -> str:
    return " · ".join(
        f"{messenger.traits.title}: not set up ({', '.join(state.missing)})"
        if state.missing
        else f"{messenger.traits.title} ready"
        for messenger, state in messengers.items()
    )


def admin_help(present: Present) -> Screen:
    """Five lines, two examples and the zone."""
    return Screen(
        "\n".join(
            [
                "/send – write a broadcast, step by step or in one line",
                "/scheduled – what waits for its time: look, move, send now, cancel",
                "/finished – what went out: who got it, who did not and why",
                "/audiences – saved lists of recipients; a CSV or XLSX file sent to me becomes one",
                "/purge – clear away history, or cancel all that waits; asks first",
                "/status – how everything stands; /cancel closes what is open here",
                "/panic – stop everything at once, on all messengers; /resume lets it go on",
                "",
                "In one line, /send WHO | WHEN | TEXT, for example:",
                f"<code>/send {EXAMPLE}</code>",
                "<code>/send +4915112345678, tg:1001 | Doors open at 7</code>",
                "",
                f"All times are {escape(present.zone.key)}.",
            ]
        )
    )


def status_screen(status: Status, present: Present) -> Screen:
    """What /status shows; halted messengers can be resumed from here."""
    trouble = [*_stop_words(status.stop, present), *_troubles(status)]
    rows: list[Row] = [
        (Button(f"▶ Resume {messenger.traits.title}", str(ResumeTap(messenger)), Style.PRIMARY),)
        for messenger, state in status.messengers.items()
        if state.halted
    ]
    verdict = "look below" if trouble else "all well"
    if status.stop is not None:
        rows.insert(0, screens_stop.resume_row(status.stop))
    else:
        rows.append((Button("🛑 Stop everything", str(MenuTap("panic")), Style.DANGER),))
    lines = [
        f"{words.bold('⚙ Status')} {words.clock(present.now, present.zone)} · {verdict}",
        f"Workers {status.workers} · scheduler {'✔' if status.schedulers else '✖ not running'} · bot ✔",
        f"Sending {words.number(status.running, 'broadcast', 'broadcasts')} · "
        f"{status.scheduled:,} scheduled{_next(status.next_due, present)}",
        *(_messenger_line(messenger, state, present) for messenger, state in status.messengers.items()),
        *(
            _receipt_line(messenger, state)
            for messenger, state in status.messengers.items()
            if state.receipts != ReceiptCounts()
        ),
        f"Store {status.memory_used // _MEGABYTE} MB{_of(status.memory_limit)}",
        *(f"⚠ {sentence}" for sentence in trouble),
    ]
    html = "\n".join([lines[0], *(escape(line, quote=False) for line in lines[1:])])
    return Screen(html, (*rows, (Button("🔄", str(MenuTap("status"))), *HOME_ROW)))


def _next(due: datetime | None, present: Present) -> str:
    return f", next {words.moment(due, now=present.now, zone=present.zone)}" if due else ""


def _of(limit: int | None) -> str:
    return f" of {limit // _MEGABYTE}" if limit else ""


def _messenger_line(messenger: Messenger, state: MessengerStatus, present: Present) -> str:
    if state.missing:
        return f"{messenger.traits.title}: not set up. Set {' and '.join(state.missing)} in .env."
    queue = f"{state.waiting:,} waiting, {state.sending:,} in the air"
    if not state.halted:
        return f"{messenger.traits.title} ✔ up to {state.rate:g}/s · {queue}"
    return f"{messenger.traits.title} ⏸ {halt_words(state, present)} · {queue}"


def _receipt_line(messenger: Messenger, state: MessengerStatus) -> str:
    counts = state.receipts
    words_of = {
        "waiting": counts.waiting,
        "refused (wrong signature)": counts.refused,
        "unreadable": counts.malformed,
        "about messages not in the ledger": counts.unmatched,
    }
    told = ", ".join(f"{count:,} {what}" for what, count in words_of.items() if count)
    return f"{messenger.traits.title} receipts: {told}"


def halt_words(state: MessengerStatus, present: Present) -> str:
    """Until when a halted messenger waits, and why."""
    until = (
        f"until {words.clock(state.halted_until, present.zone)}"
        if state.halted_until
        else "until you resume it"
    )
    return f"waits {until}" + (f" ({words.clip(state.halt_reason, 120)})" if state.halt_reason else "")


def _stop_words(stop: Stop | None, present: Present) -> list[str]:
    return [] if stop is None else [f"Everything is stopped {screens_stop.who_and_when(stop, present)}."]


def _troubles(status: Status) -> list[str]:
    found = list(status.store_warnings)
    if not status.workers:
        found.append("No worker is running. Nothing is lost; sending goes on when one starts.")
    if not status.schedulers:
        found.append("No scheduler is running. Due broadcasts start a little later.")
    if len(status.versions) > 1:
        found.append(f"Programs of different versions share this store: {', '.join(status.versions)}.")
    found += [
        f"{messenger.traits.title} is halted: {words.clip(state.halt_reason, 120) or 'no reason given'}"
        for messenger, state in status.messengers.items()
        if state.halted and state.halted_until is None
    ]
    return found


def subscribed(since: datetime, present: Present) -> Screen:
    """The answer to a stranger's /start: new, or since when."""
    if (present.now - since).total_seconds() < 60:
        return Screen("Welcome! You will get our news here. /stop ends it.")
    local = since.astimezone(present.zone)
    return Screen(f"You are subscribed since {local.day} {local:%B %Y}. /stop ends it.")


UNSUBSCRIBED = Screen("You will get no more news from us. /start subscribes you again.")
NOT_SUBSCRIBED = Screen("You are not subscribed. /start subscribes you.")
SUBSCRIBER_HELP = Screen("/start – get our news here\n/stop – get them no more")
FRIENDLY = Screen("Hello! I send out news, and cannot read what you write. /help shows what you can do.")
