"""The time after a person's own message in which a messenger takes anything for them; beyond, templates alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from core.domain.messengers import Messenger

MARGIN: Final = timedelta(minutes=5)
"""A message on its way takes time, and no two clocks agree: a window counts as closed a little before it is."""


def is_open(messenger: Messenger, wrote_at: datetime | None, at: datetime) -> bool:
    """Whether anything may be sent at that moment to somebody who last wrote then; None = not lately, or never."""
    hours = messenger.traits.window_hours
    return not hours or (wrote_at is not None and at < wrote_at + timedelta(hours=hours) - MARGIN)
