"""The screens of /status: what everybody needs to know, and the details of programs, messengers and store."""

from __future__ import annotations

import re

from bot.screens.home import home_row
from bot.screens.panic import resume_row, stop_lines
from bot.text import formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _, amount, plural, translate
from bot.ui.callback_data import BOT, Subject
from bot.ui.screen import Button, Row, Rows, Screen, Style, screen
from core.domain.messengers.events import ReceiptCounts
from core.domain.messengers.remedies import remedy, with_words
from core.domain.messengers.traits import Messenger
from core.services.account_problems import account_problems
from core.services.alerts import failed_checks, held_back, oddities, wrong_clock
from core.services.status import MessengerStatus, Status

_MEGABYTE = 1024 * 1024
_MOST_LINES = 6
_MOST_HALTED = 2
_LONG_WAIT = 60
"""Seconds from which the longest wait is shown."""
_SETTING = re.compile(r"[A-Z]+_[A-Z_]+")


def no_worker_text() -> str:
    return _("The sending program isn't running. Nothing is lost. Messages go out once it's back.")


def status_screen(status: Status, clock: Clock) -> Screen:
    """The answer to /status, with buttons that resume halted messengers."""
    trouble = [*stop_lines(status.stop, clock), *_troubles(status, clock)]
    technical = _technical_troubles(status)
    head = _("<b>⚙ Status</b> {time} · all good")
    if trouble or technical:
        head = _("<b>⚙ Status</b> {time} · needs attention")
    lines = [
        head.format(time=f"{clock.now.astimezone(clock.zone):%H:%M}"),
        "" if trouble else escaped(_("✔ Messages go out.")),
        escaped(_broadcasts(status, clock)),
        escaped(_messengers(status)),
        _not_set_up(status),
        *(escaped(f"⚠ {sentence}") for sentence in trouble),
    ]
    lines = [line for line in lines if line]
    more = max(0, len(lines) + bool(technical) - _MOST_LINES)
    if more:
        hidden = more + 1
        text = plural("⚠ {count} more problem, see Details.", "⚠ {count} more problems, see Details.", hidden)
        lines = [*lines[: _MOST_LINES - 1], text]
    elif technical:
        lines.append(_("⚠ Something needs the person who set me up. Show them Details."))
    return screen(lines, *_rows(status))


def _rows(status: Status) -> Rows:
    halted = [resume_button(one, "resume") for one, state in status.messengers.items() if state.halted]
    # The others come when the first are settled.
    rows: list[Button | Row] = [
        *halted[:_MOST_HALTED],
        Button(_("🛑 Stop everything"), BOT.to("panic"), Style.DANGER),
    ]
    if status.stop is not None:
        rows = [resume_row(status.stop), *halted[:_MOST_HALTED]]
    details = (Button(_("🔧 Details"), BOT.to("details")), Button(_("🔄 Refresh"), BOT.to("status")))
    return (*((one,) if isinstance(one, Button) else one for one in rows), details, home_row())


def details_screen(status: Status, clock: Clock) -> Screen:
    """Technical details for the person who runs the programs."""
    lines = [
        _programs(status),
        *(_messenger_line(messenger, status, clock) for messenger in status.messengers),
        *(
            _receipt_line(messenger, state)
            for messenger, state in status.messengers.items()
            if state.receipts != ReceiptCounts()
        ),
        _store(status),
        _failed_logins(status),
        *(f"⚠ {sentence}" for sentence in (*_troubles(status, clock), *_technical_troubles(status))),
    ]
    head = _("<b>🔧 Details</b> for the person who set me up")
    return screen([head, *(escaped(line) for line in lines if line)], Button(_("« Back"), BOT.to("status")))


def _messengers(status: Status) -> str:
    """For example "✔ Telegram, 12 waiting · ✔ Viber"; those with a problem have a line of their own."""
    parts = []
    for messenger, state in status.messengers.items():
        waiting = state.waiting + state.sending
        if state.missing or state.halted or state.problem:
            continue
        part = f"✔ {messenger.traits.title}"
        if waiting:
            part += ", " + _("{count} waiting").format(count=amount(waiting))
        parts.append(part)
    return " · ".join(parts)


def _not_set_up(status: Status) -> str:
    missing = [one.traits.title for one, state in status.messengers.items() if state.missing]
    return _("Not set up: {names}").format(names=formatting.join_names(missing)) if missing else ""


def resume_button(messenger: Messenger, verb: str = "go") -> Button:
    """Resumes a messenger. `verb`: "go" leaves the message as it is, "resume" draws the status in its place."""
    label = _("▶ Resume {messenger}").format(messenger=messenger.traits.title)
    return Button(label, Subject("m", messenger.traits.code).to(verb), Style.PRIMARY)


def _programs(status: Status) -> str:
    line = _("Workers {count} · scheduler ✖ not running · bot ✔")
    if status.schedulers:
        line = _("Workers {count} · scheduler ✔ · bot ✔")
    return line.format(count=amount(status.workers))


def _broadcasts(status: Status, clock: Clock) -> str:
    parts = []
    if status.running:
        parts.append(plural("Sending {count} message", "Sending {count} messages", status.running))
    if status.next_due:
        due = formatting.moment(status.next_due, now=clock.now, zone=clock.zone)
        parts.append(_("{count} scheduled, next {due}").format(count=amount(status.scheduled), due=due))
    elif status.scheduled:
        parts.append(_("{count} scheduled").format(count=amount(status.scheduled)))
    waited = (clock.now - status.waits_since).total_seconds() if status.waits_since else 0
    if waited >= _LONG_WAIT:
        parts.append(_("Longest wait: {span}").format(span=formatting.span(waited)))
    line = " · ".join(parts)
    return line[:1].upper() + line[1:]


def _store(status: Status) -> str:
    used = amount(status.memory_used // _MEGABYTE)
    if not status.memory_limit:
        return _("Storage {used} MB").format(used=used)
    return _("Storage {used} MB of {limit}").format(used=used, limit=amount(status.memory_limit // _MEGABYTE))


def _failed_logins(status: Status) -> str:
    if not status.failed_logins:
        return ""
    return plural(
        "API: {count} call with a wrong password",
        "API: {count} calls with a wrong password",
        status.failed_logins,
    )


def _messenger_line(messenger: Messenger, status: Status, clock: Clock) -> str:
    state = status.messengers[messenger]
    if state.missing:
        return _("{messenger}: not set up. Set {missing} in .env.").format(
            messenger=messenger.traits.title, missing=formatting.join_names(state.missing)
        )
    parts = [f"{messenger.traits.title} {_state_words(messenger, status, clock)}"]
    if state.sending:
        both = _("{waiting} waiting, {sending} on their way")
        parts.append(both.format(waiting=amount(state.waiting), sending=amount(state.sending)))
    elif state.waiting:
        parts.append(_("{count} waiting").format(count=amount(state.waiting)))
    return " · ".join(parts)


def _state_words(messenger: Messenger, status: Status, clock: Clock) -> str:
    state = status.messengers[messenger]
    if state.halted:
        # The reason is listed below, among the problems.
        why = halt_text(messenger, state, clock) if state.halted_until else _("paused until you resume it")
        return f"⏸ {why}"
    if status.stop is not None and messenger not in status.stop.released_messengers:
        return _("🛑 stopped")
    mark = "⚠ " if state.problem else "✔ "
    speed = _("{pace}, at most {rate}") if state.throughput else _("at most {rate}")
    return mark + speed.format(pace=formatting.rate(state.throughput), rate=formatting.rate(state.rate))


def _receipt_line(messenger: Messenger, state: MessengerStatus) -> str:
    counts = state.receipts
    words_of = {
        _("{count} waiting"): counts.waiting,
        _("{count} refused (forged or too large)"): counts.refused,
        _("{count} unreadable"): counts.malformed,
        _("{count} about unknown messages"): counts.unmatched,
    }
    found = ", ".join(what.format(count=amount(count)) for what, count in words_of.items() if count)
    return _("{messenger} receipts: {counts}").format(messenger=messenger.traits.title, counts=found)


def halt_text(messenger: Messenger, state: MessengerStatus, clock: Clock) -> str:
    """Until when a halted messenger waits, with the reason."""
    waits = _("paused until you resume it")
    if state.halted_until:
        end = formatting.end_of_wait(state.halted_until, now=clock.now, zone=clock.zone)
        waits = _("waits until {time}").format(time=end)
    return f"{waits}: {halt_reason(messenger, state)}" if state.halt_reason else waits


def halt_reason(messenger: Messenger, state: MessengerStatus) -> str:
    if not state.halt_reason:
        return _("no reason given")
    return translate(with_words(state.halt_reason, messenger, formatting.clip(state.halt_words, 150)))


def _troubles(status: Status, clock: Clock) -> list[str]:
    """Problems in words for everybody."""
    if status.store_outage is not None:
        # Without it the programs' signs of life fail as well: the rest would be its consequences.
        return [
            _("Messages wait, and nothing is lost. {problem}").format(problem=translate(status.store_outage))
        ]
    found = [] if status.workers else [no_worker_text()]
    if status.clock_ahead:
        found.append(translate(wrong_clock(status.clock_ahead)))
    for messenger, state in status.messengers.items():
        if state.halted_until and not state.problem:
            found.append(f"{messenger.traits.title} {halt_text(messenger, state, clock)}")
        elif state.halted and not state.problem:
            waits = _("{messenger} waits: {reason}").format(
                messenger=messenger.traits.title, reason=halt_reason(messenger, state)
            )
            todo = remedy(messenger, state.halt_words)
            found.append(waits if todo is None or _is_technical(todo) else f"{waits}. {translate(todo)}")
    found += [translate(held_back(*one)) for one in status.holds]
    return [
        *found,
        *map(translate, [*failed_checks(status), *account_problems(status.account_events).values()]),
    ]


def _technical_troubles(status: Status) -> list[str]:
    """Problems that only the person who runs the programs can mend."""
    found = [translate(warning) for warning in status.store_warnings]
    if not status.schedulers:
        found.append(_("No scheduler is running. Scheduled messages start a little late."))
    if len(status.versions) > 1:
        versions = ", ".join(status.versions)
        found.append(_("Different versions are running together: {versions}.").format(versions=versions))
    for messenger, state in status.messengers.items():
        if state.halted and (todo := remedy(messenger, state.halt_words)) is not None and _is_technical(todo):
            found.append(f"{messenger.traits.title}: {translate(todo)}")
    return [*found, *map(translate, oddities(status).values())]


def _is_technical(todo: str) -> bool:
    """True for a remedy that names a setting."""
    return _SETTING.search(todo) is not None
