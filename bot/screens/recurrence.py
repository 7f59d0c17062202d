"""Screens that ask how often a broadcast repeats."""
# ruff: noqa: RUF001 - the minus signs are meant for the eye

from __future__ import annotations

from zlib import crc32

from bot.screens.time_zone import zone_button
from bot.text import formatting, recurrence
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _, locale, plural
from bot.ui.callback_data import REPEAT, ChooseZone, subject
from bot.ui.screen import Button, Row, Screen, Style, grid, plain, screen
from core.domain.recurrence import LAST_DAY, Recurrence
from core.domain.series import Repeat
from core.store.chat.drafts import Draft

FIRST_TIME = "0900"
_COMINGS = 3
_TIMES_OFFERED = (4, 10)


def parse_pattern(text: str) -> Recurrence:
    """Parse button data: d (daily), k (Monday to Friday), w135 (weekdays), m15 or ml (day of the month), with :0900."""
    days, _colon, at = text.partition(":")
    hour, minute = int(at[:2]), int(at[2:])
    match days[0]:
        case "k":
            return Recurrence.at(hour, minute, weekdays=frozenset(range(5)))
        case "w":
            return Recurrence.at(hour, minute, weekdays=frozenset(int(digit) - 1 for digit in days[1:]))
        case "m":
            return Recurrence.at(hour, minute, day=LAST_DAY if days == "ml" else int(days[1:]))
        case _:
            return Recurrence.at(hour, minute)


def clock_mark(clock: Clock) -> str:
    """A short hash of the zone for the confirm button, which has no room for the name."""
    return f"{crc32(clock.zone.key.encode()) & 0xFFFF:04x}"


def frequency_menu(draft: Draft, clock: Clock) -> Screen:
    to = subject(draft).to
    place = _("Times are in {city}.").format(city=escaped(formatting.city(clock.zone)))
    return screen(
        [formatting.bold(_("How often should it go out?")), place],
        (
            Button(_("Every day"), to("rtime", f"d:{FIRST_TIME}")),
            Button(_("Weekdays"), to("rtime", f"k:{FIRST_TIME}")),
        ),
        (Button(_("Every week"), to("rep", "w")), Button(_("Every month"), to("rep", "m"))),
        (Button(_("More"), to("rep", "x")), Button(_("« Back"), to("home" if draft.series_id else "when"))),
    )


def typed_examples(draft: Draft, clock: Clock) -> Screen:
    """Recurrences that have no button, to be typed, and the time zone."""
    lines = [
        formatting.bold(_("How often should it go out? Type it, for example:")),
        _("every monday 9:00 · weekdays 18:30 · every month 15 9:00"),
        _("every monday 9:00 America/New_York until 31.12"),
        _("cron 0 9 * * 1"),
    ]
    # A series keeps its time zone; another one can be typed.
    zone = None if draft.series_id else zone_button(ChooseZone(REPEAT, draft.id), clock)
    return screen(lines, zone, Button(_("« Back"), subject(draft).to("rep")))


def weekday_picker(draft: Draft, chosen: str) -> Screen:
    """`chosen`: digits of the weekdays, 1 = Monday."""
    to = subject(draft).to

    def button(number: int) -> Button:
        digit = str(number + 1)
        rest = chosen.replace(digit, "") if digit in chosen else "".join(sorted(chosen + digit))
        mark = " ✔" if digit in chosen else ""
        return Button(f"{recurrence.weekday_name(number)}{mark}", to("rep", f"w{rest}"))

    first = locale().first_week_day
    order = [(first + place) % 7 for place in range(7)]
    go = Button(_("🕒 Time"), to("rtime", f"w{chosen}:{FIRST_TIME}"), Style.PRIMARY) if chosen else None
    return screen(
        formatting.bold(_("On which days of the week?")),
        tuple(button(number) for number in order[:4]),
        tuple(button(number) for number in order[4:]),
        go,
        Button(_("« Back"), to("rep")),
    )


def day_picker(draft: Draft) -> Screen:
    to = subject(draft).to
    cells = [Button(str(day), to("rtime", f"m{day}:{FIRST_TIME}")) for day in range(1, 32)]
    return screen(
        formatting.bold(_("On which day of the month?")),
        *grid(cells, 7),
        Button(_("The last day"), to("rtime", f"ml:{FIRST_TIME}")),
        Button(_("« Back"), to("rep")),
    )


def time_picker(draft: Draft, text: str, clock: Clock) -> Screen:
    """`text`: the pattern as in button data."""
    to = subject(draft).to
    days, _colon, at = text.partition(":")
    minutes = int(at[:2]) * 60 + int(at[2:])

    def button(label: str, total: int, *, here: bool = False) -> Button:
        total %= 24 * 60
        return Button(label + (" ✔" if here else ""), to("rtime", f"{days}:{total // 60:02}{total % 60:02}"))

    hours = [button(f"{hour:02}", hour * 60 + minutes % 60, here=hour == minutes // 60) for hour in range(24)]
    quarters: Row = tuple(
        button(f":{quarter:02}", minutes // 60 * 60 + quarter, here=quarter == minutes % 60)
        for quarter in (0, 15, 30, 45)
    )
    steps: Row = tuple(
        button(_("{count} min").format(count=label) if abs(step) == 5 else label, minutes + step)
        for label, step in (("−5", -5), ("−1", -1), ("+1", 1), ("+5", 5))
    )
    at = f"{minutes // 60:02}:{minutes % 60:02}"
    repeat = Repeat(rule=parse_pattern(text), zone=clock.zone.key)
    back = to("rep", days[0] + (days[1:] if days[0] == "w" else "")) if days[0] in "wm" else to("rep")
    return screen(
        [formatting.bold(_("At what time?")), escaped(recurrence.repeat_text(repeat))],
        *grid(hours, 8),
        quarters,
        steps,
        Button(_("✅ {times}").format(times=at), to("rset", f"{text}:{clock_mark(clock)}"), Style.SUCCESS),
        Button(_("« Back"), back),
    )


def repeat_card(draft: Draft, repeat: Repeat, clock: Clock) -> Screen:
    to = subject(draft).to
    coming = recurrence.next_moments(repeat, clock.now, _COMINGS)
    lines = [
        formatting.bold(recurrence.repeat_text(repeat)),
        escaped(_("Next: {days}").format(days=" · ".join(coming))),
        *recurrence.reader_time_lines(repeat, repeat.following(clock.now, made=0), clock),
        *recurrence.dst_lines(repeat, clock.now),
        *recurrence.short_month_lines(repeat),
        _("When should it end? You can also type “until 31.12” or “12 times”."),
    ]
    endless = repeat.until is None and repeat.times is None
    often: Row = tuple(
        Button(
            plural("{count} time", "{count} times", count) + (" ✔" if repeat.times == count else ""),
            to("rend", count),
        )
        for count in _TIMES_OFFERED
    )
    return screen(
        lines,
        Button(_("✅ Done"), to("home"), Style.SUCCESS),
        (Button(_("No end") + (" ✔" if endless else ""), to("rend", "never")), *often),
        Button(_("🔁 Choose another"), to("rep")),
    )


def repeat_error(draft: Draft, problem: str) -> Screen:
    to = subject(draft).to
    return plain(problem, (Button(_("🔁 Choose another"), to("rep")), Button(_("« Back"), to("home"))))
