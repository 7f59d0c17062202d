"""Screens that ask for a moment: calendar, clock, and answers to a typed moment."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from bot.screens.time_zone import zone_button
from bot.text import formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _, translate
from bot.ui.calendar import day_rows, month_rows, quick_picks, time_rows, year_rows
from bot.ui.callback_data import CALENDAR, PLANNED, ChooseZone, Subject
from bot.ui.screen import Button, Row, Rows, Screen, Style, plain, screen
from bot.ui.wall_clock import WallTime, encode_moment
from core.parsing.dates import AmbiguousTime


def _title(named: str, clock: Clock) -> str:
    local = clock.now.astimezone(clock.zone)
    return _("<b>When? #{id}</b> · {zone}, now {moment}").format(
        id=named, zone=escaped(formatting.city(clock.zone)), moment=f"{formatting.day(local)} {local:%H:%M}"
    )


def _back(on: Subject) -> Button:
    return Button(_("« Back"), on.to("home") if on.kind == "d" else on.to("view", "s1a"))


def calendar(
    on: Subject,
    named: str,
    clock: Clock,
    *,
    start: date | None = None,
    marked: datetime | None = None,
    busy: Collection[date] = (),
) -> Screen:
    """Quick picks and five weeks. `named`: the id in the title; `busy`: days that have a broadcast."""
    marked_day = marked.astimezone(clock.zone).date() if marked else None
    grid = day_rows(clock, on, start=start, marked=marked_day, busy=busy)
    # A scheduled broadcast has "Send now" on its card, with a question of its own.
    last: Rows = ((zone_button(ChooseZone(PLANNED, on.id), clock), _back(on)),)
    if on.kind == "d":
        last = (
            (zone_button(ChooseZone(CALENDAR, on.id), clock), Button(_("🔁 Repeat"), on.to("rep"))),
            (Button(_("⚡ Now"), on.to("now")), _back(on)),
        )
    lines = [
        _title(named, clock),
        _("• = something is planned that day") if busy else "",
        _("Or type it: fri 17:45 · 24.11 9:00 · in 90 min"),
    ]
    return screen(lines, *quick_picks(clock, on), *grid, *last)


def month_list(on: Subject, named: str, clock: Clock, year: int) -> Screen:
    rows = month_rows(clock, on, year)
    return screen(_title(named, clock), *rows, Button(_("« Days"), on.to("when")))


def year_list(on: Subject, named: str, clock: Clock) -> Screen:
    return screen(_title(named, clock), *year_rows(clock, on), Button(_("« Days"), on.to("when")))


def time_picker(pick: WallTime, on: Subject, clock: Clock, *, note: str = "") -> Screen:
    """Hours and minutes of a day. `note`: an extra line."""
    title = _("<b>{day} · what time?</b> ({zone})").format(
        day=formatting.day(pick.wall), zone=escaped(formatting.city(clock.zone))
    )
    back = Button(_("« Day"), on.to("cal", f"{pick.wall:%Y%m%d}"))
    lines = [title, escaped(translate(note)) if note else "", _("Or type: 18:37")]
    if len(WallTime(pick.wall).moments(clock)) > 1:
        twice = _("{time} comes twice that night (clocks go back): which one?")
        lines.insert(1, twice.format(time=f"{pick.wall:%H:%M}"))
    return screen(lines, *time_rows(pick, clock, on), back)


def moment_question(moment: datetime, on: Subject, clock: Clock) -> Screen:
    asked = _("#{id} · {moment}. Right?") if on.kind == "b" else _("{moment}. Right?")
    message = escaped(formatting.moment(moment, now=clock.now, zone=clock.zone))
    return screen(
        asked.format(id=on.id, moment=message),
        Button(_("✅ Yes"), on.to("set", encode_moment(moment)), Style.SUCCESS),
        _another(on),
    )


def moment_error(sentence: str, proposal: datetime | None, on: Subject, clock: Clock) -> Screen:
    offer = None
    if proposal is not None:
        label = f"✅ {formatting.moment_in_city(proposal, clock.zone)}"
        offer = Button(label, on.to("set", encode_moment(proposal)))
    return plain(translate(sentence), offer, _another(on))


def _another(on: Subject) -> Button:
    return Button(_("🗓 Choose another"), on.to("when"))


def fold_question(asked: AmbiguousTime, on: Subject, clock: Clock) -> Screen:
    """Asks which of two moments is meant where the clocks go back."""
    choices: Row = tuple(
        Button(label, on.to("set", encode_moment(moment)))
        for label, moment in (
            (_("First, summer time"), asked.first),
            (_("Second, winter time"), asked.second),
        )
    )
    local = asked.first.astimezone(clock.zone)
    question = _("{time} comes twice on {day} (clocks go back). Which one?")
    return screen(question.format(time=f"{local:%H:%M}", day=formatting.day(local)), choices, _another(on))
