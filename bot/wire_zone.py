"""What the buttons about a person's time zone carry."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from core.services.zones import is_zone

HELP: Final = "h"
CALENDAR: Final = "d"
REPEAT: Final = "r"
PLANNED: Final = "b"
NOTHING: Final = "-"
OFFER: Final = ""
DEFAULT: Final = "default"
ZONE_TYPED: Final = "zone:"
"""What is awaited, before the letter of the place, while a city may be typed."""


@dataclass(frozen=True, slots=True)
class ZoneTap:
    """A zone is chosen, or the choice opened (OFFER). DEFAULT: that of the settings.

    `place`: the screen that it was opened from and comes back to: HELP, the CALENDAR or the REPEAT picker of a draft,
    the calendar of a PLANNED broadcast; `about`: the id of that, or NOTHING.
    """

    place: str
    about: str = NOTHING
    zone: str = OFFER

    def __str__(self) -> str:
        return f"z:{self.place}:{self.about}:{self.zone}"


_ZONE: Final = re.compile(r"z:(?:(h):(-)|([drb]):([A-Z0-9]{3,12})):([A-Za-z0-9_+/-]{0,40})")


def _zone(found: re.Match[str]) -> ZoneTap | None:
    """None for what names no zone of the world."""
    if found[5] not in (OFFER, DEFAULT) and not is_zone(found[5]):
        return None
    return ZoneTap(found[1] or found[3], found[2] or found[4], found[5])


GRAMMAR: Final[Mapping[str, tuple[re.Pattern[str], Callable[[re.Match[str]], ZoneTap | None]]]] = {
    "z": (_ZONE, _zone)
}
"""Its part of that of wire.py."""
