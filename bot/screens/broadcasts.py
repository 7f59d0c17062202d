"""Cards of one broadcast that is scheduled, starting or sending."""

from __future__ import annotations

import math
from typing import Final

from bot.screens.amendments import amendments_row
from bot.screens.panic import resume_row, stop_line
from bot.screens.quiet_hours import waiting_lines, waits_until
from bot.screens.status import halt_text, no_worker_text, resume_button
from bot.text import audit, formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped, title
from bot.text.translation import _, amount, plural, translate
from bot.ui.callback_data import ListPage, subject
from bot.ui.screen import Button, Row, Rows, Screen, Style, screen
from core.domain.broadcast import Broadcast, BroadcastStatus, Progress
from core.domain.delivery import DeliveryState
from core.domain.messengers.remedies import with_words
from core.domain.messengers.traits import Messenger
from core.services.status import Status

_MOST_LINES: Final = 6
LIVE: Final = "-"
"""In place of the list that a card was opened from: it is the live card."""


def progress_line(progress: Progress) -> str:
    """For example "✔ 690 sent (412 delivered, 130 read) · ✖ 5 failed · ⏳ 504 waiting"."""
    delivered = progress.of(DeliveryState.DELIVERED, DeliveryState.READ)
    read = progress.of(DeliveryState.READ)
    sent = _("✔ {count} sent")
    if read:
        sent = _("✔ {count} sent ({delivered} delivered, {read} read)")
    elif delivered:
        sent = _("✔ {count} sent ({delivered} delivered)")
    first = sent.format(count=amount(progress.reached), delivered=amount(delivered), read=amount(read))
    others = (
        (_("✖ {count} failed"), progress.of(DeliveryState.FAILED)),
        (_("❔ {count} not confirmed"), progress.of(DeliveryState.UNKNOWN)),
        (_("⏹ {count} cancelled"), progress.of(DeliveryState.CANCELLED)),
        (_("⏳ {count} waiting"), progress.open),
    )
    return " · ".join([first, *(word.format(count=amount(count)) for word, count in others if count)])


def recipients_line(broadcast: Broadcast) -> str:
    """As HTML: "To 3: Telegram 2 · Viber 1"."""
    progress = broadcast.progress
    on_each = ((messenger, progress.total_on(messenger)) for messenger in Messenger)
    count = formatting.to_count(broadcast.people, progress.total)
    return formatting.to_line(count, formatting.per_messenger(on_each))


def list_button(back: ListPage) -> Button:
    return Button(_("« List"), back)


def scheduled_card(broadcast: Broadcast, clock: Clock, back: ListPage, *, more: bool = False) -> Screen:
    """`more`: show the rarer buttons in place of the usual ones."""
    lines = [
        _("🗓 Scheduled {title}").format(title=title(broadcast)),
        recipients_line(broadcast),
        formatting.when_line(formatting.moment(broadcast.send_at, now=clock.now, zone=clock.zone)),
    ]
    if done := audit.history(broadcast, clock):
        lines.append(escaped(done))
    elif broadcast.created_by.name:
        lines.append(_("Scheduled by {name}").format(name=escaped(broadcast.created_by.name)))
    return screen(lines, *_planned_rows(broadcast, back, more=more))


def _planned_rows(broadcast: Broadcast, back: ListPage | None, *, more: bool) -> Rows:
    to, here = subject(broadcast).to, card_place(back)
    if more:
        return (
            (Button(_("👥 People"), to("people")), Button(_("👁 Preview"), to("look"))),
            (Button(_("♻ Duplicate"), to("again")), Button(_("« Back"), to("less", here))),
        )
    return (
        (Button(_("🕒 Reschedule"), to("when"), Style.PRIMARY), Button(_("✏ Text"), to("text"))),
        (Button(_("🚀 Send now"), to("send")), Button(_("✖ Cancel"), to("cancel"), Style.DANGER)),
        (Button(_("More"), to("more", here)), *((list_button(back),) if back else ())),
    )


def card_place(back: ListPage | None) -> str:
    """The list to go back to, for a button; a live card has none."""
    return str(back) if back else LIVE


def unstarted_card(
    broadcast: Broadcast, status: Status | None, clock: Clock, *, more: bool = False
) -> Screen:
    if is_due(broadcast, clock):
        return starting_card(broadcast, status, clock)
    return (
        undo_card(broadcast, clock) if broadcast.can_be_undone else planned_card(broadcast, clock, more=more)
    )


def undo_card(broadcast: Broadcast, clock: Clock) -> Screen:
    seconds = math.ceil((broadcast.send_at - clock.now).total_seconds())
    head = _("⏳ Starting in {count} s {title}").format(count=amount(seconds), title=title(broadcast))
    undo = Button(_("↩ Undo"), subject(broadcast).to("undo"), Style.PRIMARY)
    return screen([head, recipients_line(broadcast)], undo)


def planned_card(broadcast: Broadcast, clock: Clock, *, more: bool = False) -> Screen:
    """The live card of a scheduled broadcast. No time distance in it: nothing would update that."""
    lines = [
        _("🗓 Scheduled {title}").format(title=title(broadcast)),
        recipients_line(broadcast),
        formatting.when_line(formatting.full_moment(broadcast.send_at, clock.zone)),
        _("You'll see the progress here once it starts."),
    ]
    return screen(lines, *_planned_rows(broadcast, None, more=more))


def is_due(broadcast: Broadcast, clock: Clock) -> bool:
    """True if a worker may start it now."""
    return broadcast.status is BroadcastStatus.SCHEDULED and broadcast.send_at <= clock.now


def starting_card(broadcast: Broadcast, status: Status | None, clock: Clock) -> Screen:
    """A broadcast that is due and waits for a worker, usually for less than a second."""
    lines = [
        _("▶ Starting {title}").format(title=title(broadcast)),
        recipients_line(broadcast),
        _stop_line(broadcast, status, clock),
        f"⚠ {no_worker_text()}" if status is not None and not status.workers else "",
    ]
    cancel = Button(_("✖ Cancel"), subject(broadcast).to("cancel"), Style.DANGER)
    return screen(lines, _stop_row(broadcast, status, clock), cancel)


def live_card(broadcast: Broadcast, status: Status | None, clock: Clock) -> Screen:
    """A broadcast that is sending or paused. No current time in it: that would change the card all the time."""
    progress, to = broadcast.progress, subject(broadcast).to
    total, done = progress.total, progress.total - progress.open
    paused = broadcast.status is BroadcastStatus.PAUSED
    quiet_until = "" if paused else waits_until(broadcast, clock.now)
    share_words = _("{done} of {total}").format(done=amount(done), total=amount(total))
    if broadcast.people != total:
        share_words = _("{done} of {messages}").format(
            done=amount(done), messages=plural("{count} message", "{count} messages", total)
        )
    bar = f"{formatting.progress_bar(done, total)} · {share_words}"
    head = [_live_head(broadcast, quiet_until, stopped=_is_stopped(broadcast, status))]
    if done or not quiet_until:
        head += [bar, progress_line(progress)]
    shown = [one for one in Messenger if progress.total_on(one)]
    if quiet_until or broadcast.waits_for_later_tries:
        shown = []
    if len(shown) == 1 and not _has_more_to_say(broadcast, shown[0], status):
        # The bar has the same numbers.
        shown = []
    each = [escaped(_messenger_line(broadcast, one, status, clock)) for one in shown]
    tail = [
        *waiting_lines(broadcast, clock.now),
        escaped(_later_tries_line(broadcast, clock)),
        *_outlook(broadcast, status, clock).splitlines(),
    ]
    lines = _within(head, escaped(audit.history(broadcast, clock)), each, [one for one in tail if one])
    steer: Row = (
        Button(_("▶ Resume"), to("resume"), Style.PRIMARY) if paused else Button(_("⏸ Pause"), to("pause")),
        Button(_("⏹ Stop"), to("stop"), Style.DANGER),
    )
    everyone = Button(_("👥 Everyone {count}").format(count=amount(broadcast.people)), to("got", "1"))
    # One question at a time: a second messenger that waits, and the rarer button, come after the first is settled.
    held = (*_held_rows(broadcast), *_halted_rows(broadcast, status))[:2]
    phones = () if held else amendments_row(broadcast)
    stopped = _stop_row(broadcast, status, clock)
    return screen(lines, stopped, *held, steer, missed_button(broadcast), (everyone, *phones))


def _within(head: list[str], done: str, each: list[str], tail: list[str]) -> list[str]:
    """At most six lines: what was done before, and then the messengers, give way to what is going on."""
    room = _MOST_LINES - len(head) - len(tail)
    if bool(done) + len(each) > room and len(each) > 1:
        waiting = [one for one in each if one.startswith("⚠")]
        others = [one for one in each if one not in waiting]
        each = [*waiting, *([", ".join(others)] if others else [])]
    if len(each) + bool(done) > room:
        done = ""
    return [*head, *([done] if done else []), *each[: max(0, room)], *tail][:_MOST_LINES]


def _is_stopped(broadcast: Broadcast, status: Status | None) -> bool:
    """True if the panic stop holds all of it."""
    there = [one for one in Messenger if broadcast.progress.total_on(one)]
    stop = status.stop if status else None
    return stop is not None and all(stop.holds(broadcast.id, one) for one in there)


def _live_head(broadcast: Broadcast, quiet_until: str, *, stopped: bool) -> str:
    """`quiet_until`: the end of the quiet hours that all who are left wait for; else ""."""
    if broadcast.status is BroadcastStatus.PAUSED:
        head = _("⏸ Paused {title}")
    elif stopped:
        head = _("🛑 Stopped {title}")
    elif broadcast.waits_for_later_tries:
        head = _("🔁 <b>Trying again later</b> {title}")
    elif quiet_until:
        head = _("🌙 <b>Waiting until {time}</b> {title}")
    else:
        head = _("▶ Sending {title}")
    return head.format(title=title(broadcast), time=escaped(quiet_until))


def _later_tries_line(broadcast: Broadcast, clock: Clock) -> str:
    if not broadcast.tried_again or broadcast.tries_until is None:
        return ""
    return "🔁 " + plural(
        "{count} person can't be reached for now. I'll try again until {time}.",
        "{count} people can't be reached for now. I'll try again until {time}.",
        broadcast.tried_again,
        time=formatting.moment_in_city(broadcast.tries_until, clock.zone),
    )


def _held_rows(broadcast: Broadcast) -> Rows:
    to = subject(broadcast).to
    rows: list[Row] = []
    for messenger in broadcast.holds:
        code, title = messenger.traits.code, messenger.traits.title
        again = _("▶ Try {messenger} again").format(messenger=title)
        change = _("✏ Change it or leave them out")
        # Side by side, a phone cuts them.
        rows += [(Button(again, to("anew", code), Style.PRIMARY),), (Button(change, to("leave", code)),)]
    return tuple(rows)


def _halted_rows(broadcast: Broadcast, status: Status | None) -> Rows:
    """Resume, for each messenger that waits until somebody resumes it."""
    halted = status.messengers if status else {}
    return tuple(
        (resume_button(messenger),)
        for messenger, counts in broadcast.progress.counts.items()
        if messenger in halted and halted[messenger].waits_for_resume and counts.get(DeliveryState.QUEUED, 0)
    )


def _has_more_to_say(broadcast: Broadcast, messenger: Messenger, status: Status | None) -> bool:
    return messenger in broadcast.holds or (status is not None and status.messengers[messenger].halted)


def _messenger_line(broadcast: Broadcast, messenger: Messenger, status: Status | None, clock: Clock) -> str:
    progress, speed = broadcast.progress, _speed(broadcast, messenger, status)
    counted = progress.counts[messenger]
    left = counted.get(DeliveryState.QUEUED, 0) + counted.get(DeliveryState.SENDING, 0)
    total = progress.total_on(messenger)
    if not left:
        return _("{messenger} {count} · done").format(messenger=messenger.traits.title, count=amount(total))
    state = status.messengers[messenger] if status else None
    share = _("{done} of {total}").format(done=amount(total - left), total=amount(total))
    if hold := broadcast.holds.get(messenger):
        why = translate(with_words(hold.reason.sentence, messenger, formatting.clip(hold.words, 150)))
        return f"⚠ {messenger.traits.title} {share} · " + _("waiting for you: {why}").format(why=why)
    if state and state.halted:
        return f"{messenger.traits.title} {share} · {halt_text(messenger, state, clock)}"
    return f"{messenger.traits.title} {share}{f' · {formatting.rate(speed)}' if speed else ''}"


def _stop_line(broadcast: Broadcast, status: Status | None, clock: Clock) -> str:
    """A line about the panic stop, if it holds this broadcast. As HTML."""
    return escaped(stop_line(status.stop, broadcast, clock)) if status and status.stop else ""


def _stop_row(broadcast: Broadcast, status: Status | None, clock: Clock) -> Row:
    """Resume, where the panic stop holds this broadcast."""
    stop = status.stop if status is not None else None
    return resume_row(stop, below=True) if stop and stop_line(stop, broadcast, clock) else ()


def _outlook(broadcast: Broadcast, status: Status | None, clock: Clock) -> str:
    """One or two lines: the panic stop, or the start and the time left."""
    if stopped := _stop_line(broadcast, status, clock):
        return stopped
    started = ""
    if broadcast.started_at:
        at = formatting.near_moment(broadcast.started_at, now=clock.now, zone=clock.zone)
        started = _("Started {time}").format(time=at)
    if broadcast.status is BroadcastStatus.PAUSED or status is None:
        return started
    if not status.workers:
        return f"{started}\n⚠ {no_worker_text()}".lstrip()
    left = _seconds_left(broadcast, status)
    if left < 1 or broadcast.quiet_waits or broadcast.tried_again or _waits_for_somebody(broadcast, status):
        return started
    about = _("about {span} left").format(span=formatting.span(left))
    return f"{started} · {about}"


def _speed(broadcast: Broadcast, messenger: Messenger, status: Status | None) -> float:
    """Current speed in messages a second; 0.0 if unknown or resting."""
    if status is None or broadcast.status is not BroadcastStatus.SENDING:
        return 0.0
    return status.speeds.get((broadcast.id, messenger), 0.0)


def _waits_for_somebody(broadcast: Broadcast, status: Status) -> bool:
    """True if some of it waits for an admin's decision: the time left is unknown."""
    return bool(broadcast.holds) or any(
        counts.get(DeliveryState.QUEUED, 0) and status.messengers[messenger].waits_for_resume
        for messenger, counts in broadcast.progress.counts.items()
    )


def _seconds_left(broadcast: Broadcast, status: Status) -> float:
    """An estimate from the current speed, else from the rate limits."""
    return max(
        (
            sum(counts.get(state, 0) for state in (DeliveryState.QUEUED, DeliveryState.SENDING))
            / max(_speed(broadcast, messenger, status) or status.messengers[messenger].rate, 0.001)
            for messenger, counts in broadcast.progress.counts.items()
        ),
        default=0.0,
    )


def missed_button(broadcast: Broadcast) -> Button | None:
    """To the list of people who failed or are not confirmed, with the same numbers as in it."""
    failed = broadcast.progress.of(DeliveryState.FAILED)
    unknown = broadcast.progress.of(DeliveryState.UNKNOWN)
    parts = [_("{count} failed").format(count=amount(failed))] if failed else []
    parts += [_("{count} not confirmed").format(count=amount(unknown))] if unknown else []
    return Button("📋 " + " · ".join(parts), subject(broadcast).to("failed", "1")) if parts else None
