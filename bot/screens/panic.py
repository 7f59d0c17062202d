"""Screens of the panic stop: stopped, resume, resumed."""

from __future__ import annotations

from collections.abc import Sequence

from bot.text import formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _, amount, plural
from bot.ui.callback_data import BOT, Release
from bot.ui.screen import Button, Row, Rows, Screen, Style, grid, plain, screen
from core.domain.broadcast import Broadcast
from core.domain.messengers.traits import Messenger
from core.domain.panic import PanicStop
from core.services.status import Status

MOST_BROADCASTS = 8
_IN_A_ROW = 2


def stamp(stop: PanicStop) -> str:
    """Identifies a stop, so that an old button never ends a later one."""
    return f"{round(stop.at.timestamp() * 1000):x}"


def stopped_by(stop: PanicStop, clock: Clock) -> str:
    """For example "by Ann 14:20:31"."""
    if stop.since is not None:
        return _("by Message Sender {time}").format(time=formatting.time_in_city(stop.at, clock.zone))
    return _("by {name} {time}").format(
        name=formatting.clip(stop.by.name, 40), time=formatting.time_in_city(stop.at, clock.zone)
    )


def stop_lines(stop: PanicStop | None, clock: Clock) -> list[str]:
    """For home and status: one sentence or none."""
    if stop is None:
        return []
    return [
        _("All sending paused {by_whom}.").format(by_whom=stopped_by(stop, clock)),
        *_reason(stop, clock),
    ]


def _reason(stop: PanicStop, clock: Clock) -> list[str]:
    """Why the programs stopped by themselves; empty for a stop by a person."""
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
        return _("🛑 Stopped {by_whom}. Use /resume to continue.").format(by_whom=by_whom)
    return _("🛑 Stopped on {messengers} {by_whom}. Use /resume to continue.").format(
        messengers=formatting.join_names([m.traits.title for m in held]), by_whom=by_whom
    )


def resume_row(stop: PanicStop) -> Row:
    return (Button(_("▶ Resume"), Release(stamp(stop), ask=True), Style.PRIMARY),)


def stop_message(stop: PanicStop, clock: Clock) -> Screen:
    text = _("🛑 {name} paused all sending at {time}. Messages already on their way will still arrive.")
    name = escaped(formatting.clip(stop.by.name, 40))
    return screen(text.format(name=name, time=formatting.time_in_city(stop.at, clock.zone)), resume_row(stop))


def resume_question(stop: PanicStop, status: Status, running: Sequence[Broadcast], clock: Clock) -> Screen:
    waiting = sum(one.waiting for one in status.messengers.values())
    lines = [
        formatting.bold(_("🛑 All sending paused {by_whom}").format(by_whom=stopped_by(stop, clock))),
        *map(escaped, _reason(stop, clock)),
        " · ".join(
            [
                plural("{count} message waiting", "{count} messages waiting", waiting),
                _("{count} scheduled").format(count=amount(status.scheduled)),
            ]
        ),
    ]
    resumed = [
        *(m.traits.title for m in sorted(stop.messengers)),
        *(f"#{one}" for one in sorted(stop.broadcasts)),
    ]
    if resumed:
        lines.append(_("Already resumed: {names}").format(names=escaped(", ".join(resumed))))
    lines.append(_("What do you want to resume?"))
    to = stamp(stop)
    return screen(
        lines,
        Button(_("▶ Everything"), Release(to), Style.PRIMARY),
        *_messenger_rows(stop, status),
        *_broadcast_rows(stop, running),
        Button(_("« Keep paused"), BOT.to("status")),
    )


def _messenger_rows(stop: PanicStop, status: Status) -> Rows:
    buttons = [
        Button(
            _("{messenger} only").format(messenger=messenger.traits.title),
            Release(stamp(stop), messenger=messenger),
        )
        for messenger, state in status.messengers.items()
        if messenger not in stop.messengers and not state.missing
    ]
    return grid(buttons, _IN_A_ROW)


def _broadcast_rows(stop: PanicStop, running: Sequence[Broadcast]) -> Rows:
    shown = [one for one in running if one.id not in stop.broadcasts][:MOST_BROADCASTS]
    label = _("#{id} only · {count} left")
    buttons = [
        Button(
            label.format(id=one.id, count=amount(one.progress.open)),
            Release(stamp(stop), broadcast_id=one.id),
        )
        for one in shown
    ]
    return grid(buttons, _IN_A_ROW)


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
