"""Moments picked on the calendar, for a draft or a scheduled broadcast, or typed."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeVar

from bot.context import BotContext, CallbackAnswer, Reply, Result
from bot.requests import ButtonPress
from bot.routes import Argument, Handled, Kind, Route
from bot.screens import date_picker as screens_date_picker
from bot.screens.drafts import problems_text
from bot.text.clock import Clock
from bot.text.translation import amount, ngettext
from bot.ui.calendar import WEEKS_SHOWN
from bot.ui.callback_data import Subject
from bot.ui.screen import Screen
from bot.ui.wall_clock import (
    WallTime,
    decode_day,
    decode_moment,
    open_day,
    opening_time,
    page_start,
    page_year,
)
from core.domain.errors import ValidationError
from core.domain.series import Repeat
from core.domain.team import Role
from core.parsing.dates import AmbiguousTime, NeedsTime, WrongMoment, read_moment
from core.parsing.recurrence import is_about_repeating, read_repeat

MOVE: Final = "move"
"""The prompt for a new time of a scheduled broadcast."""
MOMENT: Final = Argument(r"\d{1,9}", decode_moment)
_NONE: Final = Argument("", lambda _text: None)
_DAY: Final = Argument(r"\d{8}", decode_day)
_YEAR: Final = Argument(r"\d{4}", int)
_WALL: Final = Argument(r"\d{12}(?::[01])?", WallTime.read)
_MOST_PLANNED: Final = 200
_NOW: Final = re.compile(
    r"(?:(?:right|just) )?now|at once|asap|(?:right|straight) away|immediately|"
    r"(?:прямо )?сейчас(?: же)?|сразу|немедленно",
    re.IGNORECASE,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Picking:
    """The target of a picked moment. `marked`: its current moment."""

    on: Subject
    marked: datetime | None


Draw = Callable[[Picking], Awaitable[Screen | Reply]]


def routes(kind: Kind[T], choose: Callable[[BotContext, ButtonPress, T, Draw], Handled]) -> tuple[Route, ...]:
    """The rows of the calendar for one kind of subject. `choose` opens the prompt and shows the screen.

    `draw` raises StaleScreen, WrongMoment.
    """

    def row(
        verb: str,
        draw: Callable[[BotContext, Picking, Any], Awaitable[Screen | Reply]],
        argument: Argument[Any],
    ) -> Route:
        def handle(context: BotContext, press: ButtonPress, thing: T, value: Any) -> Awaitable[Result]:  # noqa: ANN401 - as the argument reads it
            return choose(context, press, thing, lambda on: draw(context, on, value))

        return kind.button(verb, Role.EDITOR, handle, argument)

    return (
        row("when", _quick_choices, _NONE),
        row("days", days, _NONE),
        row("cal", days, _DAY),
        row("mon", _months, _YEAR),
        row("yrs", _years, _NONE),
        row("day", _day, _DAY),
        row("t", _time, _WALL),
    )


async def _quick_choices(context: BotContext, on: Picking, _none: None) -> Screen:
    return screens_date_picker.quick_choices(on.on, context.clock())


async def days(context: BotContext, on: Picking, first: date | None = None) -> Screen:
    """A page of days from `first`; by default this week, or that of the marked day."""
    clock = context.clock()
    start = page_start(first, clock) if first else _first_page(on.marked, clock)
    busy = (await _planned(context, clock)).keys()
    return screens_date_picker.calendar(on.on, clock, start=start, marked=on.marked, busy=busy)


async def _months(context: BotContext, on: Picking, year: int) -> Screen:
    clock = context.clock()
    return screens_date_picker.month_list(on.on, clock, page_year(year, clock))


async def _years(context: BotContext, on: Picking, _none: None) -> Screen:
    return screens_date_picker.year_list(on.on, context.clock())


async def _day(context: BotContext, on: Picking, day: date) -> Reply:
    """The time picker of a day; the answer names the broadcasts of that day."""
    clock = context.clock()
    opening = opening_time(open_day(day, clock), clock, on.marked)
    planned = (await _planned(context, clock)).get(day, [])
    return Reply(
        screens_date_picker.time_picker(opening, on.on, clock), CallbackAnswer(_busy_words(planned, clock))
    )


async def _time(context: BotContext, on: Picking, pick: WallTime) -> Screen:
    """Raises WrongMoment for a past time, or one in a DST gap."""
    clock = context.clock()
    if not pick.moments(clock):
        pick.moment(clock)
    return screens_date_picker.time_picker(pick, on.on, clock)


def _first_page(marked: datetime | None, clock: Clock) -> date | None:
    """The first day of the page with the marked day; None for this week's."""
    day = marked.astimezone(clock.zone).date() if marked else clock.today
    return day if day - clock.today >= timedelta(weeks=WEEKS_SHOWN - 1) else None


async def _planned(context: BotContext, clock: Clock) -> dict[date, list[datetime]]:
    """The moments at which broadcasts start, by day."""
    days: dict[date, list[datetime]] = {}
    for broadcast in (await context.core.broadcasts.scheduled(size=_MOST_PLANNED)).items:
        days.setdefault(broadcast.send_at.astimezone(clock.zone).date(), []).append(broadcast.send_at)
    return days


def _busy_words(planned: list[datetime], clock: Clock) -> str:
    if not planned:
        return ""
    at = ", ".join(f"{moment.astimezone(clock.zone):%H:%M}" for moment in planned[:5])
    found = ngettext(
        "{count} message is scheduled that day: {times}",
        "{count} messages are scheduled that day: {times}",
        len(planned),
    )
    return found.format(count=amount(len(planned)), times=at)


def read_time(context: BotContext, words: str | None) -> datetime | Repeat | ValidationError | None:
    """A moment, a recurrence, None for now, or the error to ask about."""
    clock = context.clock()
    if words is None or not is_about_repeating(words):
        return read_moment_or_now(context, words)
    try:
        return read_repeat(words, now=clock.now, zone=clock.zone)
    except ValidationError as error:
        return error


def read(context: BotContext, words: str) -> datetime:
    """A typed moment, read by the reader's clock. Raises ValidationError."""
    clock = context.clock()
    return read_moment(words, now=clock.now, zone=clock.zone, month_first=clock.month_first)


def read_moment_or_now(context: BotContext, words: str | None) -> datetime | ValidationError | None:
    """None for now."""
    if words is None or _NOW.fullmatch(words):
        return None
    try:
        return read(context, words)
    except ValidationError as error:
        return error


def moment_screen(context: BotContext, on: Subject, found: datetime | ValidationError) -> Screen:
    """The answer to a typed moment: confirmation, question, or error with a proposal."""
    clock = context.clock()
    match found:
        case datetime():
            return screens_date_picker.moment_question(found, on, clock)
        case NeedsTime():
            return screens_date_picker.time_picker(opening_time(found.day, clock), on, clock)
        case AmbiguousTime():
            return screens_date_picker.fold_question(found, on, clock)
        case WrongMoment():
            return screens_date_picker.moment_error(found.problems[0], found.choices, on, clock)
        case _:
            return screens_date_picker.moment_error(problems_text(found.problems), (), on, clock)
