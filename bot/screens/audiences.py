"""Screens of audiences: the list, the card of one, and the questions about it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.screens.drafts import problems_text
from bot.screens.home import home_row
from bot.screens.options import order_screen
from bot.screens.recipients import typing_help
from bot.text import formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _, amount
from bot.ui.callback_data import AUDIENCE_LIST, AUDIENCES, Action, Subject
from bot.ui.pagination import page_rows
from bot.ui.screen import Button, Rows, Screen, Style, grid, screen
from core.domain.audience import Audience
from core.domain.page import Page
from core.domain.recipients import MESSENGER_ORDER

PAGE_SIZE = 10
_LABEL = 24
_A_ROW = 2


def audience_label(audience: Audience) -> str:
    """Name and size, short enough for half a row. A segment is counted when it is opened."""
    if audience.rule is not None:
        return formatting.clip(audience.title, _LABEL)
    count = f" · {amount(audience.total)}"
    return formatting.clip(audience.title, _LABEL - len(count)) + count


def audience_list(page: Page[Audience]) -> Screen:
    head = formatting.bold(_("👥 Lists · {count}").format(count=amount(page.total)))
    hint = _("You have no lists yet. Make one here, or send me an Excel, CSV or text file.")
    if page.items:
        example = _("You can also type: <code>/send {name} | Hello</code>")
        hint = example.format(name=escaped(page.items[0].name))
    buttons = [Button(f"👥 {audience_label(one)}", Subject("a", one.id).to("view")) for one in page.items]
    rows = grid(buttons, _A_ROW)
    new = (
        Button(_("New list"), AUDIENCES.to("new")),
        Button(_("🔎 Filter people"), AUDIENCES.to("segment")),
    )
    turn = page_rows(page, lambda number: AUDIENCES.to("page", number))
    return screen([head, hint], *rows, new, *turn, home_row())


def audience_card(
    audience: Audience, link: str, note: str = "", quiet: str = "", counted: str = ""
) -> Screen:
    """One list. `link`: its join link; `note`: the latest change; `quiet`: its quiet hours.

    `counted`: the time at which a segment was counted.
    """
    lines = [
        f"{formatting.bold(f'👥 {audience.name}')} · {formatting.people(audience.total)}",
        formatting.per_messenger(audience.counts.items()) or _("It's empty so far."),
        escaped(_rule_line(audience, counted)),
        escaped(formatting.columns_line(audience.variables)) if audience.variables else "",
        _link_line(link) if audience.joinable else "",
        *(escaped(line) for line in (quiet, note) if line),
    ]
    to = Subject("a", audience.id).to
    end = (Button(_("⚙ More"), to("more")), _to_audiences())
    write = Button(_("✍ Write to them"), to("use"), Style.PRIMARY)
    people = Button(_("👤 See people"), to("people", 1))
    if audience.rule is not None:
        return screen(lines, *((write, people) if audience.total else ()), end)
    if not audience.total:
        rows: Rows = ((Button(_("Add people"), to("add"), Style.PRIMARY),),)
    else:
        rows = (
            (write,),
            (people, Button(_("Add people"), to("add"))),
        )
    return screen(
        lines,
        *rows,
        Button(_("📄 Update from a file"), to("update")),
        end,
    )


def _rule_line(audience: Audience, counted: str) -> str:
    """Of which list a segment is a part, by what, and when it was counted."""
    if audience.rule is None:
        return ""
    return _("From {base}: {rule}. Counted at {time}, and again when you send.").format(
        base=audience.base or _("all subscribers"), rule=formatting.rule_text(audience.rule), time=counted
    )


def more_card(audience: Audience, clock: Clock) -> Screen:
    """The rarer buttons of a list."""
    own = audience.rule is None
    link = _("Join link: on") if audience.joinable else _("Join link: off")
    lines = [
        formatting.bold(f"👥 {audience.name}"),
        _made_line(audience, formatting.moment_in_city(audience.created_at, clock.zone)),
        link if own else "",
    ]
    to = Subject("a", audience.id).to
    remove = (Button(_("Remove people"), to("remove")),) if audience.total and own else ()
    csv = Button(_("⬇ CSV"), to("csv"))
    return screen(
        lines,
        (Button(_("🔎 Filter people"), to("part")), csv),
        (Button(_("🔗 Join link"), to("link")), *remove) if own else None,
        (Button(_("⚙ Settings"), to("settings")), Button(_("« Back"), to("view"))),
    )


def _made_line(audience: Audience, time: str) -> str:
    """Programs that make a list may have no name."""
    if not audience.created_by.name:
        return _("Created {time}").format(time=time)
    return _("Created by {name}, {time}").format(name=escaped(audience.created_by.name), time=time)


def settings_card(audience: Audience, quiet: str) -> Screen:
    """Name, quiet hours and order of messengers of a list, and its end. `quiet`: its quiet hours."""
    to = Subject("a", audience.id).to
    order = Button(_("🔀 Messengers"), to("order")) if audience.further else None
    return screen(
        [formatting.bold(f"👥 {audience.name}"), escaped(quiet)],
        (Button(_("✏ Rename"), to("rename")), Button(_("🌙 Quiet hours"), to("quiet"))),
        order,
        (Button(_("🗑 Delete"), to("drop"), Style.DANGER), Button(_("« Back"), to("more"))),
    )


def order_card(audience: Audience) -> Screen:
    """On which messenger its people get a message first."""
    to = Subject("a", audience.id).to
    order = [one for one in audience.messenger_order or MESSENGER_ORDER if one in audience.counts]
    return order_screen(order, lambda one: to("first", one.traits.code), to("settings"))


def link_card(audience: Audience, link: str) -> Screen:
    """The join link of a list: on or off."""
    to = Subject("a", audience.id).to
    back = Button(_("« Back"), to("more"))
    if not audience.joinable:
        lines = [
            formatting.bold(_("Join link: off")),
            _("Turn it on, and anyone with the link can join {audience} on Telegram.").format(
                audience=formatting.bold(audience.name)
            ),
        ]
        return screen(lines, Button(_("Turn on"), to("join", "1"), Style.PRIMARY), back)
    lines = [
        _link_line(link),
        _("Did the wrong people get it? Make a new link, and the old one stops working."),
    ]
    return screen(
        lines,
        Button(_("Make a new link"), to("newlink")),
        Button(_("Turn off"), to("join", "0"), Style.DANGER),
        back,
    )


def _link_line(link: str) -> str:
    return _("Anyone with this link can join: {link}").format(link=escaped(link))


def update_prompt(audience: Audience) -> Screen:
    """Asks for a newer file of the list."""
    lines = [
        _("Send me the newer Excel or CSV file of {audience} with 📎.").format(
            audience=formatting.bold(audience.name)
        ),
        _("I'll show you who is new, changed or missing before anything changes."),
    ]
    return screen(lines, Button(_("« Back"), Subject("a", audience.id).to("view")))


def _to_audiences() -> Button:
    return Button(_("« Lists"), AUDIENCE_LIST)


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
        lines = [escaped(problems_text(problems)), _("Nothing was changed. Fix it and send it again.")]
    return screen(lines, Button(_("« Back"), Subject("a", audience.id).to("view")))


def back_action(audience: Audience) -> Action:
    """A list without a name has no card to go back to."""
    return Subject("a", audience.id).to("view") if audience.name else AUDIENCE_LIST


def name_prompt(back: Action, title: str = "", problem: str = "") -> Screen:
    """Asks for the name of an audience, or of a list from a file (`title`). `problem`: of the previous answer."""
    if problem:
        return screen(escaped(problem), Button(_("« Back"), back))
    text = _("What should the list be called? For example: Class 3B")
    if title:
        text = _("What should “{title}” be called? For example: Class 3B")
    named = escaped(formatting.clip(title, 60))
    return screen(text.format(title=named), Button(_("« Back"), back))


def delete_question(audience: Audience) -> Screen:
    to, total = Subject("a", audience.id).to, audience.total
    text = _(
        "Delete {audience} with {people}? You can't undo this.\nScheduled messages will still go to them."
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
    text = _("{audience} is deleted.").format(audience=formatting.bold(audience.name))
    return screen(text, _to_audiences())
