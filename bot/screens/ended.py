"""The screens of a broadcast that has ended, and what can be done with it still."""

from __future__ import annotations

from html import escape

from bot import words, words_log
from bot.language import _, amount
from bot.pick import Present
from bot.screen import Button, Row, Rows, Screen
from bot.screens import phones as screens_phones
from bot.screens.broadcast import counts, list_button, people_rows, reasons, subject, title
from bot.screens.late import missed_line
from bot.wire import ListTap
from core.domain.broadcast import Broadcast, BroadcastStatus
from core.domain.delivery import DeliveryState
from core.services.resending import curable


def ended(broadcast: Broadcast, present: Present, back: ListTap | None) -> Screen:
    """A broadcast that is finished or cancelled."""
    facts = [words.people(broadcast.progress.total)]
    if broadcast.finished_at:
        facts.append(words.placed(broadcast.finished_at, present.zone))
    done = words_log.history(broadcast, present)
    if broadcast.creator_name and not done:
        facts.append(_("ordered by {name}").format(name=escape(broadcast.creator_name, quote=False)))
    lines = [
        _head(broadcast),
        " · ".join(facts),
        *([escape(done, quote=False)] if done else []),
        counts(broadcast.progress),
        *([missed_line(words.wall(broadcast.send_at, present.zone))] if broadcast.missed else []),
        *(escape(line, quote=False) for line in reasons(broadcast.progress)),
        *_left_out(broadcast),
    ]
    rows = (*people_rows(broadcast), *_rows(broadcast))
    return Screen("\n".join(lines), (*rows, (list_button(back),)) if back else rows)


def _left_out(broadcast: Broadcast) -> list[str]:
    return [
        _("Left out {why}").format(why=escape(line, quote=False))
        for line in words.left_out(broadcast.left_out)
    ]


def pointer(broadcast: Broadcast) -> Screen:
    """What the live card becomes when it is over: the summary, which rings, says the rest."""
    return Screen(_("{head}: the result is below.").format(head=_head(broadcast)))


def _head(broadcast: Broadcast) -> str:
    finished = broadcast.status is BroadcastStatus.FINISHED
    head = _("✔ Finished {title}") if finished else _("⏹ Cancelled {title}")
    return head.format(title=title(broadcast))


def _rows(broadcast: Broadcast) -> Rows:
    """What can be done with it: those it did not reach first."""
    to, progress = subject(broadcast).to, broadcast.progress
    more: list[Button] = []
    if count := sum(curable(progress).values()):
        more.append(Button(_("🔁 Retry {count}").format(count=amount(count)), to("retry")))
    unknown = progress.of(DeliveryState.UNKNOWN)
    if unknown and broadcast.status is BroadcastStatus.FINISHED:
        more.append(Button(_("❔ Unknown {count}").format(count=amount(unknown)), to("resend")))
    use_again: Row = (
        Button(_("⬇ CSV"), to("csv")),
        *((Button(_("📊 Chart"), to("chart")),) if broadcast.started_at else ()),
        Button(_("♻ Use again"), to("again")),
    )
    phones = screens_phones.opener(broadcast)
    return tuple(row for row in (tuple(more), use_again, phones) if row)


def summary(broadcast: Broadcast) -> Screen:
    """The message that rings when it is over."""
    people = words.people(broadcast.progress.total)
    finished = broadcast.status is BroadcastStatus.FINISHED
    if finished and broadcast.started_at and broadcast.finished_at and not broadcast.resends:
        span = words.since(broadcast.started_at, broadcast.finished_at)
        people = _("{people} in {span}").format(people=people, span=span)
    lines = [
        _head(broadcast),
        people,
        counts(broadcast.progress),
        *(escape(line, quote=False) for line in reasons(broadcast.progress)),
        *_left_out(broadcast),
    ]
    return Screen("\n".join(lines), (*people_rows(broadcast), *_rows(broadcast)))
