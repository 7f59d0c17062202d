"""Screens that ask for a moment: calendar, clock, and answers to a typed moment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from bot.screens.time_zone import zone_button
from bot.text import formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _, translate
from bot.ui.calendar import day_rows, month_rows, quick_picks, time_rows, year_rows
from bot.ui.callback_data import CALENDAR, PLANNED, SCHEDULED_LIST, ChooseZone, Subject
from bot.ui.screen import Button, Row, Screen, Style, grid, plain, screen
from bot.ui.wall_clock import WallTime, encode_moment
from core.parsing.dates import AmbiguousTime


def _back(on: Subject) -> Button:
    return Button(_("« Back"), on.to("home") if on.kind == "d" else on.to("view", SCHEDULED_LIST))


def quick_choices(on: Subject, clock: Clock) -> Screen:
    """The first choices of a moment. A scheduled broadcast has "Send now" on its card."""
    of_draft = on.kind == "d"
    now = (Button(_("⚡ Now"), on.to("now")),) if of_draft else ()
    picks = (*now, *quick_picks(clock, on), Button(_("🗓 Pick a day"), on.to("days")))
    local = clock.now.astimezone(clock.zone)
    lines = [
        formatting.bold(_("When should it go out?")),
        _("It's {moment} in {place}. You can also type it, like {example}.").format(
            moment=f"{formatting.day(local)} {local:%H:%M}",
            place=escaped(formatting.city(clock.zone)),
            example=_("“fri 17:45” or “in 90 min”"),
        ),
    ]
    last: Row = (_back(on),)
    if of_draft:
        last = (Button(_("🔁 Repeat"), on.to("rep")), *last)
    return screen(lines, *grid(picks, 2), last)


def calendar(
    on: Subject,
    clock: Clock,
    *,
    start: date | None = None,
    marked: datetime | None = None,
    busy: Collection[date] = (),
) -> Screen:
    """Five weeks. `busy`: days that have a broadcast."""
    marked_day = marked.astimezone(clock.zone).date() if marked else None
    rows = day_rows(clock, on, start=start, marked=marked_day, busy=busy)
    zone = zone_button(ChooseZone(CALENDAR if on.kind == "d" else PLANNED, on.id), clock)
    lines = [
        formatting.bold(_("Which day?")),
        _("• You already have a message scheduled that day.") if busy else "",
    ]
    return screen(lines, *rows, (zone, Button(_("« Back"), on.to("when"))))


def month_list(on: Subject, clock: Clock, year: int) -> Screen:
    return screen(formatting.bold(_("Which month?")), *month_rows(clock, on, year), _days(on))


def year_list(on: Subject, clock: Clock) -> Screen:
    return screen(formatting.bold(_("Which year?")), *year_rows(clock, on), _days(on))


def _days(on: Subject) -> Button:
    return Button(_("« Back"), on.to("days"))


def time_picker(pick: WallTime, on: Subject, clock: Clock) -> Screen:
    """Hours and minutes of a day."""
    title = _("<b>What time on {day}?</b> ({zone})").format(
        day=formatting.day(pick.wall), zone=escaped(formatting.city(clock.zone))
    )
    back = Button(_("« Day"), on.to("cal", f"{pick.wall:%Y%m%d}"))
    lines = [title]
    if len(WallTime(pick.wall).moments(clock)) > 1:
        twice = _("{time} comes twice that night because the clocks go back. Which one?")
        lines.insert(1, twice.format(time=f"{pick.wall:%H:%M}"))
    return screen(lines, *time_rows(pick, clock, on), back)


def moment_question(moment: datetime, on: Subject, clock: Clock) -> Screen:
    return screen(
        _("{moment}. Right?").format(
            moment=escaped(formatting.moment(moment, now=clock.now, zone=clock.zone))
        ),
        Button(_("✅ Yes"), on.to("set", encode_moment(moment)), Style.SUCCESS),
        _other_ways(on),
    )


def moment_error(sentence: str, choices: Sequence[datetime], on: Subject, clock: Clock) -> Screen:
    """`choices`: moments that may be meant."""
    offers = (
        Button(f"✅ {_moment_label(choice, clock)}", on.to("set", encode_moment(choice)))
        for choice in choices
    )
    return plain(translate(sentence), *offers, _other_ways(on))


def _moment_label(moment: datetime, clock: Clock) -> str:
    local = moment.astimezone(clock.zone)
    year = "" if local.year == clock.today.year else f" {local.year}"
    return f"{formatting.day(local)}{year}, {local:%H:%M}"


def _other_ways(on: Subject) -> Row:
    return (Button(_("🗓 Choose another"), on.to("when")), _back(on))


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
    question = _("Clocks go back on {day}, so {time} comes twice. Which one?")
    return screen(question.format(time=f"{local:%H:%M}", day=formatting.day(local)), choices, _other_ways(on))
