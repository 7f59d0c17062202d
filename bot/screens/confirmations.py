"""Questions before an action on a broadcast that cannot be undone."""

from __future__ import annotations

from bot.text import formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped, title
from bot.text.translation import _, plural
from bot.ui.callback_data import SCHEDULED_LIST, subject
from bot.ui.screen import Button, Screen, Style, screen
from core.domain.broadcast import Broadcast, BroadcastStatus
from core.domain.delivery import DeliveryState
from core.domain.messengers.traits import Messenger


def send_now_question(broadcast: Broadcast) -> Screen:
    to, total = subject(broadcast).to, broadcast.progress.total
    people = formatting.people(broadcast.people)
    return screen(
        _("Send {title} to {people} now?").format(title=title(broadcast), people=people),
        Button(_("« Back"), to("view", SCHEDULED_LIST)),
        Button(_("✅ Yes, send to {people}").format(people=people), to("sure", total), Style.SUCCESS),
    )


def cancel_question(broadcast: Broadcast, clock: Clock) -> Screen:
    to = subject(broadcast).to
    when = escaped(formatting.full_moment(broadcast.send_at, clock.zone))
    text = _("Cancel {title} to {people} ({moment})?\nNothing will be sent.")
    people = formatting.people(broadcast.people)
    return screen(
        text.format(title=title(broadcast), people=people, moment=when),
        Button(_("« Keep it"), to("view", SCHEDULED_LIST)),
        Button(_("✖ Yes, cancel"), to("cancelled"), Style.DANGER),
    )


def stop_question(broadcast: Broadcast) -> Screen:
    to, progress = subject(broadcast).to, broadcast.progress
    keep = _("« Keep sending") if broadcast.status is BroadcastStatus.SENDING else _("« Keep it")
    warning = plural(
        "Stop here? {count} person won't get it.", "Stop here? {count} people won't get it.", progress.open
    )
    if broadcast.people != progress.total:
        warning = plural(
            "Stop here? {count} message won't be sent.",
            "Stop here? {count} messages won't be sent.",
            progress.open,
        )
    return screen(
        f"{title(broadcast)}\n{warning}",
        Button(keep, to("back")),
        Button(
            plural("⏹ Yes, stop for {count} person", "⏹ Yes, stop for {count} people", progress.open),
            to("stopped"),
            Style.DANGER,
        ),
    )


def leave_out_question(broadcast: Broadcast, messenger: Messenger) -> Screen:
    to, code = subject(broadcast).to, messenger.traits.code
    waiting = broadcast.progress.counts.get(messenger, {}).get(DeliveryState.QUEUED, 0)
    lines = [
        title(broadcast),
        plural(
            "{count} person is waiting on {messenger}. Send them something else, such as another template or a "
            "text without the picture?",
            "{count} people are waiting on {messenger}. Send them something else, such as another template or a "
            "text without the picture?",
            waiting,
            messenger=messenger.traits.title,
        ),
    ]
    return screen(
        lines,
        Button(_("✏ Send them something else"), to("other", code), Style.PRIMARY),
        Button(
            plural("⏭ Leave out {count} person", "⏭ Leave out {count} people", waiting),
            to("left", code),
            Style.DANGER,
        ),
        Button(_("« Back"), to("back")),
    )
