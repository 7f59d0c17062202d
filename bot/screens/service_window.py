"""Preview warnings about recipients outside WhatsApp's 24-hour customer service window."""

from __future__ import annotations

from collections.abc import Sequence

from bot.screens.drafts import template_row
from bot.text import formatting
from bot.text.translation import _, amount, ngettext, plural
from bot.ui.callback_data import subject
from bot.ui.screen import Button, Rows
from core.domain.broadcast import PreparedOrder
from core.domain.content.content import Content
from core.domain.content.limits import beside_template
from core.domain.messengers.outcome import Reason
from core.services.reachability import OutsideWindow
from core.store.chat.drafts import Draft


def window_warnings(content: Content, found: Sequence[OutsideWindow], *, planned: bool) -> list[str]:
    """One line for each messenger that has recipients outside the window at the time of sending.

    `planned`: that time is ahead, so they can still write beforehand.
    """
    lines = (
        _without_template(one, planned=planned) if content.template is None else _beside(content, one)
        for one in found
    )
    return [line for line in lines if line]


def window_rows(draft: Draft, order: PreparedOrder, found: Sequence[OutsideWindow]) -> Rows:
    """Ways on for people outside the window: a template, or without them. Takes in again who was left out."""
    if order.content.template is not None:
        return ()
    outside, to = [one for window in found for one in window.outside], subject(draft).to
    if not outside:
        left = sum(reasons.get(Reason.OUTSIDE_WINDOW, 0) for reasons in order.left_out.values())
        label = plural("↩ Include {count} person again", "↩ Include {count} people again", left)
        return (template_row(draft), (Button(label, to("outside", 0)),)) if left else ()
    # A series reads its people again each time, so nobody can be left out of it beforehand.
    some = len(outside) < len(order.recipients) and not draft.repeat and not draft.series_id
    label = plural("✖ Leave {count} person out", "✖ Leave {count} people out", len(outside))
    if len(outside) == 1 and outside[0].name:
        label = _("✖ Leave {name} out").format(name=formatting.clip(outside[0].name, 24))
    return (template_row(draft), *(((Button(label, to("outside", 1)),),) if some else ()))


def _without_template(found: OutsideWindow, *, planned: bool) -> str:
    if found.missing:
        line = _(
            "{messenger} only delivers to people who wrote to you in the last {hours} hours. I can't tell "
            "who did until you set {variable}"
        )
        return line.format(**_terms(found))
    if not found.outside:
        return ""
    who = formatting.first_people(found.outside, len(found.outside))
    if planned:
        line = _(
            "{messenger} will reject this for {who} without a template, unless they write to you in the "
            "{hours} hours before"
        )
        return line.format(who=who, **_terms(found))
    if len(found.outside) == 1:
        line = _(
            "{who} hasn't written to you in {hours} hours, so {messenger} will reject this without a template"
        )
        return line.format(who=who, **_terms(found))
    return plural(
        "{count} person ({who}) hasn't written to you in {hours} hours, so {messenger} will reject this "
        "without a template",
        "{count} people ({who}) haven't written to you in {hours} hours, so {messenger} will reject "
        "this without a template",
        len(found.outside),
        who=who,
        **_terms(found),
    )


def _beside(content: Content, found: OutsideWindow) -> str:
    """For a content with a template: the others get the text."""
    if beside_template(content, found.messenger) is None or not found.outside or content.template is None:
        return ""
    if found.missing:
        line = ngettext(
            "The one person on {messenger} will get the template {template}. I can't tell who wrote lately "
            "until you set {variable}",
            "All {total} on {messenger} will get the template {template}. I can't tell who wrote lately "
            "until you set {variable}",
            found.total,
        )
    elif len(found.outside) == found.total:
        line = ngettext(
            "The one person on {messenger} hasn't written to you in {hours} hours and will get the template "
            "{template}",
            "None of the {total} on {messenger} has written to you in {hours} hours. They'll get the "
            "template {template}",
            found.total,
        )
    else:
        line = ngettext(
            "{count} of {total} on {messenger} hasn't written to you in {hours} hours and will get the "
            "template {template}",
            "{count} of {total} on {messenger} haven't written to you in {hours} hours and will get the "
            "template {template}",
            len(found.outside),
        )
    return line.format(count=amount(len(found.outside)), template=content.template.name, **_terms(found))


def _terms(found: OutsideWindow) -> dict[str, str]:
    return {
        "hours": str(found.messenger.traits.window_hours),
        "total": amount(found.total),
        "messenger": found.messenger.traits.title,
        "variable": found.missing,
    }
