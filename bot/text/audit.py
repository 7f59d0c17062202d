"""Texts of the audit log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.text import formatting
from bot.text.clock import Clock
from bot.text.translation import _, plural
from core.domain.audit import AuditAction, AuditEntry, Channel
from core.domain.broadcast import Broadcast
from core.domain.messengers.traits import Messenger
from core.domain.team import Role

_MOST_ACTIONS: Final = 4


def actor(line: AuditEntry) -> str:
    name = line.actor.name or line.actor.id
    match line.channel:
        case Channel.API:
            return _("{name} (HTTP)").format(name=name)
        case Channel.PROGRAM:
            return line.actor.name or _("automatically")
    return name


def action(line: AuditEntry, clock: Clock) -> str:
    """One phrase, plain text: "paused #A7KQ"."""
    return _PHRASES[line.action](line, clock)


def _number(line: AuditEntry, name: str) -> int:
    value = line.details.get(name, 0)
    return value if isinstance(value, int) else 0


def _text(line: AuditEntry, name: str) -> str:
    return str(line.details.get(name, ""))


def _moment(line: AuditEntry, clock: Clock) -> str:
    try:
        return formatting.short_moment(datetime.fromisoformat(_text(line, "send_at")), clock.zone)
    except ValueError:
        return "?"


def _phrase(
    phrase: Callable[[], str], with_time: Callable[[], str] | None = None
) -> Callable[[AuditEntry, Clock], str]:
    """A phrase, or another one for an entry with a time."""

    def fill(line: AuditEntry, clock: Clock) -> str:
        chosen = with_time if with_time is not None and "send_at" in line.details else phrase
        return chosen().format(
            id=line.broadcast_id,
            people=formatting.people(_number(line, "people")),
            at=_moment(line, clock),
            name=_text(line, "name"),
            before=_text(line, "before"),
            messenger=_title(_text(line, "messenger")),
            what=_title(_text(line, "messenger")),
        )

    return fill


def _purged(line: AuditEntry, _clock: Clock) -> str:
    count = _number(line, "broadcasts")
    match _text(line, "kind"):
        case "cancel_scheduled":
            return plural(
                "cancelled {count} scheduled message", "cancelled {count} scheduled messages", count
            )
        case "expired":
            return plural("deleted {count} old message", "deleted {count} old messages", count)
        case _:
            return plural("deleted {count} message", "deleted {count} messages", count)


def _released(line: AuditEntry, _clock: Clock) -> str:
    what_goes = _text(line, "what")
    if what_goes == "everything":
        return _("resumed all sending")
    return _("resumed {what}").format(
        what=f"#{line.broadcast_id}" if line.broadcast_id else _title(what_goes)
    )


def _title(messenger: str) -> str:
    return Messenger(messenger).traits.title if messenger in list(Messenger) else messenger


def _person(line: AuditEntry) -> str:
    """The name, or what can be said where Telegram has told none."""
    return _text(line, "name") or _("the person {id}").format(id=_text(line, "person"))


def _given(line: AuditEntry, _clock: Clock) -> str:
    name = _person(line)
    role = _text(line, "role")
    if role not in list(Role):
        return _("removed {name} from the team").format(name=name)
    return _("gave {name} the role of {role}").format(name=name, role=role_name(Role(role)))


def _of_role(phrase: Callable[[], str]) -> Callable[[AuditEntry, Clock], str]:
    def fill(line: AuditEntry, _clock: Clock) -> str:
        role = _text(line, "role")
        named = role_name(Role(role)) if role in list(Role) else role
        return phrase().format(role=named, name=_person(line))

    return fill


def role_name(role: Role) -> str:
    match role:
        case Role.OWNER:
            return _("owner")
        case Role.EDITOR:
            return _("editor")
        case Role.VIEWER:
            return _("viewer")


def _quiet(line: AuditEntry, _clock: Clock) -> str:
    hours = _text(line, "quiet")
    phrase = (
        _("set the quiet hours of {name} to {hours}") if hours else _("cleared the quiet hours of {name}")
    )
    return phrase.format(name=_text(line, "name"), hours=hours)


_PHRASES: Final[Mapping[AuditAction, Callable[[AuditEntry, Clock], str]]] = {
    AuditAction.ORDERED: _phrase(lambda: _("sent #{id} to {people}")),
    AuditAction.SCHEDULED: _phrase(
        lambda: _("scheduled #{id} to {people}"), lambda: _("scheduled #{id} to {people} for {at}")
    ),
    AuditAction.SENT_NOW: _phrase(lambda: _("sent #{id} right away")),
    AuditAction.MOVED: _phrase(lambda: _("moved #{id}"), lambda: _("moved #{id} to {at}")),
    AuditAction.UNDONE: _phrase(lambda: _("undid sending #{id}")),
    AuditAction.PAUSED: _phrase(lambda: _("paused #{id}")),
    AuditAction.RESUMED: _phrase(lambda: _("resumed #{id}")),
    AuditAction.CANCELLED: _phrase(lambda: _("cancelled #{id}")),
    AuditAction.EDITED: _phrase(lambda: _("changed #{id}, now to {people}")),
    AuditAction.RESENT: _phrase(lambda: _("resent #{id} where delivery wasn't confirmed ({people})")),
    AuditAction.PHONES_CLEARED: _phrase(lambda: _("deleted #{id} from the phones of {people}")),
    AuditAction.PHONES_CHANGED: _phrase(lambda: _("edited #{id} on the phones of {people}")),
    AuditAction.PHONES_STOPPED: _phrase(lambda: _("stopped editing #{id} on phones")),
    AuditAction.EXPORTED: _phrase(lambda: _("exported the results of #{id} ({people})")),
    AuditAction.ASKED: _phrase(
        lambda: _("asked for approval to send #{id} to {people}"),
        lambda: _("asked for approval to send #{id} to {people} at {at}"),
    ),
    AuditAction.APPROVED: _phrase(lambda: _("approved #{id} to {people}")),
    AuditAction.REFUSED: _phrase(lambda: _("rejected #{id} to {people}")),
    AuditAction.SERIES_MADE: _phrase(lambda: _("created the series #{id}")),
    AuditAction.SERIES_CHANGED: _phrase(lambda: _("changed the series #{id}")),
    AuditAction.SERIES_SKIPPED: _phrase(lambda: _("skipped one message of the series #{id}")),
    AuditAction.SERIES_UNSKIPPED: _phrase(lambda: _("took back a skipped message of the series #{id}")),
    AuditAction.SERIES_PAUSED: _phrase(lambda: _("paused the series #{id}")),
    AuditAction.SERIES_RESUMED: _phrase(lambda: _("resumed the series #{id}")),
    AuditAction.SERIES_STOPPED: _phrase(lambda: _("stopped the series #{id}")),
    AuditAction.PURGED: _purged,
    AuditAction.STOPPED_ALL: _phrase(lambda: _("paused all sending")),
    AuditAction.RELEASED: _released,
    AuditAction.MESSENGER_RESUMED: _phrase(lambda: _("resumed {what}")),
    AuditAction.TRIED_AGAIN: _phrase(lambda: _("retried {messenger} for #{id}")),
    AuditAction.LEFT_OUT: _phrase(lambda: _("left {messenger} out of #{id}")),
    AuditAction.LIST_MADE: _phrase(lambda: _("created the list {name} with {people}")),
    AuditAction.LIST_RENAMED: _phrase(lambda: _("renamed the list {before} to {name}")),
    AuditAction.LIST_GREW: _phrase(lambda: _("added {people} to the list {name}")),
    AuditAction.LIST_SHRANK: _phrase(lambda: _("removed {people} from the list {name}")),
    AuditAction.LIST_OPENED: _phrase(lambda: _("turned on the join link of {name}")),
    AuditAction.LIST_CLOSED: _phrase(lambda: _("turned off the join link of {name}")),
    AuditAction.LIST_DELETED: _phrase(lambda: _("deleted the list {name} with {people}")),
    AuditAction.LIST_EXPORTED: _phrase(lambda: _("exported the list {name} ({people})")),
    AuditAction.LOG_EXPORTED: lambda line, _clock: plural(
        "exported the log ({count} line)",
        "exported the log ({count} lines)",
        _number(line, "lines"),
    ),
    AuditAction.ROLE_GIVEN: _given,
    AuditAction.INVITED: _of_role(lambda: _("invited a colleague as {role}")),
    AuditAction.INVITATION_OPENED: _of_role(lambda: _("asked to join the team as {role}")),
    AuditAction.INVITATION_DECLINED: _of_role(lambda: _("turned down {name} as {role}")),
    AuditAction.INVITATION_REVOKED: _of_role(lambda: _("revoked an invitation as {role}")),
    AuditAction.SETTING: _quiet,
    AuditAction.FORGOTTEN: lambda line, _clock: plural(
        "deleted a person's data ({count} message)",
        "deleted a person's data ({count} messages)",
        _number(line, "messages"),
    ),
}


def history(broadcast: Broadcast, clock: Clock) -> str:
    """The latest actions on a broadcast: "Scheduled by Ann 23 Nov 14:20 · paused by Ben 18:30". Plain text."""
    latest = sorted((last.at, action) for action, last in broadcast.last_actions.items() if action in _BY)
    moments = _moments([at for at, _action in latest[-_MOST_ACTIONS:]], clock)
    text = " · ".join(
        _BY[action]().format(name=broadcast.last_actions[action].name or "Message Sender", at=at)
        for (_at, action), at in zip(latest[-_MOST_ACTIONS:], moments, strict=True)
    )
    return text[:1].upper() + text[1:]


def _moments(moments: Sequence[datetime], clock: Clock) -> list[str]:
    """Each with its day only where that changes: "23 Nov 14:20", "18:30"."""
    texts, day = [], clock.now.astimezone(clock.zone).date()
    for moment in moments:
        local = moment.astimezone(clock.zone)
        texts.append(formatting.short_moment(moment, clock.zone) if local.date() != day else f"{local:%H:%M}")
        day = local.date()
    return texts


_BY: Final[Mapping[AuditAction, Callable[[], str]]] = {
    AuditAction.ORDERED: lambda: _("sent by {name} {at}"),
    AuditAction.SCHEDULED: lambda: _("scheduled by {name} {at}"),
    AuditAction.ASKED: lambda: _("requested by {name} {at}"),
    AuditAction.APPROVED: lambda: _("approved by {name} {at}"),
    AuditAction.REFUSED: lambda: _("rejected by {name} {at}"),
    AuditAction.SENT_NOW: lambda: _("sent right away by {name} {at}"),
    AuditAction.MOVED: lambda: _("moved by {name} {at}"),
    AuditAction.UNDONE: lambda: _("undone by {name} {at}"),
    AuditAction.PAUSED: lambda: _("paused by {name} {at}"),
    AuditAction.RESUMED: lambda: _("resumed by {name} {at}"),
    AuditAction.CANCELLED: lambda: _("cancelled by {name} {at}"),
    AuditAction.EDITED: lambda: _("changed by {name} {at}"),
    AuditAction.RESENT: lambda: _("resent by {name} {at}"),
}
