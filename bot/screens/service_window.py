"""Preview warnings about recipients outside WhatsApp's 24-hour customer service window."""

from __future__ import annotations

from collections.abc import Sequence

from bot.text import formatting
from bot.text.translation import _, amount, ngettext, plural
from core.domain.content.content import Content
from core.domain.content.limits import beside_template
from core.domain.recipients import Recipient
from core.services.reachability import OutsideWindow

_NAMED = 3


def window_warnings(content: Content, found: Sequence[OutsideWindow]) -> list[str]:
    """One line for each messenger that has recipients outside the window."""
    lines = (_without_template(one) if content.template is None else _beside(content, one) for one in found)
    return [line for line in lines if line]


def _without_template(found: OutsideWindow) -> str:
    if found.missing:
        line = _(
            "{messenger} takes a text only for people who wrote to you within {hours} hours. "
            "Who did is not known here: {variable} is not set"
        )
        return line.format(**_terms(found))
    if not found.outside:
        return ""
    return plural(
        "{count} person on {messenger} is outside the {hours} h window ({who}): without a template they end as failed",
        "{count} people on {messenger} are outside the {hours} h window ({who}): without a template they end as failed",
        len(found.outside),
        who=_named(found.outside),
        **_terms(found),
    )


def _beside(content: Content, found: OutsideWindow) -> str:
    """For a content with a template: the others get the text."""
    if beside_template(content, found.messenger) is None or not found.outside or content.template is None:
        return ""
    if found.missing:
        line = _(
            "All {total} on {messenger} get the template {template}: who wrote lately is not known here, as "
            "{variable} is not set"
        )
    elif len(found.outside) == found.total:
        line = _(
            "All {total} on {messenger} are outside the {hours} h window: they get the template {template}"
        )
    else:
        line = ngettext(
            "{count} of {total} on {messenger} is outside the {hours} h window and gets the template {template}",
            "{count} of {total} on {messenger} are outside the {hours} h window and get the template {template}",
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


def _named(people: Sequence[Recipient]) -> str:
    named = ", ".join(formatting.clip(one.address, 32) for one in people[:_NAMED])
    more = len(people) - _NAMED
    if more <= 0:
        return named
    return plural("{who} and {count} more", "{who} and {count} more", more, who=named)
