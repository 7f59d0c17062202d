"""The screens of a broadcast that has ended, and what can be done with it still."""

from __future__ import annotations

from html import escape

from bot import words
from bot.pick import Present
from bot.screen import Button, Row, Rows, Screen
from bot.screens_broadcast import counts, list_button, people_rows, reasons, subject, title
from bot.wire import ListTap
from core.domain.broadcast import Broadcast, BroadcastStatus
from core.domain.delivery import DeliveryState
from core.services.resending import curable


def ended(broadcast: Broadcast, present: Present, back: ListTap | None) -> Screen:
    """A broadcast that is finished or cancelled."""
    word = "✔ Finished" if broadcast.status is BroadcastStatus.FINISHED else "⏹ Cancelled"
    at = f" · {words.short(broadcast.finished_at, present.zone)}" if broadcast.finished_at else ""
    by = f" · ordered by {escape(broadcast.creator_name, quote=False)}" if broadcast.creator_name else ""
    lines = [
        f"{word} {title(broadcast)}",
        f"{words.people(broadcast.progress.total)}{at}{by}",
        counts(broadcast.progress),
        *(escape(line, quote=False) for line in reasons(broadcast.progress)),
        *(escape(f"Left out {line}", quote=False) for line in words.left_out(broadcast.left_out)),
    ]
    rows = (*people_rows(broadcast), *_rows(broadcast))
    return Screen("\n".join(lines), (*rows, (list_button(back),)) if back else rows)


def _rows(broadcast: Broadcast) -> Rows:
    """What can be done with it: those it did not reach first."""
    to, progress = subject(broadcast).to, broadcast.progress
    more: list[Button] = []
    if count := sum(curable(progress).values()):
        more.append(Button(f"🔁 Retry {count:,}", to("retry")))
    unknown = progress.of(DeliveryState.UNKNOWN)
    if unknown and broadcast.status is BroadcastStatus.FINISHED:
        more.append(Button(f"❔ Unknown {unknown:,}", to("resend")))
    use_again: Row = (
        Button("⬇ CSV", to("csv")),
        Button("📊 Chart", to("chart")),
        Button("♻ Use again", to("again")),
    )
    return (tuple(more), use_again) if more else (use_again,)


def summary(broadcast: Broadcast) -> Screen:
    """The message that rings when it is over."""
    took = ""
    if broadcast.started_at and broadcast.finished_at and not broadcast.resends:
        took = f" in {words.since(broadcast.started_at, broadcast.finished_at)}"
    finished = broadcast.status is BroadcastStatus.FINISHED
    lines = [
        f"{'✔ Finished' if finished else '⏹ Cancelled'} {title(broadcast)}",
        f"{words.people(broadcast.progress.total)}{took if finished else ''}",
        counts(broadcast.progress),
        *(escape(line, quote=False) for line in reasons(broadcast.progress)),
    ]
    return Screen("\n".join(lines), (*people_rows(broadcast), *_rows(broadcast)))
