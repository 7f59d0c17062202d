"""The result of a broadcast, and the card of a broadcast in any status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from bot.screens.amendments import amendments_row
from bot.screens.approvals import unapproved_card
from bot.screens.broadcasts import (
    card_place,
    is_due,
    list_button,
    live_card,
    missed_button,
    progress_line,
    scheduled_card,
    unstarted_card,
)
from bot.screens.overdue import missed_line, overdue_card, overdue_pointer
from bot.text import audit, formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped, title
from bot.text.translation import _, amount, plural, translate
from bot.ui.callback_data import SENT_LIST, ListPage, subject
from bot.ui.screen import Button, Rows, Screen, Style, screen
from core.domain.broadcast import ENDED, Broadcast, BroadcastStatus, Progress
from core.domain.delivery import REACHED_MESSENGER, DeliveryState
from core.domain.messengers.billing import Bill
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.services.retries import Missed
from core.services.status import Status

_NOTHING_MISSED = Missed()
_MOST_REASONS = 2
_MOST_LINES = 6


def result_card(
    broadcast: Broadcast,
    missed: Missed,
    clock: Clock,
    back: ListPage | None = None,
    *,
    more: bool = False,
) -> Screen:
    """A finished or cancelled broadcast: what happened, who missed it, and what can be done about it.

    `back`: the list it was opened from; `more`: show the rarer buttons in place of the usual ones.
    """
    at = formatting.moment_in_city(broadcast.finished_at or broadcast.send_at, clock.zone)
    lines = [
        _head(broadcast),
        f"{title(broadcast)} · {escaped(at)}",
        receipts_line(broadcast.progress),
        missed_line(formatting.full_moment(broadcast.send_at, clock.zone)) if broadcast.missed else "",
        # A tap on More is for the rest.
        *(escaped(line) for line in (() if more else _missed_lines(broadcast.progress, missed))),
        *_left_out(broadcast),
        *(escaped(line) for line in (_bill_lines(broadcast) if more else ())),
        escaped(_done_by(broadcast, clock)) if more or broadcast.status is BroadcastStatus.CANCELLED else "",
    ]
    rows = _more_rows(broadcast, back) if more else _rows(broadcast, missed, back)
    return screen([line for line in lines if line][:_MOST_LINES], *rows)


def _head(broadcast: Broadcast) -> str:
    """For example "✔ Sent to 37 of 40". As HTML."""
    progress = broadcast.progress
    if broadcast.started_at is None:
        return _("⏹ <b>Cancelled.</b> Nothing was sent.")
    total, reached = progress.total, progress.reached
    if broadcast.people != total:
        return _head_of_messages(broadcast)
    if broadcast.stopped:
        head = _("⏹ <b>Stopped. Sent to {done} of {total}</b>")
    elif reached == total:
        head = "✔ " + formatting.bold(plural("Sent to {count} person", "Sent to {count} people", total))
    elif reached:
        head = _("⚠ <b>Sent to {done} of {total}</b>")
    else:
        head = _("✖ <b>Sent to {done} of {total}</b>")
    return head.format(done=amount(reached), total=amount(total))


def _head_of_messages(broadcast: Broadcast) -> str:
    """The head where some people get it on several messengers: "✔ Sent to 4 people, 6 messages". As HTML."""
    total, reached = broadcast.progress.total, broadcast.progress.reached
    if reached == total:
        whole = formatting.people_and_messages(broadcast.people, total)
        return "✔ " + formatting.bold(_("Sent to {people}").format(people=whole))
    if broadcast.stopped:
        head = _("⏹ <b>Stopped. Sent {done} of {total} messages</b>")
    elif reached:
        head = _("⚠ <b>Sent {done} of {total} messages</b>")
    else:
        head = _("✖ <b>Sent {done} of {total} messages</b>")
    return head.format(done=amount(reached), total=amount(total))


def receipts_line(progress: Progress) -> str:
    """For example "30 of 37 delivered · 22 read"; empty before the first receipt.

    Named are the messengers that report it, where others of the broadcast do not.
    """
    reporting = [one for one in Messenger if one.traits.receipts and _reached_on(progress, one)]
    arrived = Progress(counts={one: progress.counts[one] for one in reporting})
    delivered = arrived.of(DeliveryState.DELIVERED, DeliveryState.READ)
    if not delivered:
        return ""
    total = arrived.reached
    parts = [_("{done} of {total} delivered").format(done=amount(delivered), total=amount(total))]
    if read := arrived.of(DeliveryState.READ):
        parts.append(_("{count} read").format(count=amount(read)))
    where = (
        ""
        if total == progress.reached
        else f"{formatting.join_names([one.traits.title for one in reporting])}: "
    )
    return where + " · ".join(parts)


def _reached_on(progress: Progress, messenger: Messenger) -> int:
    counts = progress.counts.get(messenger, {})
    return sum(counts.get(state, 0) for state in REACHED_MESSENGER)


def _missed_lines(progress: Progress, missed: Missed) -> list[str]:
    """Those who were missed: by name if they are few, else by reason. As plain text."""
    trouble = progress.of(DeliveryState.FAILED, DeliveryState.UNKNOWN)
    if 0 < trouble <= len(missed.first):
        by_reason: dict[Reason, list[Recipient]] = {}
        for one in missed.first:
            if one.reason is not None:
                by_reason.setdefault(one.reason, []).append(one.recipient)
        return [_missed_line(reason, people) for reason, people in by_reason.items()]
    lines = formatting.reason_lines(progress.reasons)
    if len(lines) > _MOST_REASONS + 1:
        return [*lines[:_MOST_REASONS], _("and other reasons")]
    return lines


def _missed_line(reason: Reason, people: Sequence[Recipient]) -> str:
    """For example "Anna (Telegram): has never pressed Start in the bot", "Anna and Ben: not on WhatsApp"."""
    if len(people) == 1:
        return f"{formatting.person(people[0])}: {translate(reason.sentence)}"
    messengers = {one.messenger.traits.title for one in people}
    on = messengers.pop() if len(messengers) == 1 else ""
    return f"{formatting.people_named(people, on_messengers=not on)}: {translate(reason.counted(on))}"


def _left_out(broadcast: Broadcast) -> list[str]:
    return [
        _("Left out before sending: {why}").format(why=escaped(line))
        for line in formatting.reason_lines(broadcast.left_out)
    ]


def _bill_lines(broadcast: Broadcast) -> list[str]:
    """Messages that the messengers charge for, as they report it: counts, no prices."""
    lines = []
    for messenger, bills in broadcast.bills.items():
        charged = {bill: count for bill, count in bills.items() if bill.billable}
        free = sum(count for bill, count in bills.items() if not bill.billable)
        parts = []
        if charged:
            count = amount(sum(charged.values()))
            parts.append(_("{count} billable ({kinds})").format(count=count, kinds=_kinds(charged)))
        if free:
            parts.append(_("{count} free").format(count=amount(free)))
        line = _("💰 {messenger}: {counts}")
        lines.append(line.format(messenger=messenger.traits.title, counts=", ".join(parts)))
    return lines


def _kinds(bills: Mapping[Bill, int]) -> str:
    """For example "marketing 800, utility 200"."""
    counts: Counter[str] = Counter()
    for bill, count in bills.items():
        counts[bill.category] += count
    return ", ".join(f"{_kind(category)} {amount(count)}" for category, count in counts.most_common())


def _kind(category: str) -> str:
    known = {
        "marketing": _("marketing"),
        "utility": _("utility"),
        "authentication": _("sign-in codes"),
        "service": _("service"),
        "session": _("in a session"),
        "out_of_session": _("out of a session"),
    }
    return known.get(category, category.replace("_", " ") or _("other"))


def late_refusals(broadcasts: Sequence[Broadcast], missed: Missed) -> Screen:
    """Tells the team of failures that became known after the end. `missed`: of the broadcast, if it is one."""
    if len(broadcasts) == 1:
        (one,) = broadcasts
        why = ", ".join(_missed_lines(one.progress, missed))
        text = _("⚠ Not delivered: {title}. {why}").format(title=title(one), why=escaped(why))
        return screen(text, Button(_("📋 Open"), subject(one).to("view", SENT_LIST)))
    text = plural(
        "⚠ {count} message didn't reach everyone.",
        "⚠ {count} messages didn't reach everyone.",
        len(broadcasts),
    )
    return screen(text, Button(_("📋 Open"), ListPage("f", 1, "f")))


def _done_by(broadcast: Broadcast, clock: Clock) -> str:
    if done := audit.history(broadcast, clock):
        return done
    if broadcast.status is BroadcastStatus.CANCELLED and broadcast.created_by.name:
        return _("Created by {name}").format(name=broadcast.created_by.name)
    return ""


def _rows(broadcast: Broadcast, missed: Missed, back: ListPage | None) -> Rows:
    to = subject(broadcast).to
    retry: tuple[Button, ...] = ()
    if missed.reachable is None:
        retry = (Button(_("↻ Send to those who missed it"), to("retry"), Style.PRIMARY),)
    elif missed.reachable:
        label = _("↻ Send to all {count} who missed it").format(count=amount(missed.reachable))
        if missed.reachable == 1:
            label = _("↻ Send to the one who missed it")
        retry = (Button(label, to("retry"), Style.PRIMARY),)
    return (
        retry,
        tuple(filter(None, (missed_button(broadcast),))),
        (Button(_("♻ Send again"), to("again")), Button(_("More"), to("more", card_place(back)))),
        (list_button(back),) if back else (),
    )


def _more_rows(broadcast: Broadcast, back: ListPage | None) -> Rows:
    to, progress = subject(broadcast).to, broadcast.progress
    everyone = _("👥 Everyone {count}").format(count=amount(broadcast.people))
    chart = (Button(_("📊 Chart"), to("chart")),) if broadcast.started_at else ()
    unknown = progress.of(DeliveryState.UNKNOWN)
    resend: tuple[Button, ...] = ()
    if unknown and broadcast.status is BroadcastStatus.FINISHED:
        label = _("❔ Resend to {count} not confirmed").format(count=amount(unknown))
        resend = (Button(label, to("resend")),)
    return (
        (Button(everyone, to("got", "1")),),
        (Button(_("⬇ CSV"), to("csv")), *chart),
        amendments_row(broadcast),
        resend,
        (Button(_("« Back"), to("less", card_place(back))),),
    )


def broadcast_card(
    broadcast: Broadcast,
    status: Status | None,
    clock: Clock,
    back: ListPage | None = None,
    missed: Missed = _NOTHING_MISSED,
    *,
    more: bool = False,
) -> Screen:
    """The card of a broadcast in any status. `back`: the list it was opened from; None for its live card."""
    if broadcast.is_late:
        return overdue_card(broadcast, clock, back) if back else overdue_pointer(broadcast)
    if broadcast.status is BroadcastStatus.SCHEDULED:
        if back and not broadcast.can_be_undone and not is_due(broadcast, clock):
            return scheduled_card(broadcast, clock, back, more=more)
        return unstarted_card(broadcast, status, clock, more=more)
    if broadcast.status is BroadcastStatus.UNAPPROVED:
        return unapproved_card(broadcast, clock, back)
    if broadcast.status in ENDED:
        return result_card(broadcast, missed, clock, back, more=more)
    return live_card(broadcast, status, clock)


def list_caption(broadcast: Broadcast, part: int, parts: int) -> Screen:
    people = formatting.people_and_messages(broadcast.people, broadcast.progress.total)
    line = _("Results for {people}").format(people=people)
    if parts > 1:
        line += " · " + _("part {part} of {parts}").format(part=part, parts=parts)
    return Screen(f"{title(broadcast)}\n{line}")


def chart_caption(broadcast: Broadcast) -> Screen:
    return Screen(f"{title(broadcast)}\n{progress_line(broadcast.progress)}")
