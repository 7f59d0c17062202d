"""The people of a list: pages of them, one person, and the questions about a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.text import formatting
from bot.text.formatting import escaped
from bot.text.translation import _, amount, ngettext, translate
from bot.ui.callback_data import Action, Subject
from bot.ui.pagination import page_rows
from bot.ui.screen import Button, Screen, Style, grid, screen
from core.domain.audience import EVERYBODY, Audience
from core.domain.messengers.events import LeftOut
from core.domain.messengers.traits import AddressKind
from core.domain.page import Page
from core.domain.recipients import Recipient, full_name_in, is_part_of_name
from core.services.members import Member

PAGE_SIZE = 10
_A_ROW = 2
_LABEL = 20
_LONGEST_CODE = 40
"""Bytes of messenger and address that callback data has room for."""
_MOST_FIELDS = 8
_MOST_OUT = 2
_MOST_NAMED = 3
_MOST_DETAILS = 4
"""Buttons of a person's card; the others are one tap further."""


def code_of(recipient: Recipient) -> str:
    """Messenger and address, as callback data names a person of a list."""
    return f"{recipient.messenger.traits.code}{recipient.address}"


def name_of(member: Member) -> str:
    """The name, else the address."""
    return full_name_in(member[0].variables) or formatting.address_text(member[0])


def fields_of(audience: Audience, member: Member) -> list[str]:
    """Names of the values that can be changed; the name comes first, or what it consists of."""
    names = {*audience.variables, *member[0].variables}
    if not any(map(is_part_of_name, names)):
        names.add("name")
    return sorted(names, key=lambda one: (not is_part_of_name(one), one))[:_MOST_FIELDS]


def people_page(audience: Audience, page: Page[Member], note: str = "") -> Screen:
    to = Subject("a", audience.id).to
    lines = [
        f"{formatting.bold(f'👥 {audience.name}')} · {formatting.people(audience.total)}",
        _hint(audience) if page.items else _("It's empty so far."),
        *_names(audience, page.items),
        escaped(note),
    ]
    turn = page_rows(page, lambda number: to("people", number))
    back = Button(_("« Back"), to("view"))
    end = (Button(_("Add people"), to("add")), back) if audience.rule is None else (back,)
    return screen(lines, *grid(_people(audience, page.items, page.page), _A_ROW), *turn, end)


def _hint(audience: Audience) -> str:
    if audience.rule is None:
        return _("Type a name to find someone. Tap a person to correct or remove them.")
    return _("Type a name to find someone.")


def found_people(audience: Audience, query: str, found: Sequence[Member], most: int) -> Screen:
    text = ngettext(
        "{count} person in {audience} matches “{query}”.",
        "{count} people in {audience} match “{query}”.",
        len(found),
    )
    if not found:
        text = _("No one in {audience} matches “{query}”. Try another name or a number.")
    elif len(found) == most:
        text = _("The first {count} people in {audience} that match “{query}”. Type more of the name.")
    line = text.format(
        count=amount(len(found)),
        audience=formatting.bold(audience.name),
        query=escaped(formatting.clip(query, 40)),
    )
    back = Button(_("« All people"), Subject("a", audience.id).to("people", 1))
    return screen([line, *_names(audience, found)], *grid(_people(audience, found, 1), _A_ROW), back)


def _are_subscribers(audience: Audience) -> bool:
    """True for a segment of all subscribers, who are on no list and cannot be corrected."""
    return audience.rule is not None and audience.rule.of == EVERYBODY


def _names(audience: Audience, people: Sequence[Member]) -> list[str]:
    """As lines, where a tap would lead nowhere."""
    return [escaped(f"• {formatting.person(one[0])}") for one in people] if _are_subscribers(audience) else []


def _people(audience: Audience, people: Sequence[Member], page: int) -> list[Button]:
    if _are_subscribers(audience):
        return []
    shared = Counter(full_name_in(one[0].variables) for one in people)
    return [
        Button(_label(one, shared), _to_member(audience, one, page))
        for one in people
        if len(code_of(one[0]).encode()) <= _LONGEST_CODE
    ]


def _label(member: Member, shared: Counter[str]) -> str:
    """`shared`: how many have each name."""
    name = full_name_in(member[0].variables)
    return formatting.distinct_name(name, member[0], _LABEL, alone=shared[name] == 1)


def _to_member(audience: Audience, member: Member, page: int = 1) -> Action:
    """People of a segment are those of its list, where they can be corrected."""
    rule = audience.rule
    whose = audience.id if rule is None else rule.of
    return Subject("a", whose).to("member", f"{page if rule is None else 1}.{code_of(member[0])}")


def member_card(
    audience: Audience, member: Member, page: int, note: str = "", out_of_reach: Sequence[LeftOut] = ()
) -> Screen:
    """One person of a list; each value is a button that changes it. `page`: of the list that it goes back to.

    `out_of_reach`: those of their addresses that get no messages.
    """
    to, code = Subject("a", audience.id).to, code_of(member[0])
    lines = [
        f"{formatting.bold(name_of(member))} · {escaped(audience.name)}",
        escaped(" · ".join(formatting.address_text(one) for one in member)),
        *(escaped(_reach_line(one)) for one in out_of_reach[:_MOST_OUT]),
        escaped(note),
    ]
    buttons = _details(audience, member)
    if len(buttons) > _MOST_DETAILS:
        buttons = [*buttons[: _MOST_DETAILS - 1], Button(_("More"), to("details", code))]
    return screen(
        lines,
        *grid(buttons, _A_ROW),
        Button(_("🗑 Remove from list"), to("off", code), Style.DANGER),
        Button(_("« People"), to("people", page)),
    )


def _reach_line(one: LeftOut) -> str:
    return _("⚠ Gets nothing on {messenger}: {reason}").format(
        messenger=one.recipient.messenger.traits.title, reason=translate(one.reason.sentence)
    )


def details(audience: Audience, member: Member) -> Screen:
    """All values and addresses of a person, each a button that changes it."""
    text = _("What would you like to change for {who}?").format(who=name_of(member))
    back = Button(_("« Back"), _to_member(audience, member))
    return screen(formatting.bold(text), *grid(_details(audience, member), _A_ROW), back)


def _details(audience: Audience, member: Member) -> list[Button]:
    """A button for each; where there are many, the other values come last."""
    to, code, fields = Subject("a", audience.id).to, code_of(member[0]), fields_of(audience, member)
    values = [
        (name, Button(_field_label(audience, name, member), to("value", f"{number}.{code}")))
        for number, name in enumerate(fields)
    ]
    on_each = Counter(one.messenger for one in member)
    addresses = [
        Button(
            f"✏ {one.messenger.traits.title}"
            if on_each[one.messenger] == 1
            else f"✏ {formatting.clip(formatting.address_text(one), _LABEL - 2)}",
            to("address", code_of(one)),
        )
        for one in member
        if len(code_of(one).encode()) <= _LONGEST_CODE
    ]
    if len(values) + len(addresses) <= _MOST_DETAILS:
        return [*(button for _name, button in values), *addresses]
    names = [button for name, button in values if is_part_of_name(name)]
    return [*names, *addresses, *(button for name, button in values if not is_part_of_name(name))]


def _field_label(audience: Audience, name: str, member: Member) -> str:
    value, column = member[0].variables.get(name, ""), formatting.column(name, audience.headings)
    if name == "name":
        return _("✏ Name")
    return formatting.clip(f"✏ {column}: {value}" if value else f"✏ {column}", _LABEL)


def value_prompt(audience: Audience, member: Member, name: str, problem: str = "") -> Screen:
    """`problem`: why the previous answer was refused."""
    value, column = member[0].variables.get(name, ""), formatting.column(name, audience.headings)
    text = _("What should I call {who}?") if name == "name" else _("What should {name} be for {who}?")
    lines = [
        escaped(problem),
        escaped(text.format(name=formatting.quoted(column), who=name_of(member))),
        _("Now: {value}").format(value=f"<code>{escaped(formatting.clip(value, 200))}</code>")
        if value
        else "",
    ]
    place = fields_of(audience, member).index(name) if value and name in fields_of(audience, member) else None
    empty = Subject("a", audience.id).to("empty", f"{place}.{code_of(member[0])}")
    return screen(
        lines,
        Button(_("Leave it empty"), empty) if place is not None else None,
        Button(_("« Back"), _to_member(audience, member)),
    )


def address_prompt(audience: Audience, member: Member, old: Recipient, problem: str = "") -> Screen:
    is_phone = old.messenger.traits.address is AddressKind.PHONE
    question = _("What's {who}'s new number?") if is_phone else _("What's {who}'s new {messenger} ID?")
    text = question.format(
        who=full_name_in(member[0].variables) or formatting.address_text(old),
        messenger=old.messenger.traits.title,
    )
    by_card = old.messenger.traits.address is not AddressKind.OPAQUE
    lines = [
        escaped(problem[:1].upper() + problem[1:]),
        formatting.bold(text),
        _("Now: {value}").format(value=f"<code>{escaped(old.address)}</code>"),
        _("You can also send me the contact with 📎.") if by_card else "",
    ]
    return screen(lines, Button(_("« Back"), _to_member(audience, member)))


def elsewhere_question(
    audience: Audience, member: Member, old: Recipient, others: Sequence[Audience], stamp: str
) -> Screen:
    """After a new address on one list: asks about the others with the old one."""
    names = [formatting.clip(one.title, 40) for one in others[:_MOST_NAMED]]
    if len(others) > _MOST_NAMED:
        names.append(_("{count} more").format(count=amount(len(others) - _MOST_NAMED)))
    text = _("Saved in {audience}. {old} is still in {lists}. Change it there too?").format(
        audience=audience.name, old=formatting.address_text(old), lists=formatting.join_names(names)
    )
    return screen(
        escaped(text),
        Button(_("Change it there too"), Subject("a", audience.id).to("elsewhere", stamp), Style.PRIMARY),
        Button(_("Keep it there"), _to_member(audience, member)),
    )


def remove_question(audience: Audience, member: Member) -> Screen:
    text = _("Remove {who} from {audience}?").format(
        who=formatting.bold(name_of(member)), audience=escaped(audience.name)
    )
    return screen(
        text,
        Button(_("« Back"), _to_member(audience, member)),
        Button(_("🗑 Remove"), Subject("a", audience.id).to("offyes", code_of(member[0])), Style.DANGER),
    )
