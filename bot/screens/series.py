"""Screens of a series: its card, and the question before it is stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.screens.broadcasts import list_button, progress_line
from bot.screens.overdue import late_text
from bot.text import formatting, recurrence
from bot.text.clock import Clock
from bot.text.formatting import escaped, title
from bot.text.translation import _, amount, plural, translate
from bot.ui.callback_data import AUDIENCE_LIST, SCHEDULED_LIST, SENT_LIST, ListPage, Subject, subject
from bot.ui.screen import Button, Row, Rows, Screen, Style, screen
from core.domain.audience import EVERYBODY, Chosen, list_deleted
from core.domain.broadcast import Broadcast
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.series import Series, SeriesStatus

_MOST_NAMED = 3
_MOST_LINES = 6


def series_card(
    series: Series, made: Sequence[Broadcast], clock: Clock, back: ListPage, gone: Sequence[str] = ()
) -> Screen:
    """`made`: its latest broadcast, if that still exists; `gone`: the lists of it that were deleted."""
    late, skipped = series.order.late, series.skipped(clock.now)
    # The rarer lines give way where there are many.
    lines = [
        _head(series),
        escaped(recurrence.repeat_text(series.order.repeat)),
        *_next(series, clock),
        _skipped(series, skipped),
        _to(series),
        *(f"⚠ {escaped(translate(problem))}" for problem in _problems(series, gone)),
        *_made(series, made, clock),
        _("If the server is down then: {what}").format(what=late_text(late)) if late else "",
    ]
    shown = [line for line in lines if line][:_MOST_LINES]
    return replace(screen(shown, *_rows(series, made, skipped, back)), follows=series.id)


def newer_card(series_id: str) -> Screen:
    """In place of an older card of the same series."""
    text = _("🔁 #{id}: see the newer card below.").format(id=series_id)
    return screen(text, _open_button(series_id))


def _problems(series: Series, gone: Sequence[str]) -> Sequence[str]:
    if gone and series.is_open and not series.trouble:
        return [list_deleted(one) for one in gone[:_MOST_NAMED]]
    return series.trouble[:_MOST_NAMED]


def edit_menu(series: Series) -> Screen:
    """The parts of a series to change."""
    to = subject(series).to
    return screen(
        formatting.bold(_("What would you like to change?")),
        (
            Button(_("✏ Text"), to("edit", "text")),
            Button(_("👥 People"), to("edit", "who")),
            Button(_("🕒 When"), to("edit", "when")),
        ),
        Button(_("« Back"), to("view", SCHEDULED_LIST)),
    )


def _head(series: Series) -> str:
    heads = {
        SeriesStatus.ACTIVE: _("🔁 Series {title}"),
        SeriesStatus.PAUSED: _("⏸ Paused series {title}"),
        SeriesStatus.ENDED: _("✔ Ended series {title}"),
    }
    return heads.get(series.status, _("⏹ Stopped series {title}")).format(title=title(series))


def _next(series: Series, clock: Clock) -> list[str]:
    if series.status is SeriesStatus.PAUSED:
        return [_("Nothing is sent until you resume it.")]
    if series.next_at is None:
        return []
    text = _("<b>Next</b> {moment}").format(moment=escaped(_moment(series, series.next_at)))
    elsewhere = recurrence.reader_time_lines(series.order.repeat, series.next_at, clock)
    return [text, *(escaped(line) for line in elsewhere)]


def _skipped(series: Series, skipped: Sequence[datetime]) -> str:
    """As HTML; empty for none."""
    days = [_day(series, one) for one in reversed(skipped)]
    if not days:
        return ""
    names = formatting.join_names(days)
    if len(days) > _MOST_NAMED:
        shown, rest = ", ".join(days[:_MOST_NAMED]), amount(len(days) - _MOST_NAMED)
        names = _("{names} and {count} more").format(names=shown, count=rest)
    return _("<b>Skipped</b> {days}").format(days=escaped(names))


def _moment(series: Series, at: datetime) -> str:
    """No time distance in it: nothing would update that."""
    return formatting.full_moment(at, series.order.repeat.clock)


def _day(series: Series, at: datetime) -> str:
    """With its time where a day may have several."""
    local = at.astimezone(series.order.repeat.clock)
    day = formatting.day(local)
    return f"{day} {local:%H:%M}" if len(series.order.repeat.rule.times) > 1 else day


def _to(series: Series) -> str:
    if [one.id for one in series.order.audiences] == [EVERYBODY]:
        count = amount(series.order.audiences[0].total)
        return _("<b>To</b> everyone subscribed at the time · now {count}").format(count=count)
    names = [_audience(one, series) for one in series.order.audiences[:_MOST_NAMED]]
    if len(series.order.audiences) > _MOST_NAMED:
        names.append("…")
    return _("<b>To</b> everyone on the list at the time: {audiences}").format(
        audiences=escaped(", ".join(names))
    )


def _audience(one: Chosen, series: Series) -> str:
    """Recipients who were given one by one are in a list named after the series."""
    if series.is_own_list(one):
        return formatting.people(one.total)
    return f"{formatting.audience_title(one)} {amount(one.total)}"


def _made(series: Series, made: Sequence[Broadcast], clock: Clock) -> list[str]:
    if not series.made:
        return [_("Not sent yet.")]
    total = series.order.repeat.times
    head = _("Sent {times}") if total is None else _("Sent {made} of {times}")
    times = recurrence.count_text(series.made if total is None else total)
    text = head.format(made=amount(series.made), times=times)
    for one in made:
        last = _("last {moment}: {result}")
        at = formatting.moment_in_city(one.send_at, clock.zone)
        text += ", " + last.format(moment=at, result=progress_line(one.progress))
    return [text]


def _rows(series: Series, made: Sequence[Broadcast], skipped: Sequence[datetime], back: ListPage) -> Rows:
    results: Row = (
        (Button(_("📋 Last results"), subject(made[0]).to("view", SCHEDULED_LIST)),) if made else ()
    )
    if not series.is_open:
        return ((*results, list_button(back)),)
    to = subject(series).to
    first: Row = (Button(_("⏭ Skip next"), to("skip")), Button(_("⏸ Pause"), to("pause")))
    if series.status is SeriesStatus.PAUSED:
        first = (Button(_("▶ Resume"), to("resume"), Style.PRIMARY),)
    undo: Row = ()
    if skipped:
        label = _("↩ Send it on {day} after all").format(day=_day(series, skipped[0]))
        undo, results = (Button(label, to("unskip")),), ()
    stop = Button(_("⏹ Stop series"), to("stop"), Style.DANGER)
    rows = (undo, first, (Button(_("✏ Edit"), to("parts")), *results), (stop, list_button(back)))
    return tuple(row for row in rows if row)


def stop_question(series: Series) -> Screen:
    to = subject(series).to
    return screen(
        _("Stop the series {title}? No more messages will be sent.").format(title=title(series)),
        Button(_("« Keep it"), to("view", SCHEDULED_LIST)),
        Button(_("⏹ Yes, stop it"), to("stopped"), Style.DANGER),
    )


def skip_last_question(series: Series) -> Screen:
    """Skipping the last one ends the series."""
    to = subject(series).to
    return screen(
        _("This is the last message of {title}. Skip it and end the series?").format(title=title(series)),
        Button(_("« Keep it"), to("view", SCHEDULED_LIST)),
        Button(_("⏹ Yes, end it"), to("stopped"), Style.DANGER),
    )


def trouble_message(series: Series, clock: Clock) -> Screen:
    lines = [
        _("⚠ Series {title} couldn't be sent.").format(title=title(series)),
        *(escaped(translate(problem)) for problem in series.trouble),
        *_next(series, clock),
    ]
    return screen(lines, _open_button(series.id))


def _open_button(series_id: str) -> Button:
    return Button(_("🔁 Open the series"), Subject("s", series_id, "1").to("view", SCHEDULED_LIST))


def left_out_message(broadcast: Broadcast) -> Screen | None:
    """Tells the team that a message of a series leaves people out; None where everybody gets it."""
    lines = _not_set_up_lines(broadcast)
    kinds = [
        plural(
            "⚠ {count} person on {messenger} didn't get {title}: {messenger} can't send this kind of message.",
            "⚠ {count} people on {messenger} didn't get {title}: {messenger} can't send this kind of message.",
            count,
            messenger=messenger.traits.title,
            title=title(broadcast),
        )
        for messenger, count in _left_out(broadcast, Reason.KIND)
    ]
    if kinds:
        lines += [*kinds, _("To reach them too, edit the series.")]
    missing = sum(count for _on, count in _left_out(broadcast, Reason.NO_VALUE))
    if missing:
        text = plural(
            "⚠ {count} person didn't get {title}: a value for the text is missing.",
            "⚠ {count} people didn't get {title}: a value for the text is missing.",
            missing,
            title=title(broadcast),
        )
        lines += [text, _("Fill it in on your list, and they'll get the next one.")]
    if not lines:
        return None
    series = _open_button(broadcast.series_id)
    lists = Button(_("👥 Lists"), AUDIENCE_LIST)
    results = Button(_("📋 Results"), subject(broadcast).to("view", SENT_LIST))
    return screen(lines, (lists if missing else series, results))


def _not_set_up_lines(broadcast: Broadcast) -> list[str]:
    """As HTML."""
    left_out = _left_out(broadcast, Reason.NOT_SET_UP)
    lines = [
        plural(
            "⚠ {count} person on {messenger} didn't get {title}: {messenger} isn't set up.",
            "⚠ {count} people on {messenger} didn't get {title}: {messenger} isn't set up.",
            count,
            messenger=messenger.traits.title,
            title=title(broadcast),
        )
        for messenger, count in left_out
    ]
    if lines:
        names = formatting.join_names([messenger.traits.title for messenger, _count in left_out])
        lines.append(
            _("Everyone else gets it. Ask the person who set me up to connect {names}.").format(names=names)
        )
    return lines


def _left_out(broadcast: Broadcast, reason: Reason) -> list[tuple[Messenger, int]]:
    counts = ((on, reasons.get(reason, 0)) for on, reasons in broadcast.left_out.items())
    return [(on, count) for on, count in counts if count]
