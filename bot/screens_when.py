"""The screens that ask for a moment: the calendar, the clock, and the answers to a typed one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from html import escape

from bot import words
from bot.pick import Pick, Present
from bot.picker import day_rows, month_rows, quick_picks, time_rows, year_rows
from bot.screen import Button, Row, Rows, Screen, Style
from bot.wire import Subject
from core.services.dates import AmbiguousTime

_TYPE_IT = "Or type it: fri 17:45 · 24.11 9:00 · in 90 min"


def _title(on: Subject, present: Present) -> str:
    local = present.now.astimezone(present.zone)
    now = f"{local:%a} {local.day} {local:%b %H:%M}"
    return f"{words.bold(f'When? #{on.id}')} · {escape(words.place(present.zone))}, now {now}"


def _back(on: Subject) -> Button:
    return Button("« Back", on.to("home" if on.kind == "d" else "view", "" if on.kind == "d" else "s1a"))


def days(
    on: Subject,
    present: Present,
    *,
    start: date | None = None,
    marked: datetime | None = None,
    busy: Collection[date] = (),
) -> Screen:
    """Quick picks and five weeks of days. `busy` days have broadcasts planned already."""
    marked_day = marked.astimezone(present.zone).date() if marked else None
    grid = day_rows(present, on, start=start, marked=marked_day, busy=busy)
    # A planned broadcast has "Send now" on its own card, behind its own question.
    last: Row = (Button("⚡ Now", on.to("now")), _back(on)) if on.kind == "d" else (_back(on),)
    dots = "\n• = something is planned that day" if busy else ""
    return Screen(f"{_title(on, present)}{dots}\n{_TYPE_IT}", (*quick_picks(present, on), *grid, last))


def months(on: Subject, present: Present, year: int) -> Screen:
    rows = month_rows(present, on, year)
    return Screen(_title(on, present), (*rows, (Button("« Days", on.to("when")),)))


def years(on: Subject, present: Present) -> Screen:
    return Screen(_title(on, present), (*year_rows(present, on), (Button("« Days", on.to("when")),)))


def clock(pick: Pick, on: Subject, present: Present, *, note: str = "") -> Screen:
    """Hours and minutes of a day. `note`: what else is worth knowing, in one line."""
    day = f"{pick.wall:%a} {pick.wall.day} {pick.wall:%b}"
    title = f"{words.bold(f'{day} · what time?')} ({escape(words.place(present.zone))})"
    back = Button("« Day", on.to("cal", f"{pick.wall:%Y%m%d}"))
    lines = [title, *([escape(note, quote=False)] if note else []), "Or type: 18:37"]
    if len(Pick(pick.wall).moments(present)) > 1:
        lines.insert(1, f"{pick.wall:%H:%M} comes twice that night (clocks go back): which one?")
    return Screen("\n".join(lines), (*time_rows(pick, present, on), (back,)))


def read_back(moment: datetime, on: Subject, present: Present) -> Screen:
    """A typed moment, to be confirmed with a tap."""
    pick = Pick.of(moment, present.zone)
    return Screen(
        f"{escape(words.moment(moment, now=present.now, zone=present.zone), quote=False)}. Right?",
        (
            (Button("✅ Yes", on.to("set", str(pick)), Style.SUCCESS),),
            (Button("🗓 Choose another", on.to("when")),),
        ),
    )


def wrong_moment(sentence: str, proposal: datetime | None, on: Subject, present: Present) -> Screen:
    """Why a moment cannot be, and the one that is offered instead."""
    offered: Rows = ()
    if proposal is not None:
        offered = (
            (
                Button(
                    f"✅ {words.short(proposal, present.zone)}",
                    on.to("set", str(Pick.of(proposal, present.zone))),
                ),
            ),
        )
    return Screen(escape(sentence, quote=False), (*offered, (Button("🗓 Choose another", on.to("when")),)))


def which_one(asked: AmbiguousTime, on: Subject, present: Present) -> Screen:
    """The clocks show this time twice: which one is meant?"""
    choices: Row = tuple(
        Button(f"{name}{words.twice(moment, present.zone)}", on.to("set", str(Pick.of(moment, present.zone))))
        for name, moment in (("First,", asked.first), ("Second,", asked.second))
    )
    local = asked.first.astimezone(present.zone)
    return Screen(
        f"{local:%H:%M} comes twice on {local:%a} {local.day} {local:%b} (clocks go back). Which one?",
        (choices, (Button("🗓 Choose another", on.to("when")),)),
    )
