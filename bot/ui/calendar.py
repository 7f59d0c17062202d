"""The calendar and the clock of a screen: pure functions from the present to rows of buttons."""
# ruff: noqa: RUF001 - the arrows, dashes and minus signs are meant for the eye

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from bot.text import formatting
from bot.text.clock import Present
from bot.text.translation import _, dated, locale
from bot.ui.callback_data import DEAD, Subject
from bot.ui.screen import BLANK, Button, Row, Rows, Style
from bot.ui.wall_clock import FIRST_HOUR, Pick, carried
from core.domain.errors import ValidationError

WEEKS_SHOWN = 5
_DAY = timedelta(days=1)
_BLANK = Button(BLANK, DEAD)


def quick_picks(present: Present, subject: Subject) -> Rows:
    """In an hour, tonight, tomorrow morning, next Monday morning: those that are still ahead."""
    monday = present.today + timedelta(days=7 - present.today.weekday())
    choices = [
        (_("In 1 h · {time}"), _in_an_hour(present)),
        (_("Today {time}"), Pick(datetime.combine(present.today, time(19)))),
        (_("Tomorrow {time}"), Pick(datetime.combine(present.today + _DAY, FIRST_HOUR))),
        (f"{dated(monday, 'EEE d')} · {{time}}", Pick(datetime.combine(monday, FIRST_HOUR))),
    ]
    buttons = [
        Button(label.format(time=f"{pick.wall:%H:%M}"), subject.to("set", carried(moments[0])))
        for label, pick in choices
        if (moments := pick.moments(present))
    ]
    return tuple(tuple(buttons[index : index + 2]) for index in range(0, len(buttons), 2))


def _in_an_hour(present: Present) -> Pick:
    # Rounded up to a whole minute: never less than the hour that the label promises.
    return Pick.of(present.now + timedelta(hours=1, seconds=59, microseconds=999_999), present.zone)


def day_rows(
    present: Present,
    subject: Subject,
    *,
    start: date | None = None,
    marked: date | None = None,
    busy: Collection[date] = (),
) -> Rows:
    """Five weeks from the one of `start` (default: this one), with arrows and the way to the months."""
    first = start or present.today
    monday = first - timedelta(days=(first.weekday() - locale().first_week_day) % 7)
    days = [monday + _DAY * offset for offset in range(7 * WEEKS_SHOWN)]
    weekdays = tuple(Button(dated(day, "EEEEEE").capitalize(), DEAD) for day in days[:7])
    cells = tuple(_day_cell(day, present, subject, marked, busy) for day in days)
    weeks = tuple(cells[index : index + 7] for index in range(0, len(cells), 7))
    return (_day_head(first, monday, present, subject), weekdays, *weeks)


def _day_head(first: date, monday: date, present: Present, subject: Subject) -> Row:
    earlier, later = monday - timedelta(weeks=WEEKS_SHOWN), monday + timedelta(weeks=WEEKS_SHOWN)
    return (
        Button("‹", subject.to("cal", f"{max(earlier, present.today):%Y%m%d}"))
        if monday > present.today
        else _BLANK,
        Button(f"{dated(first, 'LLL y').capitalize()} ▾", subject.to("mon", f"{first.year}")),
        Button("›", subject.to("cal", f"{later:%Y%m%d}")) if later <= present.last_day else _BLANK,
    )


def _day_cell(
    day: date, present: Present, subject: Subject, marked: date | None, busy: Collection[date]
) -> Button:
    if not present.day_is_open(day):
        return _BLANK
    # The first of a month says which one, for the weeks run on across it.
    label = dated(day, "d MMM") if day.day == 1 else str(day.day)
    label += "•" if day in busy else ""
    if day == marked:
        label += "✔"
    elif day == present.today:
        label = f"[{label}]"
    return Button(label, subject.to("day", f"{day:%Y%m%d}"))


def month_rows(present: Present, subject: Subject, year: int) -> Rows:
    """The months of a year that can be planned for; its title leads to the years."""
    cells = tuple(_month_cell(date(year, month, 1), present, subject) for month in range(1, 13))
    title = Button(f"{year} ▾", subject.to("yrs"))
    return ((title,), *(cells[index : index + 4] for index in range(0, 12, 4)))


def _month_cell(first: date, present: Present, subject: Subject) -> Button:
    last = (first + timedelta(days=31)).replace(day=1) - _DAY
    if last < present.today or first > present.last_day:
        return _BLANK
    return Button(dated(first, "LLL").capitalize(), subject.to("cal", f"{max(first, present.today):%Y%m%d}"))


def year_rows(present: Present, subject: Subject) -> Rows:
    """The years that can be planned for."""
    years = range(present.today.year, present.last_day.year + 1)
    return (tuple(Button(str(year), subject.to("mon", str(year))) for year in years),)


def time_rows(pick: Pick, present: Present, subject: Subject) -> Rows:
    """Hours, quarters and small steps around a pick; the last row confirms it."""
    hours = tuple(_hour_cell(hour, pick, present, subject) for hour in range(24))
    return (
        *(hours[index : index + 8] for index in range(0, 24, 8)),
        tuple(_minute_cell(minute, pick, present, subject) for minute in (0, 15, 30, 45)),
        tuple(_step(minutes, pick, present, subject) for minutes in (-5, -1, 1, 5)),
        *_confirm_rows(pick, present, subject),
    )


def _hour_cell(hour: int, pick: Pick, present: Present, subject: Subject) -> Button:
    here = hour == pick.wall.hour
    for minute in (pick.wall.minute, *range(0, 60, 5), 59):
        wall = pick.wall.replace(hour=hour, minute=minute)
        choice = pick if here else Pick(wall)
        if choice.moments(present):
            return Button(f"{hour:02}{'✔' if here else ''}", subject.to("t", str(_settled(choice, present))))
    return _BLANK


def _minute_cell(minute: int, pick: Pick, present: Present, subject: Subject) -> Button:
    choice = Pick(pick.wall.replace(minute=minute), pick.fold)
    if not choice.moments(present):
        return _BLANK
    return Button(f":{minute:02}{' ✔' if minute == pick.wall.minute else ''}", subject.to("t", str(choice)))


def _step(minutes: int, pick: Pick, present: Present, subject: Subject) -> Button:
    moments = pick.moments(present)
    target = moments[0] + timedelta(minutes=minutes) if moments else None
    if target is None or not present.is_open(target):
        return _BLANK
    label = f"{'+' if minutes > 0 else '−'}{abs(minutes)}"
    if abs(minutes) == 5:
        label = _("{count} min").format(count=label)
    return Button(label, subject.to("t", str(Pick.of(target, present.zone))))


def _settled(pick: Pick, present: Present) -> Pick:
    """With its fold said, where only one of two readings is still ahead."""
    moments = pick.moments(present)
    return Pick.of(moments[0], present.zone) if len(moments) == 1 else pick


def _confirm_rows(pick: Pick, present: Present, subject: Subject) -> Rows:
    asked: Rows = ()
    both = Pick(pick.wall).moments(present)
    if len(both) == 2:
        at = f"{pick.wall:%H:%M}"
        names = (_("First {time}, summer").format(time=at), _("Second {time}, winter").format(time=at))
        asked = (
            tuple(
                Button(
                    name + (" ✔" if pick.fold == fold else ""), subject.to("t", str(Pick(pick.wall, fold)))
                )
                for fold, name in enumerate(names)
            ),
        )
        if pick.fold is None:
            return asked
    try:
        moment = pick.moment(present)
    except ValidationError:
        return asked
    day = f"{formatting.day(pick.wall)} {pick.wall:%H:%M}"
    label = f"✅ {day} · {formatting.distance(moment, now=present.now)}"
    return (*asked, (Button(label, subject.to("set", carried(moment)), Style.SUCCESS),))
