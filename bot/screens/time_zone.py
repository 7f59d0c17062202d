"""The screen that sets an admin's time zone."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.text import formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _, translate
from bot.ui.callback_data import DEFAULT, ChooseZone
from bot.ui.screen import Button, Rows, Screen, grid, screen
from core.parsing.time_zones import COMMON


def zone_button(tap: ChooseZone, clock: Clock) -> Button:
    return Button(formatting.clip(f"🌍 {formatting.city(clock.zone)}", 20), tap)


def zone_line(clock: Clock) -> str:
    """As HTML: "Your time zone: Berlin (Europe/Berlin), it's Mon 23 Nov 14:20 there"."""
    local = clock.now.astimezone(clock.zone)
    city, name = formatting.city(clock.zone), clock.zone.key
    return _("Your time zone: {place}. It's {now} there.").format(
        place=formatting.bold(city) + (f" ({escaped(name)})" if name != city else ""),
        now=f"{formatting.day(local)} {local:%H:%M}",
    )


def zone_set(clock: Clock) -> Screen:
    local = clock.now.astimezone(clock.zone)
    words = _("✔ It's {time} in {place}. All times are in this zone.")
    return Screen(words.format(time=f"{local:%H:%M}", place=escaped(formatting.city(clock.zone))))


def zone_picker(tap: ChooseZone, clock: Clock, default: ZoneInfo, back: Button) -> Screen:
    """Common zones and the default. `tap`: where it was opened from."""
    lines = [
        zone_line(clock),
        _("Choose yours, or type a city. Scheduled messages won't move."),
    ]
    return screen(lines, *_offered(tap, COMMON, clock), _default(tap, clock, default), back)


def unknown_zone(problem: str, near: Sequence[str], tap: ChooseZone, clock: Clock, back: Button) -> Screen:
    """The reason of a refusal, with similar zones or else the common ones."""
    lines = [escaped(translate(problem))]
    if near:
        lines.append(_("Did you mean one of these?"))
    return screen(lines, *_offered(tap, near or COMMON, clock), back)


def _offered(tap: ChooseZone, names: Sequence[str], clock: Clock) -> Rows:
    return grid([_button(tap, name, clock) for name in names], 2)


def _button(tap: ChooseZone, name: str, clock: Clock) -> Button:
    zone = ZoneInfo(name)
    time = f"{clock.now.astimezone(zone):%H:%M}"
    mark = " ✔" if name == clock.zone.key else ""
    return Button(
        f"{formatting.clip(formatting.city(zone), 12)} {time}{mark}", ChooseZone(tap.place, tap.about, name)
    )


def _default(tap: ChooseZone, clock: Clock, default: ZoneInfo) -> Button | None:
    """None for an admin who has the default."""
    label = _("Default: {place}").format(place=formatting.city(default))
    return None if clock.zone.key == default.key else Button(label, ChooseZone(tap.place, tap.about, DEFAULT))
