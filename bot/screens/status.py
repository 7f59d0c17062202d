"""The screen of /status: programs, messengers, store, and problems."""

from __future__ import annotations

from bot.screens.home import home_row
from bot.screens.panic import resume_row, stop_lines
from bot.text import formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _, amount, plural, translate
from bot.ui.callback_data import BOT, Subject
from bot.ui.screen import Button, Row, Screen, Style, screen
from core.domain.messengers.events import ReceiptCounts
from core.domain.messengers.mends import mend, with_words
from core.domain.messengers.traits import Messenger
from core.services.alerts import account_problems, held_back, oddities, unfit, wrong_clock
from core.services.status import MessengerStatus, Status

_MEGABYTE = 1024 * 1024


def no_worker_text() -> str:
    return _("No worker is running. Nothing is lost. Sending continues when one starts.")


def status_screen(status: Status, clock: Clock) -> Screen:
    """The answer to /status, with buttons that resume halted messengers."""
    trouble = [*stop_lines(status.stop, clock), *_troubles(status)]
    resume = _("▶ Resume {messenger}")
    halted = [
        Button(
            resume.format(messenger=one.traits.title),
            Subject("m", one.traits.code).to("resume"),
            Style.PRIMARY,
        )
        for one, state in status.messengers.items()
        if state.halted
    ]
    stop = Button(_("🛑 Stop everything"), BOT.to("panic"), Style.DANGER)
    rows: list[Button | Row] = [*halted, stop]
    if status.stop is not None:
        rows = [resume_row(status.stop), *halted]
    head = (
        _("<b>⚙ Status</b> {time} · needs attention") if trouble else _("<b>⚙ Status</b> {time} · all good")
    )
    lines = [
        head.format(time=formatting.time_in_city(clock.now, clock.zone)),
        _programs(status),
        *_broadcasts(status, clock),
        *(_messenger_line(messenger, status, clock) for messenger in status.messengers),
        *(
            _receipt_line(messenger, state)
            for messenger, state in status.messengers.items()
            if state.receipts != ReceiptCounts()
        ),
        _store(status),
        _failed_logins(status),
        *(f"⚠ {sentence}" for sentence in trouble),
    ]
    html = "\n".join([lines[0], *(escaped(line) for line in lines[1:] if line)])
    return screen(html, *rows, (Button(_("🔄 Refresh"), BOT.to("status")), *home_row()))


def _programs(status: Status) -> str:
    line = _("Workers {count} · scheduler ✖ not running · bot ✔")
    if status.schedulers:
        line = _("Workers {count} · scheduler ✔ · bot ✔")
    return line.format(count=amount(status.workers))


def _broadcasts(status: Status, clock: Clock) -> list[str]:
    sending = plural("Sending {count} message", "Sending {count} messages", status.running)
    scheduled = _("{count} scheduled").format(count=amount(status.scheduled))
    if status.next_due:
        due = formatting.moment(status.next_due, now=clock.now, zone=clock.zone)
        scheduled = _("{count} scheduled, next {due}").format(count=amount(status.scheduled), due=due)
    both = f"{sending} · {scheduled}" if status.running else scheduled
    lines = [both[:1].upper() + both[1:]]
    if status.waits_since is not None:
        waited = formatting.span((clock.now - status.waits_since).total_seconds())
        lines.append(_("Longest wait: {span}").format(span=waited))
    return lines


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
    if status.stop is not None and messenger not in status.stop.messengers:
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
        waits = _("waits until {time}").format(time=formatting.clock_time(state.halted_until, clock.zone))
    return f"{waits}: {halt_reason(messenger, state)}" if state.halt_reason else waits


def halt_reason(messenger: Messenger, state: MessengerStatus) -> str:
    if not state.halt_reason:
        return _("no reason given")
    return translate(with_words(state.halt_reason, messenger, formatting.clip(state.halt_words, 150)))


def _troubles(status: Status) -> list[str]:
    found = [translate(warning) for warning in status.store_warnings]
    if not status.workers:
        found.append(no_worker_text())
    if not status.schedulers:
        found.append(_("No scheduler is running. Scheduled messages start a little late."))
    if len(status.versions) > 1:
        versions = ", ".join(status.versions)
        found.append(_("Different versions are running together: {versions}.").format(versions=versions))
    if status.clock_ahead:
        found.append(translate(wrong_clock(status.clock_ahead)))
    halted = _("{messenger} is stopped: {reason}")
    for messenger, state in status.messengers.items():
        if state.halted and not state.problem:
            reason = halt_reason(messenger, state)
            found.append(halted.format(messenger=messenger.traits.title, reason=reason))
        if state.halted and (todo := mend(messenger, state.halt_words)) is not None:
            found.append(translate(todo))
    found += [translate(held_back(*one)) for one in status.holds]
    others = [*unfit(status), *account_problems(status.account_events).values(), *oddities(status).values()]
    return [*found, *map(translate, others)]
