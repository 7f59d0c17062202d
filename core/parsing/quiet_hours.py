"""Reads quiet hours as people write them, and finds who is in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from core.domain.errors import ValidationError
from core.domain.quiet_hours import QuietHours, read_span
from core.domain.recipients import Recipient
from core.domain.translatable import sentence
from core.parsing.time_zones import read_zone

_PARTS: Final = re.compile(r"\s*([\d:]+\s*[-–—]\s*[\d:]+)(?:[\s,@]+(?:in\s+|по\s+)?(.+?))?\s*")  # noqa: RUF001 - dashes as people type them
_OFF: Final = re.compile(r"\s*(?:none|no|off|never|нет|никогда)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PendingQuietHours:
    """Quiet hours with people in them, and when they end."""

    hours: QuietHours
    until: datetime
    count: int


def pending_quiet_hours(
    recipients: Sequence[Recipient], others: QuietHours | None, at: datetime
) -> list[PendingQuietHours]:
    """The quiet hours that people are in `at` a time, the soonest end first. `others`: of people without their own."""
    counted = Counter(one.quiet_hours or others for one in recipients)
    found = [
        PendingQuietHours(hours, until, count)
        for hours, count in counted.items()
        if hours is not None and (until := hours.until(at)) is not None
    ]
    return sorted(found, key=lambda one: one.until)


def read_quiet(text: str, zone: ZoneInfo) -> QuietHours:
    """ "22:00-08:00", "22-8 New York", "none". Raises ValidationError."""
    if _OFF.fullmatch(text):
        return QuietHours.never()
    match = _PARTS.fullmatch(text)
    try:
        if match is None:
            raise ValueError("no span of hours")
        start, end = read_span(match[1])
    except ValueError:
        raise ValidationError(
            [
                sentence(
                    "I can't read “{words}” as hours. Try: 22:00-08:00 · 22-8 New York · none",
                    words=text[:60],
                )
            ]
        ) from None
    if start == end:
        raise ValidationError(
            [sentence("Those hours start and end at the same time. For no quiet hours, write “none”.")]
        )
    return QuietHours(start, end, read_zone(match[2]) if match[2] else zone.key)
