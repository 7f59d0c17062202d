"""The language and the time zone of the person who reads a text.

use_reader() sets them for the task that handles an update; as_reader() for a block, for messages that nobody asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.text.clock import Clock
from bot.text.translation import in_language, set_language
from core.domain.team import Reader
from core.parsing.time_zones import is_american
from core.settings import Settings

_clock: ContextVar[ZoneInfo | None] = ContextVar("clock", default=None)
_app_language: ContextVar[str] = ContextVar("app_language", default="")
_MONTH_FIRST = frozenset({"en-us", "en-ph"})
"""Languages of apps whose people write 12/31."""


def clock(now: datetime, settings: Settings) -> Clock:
    """`now` in the reader's time zone, else in that of the settings."""
    zone = _clock.get() or settings.zone
    language = _app_language.get()
    # Telegram often names the language without the country.
    may_be_american = is_american(zone.key) or zone.key == "UTC"
    month_first = None if language == "en" and may_be_american else language in _MONTH_FIRST
    return Clock(now, zone, month_first)


def use_reader(reader: Reader, code: str | None = None) -> None:
    """Set the reader for the rest of the current task. `code`: the language of their app, IETF."""
    set_language(reader.language)
    _clock.set(_clock_of(reader))
    if code is not None:
        _app_language.set(code.lower().replace("_", "-"))


@contextmanager
def as_reader(reader: Reader) -> Iterator[None]:
    """Set the reader for a block."""
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
