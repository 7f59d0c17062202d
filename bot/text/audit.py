"""What the log says of each deed, without the one who did it: "paused #A7KQ"."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.text import formatting
from bot.text.clock import Present
from bot.text.translation import _, amount, ngettext
from core.domain.audit import Deed, Door, Line
from core.domain.broadcast import Broadcast
from core.domain.messengers.traits import Messenger
from core.domain.team import Role

_MOST_DEEDS: Final = 4


def who(line: Line) -> str:
    """The name, and that it came in over HTTP."""
    name = line.actor.name or line.actor.id
    match line.actor.door:
        case Door.API:
            return _("{name} (HTTP)").format(name=name)
        case Door.PROGRAM:
            return line.actor.name or _("by itself")
    return name


def what(line: Line, present: Present) -> str:
    """One phrase, plain text."""
    return _PHRASES[line.deed](line, present)


def _number(line: Line, name: str) -> int:
    value = line.details.get(name, 0)
    return value if isinstance(value, int) else 0


def _text(line: Line, name: str) -> str:
    return str(line.details.get(name, ""))


def _people(line: Line) -> str:
    return formatting.people(_number(line, "people"))


def _moment(line: Line, present: Present) -> str:
    try:
        return formatting.short(datetime.fromisoformat(_text(line, "send_at")), present.zone)
    except ValueError:
        return "?"


def _plain(phrase: Callable[[], str]) -> Callable[[Line, Present], str]:
    """Of a broadcast, and nothing else to be said of it."""
    return lambda line, _present: phrase().format(id=line.broadcast_id)


def _counted(phrase: Callable[[], str]) -> Callable[[Line, Present], str]:
    """With how many people, and the name of a list."""
    return lambda line, _present: phrase().format(
        id=line.broadcast_id, people=_people(line), name=_text(line, "name"), before=_text(line, "before")
    )


def _timed(phrase: Callable[[], str], at_once: Callable[[], str]) -> Callable[[Line, Present], str]:
    """With a time, if the line has one."""
    return lambda line, present: (phrase if "send_at" in line.details else at_once)().format(
        id=line.broadcast_id, people=_people(line), at=_moment(line, present)
    )


def _purged(line: Line, _present: Present) -> str:
    count = _number(line, "broadcasts")
    match _text(line, "kind"):
        case "cancel_scheduled":
            text = ngettext(
                "cancelled {count} scheduled broadcast", "cancelled {count} scheduled broadcasts", count
            )
        case "expired":
            text = ngettext("{count} old broadcast was deleted", "{count} old broadcasts were deleted", count)
        case _:
            text = ngettext("deleted {count} broadcast", "deleted {count} broadcasts", count)
    return text.format(count=amount(count))


def _released(line: Line, _present: Present) -> str:
    what_goes = _text(line, "what")
    if what_goes == "everything":
        return _("let everything go on")
    return _("let {what} go on").format(
        what=f"#{line.broadcast_id}" if line.broadcast_id else _title(what_goes)
    )


def _title(messenger: str) -> str:
    return Messenger(messenger).traits.title if messenger in list(Messenger) else messenger


def _resumed_messenger(line: Line, _present: Present) -> str:
    return _("let {what} go on").format(what=_title(_text(line, "messenger")))


def _given(line: Line, _present: Present) -> str:
    name = _text(line, "name") or _text(line, "person")
    role = _text(line, "role")
    if role not in list(Role):
        return _("took the role from {name}").format(name=name)
    return _("gave {name} the role {role}").format(name=name, role=role_word(Role(role)))


def role_word(role: Role) -> str:
    match role:
        case Role.OWNER:
            return _("owner")
        case Role.EDITOR:
            return _("editor")
        case Role.VIEWER:
            return _("viewer")


def _log_taken(line: Line, _present: Present) -> str:
    count = _number(line, "lines")
    return ngettext(
        "took the log as a file, {count} line", "took the log as a file, {count} lines", count
    ).format(count=amount(count))


def _quiet(line: Line, _present: Present) -> str:
    hours = _text(line, "quiet")
    phrase = (
        _("set the quiet hours of {name} to {hours}") if hours else _("took back the quiet hours of {name}")
    )
    return phrase.format(name=_text(line, "name"), hours=hours)


_PHRASES: Final[Mapping[Deed, Callable[[Line, Present], str]]] = {
    Deed.ORDERED: _counted(lambda: _("ordered #{id} to {people} at once")),
    Deed.SCHEDULED: _timed(
        lambda: _("scheduled #{id} to {people} for {at}"), lambda: _("scheduled #{id} to {people}")
    ),
    Deed.SENT_NOW: _plain(lambda: _("had #{id} sent at once")),
    Deed.MOVED: _timed(lambda: _("moved #{id} to {at}"), lambda: _("moved #{id}")),
    Deed.UNDONE: _plain(lambda: _("took #{id} back")),
    Deed.PAUSED: _plain(lambda: _("paused #{id}")),
    Deed.RESUMED: _plain(lambda: _("let #{id} go on")),
    Deed.CANCELLED: _plain(lambda: _("cancelled #{id}")),
    Deed.EDITED: _counted(lambda: _("changed #{id}, now to {people}")),
    Deed.RESENT: _counted(lambda: _("sent #{id} again to {people} of whom nobody knew")),
    Deed.PHONES_CLEARED: _counted(lambda: _("had #{id} deleted from the phones of {people}")),
    Deed.PHONES_CHANGED: _counted(lambda: _("had the text of #{id} changed on the phones of {people}")),
    Deed.PHONES_STOPPED: _plain(lambda: _("stopped changing the phones of #{id}")),
    Deed.EXPORTED: _counted(lambda: _("took the list of #{id} as a file, {people}")),
    Deed.ASKED: _timed(
        lambda: _("asked for approval of #{id} to {people} for {at}"),
        lambda: _("asked for approval of #{id} to {people}"),
    ),
    Deed.APPROVED: _counted(lambda: _("approved #{id} to {people}")),
    Deed.REFUSED: _counted(lambda: _("refused #{id} to {people}")),
    Deed.SERIES_MADE: _plain(lambda: _("made the series #{id}")),
    Deed.SERIES_CHANGED: _plain(lambda: _("changed the series #{id}")),
    Deed.SERIES_SKIPPED: _plain(lambda: _("left out one time of the series #{id}")),
    Deed.SERIES_PAUSED: _plain(lambda: _("paused the series #{id}")),
    Deed.SERIES_RESUMED: _plain(lambda: _("let the series #{id} go on")),
    Deed.SERIES_STOPPED: _plain(lambda: _("stopped the series #{id}")),
    Deed.PURGED: _purged,
    Deed.STOPPED_ALL: lambda _line, _present: _("stopped everything"),
    Deed.RELEASED: _released,
    Deed.MESSENGER_RESUMED: _resumed_messenger,
    Deed.LIST_MADE: _counted(lambda: _("made the audience {name} with {people}")),
    Deed.LIST_RENAMED: _counted(lambda: _("renamed the audience {before} to {name}")),
    Deed.LIST_GREW: _counted(lambda: _("added {people} to the audience {name}")),
    Deed.LIST_SHRANK: _counted(lambda: _("took {people} off the audience {name}")),
    Deed.LIST_OPENED: _counted(lambda: _("opened the join link of the audience {name}")),
    Deed.LIST_CLOSED: _counted(lambda: _("closed the join link of the audience {name}")),
    Deed.LIST_DELETED: _counted(lambda: _("deleted the audience {name} with {people}")),
    Deed.LIST_EXPORTED: _counted(lambda: _("took the audience {name} as a file, {people}")),
    Deed.LOG_EXPORTED: _log_taken,
    Deed.ROLE_GIVEN: _given,
    Deed.SETTING: _quiet,
}


def history(broadcast: Broadcast, present: Present) -> str:
    """Who did what to it, the latest few: "scheduled by Ann 23 Nov 14:20 · paused by Ben 18:30". Plain text."""
    latest = sorted((done.at, deed) for deed, done in broadcast.deeds.items() if deed in _BY)[-_MOST_DEEDS:]
    said = _moments([at for at, _deed in latest], present)
    known = [
        _BY[deed]().format(name=broadcast.deeds[deed].name or _("by itself"), at=at)
        for (_at, deed), at in zip(latest, said, strict=True)
    ]
    return " · ".join(known)


def _moments(moments: Sequence[datetime], present: Present) -> list[str]:
    """Each with its day where that is not the day before it, or today: "23 Nov 14:20", "18:30"."""
    said, day = [], present.now.astimezone(present.zone).date()
    for moment in moments:
        local = moment.astimezone(present.zone)
        said.append(formatting.short(moment, present.zone) if local.date() != day else f"{local:%H:%M}")
        day = local.date()
    return said


_BY: Final[Mapping[Deed, Callable[[], str]]] = {
    Deed.ORDERED: lambda: _("ordered by {name} {at}"),
    Deed.SCHEDULED: lambda: _("scheduled by {name} {at}"),
    Deed.ASKED: lambda: _("ordered by {name} {at}"),
    Deed.APPROVED: lambda: _("approved by {name} {at}"),
    Deed.REFUSED: lambda: _("refused by {name} {at}"),
    Deed.SENT_NOW: lambda: _("sent at once by {name} {at}"),
    Deed.MOVED: lambda: _("moved by {name} {at}"),
    Deed.UNDONE: lambda: _("taken back by {name} {at}"),
    Deed.PAUSED: lambda: _("paused by {name} {at}"),
    Deed.RESUMED: lambda: _("resumed by {name} {at}"),
    Deed.CANCELLED: lambda: _("cancelled by {name} {at}"),
    Deed.EDITED: lambda: _("changed by {name} {at}"),
    Deed.RESENT: lambda: _("sent again by {name} {at}"),
}
