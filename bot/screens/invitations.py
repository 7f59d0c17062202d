"""Screens of invitations to the team: the link, the question about who opened it, and what that person reads."""

from __future__ import annotations

from urllib.parse import urlencode

from bot.screens.team import back_row
from bot.text import audit, formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _
from bot.ui.callback_data import NO_ACTION, PEOPLE, Subject
from bot.ui.screen import Button, Screen, Style, plain, screen
from core.domain.team import Invitation, Role


def role_choice() -> Screen:
    """Asks for the role of a colleague who is invited."""
    lines = [
        formatting.bold(_("What should your colleague be?")),
        _("Viewers can see everything but change nothing."),
        _("Editors can send messages and manage lists."),
        _("Owners can also manage the team, delete history and resend unconfirmed messages."),
    ]
    roles = [Button(audit.role_name(one).capitalize(), PEOPLE.to(f"invite-{one.value}")) for one in Role]
    by_id = Button(_("By Telegram ID"), PEOPLE.to("add"))
    return screen(lines, tuple(roles), (by_id, *back_row()))


def link_card(invitation: Invitation, link: str, clock: Clock) -> Screen:
    words = _("Join our team on Telegram:")
    share = f"https://t.me/share/url?{urlencode({'url': link, 'text': words})}"
    lines = [
        formatting.bold(_("Invitation as {role}").format(role=audit.role_name(invitation.role))),
        escaped(link),
        _("Send it to your colleague. It works once, until {time}.").format(
            time=formatting.moment_in_city(invitation.until, clock.zone)
        ),
        _("I'll ask you before I add anyone."),
    ]
    return screen(
        lines,
        (Button(_("Share"), NO_ACTION, url=share), _revoke(invitation)),
        back_row(),
    )


def used_card(invitation: Invitation) -> Screen:
    """In place of a link that somebody has opened."""
    lines = [
        formatting.bold(_("Invitation as {role}").format(role=audit.role_name(invitation.role))),
        _("{name} opened the link, so it no longer works for others.").format(
            name=escaped(invitation.called)
        ),
    ]
    return screen(lines, back_row())


def _revoke(invitation: Invitation) -> Button:
    return Button(_("🗑 Revoke"), Subject("t", invitation.id).to("revoke"), Style.DANGER)


def invitation_card(invitation: Invitation, clock: Clock) -> Screen:
    """An open invitation, whose link is no longer known; or the question about who opened it."""
    if invitation.person is not None:
        return question(invitation, clock)
    lines = [
        formatting.bold(_("Invitation as {role}").format(role=audit.role_name(invitation.role))),
        _("No one has opened the link yet. It works until {time}.").format(
            time=formatting.moment_in_city(invitation.until, clock.zone)
        ),
    ]
    return screen(lines, (_revoke(invitation), *back_row()))


def question(invitation: Invitation, clock: Clock) -> Screen:
    """Asks if the person who opened the link may join."""
    to, name = Subject("t", invitation.id).to, escaped(invitation.called)
    lines = [
        _("<b>Add {name} to the team as {role}?</b>").format(
            name=name, role=audit.role_name(invitation.role)
        ),
        _("{name} ({who}) opened your invitation.").format(name=name, who=_identity(invitation)),
        _("If you don't answer by {time}, they won't be added.").format(
            time=formatting.moment_in_city(invitation.until, clock.zone)
        ),
    ]
    yes = Button(_("Yes"), to("yes"), Style.PRIMARY)
    return screen(lines, (yes, Button(_("No"), to("no"))), back_row())


def _identity(invitation: Invitation) -> str:
    """As HTML. With the id, as people choose their names."""
    at = f"@{escaped(invitation.username)}, " if invitation.username else ""
    return at + _("Telegram ID {id}").format(id=f"<code>{invitation.person}</code>")


def ended() -> Screen:
    """In place of an invitation that has ended."""
    again = Button(_("Invite a colleague"), PEOPLE.to("invite"))
    return screen(_("This invitation has ended."), again, back_row())


def revoked_message() -> Screen:
    again = Button(_("Invite a colleague"), PEOPLE.to("invite"))
    return screen(_("The link no longer works."), again, back_row())


def admitted_message(invitation: Invitation) -> Screen:
    """For the owner."""
    text = _("{name} is on the team as {role}.")
    role = audit.role_name(invitation.role)
    card = Button(_("Change role"), Subject("u", str(invitation.person)).to("view"))
    name = formatting.bold(invitation.called)
    return screen(text.format(name=name, role=role), (card, *back_row()))


def declined_message(invitation: Invitation) -> Screen:
    """For the owner."""
    text = _("{name} wasn't added.").format(name=formatting.bold(invitation.called))
    return screen(text, back_row())


def asked_message(name: str) -> Screen:
    """For the person who opened the link."""
    text = _("Hi, {name}! I've asked if you may join the team, and will write to you here.")
    return plain(text.format(name=name))


def over_message() -> Screen:
    """For a person with a link that has ended; the same for a made-up one, so that trying tells nothing."""
    return screen(
        [
            _("This invitation has ended. Ask the person who sent it for a new one."),
            _("To get our news, send /start."),
        ]
    )


def refusal_message() -> Screen:
    """For the person who was not let in."""
    return screen(
        [
            _("You weren't added to the team. If that's a mistake, ask for a new invitation."),
            _("To get our news, send /start."),
        ]
    )


def own_link_message(role: Role) -> Screen:
    """For a team member who opens a link for a colleague."""
    text = _("You're already on the team as {role}. Forward this link to your colleague.")
    return plain(text.format(role=audit.role_name(role)), back_row())
