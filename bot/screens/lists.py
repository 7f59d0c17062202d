"""Lists of broadcasts: scheduled, sending, ended."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bot.screens.home import home_row, new_button
from bot.text import formatting, recurrence
from bot.text.clock import Clock
from bot.text.formatting import escaped, title
from bot.text.translation import _, amount, dated
from bot.ui.callback_data import BOT, RUNNING_LIST, ListPage, subject
from bot.ui.pagination import page_rows, page_text
from bot.ui.screen import Button, Row, Rows, Screen, screen
from core.domain.broadcast import Broadcast, BroadcastStatus, Index
from core.domain.delivery import DeliveryState
from core.domain.page import Page
from core.domain.series import Series, SeriesStatus

PAGE_SIZE = 5
ANSWERS = "r"
FILTERS = {"a": Index.ENDED, "f": Index.FAILURES, "c": Index.CANCELLED, ANSWERS: Index.ANSWERS}
"""By the letter that a page of a list carries."""


def scheduled_list(page: Page[Broadcast | Series], clock: Clock) -> Screen:
    """Late broadcasts, then the others by day. A series is listed at its next time."""
    if not page.items:
        return screen(_("Nothing scheduled."), new_button(), home_row())
    lines = [_head(_("Scheduled · {count}"), page, formatting.city(clock.zone))]
    numbered = enumerate(page.items, start=1)
    for heading, group in groupby(numbered, key=lambda pair: _heading(pair[1], clock)):
        lines.append(formatting.bold(heading))
        lines += [f"{number} · {_planned_line(one, clock)}" for number, one in group]
    return screen(lines, *_rows(page, "s", "a"), home_row())


def _heading(one: Broadcast | Series, clock: Clock) -> str:
    if isinstance(one, Series):
        if one.status is SeriesStatus.PAUSED or one.next_at is None:
            return _("Paused")
        return dated(one.next_at.astimezone(clock.zone), "EEE d MMM y")
    return _("Late") if one.is_late else dated(one.send_at.astimezone(clock.zone), "EEE d MMM y")


def _planned_line(one: Broadcast | Series, clock: Clock) -> str:
    if isinstance(one, Series):
        named = f"🔁 {title(one)}"
        if one.status is SeriesStatus.PAUSED or one.next_at is None:
            return f"{named} · {escaped(recurrence.repeat_text(one.order.repeat))}"
        message = escaped(recurrence.brief_text(one.order.repeat, one.next_at, clock))
        return f"{one.next_at.astimezone(clock.zone):%H:%M} · {named} · {message}"
    people = formatting.people(one.people)
    if one.is_late:
        return f"⏰ {formatting.short_moment(one.send_at, clock.zone)} · {title(one)} · {people}"
    local, twice = one.send_at.astimezone(clock.zone), formatting.fold_suffix(one.send_at, clock.zone)
    return f"{local:%H:%M}{twice} · {title(one)} · {people}"


def running_list(broadcasts: Sequence[Broadcast]) -> Screen:
    """Sending and paused broadcasts, at most eight."""
    if not broadcasts:
        return screen(_("Nothing is being sent."), home_row())
    shown = broadcasts[:8]
    lines = [formatting.bold(_("Sending · {count}").format(count=amount(len(broadcasts))))]
    for number, broadcast in enumerate(shown, start=1):
        done = broadcast.progress.total - broadcast.progress.open
        mark = "⏸" if broadcast.status is BroadcastStatus.PAUSED else "▶"
        share = _("{done} of {total}").format(done=amount(done), total=amount(broadcast.progress.total))
        lines.append(f"{number} · {mark} {share} · {title(broadcast)}")
    return screen(lines, number_row(shown, RUNNING_LIST), home_row())


def finished_list(page: Page[Broadcast], shown: str, clock: Clock) -> Screen:
    """Newest first. `shown`: "a" all, "f" with failures, "c" cancelled."""
    lines = [_head(_("Sent · {count}"), page, formatting.city(clock.zone))]
    lines += ended_lines(page.items, clock)
    if not page.items:
        lines.append(_("Nothing here.") if shown != "a" else _("Nothing has been sent yet."))
    others = (
        Button(_("💬 Answers"), ListPage("f", 1, ANSWERS)),
        Button(_("🔎 Search"), BOT.to("search")),
    )
    return screen(lines, *_rows(page, "f", shown), filter_row(shown, "f"), others, home_row())


def answer_list(page: Page[Broadcast], names: Sequence[str], clock: Clock) -> Screen:
    """Answers to people and automatic texts, newest first. `names`: who got each of the page."""
    lines = [_head(_("Answers and automatic texts · {count}"), page, formatting.city(clock.zone))]
    for number, (broadcast, name) in enumerate(zip(page.items, names, strict=True), start=1):
        at = formatting.short_moment(broadcast.finished_at or broadcast.send_at, clock.zone)
        mark = "✔" if broadcast.progress.reached else "✖"
        text = formatting.quoted(escaped(formatting.snippet(broadcast.content)))
        lines.append(f"{number} · {at} · {mark} {escaped(name)} · {text}")
    if not page.items:
        lines.append(_("Nothing here. Answer people by replying to their message."))
    return screen(lines, *_rows(page, "f", ANSWERS), (Button(_("« Sent"), ListPage("f", 1)), *home_row()))


def filter_row(shown: str, which: str) -> Row:
    """`shown`: the letter of the current filter."""
    return tuple(
        Button(f"• {label}" if letter == shown else label, ListPage(which, 1, letter))
        for letter, label in (("a", _("All")), ("f", _("Failures")), ("c", _("Cancelled")))
    )


def ended_lines(broadcasts: Sequence[Broadcast], clock: Clock) -> list[str]:
    """Numbered lines."""
    return [_ended_line(number, broadcast, clock) for number, broadcast in enumerate(broadcasts, start=1)]


def _ended_line(number: int, broadcast: Broadcast, clock: Clock) -> str:
    progress = broadcast.progress
    marks = {"✖": DeliveryState.FAILED, "❔": DeliveryState.UNKNOWN, "⏹": DeliveryState.CANCELLED}
    counts = [(mark, progress.of(state)) for mark, state in marks.items()]
    parts = [f"✔{amount(progress.reached)}", *(f"{mark}{amount(count)}" for mark, count in counts if count)]
    at = formatting.short_moment(broadcast.finished_at or broadcast.send_at, clock.zone)
    return f"{number} · {at} · {' '.join(parts)} · {title(broadcast)}"


def _head(name: str, page: Page[Broadcast] | Page[Broadcast | Series], place: str) -> str:
    """`name`: with a field for the count."""
    return f"{formatting.bold(name.format(count=amount(page.total)))} · {escaped(place)}{page_text(page)}"


def _rows(page: Page[Broadcast] | Page[Broadcast | Series], which: str, shown: str) -> Rows:
    here = ListPage(which, page.page, shown)
    return (number_row(page.items, here), *page_rows(page, lambda number: ListPage(which, number, shown)))


def number_row(broadcasts: Sequence[Broadcast | Series], here: ListPage) -> Row:
    """A button for each numbered line."""
    return tuple(
        Button(str(number), subject(one).to("view", here)) for number, one in enumerate(broadcasts, start=1)
    )
