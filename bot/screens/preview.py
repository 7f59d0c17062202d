"""The card below a previewed content, and the second question before sending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.screens.drafts import delete_button, shut_out_rows, template_row, when_text
from bot.screens.quiet_hours import end_of, preview_lines, switch_rows
from bot.screens.service_window import window_rows
from bot.text import formatting, recurrence
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _, amount, ngettext, plural, translate
from bot.ui.callback_data import subject
from bot.ui.screen import Button, Rows, Screen, Style, screen
from core.domain.audience import counts_of
from core.domain.broadcast import PreparedOrder
from core.domain.content.losses import losses
from core.domain.messengers.capabilities import Option
from core.domain.messengers.traits import Messenger
from core.domain.recipients import people_in
from core.parsing.quiet_hours import PendingQuietHours
from core.services.reachability import OutsideWindow
from core.store.chat.drafts import Draft

SURE_ABOVE = 1_000
"""Sending to more people at once takes a second tap."""
FREE_RATE = 30
"""Messages a second that Telegram sends for free; each one above costs STARS_EACH, if paying is chosen."""
STARS_EACH = 0.1
_WORTH_SAYING = 60
"""Seconds of sending from which the preview says how long it takes."""
_MOST_NAMED = 3
_MOST_REMEDIES = 3
_MOST_LINES = 6
_MOST_BUTTONS = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """A prepared order, and what an admin should know before it is sent."""

    order: PreparedOrder
    rates: Mapping[Messenger, float]
    """Messages per second."""
    clock: Clock
    warnings: Sequence[str] = ()
    """The most important first."""
    asleep: Sequence[PendingQuietHours] = ()
    """Quiet hours with people in them."""
    gaps: Mapping[str, str] = field(default_factory=dict)
    """Words such as "[name]", and the columns that they name."""
    windows: Sequence[OutsideWindow] = ()
    template_is_doubtful: bool = False
    """The messenger may refuse the template."""

    @property
    def reaches_nobody(self) -> bool:
        """Everybody would be refused: all are outside the window, and there is no template."""
        outside = sum(len(one.outside) for one in self.windows)
        return self.order.content.template is None and 0 < len(self.order.recipients) <= outside


def preview_card(draft: Draft, found: Findings) -> Screen:
    lines = [
        formatting.bold(_("Preview ↑")) + escaped(formatting.again_suffix(draft.again_of)),
        *_to_lines(draft, found.order),
        formatting.when_line(when_text(draft, found.clock)),
    ]
    notes = _notes(draft, found)
    room = _MOST_LINES - len(lines)
    further = max(0, len(notes) - room)
    to, total = subject(draft).to, len(found.order.recipients)
    discard = (delete_button(draft),) if draft.is_change else ()
    planned = draft.send_at is not None or draft.repeat is not None
    when = _("🕒 Change time") if planned else _("🕒 Later")
    switch = switch_rows(draft, found.asleep)
    more: Rows = ()
    if further:
        label = plural("📋 {count} more note", "📋 {count} more notes", further)
        more = ((Button(label, to("notes")),),)
    # The others come when the first are settled.
    remedies = _remedies(draft, found)[: _MOST_REMEDIES - len(switch) - len(more) - len(discard)]
    in_vain = found.reaches_nobody and bool(remedies)
    send = Button(_confirm(draft, found), to("go", total), None if in_vain else Style.SUCCESS)
    return screen(
        [*lines, *notes[:room]],
        *((*remedies, (send,)) if in_vain else ((send,), *remedies)),
        *switch,
        *more,
        (Button(when, to("when")), Button(_("✏ Edit"), to("edit"))),
        discard,
    )


def notes_card(draft: Draft, found: Findings) -> Screen:
    """All notes of a preview that has no room for them."""
    back = Button(_("« Back"), subject(draft).to("home"))
    return screen(_notes(draft, found), *_remedies(draft, found)[: _MOST_BUTTONS - 1], back)


def _remedies(draft: Draft, found: Findings) -> Rows:
    """Buttons that mend what a warning says."""
    rows = (
        *_gap_rows(draft, found.gaps),
        template_row(draft) if found.template_is_doubtful else (),
        *window_rows(draft, found.order, found.windows),
        *shut_out_rows(draft),
    )
    return tuple(row for row in rows if row)


def _notes(draft: Draft, found: Findings) -> list[str]:
    """The most important first. As HTML."""
    order, clock, people = found.order, found.clock, _people(found.order)
    lost = losses(draft.content, [messenger for messenger, _count in people]) if draft.content else []
    notes = [
        *(f"⚠ {escaped(translate(one))}" for one in found.warnings),
        *preview_lines(draft, found.asleep),
        *_checks(order),
        *(f"⚠ {escaped(translate(one))}" for one in lost),
        *_oddities_of_times(draft, clock),
        _takes(people, draft.send_at or clock.now, found.rates, clock),
        *_options(draft, people, found.rates),
        _("People with several messengers get it on all of them.") if draft.everywhere else "",
        _own_polls(order),
    ]
    return [one for one in notes if one]


def _people(order: PreparedOrder) -> list[tuple[Messenger, int]]:
    return list(counts_of(order.recipients).items())


def _to_lines(draft: Draft, order: PreparedOrder) -> list[str]:
    """As HTML: the lists or the first names, then the counts: "To Anna, Ben and 3 more · 5: Telegram 5"."""
    per_messenger = formatting.per_messenger(_people(order))
    total = formatting.to_count(order.people, len(order.recipients))
    people = people_in(draft.recipients)
    names = [formatting.audience_title(one) for one in draft.audiences]
    if not names:
        names = [next(filter(None, (one.name for one in each)), "") for each in people]
    shown = [formatting.clip(name, 32) for name in names[:_MOST_NAMED]]
    if not all(shown) or not shown:
        return [formatting.to_line(total, per_messenger)]
    more = len(names) - len(shown) + (len(people) if draft.audiences else 0)
    if more:
        shown.append(_("{count} more").format(count=amount(more)))
    names_and_count = _("<b>To</b> {names} · {count}").format(
        names=escaped(formatting.join_names(shown)), count=total
    )
    # Several messengers would wrap on a phone.
    several = len({one.messenger for one in order.recipients}) > 1
    return [names_and_count, per_messenger] if several else [f"{names_and_count}: {per_messenger}"]


def _gap_rows(draft: Draft, gaps: Mapping[str, str]) -> Rows:
    """The offer to fill in words such as "[name]". `gaps`: what is written, and the column that it names."""
    if not gaps:
        return ()
    written, names = formatting.clip(next(iter(gaps)), 20), dict.fromkeys(gaps.values())
    shown = formatting.clip(formatting.join_names([formatting.column(name) for name in names]), 30)
    label = _("✎ Put their {names} for {written}").format(names=shown, written=written)
    return ((Button(label, subject(draft).to("gaps"), Style.PRIMARY),),)


def _oddities_of_times(draft: Draft, clock: Clock) -> list[str]:
    """Effects of clock changes and short months on a series. As HTML."""
    if draft.repeat is None:
        return []
    lines = (*recurrence.dst_lines(draft.repeat, clock.now), *recurrence.short_month_lines(draft.repeat))
    return [escaped(line) for line in lines]


def _confirm(draft: Draft, found: Findings) -> str:
    order, asleep = found.order, found.asleep
    if draft.is_change:
        return _("✅ Save changes")
    if draft.repeat is not None:
        return _("✅ Start repeating")
    if order.needs_approval:
        return _("✅ Ask for approval")
    if draft.send_at is not None:
        return _("✅ Schedule")
    total = len(order.recipients)
    if not draft.ignore_quiet_hours and len(asleep) == 1 and asleep[0].count == total:
        return _("✅ Send at {time}").format(time=end_of(asleep[0])["time"])
    return _("✅ Send now")


def _options(
    draft: Draft, people: Sequence[tuple[Messenger, int]], rates: Mapping[Messenger, float]
) -> list[str]:
    if draft.content is None or not draft.content.options:
        return []
    options, named = draft.content.options, formatting.options_text(draft.content)
    able = [(m, count) for m, count in people if Option.PAID in m.traits.options]
    if Option.PAID not in options or not any(rates[messenger] > FREE_RATE for messenger, _count in able):
        return [named]
    stars = round(STARS_EACH * sum(count for _messenger, count in able))
    return [named, _("It costs up to {stars} Telegram Stars.").format(stars=amount(stars))]


def _checks(order: PreparedOrder) -> list[str]:
    """Duplicates, and people who cannot be reached. As HTML."""
    found = [formatting.duplicates_text(order.duplicates)] if order.duplicates else []
    found += [_("Left out: {why}").format(why=line) for line in formatting.reason_lines(order.left_out)]
    return [escaped(one) for one in (*found, *_passed_on(order))]


def _passed_on(order: PreparedOrder) -> list[str]:
    """For example "Alice can't be reached on Telegram and gets it on WhatsApp."."""
    there = {one.key for one in order.recipients} if order.passed_on else set()
    ways: dict[tuple[Messenger, Messenger], list[str]] = {}
    for first, one in order.passed_on:
        if one.key in there:
            ways.setdefault((first, one.messenger), []).append(formatting.clip(one.name, 32))
    lines = []
    for (first, messenger), names in ways.items():
        text = ngettext(
            "{people} can't be reached on {first} and gets it on {messenger}.",
            "{people} can't be reached on {first} and get it on {messenger}.",
            len(names),
        )
        few = len(names) <= _MOST_NAMED and all(names)
        people = formatting.join_names(names) if few else formatting.people(len(names))
        lines.append(text.format(people=people, first=first.traits.title, messenger=messenger.traits.title))
    return lines


def _own_polls(order: PreparedOrder) -> str:
    if not any(media.poll for media in order.content.media):
        return ""
    return _("Each person gets a poll of their own. Votes stay in each chat and aren't counted together.")


def _takes(
    people: Sequence[tuple[Messenger, int]], start: datetime, rates: Mapping[Messenger, float], clock: Clock
) -> str:
    """As HTML; empty for less than a minute."""
    seconds, slowest = max((count / rates[messenger], messenger) for messenger, count in people)
    if seconds < _WORTH_SAYING:
        return ""
    done = (start + timedelta(seconds=seconds)).astimezone(clock.zone)
    text = _("Sending takes about {span}, until {time} ({messenger}: {rate} a second).")
    return text.format(
        span=formatting.span(seconds),
        time=f"{done:%H:%M}",
        messenger=slowest.traits.title,
        rate=amount(rates[slowest]),
    )


def send_question(draft: Draft, people_count: int, messages: int) -> Screen:
    """The second question before sending to many people at once."""
    to, people = subject(draft).to, formatting.people(people_count)
    whole = formatting.people_and_messages(people_count, messages)
    return screen(
        _("Send this to {people} now?").format(people=whole),
        Button(_("« Back"), to("home")),
        Button(_("✅ Yes, send to {people}").format(people=people), to("sure", messages), Style.SUCCESS),
    )
