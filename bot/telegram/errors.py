"""Errors of a call to Telegram, sorted by what the caller can do about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from telegram import error as ptb

_PAUSE_SECONDS: Final = 5.0


class TelegramFailure(Exception):
    """A call that Telegram did not carry out."""


class Rejected(TelegramFailure):
    """Telegram refuses this call for good, for example because the message is gone."""


class Unreachable(Rejected):
    """The person has blocked the bot, or never started it."""


class Unavailable(TelegramFailure):
    """Telegram did not answer. `wait`: seconds to leave it alone before trying again."""

    def __init__(self, text: str, wait: float = _PAUSE_SECONDS) -> None:
        super().__init__(text)
        self.wait = wait


class RateLimited(Unavailable):
    """Telegram asks to wait. `wait`: for how many seconds."""


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn python-telegram-bot's errors into ours. A refused token is left as it is: it ends the bot."""
    try:
        yield
    except ptb.RetryAfter as error:
        wait = error.retry_after
        seconds = wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
        raise RateLimited(error.message, seconds) from error
    except (ptb.Forbidden, ptb.ChatMigrated) as error:
        raise Unreachable(error.message) from error
    except ptb.BadRequest as error:
        raise Rejected(error.message) from error
    except ptb.NetworkError as error:
        raise Unavailable(type(error).__name__) from error
