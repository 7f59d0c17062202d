"""The card below a previewed content, and the second question before sending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.screens.drafts import discard_button, slot_buttons, when_text
from bot.text import formatting, recurrence
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _, amount, translate
from bot.ui.callback_data import subject
from bot.ui.screen import Button, Rows, Screen, Style, screen
from core.domain.audience import counts_of
from core.domain.broadcast import PreparedOrder
from core.domain.content.losses import losses
from core.domain.messengers.capabilities import Option
from core.domain.messengers.traits import Messenger
from core.store.chat.drafts import Draft

SURE_ABOVE = 1_000
"""Sending to more people at once takes a second tap."""
FREE_RATE = 30
"""Messages a second that Telegram sends for free; each one above costs STARS_EACH, if paying is chosen."""
STARS_EACH = 0.1


def preview_card(
    draft: Draft,
    order: PreparedOrder,
    rates: Mapping[Messenger, float],
    clock: Clock,
    warnings: Sequence[str] = (),
    asleep: Sequence[str] = (),
    switches: Rows = (),
) -> Screen:
    """`asleep`: lines about quiet hours, as HTML; `switches`: extra rows of buttons."""
    people = list(counts_of(order.recipients).items())
    total = len(order.recipients)
    lost = losses(draft.content, [messenger for messenger, _count in people]) if draft.content else []
    lines = [
        _("↑ This is what people get · <b>#{id}</b>{again}").format(
            id=draft.shown_id, again=formatting.again_suffix(draft.again_of)
        ),
        formatting.to_line(total, formatting.per_messenger(people)),
        formatting.when_line(when_text(draft, clock)),
        *_oddities_of_times(draft, clock),
        _("<b>Takes</b> {span}").format(span=_takes(people, draft.send_at or clock.now, rates, clock)),
        *_wishes(draft, people, rates),
        *_checks(order),
        *asleep,
        *(f"⚠ {escaped(translate(one))}" for one in (*lost, *warnings)),
    ]
    to = subject(draft).to
    return screen(
        lines,
        Button(_confirm(draft).format(count=amount(total)), to("go", total), Style.SUCCESS),
        *switches,
        slot_buttons(draft, _("👥 People")),
        (Button(_("📱 Test to me"), to("test")), Button(_("⚙ Options"), to("opt"))),
        discard_button(draft),
    )


def gap_rows(draft: Draft, gaps: Mapping[str, str]) -> Rows:
    """The offer to fill in words such as "[name]". `gaps`: what is written, and the column that it names."""
    if not gaps:
        return ()
    written, names = formatting.clip(next(iter(gaps)), 20), dict.fromkeys(gaps.values())
    shown = formatting.clip(" ".join(f"{{{name}}}" for name in names), 30)
    label = _("✎ Fill in {names} for {written}").format(names=shown, written=written)
    return ((Button(label, subject(draft).to("gaps"), Style.PRIMARY),),)


def _oddities_of_times(draft: Draft, clock: Clock) -> list[str]:
    """Effects of clock changes and short months on a series. As HTML."""
    if draft.repeat is None:
        return []
    lines = (*recurrence.dst_lines(draft.repeat, clock.now), *recurrence.short_month_lines(draft.repeat))
    return [escaped(line) for line in lines]


def _confirm(draft: Draft) -> str:
    if draft.repeat is not None:
        return _("✅ Change the series") if draft.series_id else _("✅ Repeat to {count}")
    if draft.send_at is None:
        return _("✅ Send to {count} now")
    return _("✅ Change it for {count}") if draft.changes else _("✅ Schedule for {count}")


def _wishes(
    draft: Draft, people: Sequence[tuple[Messenger, int]], rates: Mapping[Messenger, float]
) -> list[str]:
    if draft.content is None or not draft.content.options:
        return []
    options = draft.content.options
    goes = _("<b>Goes</b> {ways}").format(ways=formatting.join_names(formatting.option_names(draft.content)))
    able = [(m, count) for m, count in people if Option.PAID in m.traits.options]
    if Option.PAID not in options or not any(rates[messenger] > FREE_RATE for messenger, _count in able):
        return [goes]
    stars = round(STARS_EACH * sum(count for _messenger, count in able))
    return [goes, _("<b>Costs</b> {stars} Telegram Stars at most").format(stars=amount(stars))]


def _checks(order: PreparedOrder) -> list[str]:
    found = [formatting.duplicates_text(order.duplicates)] if order.duplicates else []
    found += [_("left out {why}").format(why=line) for line in formatting.reason_lines(order.left_out)]
    if not found:
        return []
    return [_("<b>Check</b> {what}").format(what=escaped(" · ".join(found)))]


def _takes(
    people: Sequence[tuple[Messenger, int]], start: datetime, rates: Mapping[Messenger, float], clock: Clock
) -> str:
    seconds, slowest = max((count / rates[messenger], messenger) for messenger, count in people)
    if seconds < 1:
        return _("a moment")
    done = (start + timedelta(seconds=seconds)).astimezone(clock.zone)
    return _("about {span}, done about {time} ({messenger} at {rate}/s)").format(
        span=formatting.span(seconds),
        time=f"{done:%H:%M}",
        messenger=slowest.traits.title,
        rate=amount(rates[slowest]),
    )


def send_question(draft: Draft, total: int) -> Screen:
    """The second question before sending to many people at once."""
    to, people = subject(draft).to, formatting.people(total)
    return screen(
        _("Send {title} to {people} now?").format(title=formatting.bold(f"#{draft.shown_id}"), people=people),
        Button(_("« Back"), to("home")),
        Button(_("✅ Yes, send to {people}").format(people=people), to("sure", total), Style.SUCCESS),
    )
