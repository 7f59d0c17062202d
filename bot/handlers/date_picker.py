"""The taps of the calendar and the clock, the same for a draft and for a planned broadcast."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.context import Desk, Toast
from bot.screens import date_picker as screens_date_picker
from bot.text.clock import Present
from bot.text.translation import amount, ngettext
from bot.ui.calendar import WEEKS_SHOWN
from bot.ui.callback_data import Tap
from bot.ui.screen import Screen
from bot.ui.wall_clock import Pick, opening_pick, read_day, read_page, read_year

MOVE = "move"
"""What is awaited when a planned broadcast is given another time."""
VERBS = frozenset({"when", "cal", "mon", "yrs", "day", "t"})
_MOST_PLANNED = 200


async def screen(desk: Desk, tap: Tap, marked: datetime | None, named: str) -> tuple[Screen, Toast]:
    """What a tap of VERBS draws. `marked`: the moment chosen before; `named`: the id that people know it by.

    Raises StaleScreen, WrongMoment.
    """
    present, on = desk.present(), tap.subject
    match tap.verb:
        case "mon":
            return screens_date_picker.months(on, named, present, read_year(tap.argument, present)), Toast()
        case "yrs":
            return screens_date_picker.years(on, named, present), Toast()
        case "t":
            return screens_date_picker.clock(_open(Pick.read(tap.argument), present), on, present), Toast()
        case "day":
            day = read_day(tap.argument, present)
            planned = (await _planned(desk, present)).get(day, [])
            return screens_date_picker.clock(opening_pick(day, present, marked), on, present), Toast(
                _busy_words(planned, present)
            )
        case _:
            start = read_page(tap.argument, present) if tap.argument else _first_page(marked, present)
            busy = await _planned(desk, present)
            return screens_date_picker.days(
                on, named, present, start=start, marked=marked, busy=busy.keys()
            ), Toast()


def _first_page(marked: datetime | None, present: Present) -> date | None:
    """This week's page, unless the day chosen before lies beyond it."""
    day = marked.astimezone(present.zone).date() if marked else present.today
    return day if day - present.today >= timedelta(weeks=WEEKS_SHOWN - 1) else None


def _open(pick: Pick, present: Present) -> Pick:
    """Raises WrongMoment for a reading that has passed, or that the clocks skip."""
    if not pick.moments(present):
        pick.moment(present)
    return pick


async def _planned(desk: Desk, present: Present) -> dict[date, list[datetime]]:
    """What is scheduled on which day."""
    days: dict[date, list[datetime]] = {}
    for broadcast in (await desk.core.broadcasts.scheduled(size=_MOST_PLANNED)).items:
        days.setdefault(broadcast.send_at.astimezone(present.zone).date(), []).append(broadcast.send_at)
    return days


def _busy_words(planned: list[datetime], present: Present) -> str:
    if not planned:
        return ""
    at = ", ".join(f"{moment.astimezone(present.zone):%H:%M}" for moment in planned[:5])
    found = ngettext(
        "Planned that day: {count} broadcast, {times}",
        "Planned that day: {count} broadcasts, {times}",
        len(planned),
    )
    return found.format(count=amount(len(planned)), times=at)
