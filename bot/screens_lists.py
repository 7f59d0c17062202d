"""The lists of broadcasts: what waits, what runs, what has ended. Five a page, one message each."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bot import words
from bot.language import _, amount, dated
from bot.pager import pages
from bot.pick import Present
from bot.screen import Button, Row, Rows, Screen
from bot.screens_broadcast import subject, title
from bot.screens_home import home_row, new_button
from bot.wire import ListTap, MenuTap
from core.domain.broadcast import Broadcast, BroadcastStatus
from core.domain.delivery import DeliveryState
from core.services.pages import Page

PAGE_SIZE = 5


def scheduled(page: Page[Broadcast], present: Present) -> Screen:
    """Soonest first, day by day."""
    if not page.items:
        return Screen(_("Nothing scheduled."), ((new_button(),), home_row()))
    lines = [_head(_("Scheduled · {count}"), page, words.place(present.zone))]
    day = ""
    for number, broadcast in enumerate(page.items, start=1):
        local = broadcast.send_at.astimezone(present.zone)
        this_day = dated(local, "EEE d MMM y")
        if this_day != day:
            day = this_day
            lines.append(words.bold(day))
        twice = words.twice(broadcast.send_at, present.zone)
        whom = words.people(broadcast.progress.total)
        lines.append(f"{number} · {local:%H:%M}{twice} · {title(broadcast)} · {whom}")
    return Screen("\n".join(lines), (*_rows(page, "s", "a"), home_row()))


def running(broadcasts: Sequence[Broadcast]) -> Screen:
    """Sending and paused ones, all on one page: the first eight."""
    if not broadcasts:
        return Screen(_("Nothing is being sent."), (home_row(),))
    shown = broadcasts[:8]
    lines = [words.bold(_("Sending · {count}").format(count=amount(len(broadcasts))))]
    for number, broadcast in enumerate(shown, start=1):
        done = broadcast.progress.total - broadcast.progress.open
        mark = "⏸" if broadcast.status is BroadcastStatus.PAUSED else "▶"
        share = _("{done} of {total}").format(done=amount(done), total=amount(broadcast.progress.total))
        lines.append(f"{number} · {mark} {share} · {title(broadcast)}")
    return Screen("\n".join(lines), (openers(shown, ListTap("r", 1, "a")), home_row()))


def finished(page: Page[Broadcast], shown: str, present: Present) -> Screen:
    """Newest first. `shown`: "a" all, "f" with failures, "c" cancelled."""
    lines = [_head(_("Finished · {count}"), page, words.place(present.zone))]
    lines += ended_lines(page.items, present)
    if not page.items:
        lines.append(_("Nothing here.") if shown != "a" else _("Nothing has been sent yet."))
    search = (Button(_("🔎 Search"), str(MenuTap("search"))),)
    return Screen("\n".join(lines), (*_rows(page, "f", shown), filters(shown, "f"), search, home_row()))


def filters(shown: str, which: str) -> Row:
    """All, or only some of them. `shown`: the letter of what is shown."""
    return tuple(
        Button(f"• {label}" if letter == shown else label, str(ListTap(which, 1, letter)))
        for letter, label in (("a", _("All")), ("f", _("With failures")), ("c", _("Cancelled")))
    )


def ended_lines(broadcasts: Sequence[Broadcast], present: Present) -> list[str]:
    """One line for each, with the number of its button."""
    return [_ended_line(number, broadcast, present) for number, broadcast in enumerate(broadcasts, start=1)]


def _ended_line(number: int, broadcast: Broadcast, present: Present) -> str:
    progress = broadcast.progress
    parts = [f"✔{amount(progress.got_it)}"]
    for mark, state in (
        ("✖", DeliveryState.FAILED),
        ("❔", DeliveryState.UNKNOWN),
        ("⏹", DeliveryState.CANCELLED),
    ):
        if count := progress.of(state):
            parts.append(f"{mark}{amount(count)}")
    at = words.short(broadcast.finished_at or broadcast.send_at, present.zone)
    return f"{number} · {at} · {' '.join(parts)} · {title(broadcast)}"


def _head(name: str, page: Page[Broadcast], place: str) -> str:
    """`name`: with a place for the count."""
    at = _("page {page}/{pages}").format(page=page.page, pages=page.pages)
    return f"{words.bold(name.format(count=amount(page.total)))} · {escape(place)} · {at}"


def _rows(page: Page[Broadcast], which: str, shown: str) -> Rows:
    here = ListTap(which, page.page, shown)
    items: Rows = (openers(page.items, here),) if page.items else ()
    return (*items, *pages(page, lambda number: str(ListTap(which, number, shown))))


def openers(broadcasts: Sequence[Broadcast], here: ListTap) -> Row:
    """One button for each line, with its number."""
    back = f"{here.which}{here.page}{here.shown}"
    return tuple(
        Button(str(number), subject(broadcast).to("view", back))
        for number, broadcast in enumerate(broadcasts, start=1)
    )
