"""Lines about quiet hours, and the screen that sets those of an audience."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.text import formatting
from bot.text.formatting import escaped
from bot.text.translation import _, plural
from bot.ui.callback_data import Subject, subject
from bot.ui.screen import Button, Row, Rows, Screen, screen
from core.domain.audience import Audience
from core.domain.broadcast import Broadcast
from core.domain.quiet_hours import QuietHours
from core.parsing.quiet_hours import PendingQuietHours
from core.store.chat.drafts import Draft


def preview_lines(draft: Draft, found: Sequence[PendingQuietHours]) -> list[str]:
    """Recipients who get it later. As HTML."""
    if draft.ignore_quiet_hours:
        return [_("🌙 You chose to send in quiet hours too.")] if found else []
    return [f"🌙 {escaped(_line(night))}" for night in found]


def _line(night: PendingQuietHours) -> str:
    return plural(
        "It's quiet hours for {count} person. They'll get it at {time} ({place}).",
        "It's quiet hours for {count} people. They'll get it at {time} ({place}).",
        night.count,
        **end_of(night),
    )


def end_of(night: PendingQuietHours) -> dict[str, str]:
    """The `time` and the `place` at which these quiet hours end."""
    return _end(night.until, night.hours.zone)


def _end(until: datetime, zone: str) -> dict[str, str]:
    clock = ZoneInfo(zone)
    return {"time": f"{until.astimezone(clock):%H:%M}", "place": formatting.city(clock)}


def switch_rows(draft: Draft, found: Sequence[PendingQuietHours]) -> Rows:
    """The switch of the preview; none if nobody is in quiet hours."""
    if not found:
        return ()
    label = _("🌙 Keep quiet hours") if draft.ignore_quiet_hours else _("🌙 Send anyway")
    return ((Button(label, subject(draft).to("loud")),),)


def waiting_lines(broadcast: Broadcast, now: datetime) -> list[str]:
    """For the live card: recipients who wait for the end of their quiet hours. As HTML."""
    found = []
    for hours, count in broadcast.quiet_waits.items():
        until = hours.until(now)
        if until is not None:
            line = plural(
                "It's quiet hours for {count} person. They'll get it at {time} {place}.",
                "It's quiet hours for {count} people. They'll get it at {time} {place}.",
                count,
                **_end(until, hours.zone),
            )
            found.append(f"🌙 {escaped(line)}")
    return found


def waits_until(broadcast: Broadcast, now: datetime) -> str:
    """End of the first quiet hours, for example "22:00 Berlin", if all who are left wait for them; else ""."""
    ends = [(hours.until(now), hours.zone) for hours in broadcast.quiet_waits]
    known = [(until, zone) for until, zone in ends if until is not None]
    waiting = sum(broadcast.quiet_waits.values())
    if not known or len(known) < len(ends) or waiting < broadcast.progress.open:
        return ""
    return "{time} {place}".format(**_end(*min(known)))


def hours_text(hours: QuietHours) -> str:
    """For example "22:00-08:00 Berlin"."""
    if hours.is_never:
        return _("none, at any hour")
    return f"{hours.span} {formatting.city(ZoneInfo(hours.zone))}"


def audience_line(audience: Audience, everybody: QuietHours | None) -> str:
    """For the card of an audience; empty where there is nothing to say."""
    if audience.quiet_hours is not None:
        return _("Quiet hours: {hours}").format(hours=hours_text(audience.quiet_hours))
    if everybody is not None:
        return _("Quiet hours: {hours}, same as everyone").format(hours=hours_text(everybody))
    return ""


def quiet_hours_prompt(audience: Audience, everybody: QuietHours | None) -> Screen:
    general = hours_text(everybody) if everybody else _("none")
    default = " ✔" if audience.quiet_hours is None else ""
    never = " ✔" if audience.quiet_hours and audience.quiet_hours.is_never else ""
    choices: Row = (
        Button(_("Same as everyone") + default, Subject("a", audience.id).to("hush", "D")),
        Button(_("None") + never, Subject("a", audience.id).to("hush", "N")),
    )
    text = [
        _("<b>Quiet hours of {name}</b>").format(name=escaped(audience.name)),
        escaped(audience_line(audience, everybody) or _("Quiet hours: {hours}").format(hours=_("none"))),
        escaped(_("For everyone: {hours} (QUIET_HOURS)").format(hours=general)),
        _("Messages due then are sent afterwards. Tap, or type: 22:00-08:00 · 22-8 New York · none"),
    ]
    return screen(text, choices, Button(_("« Back"), Subject("a", audience.id).to("view")))
