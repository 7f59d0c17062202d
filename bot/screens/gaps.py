"""The screens about people without a value for a gap of the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.screens.drafts import delete_button
from bot.text import formatting
from bot.text.formatting import column, escaped
from bot.text.translation import _, amount, ngettext, plural
from bot.ui.callback_data import subject
from bot.ui.screen import Button, Screen, Style, plain, screen
from core.domain.recipients import Recipient, full_name_in
from core.services.gaps import columns_meant
from core.store.chat.drafts import Draft

MOST_FILLED_IN = 20
"""The most people whose values are asked for one by one."""
_MOST_NAMED = 3
_MOST_COLUMNS = 2
_MOST_LOOKED_AT = 1_000
LONGEST_VALUE = 1_000
"""Characters of a value that is typed for a person."""


def too_long_text() -> str:
    """The answer to a typed value that is too long."""
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

    `everybody`: nobody has a value, so another column may be meant, or the words as they are.
    """
    if everybody and (columns := columns_of(name, people)):
        return _which_column(draft, place, name, columns)
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


def columns_of(name: str, people: Sequence[Recipient]) -> dict[str, str]:
    """The columns that are offered for a gap that none of these people has a value for, each with somebody's value."""
    values: dict[str, str] = {}
    for one in people[:_MOST_LOOKED_AT]:
        for title, value in one.variables.items():
            if value:
                values.setdefault(title, value)
    return {title: values[title] for title in columns_meant(name, values)[:_MOST_COLUMNS]}


def _which_column(draft: Draft, place: int, name: str, columns: Mapping[str, str]) -> Screen:
    to = subject(draft).to
    question = _("Your list has no column “{name}”. Which one do you mean?").format(name=name)
    shown = [f"{column(title)}: {formatting.clip(value, 40)}" for title, value in columns.items()]
    return screen(
        [formatting.bold(question), *map(escaped, shown)],
        tuple(
            Button(formatting.clip(column(title), 20), to("gapcol", number), Style.PRIMARY)
            for number, title in enumerate(columns)
        ),
        Button(_("Same text for all"), to("gapall", place)),
        Button(_("Send {words} as it is").format(words=f"{{{name}}}"), to("gapwords", place)),
        (Button(_("✏ Text"), to("text")), Button(_("👥 People"), to("who"))),
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
    text = question.format(name=formatting.quoted(column(name)), who=_who(people[0]))
    more = ngettext("{count} more to go.", "{count} more to go.", len(people) - 1)
    lines = [*([problem] if problem else []), text]
    if len(people) > 1:
        lines.append(more.format(count=amount(len(people) - 1)))
    to = subject(draft).to
    return plain(
        "\n".join(lines), Button(_("Leave the rest out"), to("gapskip")), Button(_("« Back"), to("home"))
    )
