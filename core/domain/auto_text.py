"""Automatic texts."""

from __future__ import annotations

from enum import StrEnum


class AutoText(StrEnum):
    """WELCOME: to a new subscriber. AWAY: to a person who writes, twice a day at most."""

    WELCOME = "welcome"
    AWAY = "away"
