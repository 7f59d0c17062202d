"""Screens of segments: the questions for a condition, and its result."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

from bot.screens.audiences import audience_label
from bot.text import formatting
from bot.text.formatting import escaped
from bot.text.translation import _, amount
from bot.ui.callback_data import AUDIENCE_LIST, Subject
from bot.ui.screen import Button, Row, Screen, Style, grid, screen
from core.domain.audience import EVERYBODY, Audience, Chosen
from core.domain.broadcast import Broadcast
from core.domain.page import Page
from core.domain.segment import LAST, MOST_CLAUSES, Condition, Rule

MOST_COLUMNS = 8
MOST_VALUES = 12
MOST_MESSAGES = 6
_A_ROW = 2
_LABEL = 20
_COLUMN = 13


def base_id(list_id: str) -> str:
    """A list, or all subscribers, in callback data."""
    return list_id.upper()


def base_of(code: str) -> str:
    return EVERYBODY if code == EVERYBODY.upper() else code


def value_code(value: str) -> str:
    """Names a value in callback data."""
    return f"{crc32(value.encode()):08x}"


def choose_base(page: Page[Audience], everybody: Chosen) -> Screen:
    """Asks for the list to take a part of."""
    buttons = [
        Button(f"👥 {audience_label(one)}", Subject("a", one.id).to("part"))
        for one in page.items
        if one.rule is None
    ]
    label = _("Everyone who subscribed · {count}").format(count=amount(everybody.total))
    return screen(
        formatting.bold(_("Which list do you want to choose from?")),
        *grid(buttons, _A_ROW),
        Button(f"🔔 {label}", Subject("a", base_id(EVERYBODY)).to("part")),
        Button(_("« Lists"), AUDIENCE_LIST),
    )


def choose_condition(base: str, title: str, columns: Sequence[str], *, offered: bool = False) -> Screen:
    """Asks what the people of a part have in common. `columns`: as people read them; `offered`: it is a segment
    that has no name yet."""
    to = Subject("a", base_id(base)).to
    back = AUDIENCE_LIST if base == EVERYBODY else to("offer" if offered else "more")
    by_column = [
        Button(_("{column} is …").format(column=formatting.clip(name, _COLUMN)), to("partcol", place))
        for place, name in enumerate(columns[:MOST_COLUMNS])
    ]
    results = [
        Button(_("✔ Got a message"), to("partmsg", Condition.GOT.value)),
        Button(_("✖ Didn't get it"), to("partmsg", Condition.MISSED.value)),
        Button(_("👁 Read a message"), to("partmsg", Condition.READ.value)),
        Button(_("Didn't read it"), to("partmsg", Condition.UNREAD.value)),
    ]
    return screen(
        formatting.bold(_("Who do you want from {audience}?").format(audience=title)),
        *grid([*by_column, *results], _A_ROW),
        Button(_("« Back"), back),
    )


def choose_value(base: str, place: int, column: str, values: Sequence[str], problem: str = "") -> Screen:
    """Asks for a value of a column; others can be typed."""
    to = Subject("a", base_id(base)).to
    buttons = [
        Button(formatting.clip(one, _LABEL), to("partval", f"{place}.{value_code(one)}")) for one in values
    ]
    lines = [
        escaped(problem),
        formatting.bold(_("{column} is …").format(column=column)),
        _("Choose below, or type it."),
    ]
    return screen(lines, *grid(buttons, _A_ROW), Button(_("« Back"), to("part")))


def choose_message(base: str, condition: Condition, sent: Sequence[Broadcast]) -> Screen:
    """Asks which message the condition is about."""
    to = Subject("a", base_id(base)).to
    buttons = [Button(_("Always the latest"), to("partof", f"{condition}.{LAST}"))]
    buttons += [
        Button(
            formatting.clip(f"#{one.id} · {formatting.snippet(one.content)}", 40),
            to("partof", f"{condition}.{one.id}"),
        )
        for one in sent[:MOST_MESSAGES]
    ]
    text = (
        _("Which message?")
        if sent
        else _("Nothing has been sent yet. You can choose the last one for later.")
    )
    return screen(formatting.bold(text), *grid(buttons, 1), Button(_("« Back"), to("part")))


def base_title(base: str, title: str) -> str:
    return _("all subscribers") if base == EVERYBODY else title


def segment_offer(segment: Audience, rule: Rule) -> Screen:
    """Result of a condition, before it is saved."""
    to = Subject("a", segment.id).to
    people = formatting.people(segment.total)
    lines = [
        f"{formatting.bold(people)} · {escaped(segment.title)}",
        formatting.per_messenger(segment.counts.items()),
    ]
    back = Button(_("« Back"), Subject("a", base_id(rule.of)).to("part"))
    turned: Row = ()
    if rule.opposite is not None:
        label = _("⇄ {rule}").format(rule=formatting.rule_text(rule.opposite, segment.headings))
        turned = (Button(formatting.clip(label, 40), to("turn")),)
    further = Button(_("And also …"), to("part")) if len(rule.clauses) < MOST_CLAUSES else None
    return screen(
        lines,
        Button(formatting.write_label(segment.total), to("use"), Style.PRIMARY) if segment.total else None,
        further,
        Button(_("💾 Save as a list"), to("save")),
        turned,
        back,
    )
