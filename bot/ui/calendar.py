"""Rows of buttons for the calendar and the clock."""
# ruff: noqa: RUF001 - the arrows, dashes and minus signs are meant for the eye

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from bot.text import formatting
from bot.text.clock import Clock
from bot.text.translation import _, dated, locale
from bot.ui.callback_data import NO_ACTION, Subject
from bot.ui.screen import BLANK, Button, Row, Rows, Style, grid
from bot.ui.wall_clock import FIRST_HOUR, WallTime, encode_moment
from core.domain.errors import ValidationError

WEEKS_SHOWN = 5
_DAY = timedelta(days=1)
_BLANK = Button(BLANK, NO_ACTION)
_EVENING = (18, 20, 21)
_NIGHT_ENDS = 5


def quick_picks(clock: Clock, subject: Subject) -> Row:
    """Later today, and tomorrow morning: two different moments that are still to come."""
    choices = (*_later_today(clock), (_("Tomorrow {time}"), clock.today + _DAY, FIRST_HOUR))
    found: dict[datetime, Button] = {}
    for label, day, at in choices:
        for moment in WallTime(datetime.combine(day, at)).moments(clock)[:1]:
            action = subject.to("set", encode_moment(moment))
            found.setdefault(moment, Button(label.format(time=f"{at.hour}:{at.minute:02}"), action))
    return tuple(found.values())


def _later_today(clock: Clock) -> list[tuple[str, date, time]]:
    """The next sensible hour of the day, half an hour away at least; tomorrow evening late at night."""
    local = clock.now.astimezone(clock.zone)
    if local.hour < _NIGHT_ENDS:
        return [(_("Today {time}"), clock.today, FIRST_HOUR)]
    for hour in _EVENING:
        if local.hour * 60 + local.minute <= hour * 60 - 30:
            return [(_("Tonight {time}"), clock.today, time(hour))]
    return [(_("Tomorrow {time}"), clock.today + _DAY, time(_EVENING[0]))]


def day_rows(
    clock: Clock,
    subject: Subject,
    *,
    start: date | None = None,
    marked: date | None = None,
    busy: Collection[date] = (),
) -> Rows:
    """Five weeks from that of `start` (default: today), with arrows and a button to the months."""
    first = start or clock.today
    monday = first - timedelta(days=(first.weekday() - locale().first_week_day) % 7)
    days = [monday + _DAY * offset for offset in range(7 * WEEKS_SHOWN)]
    weekdays = tuple(Button(dated(day, "EEEEEE").capitalize(), NO_ACTION) for day in days[:7])
    cells = [_day_cell(day, clock, subject, marked, busy) for day in days if day <= clock.last_day]
    weeks = tuple(tuple(cells[index : index + 7]) for index in range(0, len(cells), 7))
    return (_day_head(first, monday, clock, subject), weekdays, *weeks)


def _day_head(first: date, monday: date, clock: Clock, subject: Subject) -> Row:
    earlier, later = monday - timedelta(weeks=WEEKS_SHOWN), monday + timedelta(weeks=WEEKS_SHOWN)
    row = [Button(f"{dated(first, 'LLL y').capitalize()} ▾", subject.to("mon", f"{first.year}"))]
    if monday > clock.today:
        row.insert(0, Button("‹", subject.to("cal", f"{max(earlier, clock.today):%Y%m%d}")))
    if later <= clock.last_day:
        row.append(Button("›", subject.to("cal", f"{later:%Y%m%d}")))
    return tuple(row)


def _day_cell(
    day: date, clock: Clock, subject: Subject, marked: date | None, busy: Collection[date]
) -> Button:
    if not clock.day_is_open(day):
        return _BLANK
    # Weeks run across months, so the first day names its month.
    label = dated(day, "d MMM") if day.day == 1 else str(day.day)
    label += "•" if day in busy else ""
    if day == marked:
        label += "✔"
    elif day == clock.today:
        label = f"📍{day.day}"
    return Button(label, subject.to("day", f"{day:%Y%m%d}"))


def month_rows(clock: Clock, subject: Subject, year: int) -> Rows:
    """The open months of a year, with a button to the years."""
    months = (_month_cell(date(year, month, 1), clock, subject) for month in range(1, 13))
    title = Button(f"{year} ▾", subject.to("yrs"))
    return ((title,), *grid([month for month in months if month is not None], 4))


def _month_cell(first: date, clock: Clock, subject: Subject) -> Button | None:
    last = (first + timedelta(days=31)).replace(day=1) - _DAY
    if last < clock.today or first > clock.last_day:
        return None
    return Button(dated(first, "LLL").capitalize(), subject.to("cal", f"{max(first, clock.today):%Y%m%d}"))


def year_rows(clock: Clock, subject: Subject) -> Rows:
    years = range(clock.today.year, clock.last_day.year + 1)
    return (tuple(Button(str(year), subject.to("mon", str(year))) for year in years),)


def time_rows(pick: WallTime, clock: Clock, subject: Subject) -> Rows:
    """Hours, quarters and small steps around a pick; the last row confirms it."""
    hours = (_hour_cell(hour, pick, clock, subject) for hour in range(24))
    quarters = (_minute_cell(minute, pick, clock, subject) for minute in (0, 15, 30, 45))
    steps = (_step(minutes, pick, clock, subject) for minutes in (-5, -1, 1, 5))
    return (
        *grid([cell for cell in hours if cell is not None], 8),
        *grid([cell for cell in quarters if cell is not None], 4),
        *grid([cell for cell in steps if cell is not None], 4),
        *_confirm_rows(pick, clock, subject),
    )


def _hour_cell(hour: int, pick: WallTime, clock: Clock, subject: Subject) -> Button | None:
    here = hour == pick.wall.hour
    for minute in (pick.wall.minute, *range(0, 60, 5), 59):
        wall = pick.wall.replace(hour=hour, minute=minute)
        choice = pick if here else WallTime(wall)
        if choice.moments(clock):
            return Button(f"{hour:02}{'✔' if here else ''}", subject.to("t", str(_settled(choice, clock))))
    return None


def _minute_cell(minute: int, pick: WallTime, clock: Clock, subject: Subject) -> Button | None:
    choice = WallTime(pick.wall.replace(minute=minute), pick.fold)
    if not choice.moments(clock):
        return None
    return Button(f":{minute:02}{' ✔' if minute == pick.wall.minute else ''}", subject.to("t", str(choice)))


def _step(minutes: int, pick: WallTime, clock: Clock, subject: Subject) -> Button | None:
    moments = pick.moments(clock)
    target = moments[0] + timedelta(minutes=minutes) if moments else None
    if target is None or not clock.is_open(target):
        return None
    label = f"{'+' if minutes > 0 else '−'}{abs(minutes)}"
    if abs(minutes) == 5:
        label = _("{count} min").format(count=label)
    return Button(label, subject.to("t", str(WallTime.of(target, clock.zone))))


def _settled(pick: WallTime, clock: Clock) -> WallTime:
    """With its fold set, where only one of two moments is open."""
    moments = pick.moments(clock)
    return WallTime.of(moments[0], clock.zone) if len(moments) == 1 else pick


def _confirm_rows(pick: WallTime, clock: Clock, subject: Subject) -> Rows:
    asked: Rows = ()
    both = WallTime(pick.wall).moments(clock)
    if len(both) == 2:
        at = f"{pick.wall:%H:%M}"
        names = (_("First {time}, summer").format(time=at), _("Second {time}, winter").format(time=at))
        asked = (
            tuple(
                Button(
                    name + (" ✔" if pick.fold == fold else ""),
                    subject.to("t", str(WallTime(pick.wall, fold))),
                )
                for fold, name in enumerate(names)
            ),
        )
        if pick.fold is None:
            return asked
    try:
        moment = pick.moment(clock)
    except ValidationError:
        return asked
    day = f"{formatting.day(pick.wall)} {pick.wall:%H:%M}"
    label = f"✅ {day} · {formatting.distance(moment, now=clock.now, zone=clock.zone)}"
    return (*asked, (Button(label, subject.to("set", encode_moment(moment)), Style.SUCCESS),))
