"""Screens of the team: its members, and the card that gives a role."""

from __future__ import annotations

from collections.abc import Sequence

from bot.screens.home import home_row
from bot.text import audit
from bot.text.formatting import escaped
from bot.text.translation import _, amount
from bot.ui.callback_data import PEOPLE, Subject
from bot.ui.screen import Button, Row, Screen, Style, grid, plain, screen
from core.domain.team import Role, TeamMember

_A_ROW = 2
_MOST_SHOWN = 80
_LABEL = 20


def team_list(found: Sequence[TeamMember]) -> Screen:
    """Owners first."""
    lines = [_("<b>👤 People · {count}</b>").format(count=amount(len(found)))]
    lines += [_line(one) for one in found[:_MOST_SHOWN]]
    buttons = [
        Button(one.called[:_LABEL], Subject("u", str(one.id)).to("view")) for one in found[:_MOST_SHOWN]
    ]
    add = Button(_("Add somebody"), PEOPLE.to("add"))
    return screen(lines, *grid(buttons, _A_ROW), add, home_row())


def _line(person: TeamMember) -> str:
    role = audit.role_name(person.role)
    if person.name:
        return f"{escaped(person.name)} · {role}"
    return _("{id} · {role} · has not written to me yet").format(id=f"<code>{person.id}</code>", role=role)


def member_card(person: int, name: str, role: Role | None, *, fixed: bool = False) -> Screen:
    """`role`: None for a person without one. `fixed`: an owner by ADMIN_IDS, whom the chat cannot change."""
    title = f"<b>{escaped(name or str(person))}</b>"
    lines = [
        f"{title} · {audit.role_name(role)}" if role else _("{name} · no role yet").format(name=title),
        _("Telegram id {id}").format(id=f"<code>{person}</code>"),
        _("A viewer sees everything and changes nothing."),
        _("An editor makes and steers broadcasts and audiences."),
        _("An owner also purges, gives roles, and sends again to the unknown."),
    ]
    if fixed:
        lines.append(_("ADMIN_IDS in .env names this person: always an owner, whatever is chosen here."))
        return screen(lines, back_row())
    lines.append(_("What is chosen here goes before EDITOR_IDS and VIEWER_IDS in .env."))
    roles = grid([_role_button(person, one, current=one is role) for one in Role], _A_ROW)
    remove = Button(_("🗑 Remove"), Subject("u", str(person)).to("remove"), Style.DANGER)
    return screen(lines, *roles, remove if role is not None else None, back_row())


def _role_button(person: int, role: Role, *, current: bool) -> Button:
    mark = "• " if current else ""
    return Button(f"{mark}{audit.role_name(role)}", Subject("u", str(person)).to(role.value))


def back_row() -> Row:
    return (Button(_("« People"), PEOPLE.to("list")),)


def member_prompt(problem: str = "") -> Screen:
    """`problem`: why the previous answer was refused."""
    lines = [
        escaped(problem),
        _("Who? Write me their Telegram user id; @userinfobot tells everybody theirs."),
        _("They must have written /start to me before."),
    ]
    return screen(lines, back_row())


def remove_question(person: TeamMember) -> Screen:
    question = _("Shall {name} have no role here any more?").format(name=f"<b>{escaped(person.called)}</b>")
    return screen(
        question,
        Button(_("« Keep the role"), Subject("u", str(person.id)).to("view")),
        Button(_("🗑 Yes, remove"), Subject("u", str(person.id)).to("removed"), Style.DANGER),
    )


def change_message(by: str, name: str, role: Role | None) -> Screen:
    """Tells the other owners."""
    if role is None:
        return plain(
            _("{by} has taken the role of {name}. /admins shows everybody.").format(by=by, name=name)
        )
    text = _("{by} gave {name} another role: {role}. /admins shows everybody.")
    return plain(text.format(by=by, name=name, role=audit.role_name(role)))


def role_message(by: str, role: Role | None) -> str:
    match role:
        case Role.OWNER:
            text = _("{name} made you owner here: you may do everything. /help shows what there is.")
        case Role.EDITOR:
            text = _("{name} made you editor here: you can make and steer broadcasts. /help shows how.")
        case Role.VIEWER:
            text = _("{name} made you viewer here: you can look at everything. /help shows what there is.")
        case _none:
            text = _("{name} has taken your role here: you cannot give me orders any more.")
    return text.format(name=by)
