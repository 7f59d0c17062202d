"""Screens of audiences: the list, the card of one, and the questions about it."""

from __future__ import annotations

from dataclasses import replace

from bot.screens.drafts import problems_text
from bot.screens.home import home_row
from bot.screens.options import order_screen
from bot.screens.recipients import Unclear, contact_labels, typing_help
from bot.text import formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped, title
from bot.text.translation import _, amount, plural
from bot.ui.callback_data import AUDIENCE_LIST, AUDIENCES, Action, Subject, subject
from bot.ui.pagination import page_rows
from bot.ui.screen import Button, Rows, Screen, Style, grid, screen
from core.domain.audience import EVERYBODY, Audience
from core.domain.page import Page
from core.domain.recipients import MESSENGER_ORDER
from core.services.list_uses import ListUses

PAGE_SIZE = 10
_LABEL = 24
_A_ROW = 2
_MOST_MEANT = 5
_NAME = 17
_MOST_PROBLEMS = 3
_MOST_RENEWED = 4


def audience_label(audience: Audience) -> str:
    """Name and size, short enough for half a row. A segment is counted when it is opened."""
    if audience.rule is not None:
        return formatting.clip(audience.title, _LABEL)
    return _clipped(audience.title, audience.total)


def _clipped(title: str, total: int) -> str:
    count = f" · {amount(total)}"
    return formatting.clip(title, _LABEL - len(count)) + count


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
        escaped(formatting.columns_line(audience.variables, audience.headings)) if audience.variables else "",
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
    """The list and the conditions of a segment, and when it was counted."""
    if audience.rule is None:
        return ""
    return _("From {base}: {rule}. Counted at {time}, and again when you send.").format(
        base=audience.base or _("all subscribers"),
        rule=formatting.rule_text(audience.rule, audience.headings),
        time=counted,
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


def people_prompt(
    audience: Audience, *, leaving: bool, unclear: Unclear | None = None, done: str = ""
) -> Screen:
    """Asks who joins or leaves. `unclear`: of the previous answer; `done`: what became of the others in it."""
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
    if unclear is not None:
        done = done or _("Nothing was changed. Fix it and send it again.")
        lines = [escaped(problems_text(unclear.problems, _MOST_PROBLEMS)), escaped(done)]
    return screen(
        lines,
        *(_meant(audience, unclear, leaving=leaving) if unclear else ()),
        Button(_("« Back"), Subject("a", audience.id).to("view")),
    )


def _meant(audience: Audience, unclear: Unclear, *, leaving: bool) -> Rows:
    """Buttons for what an unclear answer may mean."""
    to = Subject("a", audience.id).to
    lists = [
        Button(
            f"👥 {_clipped(one.title, one.total)}?",
            Subject("a", one.id).to("outof" if leaving else "into", audience.id),
        )
        for one in unclear.near
        if one.id not in (EVERYBODY, audience.id)
    ]
    people = [
        Button(f"👤 {label}?", to("outp" if leaving else "addp", one.id))
        for one, label in zip(unclear.like, contact_labels(unclear.like, _NAME), strict=True)
    ]
    entries = [Button(f"{one}?", to("outg" if leaving else "addg", one)) for one in unclear.guesses]
    return grid([*lists, *people, *entries][:_MOST_MEANT], _A_ROW)


def changed_words(count: int, named: int, *, leaving: bool) -> str:
    """For example "Added: 3; in it already: 1."""
    rest = named - count
    if rest and not count:
        nothing = _("Not on the list: {rest}.") if leaving else _("Already on the list: {rest}.")
        return nothing.format(rest=amount(rest))
    if leaving:
        sentence = _("Removed: {count}. Not on the list: {rest}.") if rest else _("Removed: {count}.")
    else:
        sentence = _("Added: {count}. Already on the list: {rest}.") if rest else _("Added: {count}.")
    return sentence.format(count=amount(count), rest=amount(rest))


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


def with_uses(asked: Screen, audience_id: str, uses: ListUses) -> Screen:
    """A screen after a change of a list, with the scheduled messages that do not know of it."""
    count = len(uses.scheduled)
    if not count:
        return asked
    line = plural(
        "{count} scheduled message still goes to the list as it was.",
        "{count} scheduled messages still go to the list as it was.",
        count,
    )
    label = plural("🔁 Update {count} scheduled message", "🔁 Update {count} scheduled messages", count)
    update = subject(uses.scheduled[0]).to("renew") if count == 1 else Subject("a", audience_id).to("renew")
    return replace(asked, html=f"{asked.html}\n{escaped(line)}", rows=((Button(label, update),), *asked.rows))


def renewal_question(audience: Audience, uses: ListUses, clock: Clock) -> Screen:
    """Asks which of the scheduled messages is to go to the list as it is now."""
    lines = [formatting.bold(_("Which message should go to {name} as it is now?").format(name=audience.name))]
    shown = uses.scheduled[:_MOST_RENEWED]
    for number, one in enumerate(shown, start=1):
        lines.append(f"{number} · {formatting.short_moment(one.send_at, clock.zone)} · {title(one)}")
    if more := len(uses.scheduled) - len(shown):
        lines.append(_("{count} more: see /scheduled").format(count=amount(more)))
    numbers = tuple(
        Button(str(number), subject(one).to("renew")) for number, one in enumerate(shown, start=1)
    )
    return screen(lines, numbers, Button(_("« Back"), Subject("a", audience.id).to("view")))


def _uses_lines(uses: ListUses) -> list[str]:
    """The consequences of deleting a list for the messages and lists that use it."""
    return [
        plural(
            "{count} scheduled message still goes to them.",
            "{count} scheduled messages still go to them.",
            len(uses.scheduled),
        )
        if uses.scheduled
        else "",
        plural(
            "{count} repeating message goes to this list and will no longer be sent.",
            "{count} repeating messages go to this list and will no longer be sent.",
            uses.series,
        )
        if uses.series
        else "",
        plural(
            "{count} list that is filtered from it will be empty.",
            "{count} lists that are filtered from it will be empty.",
            uses.segments,
        )
        if uses.segments
        else "",
    ]


def delete_question(audience: Audience, uses: ListUses) -> Screen:
    to, total = Subject("a", audience.id).to, audience.total
    text = _("Delete {audience} with {people}? You can't undo this.")
    return screen(
        [
            text.format(audience=formatting.bold(audience.name), people=formatting.people(total)),
            *map(escaped, _uses_lines(uses)),
        ],
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
