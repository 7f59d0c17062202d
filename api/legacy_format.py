"""The line that describes a recipient in every list, and the format of `send_at`."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from core.domain.broadcast import Broadcast
from core.domain.errors import ValidationError
from core.domain.recipients import Recipient
from core.parsing.dates import AmbiguousTime, on_wall_clock

MOMENT: Final = "%Y-%m-%d %H:%M:%S"


def line(recipient: Recipient, broadcast: Broadcast, zone: ZoneInfo) -> str:
    """The line of a recipient, with times in `zone`."""
    accepted = broadcast.accepted_at.astimezone(zone).strftime(MOMENT)
    return (
        f"Message to user: {recipient.uuid} with body: {broadcast.content.text} "
        f"Queued at {accepted} to messenger: {recipient.messenger}"
    )


def read_send_at(text: str, zone: ZoneInfo) -> datetime:
    """The aware UTC moment at which a clock in `zone` shows `text`; the first one where it shows it twice.

    Raises ValidationError for anything that is no moment there.
    """
    try:
        return on_wall_clock(datetime.strptime(text, MOMENT), zone)  # noqa: DTZ007  # the zone comes with it
    except AmbiguousTime as twice:
        return twice.first
    except (ValueError, OverflowError):
        raise ValidationError(
            [
                f'send_at "{text[:40]}" is not a date. '
                f"Write YYYY-MM-DD HH:MM:SS as clocks in {zone.key} show it, for example 2030-12-24 18:30:00."
            ]
        ) from None
