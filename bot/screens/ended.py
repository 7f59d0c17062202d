"""Screens of a finished or cancelled broadcast, and the card of a broadcast in any status."""

from __future__ import annotations

import re
from html import unescape

from bot.screens.amendments import phones_row
from bot.screens.approvals import unapproved_card
from bot.screens.broadcasts import (
    is_due,
    list_button,
    live_card,
    people_rows,
    progress_line,
    scheduled_card,
    unstarted_card,
)
from bot.screens.overdue import missed_line, overdue_card, overdue_pointer
from bot.text import audit, formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped, title
from bot.text.translation import _, amount
from bot.ui.callback_data import ListPage, subject
from bot.ui.screen import Button, Rows, Screen, screen
from core.domain.broadcast import ENDED, Broadcast, BroadcastStatus
from core.domain.delivery import DeliveryState
from core.services.retries import failures
from core.services.status import Status


def ended_card(broadcast: Broadcast, clock: Clock, back: ListPage | None) -> Screen:
    """A finished or cancelled broadcast. `back`: the list it was opened from."""
    facts = [formatting.people(broadcast.progress.total)]
    if broadcast.finished_at:
        facts.append(formatting.moment_in_city(broadcast.finished_at, clock.zone))
    done = audit.history(broadcast, clock)
    if broadcast.created_by.name and not done:
        facts.append(_("ordered by {name}").format(name=escaped(broadcast.created_by.name)))
    lines = [
        _head(broadcast),
        " · ".join(facts),
        escaped(done),
        progress_line(broadcast.progress),
        missed_line(formatting.full_moment(broadcast.send_at, clock.zone)) if broadcast.missed else "",
        *(escaped(line) for line in formatting.reason_lines(broadcast.progress.reasons)),
        *_left_out(broadcast),
    ]
    return screen(lines, *people_rows(broadcast), *_rows(broadcast), list_button(back) if back else None)


def _left_out(broadcast: Broadcast) -> list[str]:
    return [
        _("Left out {why}").format(why=escaped(line)) for line in formatting.reason_lines(broadcast.left_out)
    ]


def ended_pointer(broadcast: Broadcast) -> Screen:
    """The last state of a live card; the summary below says the rest."""
    return Screen(_("{head}: the result is below.").format(head=_head(broadcast)))


def _head(broadcast: Broadcast) -> str:
    finished = broadcast.status is BroadcastStatus.FINISHED
    head = _("✔ Finished {title}") if finished else _("⏹ Cancelled {title}")
    return head.format(title=title(broadcast))


def _rows(broadcast: Broadcast) -> Rows:
    to, progress = subject(broadcast).to, broadcast.progress
    more: list[Button] = []
    if count := sum(failures(progress, retryable=True).values()):
        more.append(Button(_("🔁 Retry {count}").format(count=amount(count)), to("retry")))
    unknown = progress.of(DeliveryState.UNKNOWN)
    if unknown and broadcast.status is BroadcastStatus.FINISHED:
        more.append(Button(_("❔ Unknown {count}").format(count=amount(unknown)), to("resend")))
    csv, again = Button(_("⬇ CSV"), to("csv")), Button(_("♻ Use again"), to("again"))
    chart = Button(_("📊 Chart"), to("chart"))
    use_again = (csv, chart, again) if broadcast.started_at else (csv, again)
    return (tuple(more), use_again, phones_row(broadcast))


def summary(broadcast: Broadcast) -> Screen:
    """The message that rings at the end of a broadcast."""
    people = formatting.people(broadcast.progress.total)
    finished = broadcast.status is BroadcastStatus.FINISHED
    if finished and broadcast.started_at and broadcast.finished_at and not broadcast.resends:
        span = formatting.duration(broadcast.started_at, broadcast.finished_at)
        people = _("{people} in {span}").format(people=people, span=span)
    lines = [
        _head(broadcast),
        people,
        progress_line(broadcast.progress),
        *(escaped(line) for line in formatting.reason_lines(broadcast.progress.reasons)),
        *_left_out(broadcast),
    ]
    return screen(lines, *people_rows(broadcast), *_rows(broadcast))


def broadcast_card(
    broadcast: Broadcast, status: Status | None, clock: Clock, back: ListPage | None = None
) -> Screen:
    """The card of a broadcast in any status. `back`: the list it was opened from; None for its live card."""
    if broadcast.is_late:
        return overdue_card(broadcast, clock, back) if back else overdue_pointer(broadcast)
    if broadcast.status is BroadcastStatus.SCHEDULED:
        if back and not broadcast.held and not is_due(broadcast, clock):
            return scheduled_card(broadcast, clock, back)
        return unstarted_card(broadcast, status, clock)
    if broadcast.status is BroadcastStatus.UNAPPROVED:
        return unapproved_card(broadcast, clock, back)
    if broadcast.status in ENDED:
        over = broadcast.started_at is not None and back is None
        return ended_pointer(broadcast) if over else ended_card(broadcast, clock, back)
    return live_card(broadcast, status, clock)


LONGEST_CAPTION = 1024
"""UTF-16 units without markup that Telegram allows under a picture."""
_TAG = re.compile(r"<[^>]*>")


def list_caption(broadcast: Broadcast, part: int, parts: int) -> Screen:
    line = _("Every delivery: {people}").format(people=formatting.people(broadcast.progress.total))
    if parts > 1:
        line += " · " + _("part {part} of {parts}").format(part=part, parts=parts)
    return Screen(f"{title(broadcast)}\n{line}")


def chart_caption(broadcast: Broadcast) -> Screen:
    return Screen(f"{title(broadcast)}\n{progress_line(broadcast.progress)}")


def fits_caption(screen: Screen) -> bool:
    """True if the screen's text fits under a picture."""
    text = unescape(_TAG.sub("", screen.html))
    return len(text.encode("utf-16-le")) // 2 <= LONGEST_CAPTION
