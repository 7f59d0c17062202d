"""The screens about people without a value for a gap of the text."""

from __future__ import annotations

from collections.abc import Sequence

from bot.screens.drafts import delete_button
from bot.text import formatting
from bot.text.formatting import escaped
from bot.text.translation import _, amount, ngettext, plural
from bot.ui.callback_data import subject
from bot.ui.screen import Button, Screen, Style, plain, screen
from core.domain.recipients import Recipient, full_name_in
from core.store.chat.drafts import Draft

MOST_FILLED_IN = 20
"""The most people whose values are asked for one by one."""
_MOST_NAMED = 3
LONGEST_VALUE = 1_000
"""Characters of a value that is typed for a person."""


def too_long_text() -> str:
    """Why a typed value was not taken."""
    return _("That's too long. Use up to {most} characters.").format(most=amount(LONGEST_VALUE))


def missing_text(name: str, people: Sequence[Recipient]) -> str:
    if name == "name":
        return plural(
            "I don't know {count} person's name.", "I don't know {count} people's names.", len(people)
        )
    text = ngettext(
        "{count} person has no value for {name}.", "{count} people have no value for {name}.", len(people)
    )
    return text.format(count=amount(len(people)), name=f"{{{name}}}")


def _who(one: Recipient) -> str:
    return formatting.clip(full_name_in(one.variables), 40) or formatting.address_text(one)


def missing_values(
    draft: Draft, place: int, name: str, people: Sequence[Recipient], *, everybody: bool
) -> Screen:
    """Asks what becomes of people without a value. `place`: of the gap, among those with such people.

    `everybody`: nobody has a value, so the words may be meant as they are.
    """
    named = [_who(one) for one in people[:_MOST_NAMED]]
    if len(people) > _MOST_NAMED:
        named.append(_("{count} more").format(count=amount(len(people) - _MOST_NAMED)))
    to = subject(draft).to
    # People of a series are read again each time, so nobody's value can be filled in for it.
    few = len(people) <= MOST_FILLED_IN and not draft.repeat and not draft.series_id
    as_words = _("Send {words} as it is").format(words=f"{{{name}}}")
    return screen(
        [formatting.bold(missing_text(name, people)), escaped(formatting.join_names(named))],
        Button(_("Same text for all"), to("gapall", place), Style.PRIMARY),
        Button(_("Fill them in"), to("gapfill", place)) if few else None,
        Button(as_words, to("gapwords", place)) if everybody else Button(_("Leave them out"), to("gapskip")),
        (Button(_("✏ Text"), to("text")), Button(_("👥 People"), to("who"))),
        delete_button(draft),
    )


def default_prompt(draft: Draft, name: str, people: Sequence[Recipient], problem: str = "") -> Screen:
    lines = [
        escaped(problem),
        escaped(missing_text(name, people)),
        _("What should it say instead? For example: friend"),
    ]
    return screen(lines, Button(_("« Back"), subject(draft).to("home")))


def fill_prompt(draft: Draft, name: str, people: Sequence[Recipient], problem: str = "") -> Screen:
    """Asks for the value of the first of these people."""
    question = _("What should I call {who}?") if name == "name" else _("What should {name} be for {who}?")
    text = question.format(name=formatting.quoted(formatting.column(name)), who=_who(people[0]))
    more = ngettext("{count} more to go.", "{count} more to go.", len(people) - 1)
    lines = [*([problem] if problem else []), text]
    if len(people) > 1:
        lines.append(more.format(count=amount(len(people) - 1)))
    to = subject(draft).to
    return plain(
        "\n".join(lines), Button(_("Leave the rest out"), to("gapskip")), Button(_("« Back"), to("home"))
    )
