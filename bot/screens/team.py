"""Screens of the team: its members, and the card that gives a role."""

from __future__ import annotations

from collections.abc import Sequence

from bot.screens.home import home_row, new_button
from bot.text import audit, formatting
from bot.text.formatting import escaped
from bot.text.translation import _, amount
from bot.ui.callback_data import PEOPLE, Subject
from bot.ui.screen import Button, Row, Screen, Style, grid, plain, screen
from core.domain.team import Invitation, Role, TeamMember

_A_ROW = 2
_MOST_SHOWN = 80
_LABEL = 20


def team_list(found: Sequence[TeamMember], invitations: Sequence[Invitation] = ()) -> Screen:
    """Owners first; then the invitations, for owners."""
    lines = [_("<b>👤 Team · {count}</b>").format(count=amount(len(found)))]
    lines += [_line(one) for one in found[:_MOST_SHOWN]]
    buttons = [
        Button(one.called[:_LABEL], Subject("u", str(one.id)).to("view")) for one in found[:_MOST_SHOWN]
    ]
    invited = [Button(invitation_label(one), Subject("t", one.id).to("view")) for one in invitations]
    invite = Button(_("Invite a colleague"), PEOPLE.to("invite"), Style.PRIMARY)
    return screen(lines, invite, *grid(buttons, _A_ROW), *grid(invited, 1), home_row())


def invitation_label(invitation: Invitation) -> str:
    """The label of its button among the team."""
    role = audit.role_name(invitation.role)
    if invitation.person is None:
        return _("✉ Invitation: {role}").format(role=role)
    return _("❓ {name}: {role}?").format(name=formatting.clip(invitation.called, 10), role=role)


def _line(person: TeamMember) -> str:
    role = audit.role_name(person.role)
    if person.name:
        return f"{escaped(person.name)} · {role}"
    return _("{id} · {role} · hasn't pressed Start yet").format(id=f"<code>{person.id}</code>", role=role)


def member_card(person: int, name: str, role: Role | None, *, fixed: bool = False) -> Screen:
    """`role`: None for a person without one. `fixed`: an owner by ADMIN_IDS; the chat cannot change this role."""
    title = f"<b>{escaped(name or str(person))}</b>"
    lines = [
        f"{title} · {audit.role_name(role)}" if role else _("{name} · no role yet").format(name=title),
        _("Telegram ID {id}").format(id=f"<code>{person}</code>"),
        _("Viewers can see everything but change nothing."),
        _("Editors can send messages and manage lists."),
        _("Owners can also manage the team, delete history and resend unconfirmed messages."),
    ]
    if fixed:
        lines.append(_("This person is listed in ADMIN_IDS in .env and is always an owner."))
        return screen(lines, back_row())
    lines.append(_("A role chosen here overrides EDITOR_IDS and VIEWER_IDS in .env."))
    roles = grid([_role_button(person, one, current=one is role) for one in Role], _A_ROW)
    remove = Button(_("🗑 Remove"), Subject("u", str(person)).to("remove"), Style.DANGER)
    return screen(lines, *roles, remove if role is not None else None, back_row())


def _role_button(person: int, role: Role, *, current: bool) -> Button:
    mark = "• " if current else ""
    return Button(f"{mark}{audit.role_name(role).capitalize()}", Subject("u", str(person)).to(role.value))


def back_row() -> Row:
    return (Button(_("« Team"), PEOPLE.to("list")),)


def member_prompt(problem: str = "") -> Screen:
    """`problem`: why the previous answer was refused."""
    lines = [
        escaped(problem),
        _("Send me their Telegram user ID. They can ask @userinfobot for it."),
        _("They need to press Start in this bot first."),
    ]
    return screen(lines, back_row())


def remove_question(person: TeamMember) -> Screen:
    question = _("Remove {name} from the team?").format(name=f"<b>{escaped(person.called)}</b>")
    return screen(
        question,
        Button(_("« Cancel"), Subject("u", str(person.id)).to("view")),
        Button(_("🗑 Yes, remove"), Subject("u", str(person.id)).to("removed"), Style.DANGER),
    )


def change_message(by: str, name: str, role: Role | None) -> Screen:
    """Tells the other owners."""
    if role is None:
        return plain(_("{by} removed {name} from the team. See /admins.").format(by=by, name=name))
    text = _("{by} made {name} {role}. See /admins.")
    return plain(text.format(by=by, name=name, role=audit.role_name(role)))


def role_message(by: str, role: Role | None) -> Screen:
    """Tells a person of their role, with a button to begin."""
    way: Row = ()
    match role:
        case Role.OWNER:
            text, way = _("{name} made you an owner. You can do everything here. See /help."), (new_button(),)
        case Role.EDITOR:
            text = _("{name} made you an editor. You can send messages and manage lists. See /help.")
            way = (new_button(),)
        case Role.VIEWER:
            text, way = _("{name} made you a viewer. You can see everything here. See /help."), home_row()
        case _none:
            text = _("{name} removed you from the team.")
    return plain(text.format(name=by), way)
