"""Screens of audiences: the list, the card of one, and the questions about it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.screens.drafts import problems_text
from bot.screens.home import home_row
from bot.screens.recipients import typing_help
from bot.text import formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _, amount
from bot.ui.callback_data import AUDIENCES, Action, Subject
from bot.ui.pagination import page_rows
from bot.ui.screen import Button, Row, Screen, Style, grid, screen
from core.domain.audience import LONGEST_NAME, Audience
from core.domain.page import Page

PAGE_SIZE = 10
FIRST_PAGE = AUDIENCES.to("page", 1)
_LABEL = 24
_A_ROW = 2
_MOST_VARIABLES = 12


def audience_label(audience: Audience) -> str:
    """Name and size, short enough for half a row."""
    count = f" · {amount(audience.total)}"
    return formatting.clip(audience.title, _LABEL - len(count)) + count


def audience_list(page: Page[Audience]) -> Screen:
    head = formatting.bold(_("👥 Audiences · {count}").format(count=amount(page.total)))
    hint = _("No list of recipients is saved yet. Make one here, or send me a CSV, XLSX or TXT file.")
    if page.items:
        example = _("Name them in an order: <code>/send {name} | Hello</code>")
        hint = example.format(name=escaped(page.items[0].name))
    buttons = [Button(f"👥 {audience_label(one)}", Subject("a", one.id).to("view")) for one in page.items]
    rows = grid(buttons, _A_ROW)
    new = Button(_("New audience"), AUDIENCES.to("new"))
    turn = page_rows(page, lambda number: AUDIENCES.to("page", number))
    return screen([head, hint], *rows, new, *turn, home_row())


def audience_card(audience: Audience, link: str, clock: Clock, note: str = "", quiet: str = "") -> Screen:
    """One audience. `link`: its join link; `note`: the latest change; `quiet`: its quiet hours."""
    lines = [
        f"{formatting.bold(f'👥 {audience.name}')} · {formatting.people(audience.total)}",
        formatting.per_messenger(audience.counts.items()) or _("Nobody is in it yet."),
        _variables(audience) if audience.variables else "",
        _("Made by {name}, {time}").format(
            name=escaped(audience.created_by.name),
            time=formatting.moment_in_city(audience.created_at, clock.zone),
        ),
        _("Anyone with this link can join: {link}").format(link=escaped(link))
        if audience.joinable
        else _("Its join link is closed."),
        *(escaped(line) for line in (quiet, note) if line),
    ]
    to = Subject("a", audience.id).to
    people: Row = (Button(_("Add people"), to("add"), Style.PRIMARY),)
    if audience.total:
        people = (Button(_("Add people"), to("add")), Button(_("Remove people"), to("remove")))
    link_label, wanted = (_("🔗 Close the link"), "0") if audience.joinable else (_("🔗 Join link"), "1")
    return screen(
        lines,
        Button(_("✍ Write to them"), to("use"), Style.PRIMARY) if audience.total else None,
        people,
        (Button(_("✏ Rename"), to("rename")), Button(_("⬇ CSV"), to("csv"))),
        (Button(link_label, to("join", wanted)), Button(_("🌙 Quiet hours"), to("quiet"))),
        (Button(_("🗑 Delete"), to("drop"), Style.DANGER), _to_audiences()),
    )


def _to_audiences() -> Button:
    return Button(_("« Audiences"), FIRST_PAGE)


def _variables(audience: Audience) -> str:
    shown = " ".join(f"<code>{{{escaped(name)}}}</code>" for name in audience.variables[:_MOST_VARIABLES])
    more = len(audience.variables) - _MOST_VARIABLES
    if more > 0:
        return _("Variables {names} and {more} more").format(names=shown, more=amount(more))
    return _("Variables {names}").format(names=shown)


def people_prompt(audience: Audience, *, leaving: bool, problems: Sequence[str] = ()) -> Screen:
    """Asks who joins or leaves. `problems`: of the previous answer, which changed nothing."""
    question = (
        _("Who do you want to remove from {audience}?")
        if leaving
        else _("Who do you want to add to {audience}?")
    )
    lines = [
        question.format(audience=formatting.bold(audience.name)),
        *typing_help(),
        _("A contact or an Excel or CSV file works too."),
    ]
    if problems:
        lines = [escaped(problems_text(problems)), _("Nothing was changed. Send it again, corrected.")]
    return screen(lines, Button(_("« Back"), Subject("a", audience.id).to("view")))


def back_action(audience: Audience) -> Action:
    """A list without a name has no card to go back to."""
    return Subject("a", audience.id).to("view") if audience.name else FIRST_PAGE


def name_prompt(back: Action, title: str = "", problem: str = "") -> Screen:
    """Asks for the name of an audience, or of a list from a file (`title`). `problem`: of the previous answer."""
    if problem:
        return screen(escaped(problem), Button(_("« Back"), back))
    text = _("Write me a name: 1 to {most} letters, digits, - and _. For example: regular-guests")
    if title:
        text = _(
            "Write me a name for “{title}”: 1 to {most} letters, digits, - and _. For example: regular-guests"
        )
    named = escaped(formatting.clip(title, 60))
    return screen(text.format(title=named, most=LONGEST_NAME), Button(_("« Back"), back))


def delete_question(audience: Audience) -> Screen:
    to, total = Subject("a", audience.id).to, audience.total
    text = _(
        "Delete the audience {audience} with {people}? This cannot be undone.\n"
        "Broadcasts that were accepted keep their recipients."
    )
    return screen(
        text.format(audience=formatting.bold(audience.name), people=formatting.people(total)),
        Button(_("« Keep it"), to("view")),
        Button(_("⬇ CSV first"), to("csv")),
        Button(_("🗑 Yes, delete {count}").format(count=amount(total)), to("dropped", total), Style.DANGER),
    )


def not_found(why: str) -> Screen:
    """Replaces a question about an audience that has been deleted."""
    return screen(escaped(why), _to_audiences())


def deleted_message(audience: Audience) -> Screen:
    text = _("The audience {audience} is deleted.").format(audience=formatting.bold(audience.name))
    return screen(text, _to_audiences())
