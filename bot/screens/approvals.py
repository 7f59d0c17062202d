"""Screens of a broadcast that waits for a second person's approval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.screens.broadcasts import list_button, recipients_line
from bot.screens.home import home_row
from bot.text import formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped, title
from bot.text.translation import _, amount, plural, translate
from bot.ui.callback_data import APPROVALS, PEOPLE, SCHEDULED_LIST, ListPage, Subject, SubjectAction, subject
from bot.ui.screen import Button, Row, Screen, Style, screen
from core.domain.audit import Actor, AuditAction
from core.domain.broadcast import Asked, Broadcast, BroadcastStatus
from core.services.approvals import decided_words
from core.services.gap_values import GapSummary

LIST = APPROVALS.to("list")
_MOST_LISTED = 8
_MOST_GAPS = 5
_MOST_SUSPICIOUS = 3
_LONGEST_VALUE = 60


def _tap(broadcast: Broadcast, verb: str) -> SubjectAction:
    return Subject("w", broadcast.id, str(broadcast.asked.number if broadcast.asked else 0)).to(verb)


def _facts(broadcast: Broadcast, clock: Clock) -> list[str]:
    when = _("right after approval")
    if broadcast.planned:
        when = formatting.moment(broadcast.send_at, now=clock.now, zone=clock.zone)
    return [recipients_line(broadcast), formatting.when_line(when)]


def _person(actor: Actor) -> str:
    """As HTML: name and id, as people choose their names."""
    shown = str(actor.telegram_id or escaped(actor.id))
    return f"{escaped(actor.name)} ({shown})" if actor.name else shown


def _authors(asked: Asked) -> str:
    """As HTML."""
    by, words, recipients = _person(asked.by), _person(asked.words_by), _person(asked.recipients_by)
    if by == words == recipients:
        return _("{name} also wrote the text and chose the people.").format(name=by)
    text = _("Requested by {by} · text by {words} · people chosen by {recipients}")
    return text.format(by=by, words=words, recipients=recipients)


def _gap_lines(gap: GapSummary) -> list[str]:
    def shown(values: Sequence[str]) -> str:
        return ", ".join(escaped(formatting.quoted(formatting.clip(one, _LONGEST_VALUE))) for one in values)

    head = plural("{gap}: {count} value", "{gap}: {count} different values", gap.count, gap=f"{{{gap.name}}}")
    lines = [formatting.bold(head)]
    if gap.count > 1:
        span = _("Shortest: {shortest} · longest: {longest}")
        lines.append(span.format(shortest=shown([gap.shortest]), longest=shown([gap.longest])))
    lines.append(_("For example: {values}").format(values=shown(gap.samples)))
    if gap.suspicious:
        line = plural(
            "⚠ {count} with a link or a phone number: {values}",
            "⚠ {count} with links or phone numbers: {values}",
            len(gap.suspicious),
            values=shown(gap.suspicious[:_MOST_SUSPICIOUS]),
        )
        lines.append(line)
    return lines


def approval_request(broadcast: Broadcast, asked: Asked, gaps: Sequence[GapSummary], clock: Clock) -> Screen:
    """The message to each approver, posted below the content. `gaps`: what recipients read in their place."""
    until = formatting.moment(asked.until, now=clock.now, zone=clock.zone)
    head = _("↑ {name} asks for your approval · {title}")
    lines = [
        head.format(name=escaped(asked.by.name), title=title(broadcast)),
        *_facts(broadcast, clock),
        _("You can approve it until {moment}.").format(moment=escaped(until)),
        _authors(asked),
        *(line for gap in gaps[:_MOST_GAPS] for line in _gap_lines(gap)),
    ]
    if len(gaps) > _MOST_GAPS:
        lines.append(_("See the file for the other fields."))
    approve = plural("✅ Approve for {count} person", "✅ Approve for {count} people", broadcast.people)
    return screen(
        lines,
        Button(_("📄 All values"), _tap(broadcast, "csv")) if gaps else None,
        Button(approve, _tap(broadcast, "yes"), Style.SUCCESS),
        Button(_("✖ Reject"), _tap(broadcast, "no"), Style.DANGER),
    )


def refusal_question(broadcast: Broadcast) -> Screen:
    """A refusal is final, so it is confirmed first."""
    lines = [
        _("Reject {title}?").format(title=title(broadcast)),
        _("Nothing will be sent. You'll find it in /sent as cancelled."),
    ]
    return screen(
        lines,
        Button(_("« Back"), _tap(broadcast, "back")),
        Button(_("✖ Yes, reject"), _tap(broadcast, "refused"), Style.DANGER),
    )


def unapproved_card(broadcast: Broadcast, clock: Clock, back: ListPage | None) -> Screen:
    """The card of a waiting broadcast. `back`: the list it was opened from; None for the live card."""
    asked, to = broadcast.asked, subject(broadcast).to
    lapsed = asked is not None and asked.until <= clock.now
    head = _("⌛ Not approved in time {title}") if lapsed else _("🖐 Needs approval {title}")
    lines = [head.format(title=title(broadcast)), *_facts(broadcast, clock)]
    if lapsed:
        lines.append(_("It wasn't sent. Reschedule it to ask again."))
    elif asked is not None:
        at = formatting.moment_in_city(asked.until, clock.zone)
        # Programs that made a list may have no name.
        names = [escaped(one.name) for one in asked.authors if one.name]
        who = _("Another admin needs to approve it by {moment}.")
        if names:
            who = _("Someone other than {name} needs to approve it by {moment}.")
        lines.append(who.format(name=formatting.join_names(names), moment=at))
    steer: Row = (
        Button(_("🕒 Reschedule"), to("when"), Style.PRIMARY if lapsed else None),
        Button(_("✖ Cancel"), to("cancel"), Style.DANGER),
    )
    if back is None:
        return screen(lines, steer)
    decide = Button(_("👁 Review"), _tap(broadcast, "view"), Style.PRIMARY)
    return screen(lines, None if lapsed else decide, steer, list_button(back))


def decided_request(broadcast: Broadcast, clock: Clock) -> Screen:
    """Replaces an approval request after the decision."""
    approved, refused = (
        broadcast.last_actions.get(AuditAction.APPROVED),
        broadcast.last_actions.get(AuditAction.REFUSED),
    )
    cancelled = broadcast.status is BroadcastStatus.CANCELLED
    if cancelled and refused is not None:
        head, done = _("✖ Rejected by {name} {at} · {title}"), refused
    elif not cancelled and approved is not None:
        head, done = _("✔ Approved by {name} {at} · {title}"), approved
    else:
        return Screen(escaped(translate(decided_words(broadcast))))
    at = formatting.moment_in_city(done.at, clock.zone)
    return Screen(head.format(name=escaped(done.name), at=at, title=title(broadcast)))


def superseded_request(broadcast: Broadcast) -> Screen:
    return Screen(_("{title} was changed. See the new request below.").format(title=title(broadcast)))


def expired_request(broadcast: Broadcast) -> Screen:
    """Replaces the request of an approver."""
    return Screen(_("⌛ {title} wasn't approved in time and wasn't sent.").format(title=title(broadcast)))


def decision_message(broadcast: Broadcast) -> Screen | None:
    """Tells the person who ordered the broadcast of the decision; None without a decision."""
    approved, refused = (
        broadcast.last_actions.get(AuditAction.APPROVED),
        broadcast.last_actions.get(AuditAction.REFUSED),
    )
    if broadcast.status is BroadcastStatus.CANCELLED:
        if refused is None:
            return None
        again = Button(_("♻ Send again"), subject(broadcast).to("again"))
        text = _("✖ {name} rejected {title}. It won't be sent.")
        return screen(text.format(name=escaped(refused.name), title=title(broadcast)), again)
    if approved is None:
        return None
    text = _("✔ {name} approved {title}.")
    return Screen(text.format(name=escaped(approved.name), title=title(broadcast)))


def nobody_can_approve(limit: int) -> str:
    """`limit`: the most people who need no approval."""
    text = _(
        "No one can approve this: everyone who could wrote the text or chose the people. Invite "
        "another editor, or send it in parts of up to {limit} people."
    )
    return text.format(limit=amount(limit))


def stuck_request(broadcast: Broadcast, limit: int) -> Screen:
    """Takes the place of the request where everybody who may approve is an author."""
    lines = [_("🖐 Needs approval {title}").format(title=title(broadcast)), escaped(nobody_can_approve(limit))]
    return screen(
        lines,
        Button(_("👤 Team"), PEOPLE.to("list"), Style.PRIMARY),
        Button(_("✖ Cancel"), subject(broadcast).to("cancel"), Style.DANGER),
    )


def waiting_rows(count: int) -> tuple[Row, ...]:
    """Goes with the list of scheduled broadcasts."""
    if not count:
        return ()
    return ((Button(_("🖐 Needs approval {count}").format(count=amount(count)), LIST),),)


def with_waiting_rows(screen: Screen, count: int) -> Screen:
    return replace(screen, rows=(*waiting_rows(count), *screen.rows))


def waiting_list(broadcasts: Sequence[Broadcast], clock: Clock) -> Screen:
    """Broadcasts that wait for approval, the first to expire on top."""
    if not broadcasts:
        return screen(_("Nothing is waiting for approval."), home_row())
    count = len(broadcasts)
    head = plural(
        "<b>{count} message is waiting for approval</b>",
        "<b>{count} messages are waiting for approval</b>",
        count,
    )
    lines = [_("{title} · {zone}").format(title=head, zone=escaped(formatting.city(clock.zone)))]
    shown = broadcasts[:_MOST_LISTED]
    for number, one in enumerate(shown, start=1):
        until = _("until {time}").format(
            time=formatting.short_moment(one.asked.until, clock.zone) if one.asked else "?"
        )
        lines.append(f"{number} · {title(one)} · {formatting.people(one.people)} · {until}")
    openers: Row = tuple(
        Button(str(number), subject(one).to("view", SCHEDULED_LIST))
        for number, one in enumerate(shown, start=1)
    )
    return screen(lines, openers, home_row())


def approval_notice() -> str:
    """Part of the preview of an order that needs approval."""
    return _("Another admin needs to approve this before it's sent.")
