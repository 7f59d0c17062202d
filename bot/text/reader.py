"""Who reads what is being drawn: in which language, and by which clock.

The task that serves an update reads as the person it came from (`read_as`); what is drawn outside of updates is drawn
inside `read_by(await core.readers.of(person))`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.text.clock import Clock
from bot.text.translation import in_language, set_language
from core.domain.team import Reader
from core.settings import Settings

_clock: ContextVar[ZoneInfo | None] = ContextVar("clock", default=None)


def clock(settings: Settings) -> Clock:
    """The moment, by the clock of whoever is being written to; by that of the settings where nobody has chosen one."""
    return Clock(datetime.now(UTC), _clock.get() or settings.zone)


def use_reader(reader: Reader) -> None:
    """For the rest of the present task."""
    set_language(reader.language)
    _clock.set(_clock_of(reader))


@contextmanager
def as_reader(reader: Reader) -> Iterator[None]:
    """For a block."""
    token = _clock.set(_clock_of(reader))
    try:
        with in_language(reader.language):
            yield
    finally:
        _clock.reset(token)


def _clock_of(reader: Reader) -> ZoneInfo | None:
    try:
        return ZoneInfo(reader.zone) if reader.zone else None
    except (ValueError, OSError, LookupError):  # a zone that this machine's list has no longer
        return None
