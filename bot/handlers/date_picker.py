"""The taps of the calendar and the clock, the same for a draft and for a planned broadcast."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.context import BotContext, CallbackAnswer
from bot.screens import date_picker as screens_date_picker
from bot.text.clock import Clock
from bot.text.translation import amount, ngettext
from bot.ui.calendar import WEEKS_SHOWN
from bot.ui.callback_data import Tap
from bot.ui.screen import Screen
from bot.ui.wall_clock import WallTime, opening_time, read_day, read_page, read_year

MOVE = "move"
"""What is awaited when a planned broadcast is given another time."""
VERBS = frozenset({"when", "cal", "mon", "yrs", "day", "t"})
_MOST_PLANNED = 200


async def screen(
    context: BotContext, tap: Tap, marked: datetime | None, named: str
) -> tuple[Screen, CallbackAnswer]:
    """What a tap of VERBS draws. `marked`: the moment chosen before; `named`: the id that people know it by.

    Raises StaleScreen, WrongMoment.
    """
    clock, on = context.clock(), tap.subject
    match tap.verb:
        case "mon":
            return screens_date_picker.month_list(
                on, named, clock, read_year(tap.argument, clock)
            ), CallbackAnswer()
        case "yrs":
            return screens_date_picker.year_list(on, named, clock), CallbackAnswer()
        case "t":
            return screens_date_picker.time_picker(
                _open(WallTime.read(tap.argument), clock), on, clock
            ), CallbackAnswer()
        case "day":
            day = read_day(tap.argument, clock)
            planned = (await _planned(context, clock)).get(day, [])
            return screens_date_picker.time_picker(
                opening_time(day, clock, marked), on, clock
            ), CallbackAnswer(_busy_words(planned, clock))
        case _:
            start = read_page(tap.argument, clock) if tap.argument else _first_page(marked, clock)
            busy = await _planned(context, clock)
            return screens_date_picker.calendar(
                on, named, clock, start=start, marked=marked, busy=busy.keys()
            ), CallbackAnswer()


def _first_page(marked: datetime | None, clock: Clock) -> date | None:
    """This week's page, unless the day chosen before lies beyond it."""
    day = marked.astimezone(clock.zone).date() if marked else clock.today
    return day if day - clock.today >= timedelta(weeks=WEEKS_SHOWN - 1) else None


def _open(pick: WallTime, clock: Clock) -> WallTime:
    """Raises WrongMoment for a reading that has passed, or that the clocks skip."""
    if not pick.moments(clock):
        pick.moment(clock)
    return pick


async def _planned(context: BotContext, clock: Clock) -> dict[date, list[datetime]]:
    """What is scheduled on which day."""
    days: dict[date, list[datetime]] = {}
    for broadcast in (await context.core.broadcasts.scheduled(size=_MOST_PLANNED)).items:
        days.setdefault(broadcast.send_at.astimezone(clock.zone).date(), []).append(broadcast.send_at)
    return days


def _busy_words(planned: list[datetime], clock: Clock) -> str:
    if not planned:
        return ""
    at = ", ".join(f"{moment.astimezone(clock.zone):%H:%M}" for moment in planned[:5])
    found = ngettext(
        "Planned that day: {count} broadcast, {times}",
        "Planned that day: {count} broadcasts, {times}",
        len(planned),
    )
    return found.format(count=amount(len(planned)), times=at)
