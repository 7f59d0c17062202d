"""Screens of the panic stop: stopped, resume, resumed."""

from __future__ import annotations

from collections.abc import Sequence

from bot.text import formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped, title
from bot.text.translation import _, amount, plural
from bot.ui.callback_data import BOT, Release
from bot.ui.screen import Button, Row, Rows, Screen, Style, grid, plain, screen
from core.domain.broadcast import Broadcast
from core.domain.messengers.traits import Messenger
from core.domain.panic import PanicStop
from core.services.status import Status

MOST_BROADCASTS = 8
_IN_A_ROW = 2
_MOST_MESSENGERS = 3


def stamp(stop: PanicStop) -> str:
    """Identifies a stop, so that an old button never ends a later one."""
    return f"{round(stop.at.timestamp() * 1000):x}"


def stopped_by(stop: PanicStop, clock: Clock) -> str:
    """For example "by Ann, 14:20"."""
    name = "Message Sender" if stop.since is not None else formatting.clip(stop.by.name, 40)
    time = formatting.near_moment(stop.at, now=clock.now, zone=clock.zone)
    return _("by {name}, {time}").format(name=name, time=time)


def stop_lines(stop: PanicStop | None, clock: Clock) -> list[str]:
    """For home and status: one sentence or none."""
    if stop is None:
        return []
    return [
        _("All sending paused {by_whom}.").format(by_whom=stopped_by(stop, clock)),
        *_reason(stop, clock),
    ]


def _reason(stop: PanicStop, clock: Clock) -> list[str]:
    """The reason of a stop by the programs themselves; empty for one by a person."""
    if stop.since is None:
        return []
    if stop.lost:
        text = _(
            "The storage has lost what happened after {moment}. Some people may already have their message. "
            "Check before you resume."
        )
    else:
        text = _(
            "Nothing has happened here since {moment}. If this is an older copy, some people may already "
            "have their message. Check before you resume."
        )
    return [text.format(moment=formatting.full_moment(stop.since, clock.zone))]


def stop_line(stop: PanicStop, broadcast: Broadcast, clock: Clock) -> str:
    """For the card of a broadcast, as plain text; empty if the stop does not hold it."""
    held = [m for m in Messenger if broadcast.progress.total_on(m) and stop.holds(broadcast.id, m)]
    if not held:
        return ""
    everywhere = len(held) == sum(bool(broadcast.progress.total_on(m)) for m in Messenger)
    by_whom = stopped_by(stop, clock)
    if everywhere:
        return _("🛑 Stopped {by_whom}.").format(by_whom=by_whom)
    return _("🛑 Stopped on {messengers} {by_whom}.").format(
        messengers=formatting.join_names([m.traits.title for m in held]), by_whom=by_whom
    )


def resume_row(stop: PanicStop, *, below: bool = False) -> Row:
    """`below`: the question comes as a new message."""
    return (Button(_("▶ Resume"), Release(stamp(stop), ask=True, below=below), Style.PRIMARY),)


def stop_message(stop: PanicStop) -> Screen:
    text = _("🛑 {name} paused all sending. Messages already on their way will still arrive.")
    return screen(text.format(name=escaped(formatting.clip(stop.by.name, 40))), resume_row(stop))


def resume_question(stop: PanicStop, status: Status, running: Sequence[Broadcast], clock: Clock) -> Screen:
    waiting = sum(one.waiting for one in status.messengers.values())
    counts = [plural("{count} message waiting", "{count} messages waiting", waiting)] if waiting else []
    counts += [_("{count} scheduled").format(count=amount(status.scheduled))] if status.scheduled else []
    lines = [
        formatting.bold(_("🛑 All sending paused {by_whom}").format(by_whom=stopped_by(stop, clock))),
        *map(escaped, _reason(stop, clock)),
        " · ".join(counts),
    ]
    resumed = [m.traits.title for m in sorted(stop.released_messengers)]
    if stop.released_broadcasts:
        resumed.append(plural("{count} message", "{count} messages", len(stop.released_broadcasts)))
    if resumed:
        lines.append(_("Already resumed: {names}").format(names=formatting.join_names(resumed)))
    lines.append(_("What do you want to resume?"))
    to = stamp(stop)
    return screen(
        lines,
        Button(_("▶ Everything"), Release(to), Style.PRIMARY),
        *_messenger_rows(stop, status),
        Button(_("One message…"), Release(to, one=True)) if _held(stop, running) else None,
        Button(_("« Keep paused"), BOT.to("status")),
    )


def resume_one_question(stop: PanicStop, running: Sequence[Broadcast]) -> Screen:
    """The broadcasts that the stop holds, to resume one of them."""
    held, to = _held(stop, running)[:MOST_BROADCASTS], stamp(stop)
    lines = [formatting.bold(_("Which message do you want to resume?"))]
    for number, one in enumerate(held, start=1):
        left = _("{count} left").format(count=amount(one.progress.open))
        lines.append(f"{number} · {title(one)} · {left}")
    numbers = tuple(
        Button(str(number), Release(to, broadcast_id=one.id)) for number, one in enumerate(held, start=1)
    )
    return screen(lines, numbers, Button(_("« Back"), Release(to, ask=True)))


def _held(stop: PanicStop, running: Sequence[Broadcast]) -> list[Broadcast]:
    return [one for one in running if one.id not in stop.released_broadcasts]


def _messenger_rows(stop: PanicStop, status: Status) -> Rows:
    """Buttons for the messengers with most to send; the others come when these are resumed."""
    held = [
        messenger
        for messenger, state in status.messengers.items()
        if messenger not in stop.released_messengers and not state.missing
    ]
    held.sort(key=lambda messenger: -status.messengers[messenger].waiting)
    buttons = [
        Button(
            _("{messenger} only").format(messenger=messenger.traits.title),
            Release(stamp(stop), messenger=messenger),
        )
        for messenger in held[:_MOST_MESSENGERS]
    ]
    # One alone is everything.
    return grid(buttons, _IN_A_ROW) if len(buttons) > 1 or stop.released_messengers else ()


def resumed_message(name: str, what: str, left: PanicStop | None) -> Screen:
    """Tells the team. `what`: a messenger or an id, while part of the stop is `left`."""
    who = escaped(formatting.clip(name, 40))
    if left is None:
        return Screen(_("▶ {name} resumed all sending.").format(name=who))
    text = _("▶ {name} resumed {what}. The rest stays paused.").format(name=who, what=escaped(what))
    return screen(text, resume_row(left))


def nothing_stopped() -> Screen:
    """The answer to /resume while nothing is stopped."""
    return plain(_("Sending isn't paused. To resume a single message, tap Resume on its card."))
